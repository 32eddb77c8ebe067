"""What was spent, as both dialects show it, and what a budget may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from typing_extensions import TypedDict

from sparring.dialects.fields import amount
from sparring.domain.costs import known
from sparring.domain.outcomes import Role

MOST_DOLLARS = 1_000_000
"""Of a budget: more is a slip."""

Dollars = Annotated[float, *amount(MOST_DOLLARS)]


class Spent(TypedDict):
    """USD so far, what runs included; null where a price is not known."""

    agent: float | None
    user: float | None
    judge: float | None
    total: float | None


def spent(costs: Mapping[str, float | None]) -> Spent:
    """Costs by role as they go out."""
    agent, user, judge = (costs.get(role, 0.0) for role in (Role.AGENT, Role.USER, Role.JUDGE))
    total = None if agent is None or user is None or judge is None else known(costs)
    return Spent(agent=agent, user=user, judge=judge, total=total)
