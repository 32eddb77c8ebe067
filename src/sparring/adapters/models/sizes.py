"""How many tokens a request will take, as far as that can be known before it is answered."""

from __future__ import annotations

from sparring.domain.outcomes import Role
from sparring.domain.transcript import Usage

FIRST_RATIO = 0.25
"""Tokens a byte, before any answer."""

FIRST_ANSWER = 200.0
"""Tokens of an answer, before any."""

_WEIGHT = 0.1
"""Of the latest answer in the running mean."""


class Sizes:
    """What the answers of one model to one role have come to."""

    __slots__ = ("answer", "ratio", "seen")

    def __init__(self) -> None:
        """Know nothing yet."""
        self.ratio = FIRST_RATIO
        self.answer = FIRST_ANSWER
        self.seen = False

    def learn(self, size: int, usage: Usage) -> None:
        """Take an answer into the running mean.

        Args:
            size: bytes of the request.
        """
        weight = _WEIGHT if self.seen else 1.0
        if usage.input and size:
            self.ratio += weight * (usage.input / size - self.ratio)
        self.answer += weight * (usage.output - self.answer)
        self.seen = True


class Expected:
    """The sizes of each role."""

    __slots__ = ("_sizes",)

    def __init__(self) -> None:
        """Know nothing yet."""
        self._sizes = {role: Sizes() for role in Role}

    def amounts(self, role: Role, size: int) -> tuple[float, float, float, float]:
        """Requests, input, output and all tokens of a request of so many bytes, by `Unit`."""
        sizes = self._sizes[role]
        asked = size * sizes.ratio
        return 1.0, asked, sizes.answer, asked + sizes.answer

    def learn(self, role: Role, size: int, usage: Usage) -> None:
        """Take an answer into account."""
        self._sizes[role].learn(size, usage)
