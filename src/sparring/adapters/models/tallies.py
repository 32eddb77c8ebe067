"""What was asked of one model since the process began, counted as it happens."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from sparring.domain.transcript import Usage


class Histogram:
    """How many values there were up to each bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Take the bounds, ascending."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """Between each bound and the one before; the last is beyond all."""
        self.total = 0.0
        """Of all values."""

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Bounds of how long requests take."""


class Tally:
    """Requests to one model, and what came of them."""

    __slots__ = ("answers", "cached", "cost", "input", "output", "reasoning", "retries", "seconds", "unpriced")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.answers: dict[str, int] = {}
        """Requests by status, or by what came instead of an answer."""
        self.retries = 0
        """Requests that were made again."""
        self.seconds = Histogram(SECONDS)
        """From a request to its whole answer."""
        self.input = self.cached = self.output = self.reasoning = 0
        """Tokens; `cached` are among `input`, `reasoning` among `output`."""
        self.cost = 0.0
        """USD, as far as prices are known."""
        self.unpriced = 0
        """Answers of unknown price."""

    def asked(self, status: str, seconds: float, *, again: bool) -> None:
        """A request was made; `again` where it was made before."""
        self.answers[status] = self.answers.get(status, 0) + 1
        self.seconds.add(seconds)
        if again:
            self.retries += 1

    def used(self, usage: Usage) -> None:
        """An answer took so many tokens."""
        self.input += usage.input
        self.cached += usage.cached
        self.output += usage.output
        self.reasoning += usage.reasoning

    def paid(self, cost: float | None) -> None:
        """An answer cost so much; None where nobody knows."""
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += cost
