"""What was spent, in US dollars and by role. A cost that is None is not known; it is never 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sparring.domain.outcomes import Role
from sparring.domain.transcript import AgentMessage, Generation, Message, UserMessage

UNKNOWN = "–"

_DIGITS = 12
"""As many of an amount count, so that two that should be the same are, and none is told as 0.30000000000000004."""


def costs_by_role(transcript: Iterable[Message], judge: Iterable[Generation] = ()) -> dict[str, float | None]:
    """USD that each role cost: None as soon as the price of one of its messages is not known."""
    spent: dict[str, list[float | None]] = {role.value: [] for role in Role}
    for message in transcript:
        if isinstance(message, UserMessage | AgentMessage) and message.generation is not None:
            role = Role.USER if isinstance(message, UserMessage) else Role.AGENT
            spent[role].append(message.generation.cost)
    spent[Role.JUDGE].extend(generation.cost for generation in judge)
    return {role: _sum(costs) for role, costs in spent.items()}


def add_costs(a: Mapping[str, float | None], b: Mapping[str, float | None]) -> dict[str, float | None]:
    """Costs by role of both together."""
    return {role: _sum([a.get(role, 0.0), b.get(role, 0.0)]) for role in {**a, **b}}


def less_costs(whole: Mapping[str, float | None], part: Mapping[str, float | None]) -> dict[str, float | None]:
    """Costs by role without a part of them. Where both are not known, nothing is left."""
    return {role: _less(cost, part.get(role, 0.0)) for role, cost in whole.items()}


def known(costs: Mapping[str, float | None]) -> float:
    """USD of all roles together, as far as they are known."""
    return round(sum(cost for cost in costs.values() if cost is not None), _DIGITS)


def mean(costs: Sequence[float | None]) -> float | None:
    """USD on average: None as soon as one is not known, and of none."""
    total = _sum(costs)
    return None if total is None or not costs else round(total / len(costs), _DIGITS)


def money(value: float | None, decimals: int | None = None) -> str:
    """US dollars; an unknown price is a dash, never 0."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "$0"
    digits = money_decimals([value]) if decimals is None else decimals
    least = 10.0**-digits
    if value < least / 2:
        return f"<${least:.{digits}f}"
    text = f"{value:,.{digits}f}"
    return "$" + (_trimmed(text) if decimals is None else text)


def _trimmed(text: str) -> str:
    """Without zeros at the end, down to cents."""
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents[:2]}{cents[2:].rstrip('0')}"


def money_decimals(values: Iterable[float | None]) -> int:
    """How many decimals show the largest amount well: 2 for tens of dollars, 5 for parts of a cent."""
    largest = max((value for value in values if value), default=0.0)
    steps = ((10.0, 2), (0.1, 3), (0.01, 4))
    return next((decimals for least, decimals in steps if largest >= least), 5) if largest else 2


def reaches(spent: float, budget: float) -> bool:
    """Whether a budget is spent; sums of floating-point numbers may miss it by a hair."""
    return round(spent, _DIGITS) >= budget


def _less(whole: float | None, part: float | None) -> float | None:
    if part is None:
        return 0.0
    return None if whole is None else max(0.0, round(whole - part, _DIGITS))


def _sum(costs: Sequence[float | None]) -> float | None:
    found = [cost for cost in costs if cost is not None]
    return round(sum(found), _DIGITS) if len(found) == len(costs) else None
