"""Parts of providers' limits that are lent to processes which play on one database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a process says of itself."""

    weight: float
    """How much it has to ask, more than 0."""
    fill: float
    """How much is left of its part, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a provider's limits."""

    part: float
    """From 0 to 1."""
    fill: float
    """How much is left of what this process has gained by it, from 0 to 1."""
    is_alone: bool
    """Whether no other process has had a part within the last minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was lent to whom before, without the process that asks."""

    live: Sequence[tuple[float, float]]
    """Weight and part of those whose part is lent still."""
    others: int
    """How many there were within the last minute, these included."""
    before: float
    """The part of the process that asks; 0 where it has none any more."""
    free: float
    """What was left free the last time."""
    free_fill: float
    """How much was left of that, from 0 to 1."""


class Ledger(Protocol):
    """Where all processes see what is lent to whom."""

    async def divide(self, process: str, claims: Mapping[str, Claim], *, lent_for: float) -> Mapping[str, Share]:
        """A part of each provider's limits, by how much each process has to ask.

        Args:
            process: whose part it is.
            claims: by provider.
            lent_for: seconds after which a part that was not asked for again is free.

        Raises:
            StoreError: the database does not answer.
        """


def divide(claim: Claim, standing: Standing) -> tuple[Share, float, float]:
    """The part of a process; what is free then, and how much is left of that.

    A part grows only as far as others have given theirs back, so that all parts never come to more than the whole.
    """
    lent = sum(part for _, part in standing.live)
    open_to_it = max(0.0, 1.0 - lent)
    fair = claim.weight / (claim.weight + sum(weight for weight, _ in standing.live))
    part = min(fair, open_to_it)
    free = max(0.0, open_to_it - standing.before)
    # What nobody renewed is taken for used up.
    fill = standing.free_fill * min(1.0, standing.free / free) if free > 0 else 0.0
    if not standing.others:
        fill = 1.0
    given_back = max(0.0, standing.before - part)
    left = free + standing.before - part
    left_fill = (free * fill + given_back * claim.fill) / left if given_back and left > 0 else fill
    return Share(part=part, fill=fill, is_alone=not standing.others), max(0.0, left), left_fill
