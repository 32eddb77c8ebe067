"""What a request takes to go out."""

from __future__ import annotations

from sparring.adapters.models.allowances import Allowance, Spent
from sparring.adapters.models.rate_headers import Unit
from sparring.domain.outcomes import Role

Amounts = tuple[float, float, float, float]
"""What a request takes, by `Unit`."""


class Places:
    """Requests in flight that several lanes may have together."""

    __slots__ = ("_whole", "most", "taken")

    def __init__(self, most: float) -> None:
        """Take the number."""
        self._whole = self.most = most
        self.taken = 0

    def divide(self, part: float) -> None:
        """Take a part of them; one at the least, where it is any."""
        self.most = 0.0 if part <= 0 else max(1.0, self._whole * part)


class Permit:
    """One request that was let through."""

    __slots__ = ("cuts", "number", "role", "sent", "size", "spent")

    def __init__(
        self,
        role: Role,
        size: int,
        sent: float,
        cuts: int,
        spent: list[tuple[Unit, Allowance, Spent]],
        number: int,
    ) -> None:
        """Note whose it is, its bytes, when it went out, what was spent for it, and its number on its lane."""
        self.role = role
        self.size = size
        self.sent = sent
        self.cuts = cuts
        self.spent = spent
        self.number = number
