"""What a simulation is likely to cost and how long it is likely to take, by how the same was played before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial

TYPICAL_SECONDS = 40.0
"""Of a trial on models, where nothing is known of this one: a dozen answers of three seconds each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Rough figures."""

    cost: float | None
    """USD; None where a price is not known."""
    seconds: float
    """On the wall."""


def played_alike(past: Simulation, planned: Simulation) -> bool:
    """Whether the figures of one simulation say something of another: the same agent on the same models."""
    return (
        (past.agent.id, past.agent.model, past.agent.endpoint)
        == (planned.agent.id, planned.agent.model, planned.agent.endpoint)
        and (past.models.user, past.models.judge) == (planned.models.user, planned.models.judge)
        and past.agent.instructions == planned.agent.instructions
    )


def by_history(scenarios: Sequence[Scenario], played: Sequence[Trial], *, at_once: int) -> Forecast | None:
    """What trials that were played say of scenarios that are to be played; None where none is over.

    A scenario that was not among them is taken for an average one.

    Args:
        at_once: trials that are played at once at the most.
    """
    over = [trial for trial in played if trial.seconds is not None and trial.costs]
    if not over:
        return None
    groups: dict[str, list[Trial]] = {}
    for trial in over:
        groups.setdefault(trial.scenario, []).append(trial)
    cost: float | None = 0.0
    lengths: list[tuple[float, int]] = []
    for scenario in scenarios:
        like = groups.get(scenario.id, over)
        each = _mean_cost(like)
        cost = None if cost is None or each is None else cost + each * scenario.trials
        lengths.append((fmean(trial.seconds or 0.0 for trial in like), scenario.trials))
    return Forecast(cost=cost, seconds=wall_seconds(lengths, at_once=at_once))


def wall_seconds(lengths: Sequence[tuple[float, int]], *, at_once: int) -> float:
    """How long trials take together, begun as soon as there is room.

    Args:
        lengths: seconds of a trial, and how many take that long.
    """
    total = sum(seconds * number for seconds, number in lengths)
    longest = max((seconds for seconds, number in lengths if number), default=0.0)
    return max(longest, total / at_once)


def _mean_cost(trials: Sequence[Trial]) -> float | None:
    costs = [trial.cost for trial in trials]
    known = [cost for cost in costs if cost is not None]
    return fmean(known) if len(known) == len(costs) else None
