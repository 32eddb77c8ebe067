"""How simulations went, in few figures: worked out once for those that are over."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.reports import headlines
from sparring.reports.sections import check_title
from sparring.reports.views.simulation import why
from sparring.server.ui import addresses
from sparring.simulation.store import Page, Store

_COUNTED = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR)
_SAMPLE = 200
"""Failed trials of a simulation that are looked at for what failed."""
_MOST = 5000
"""Simulations that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """What trials of one scenario failed with first of all."""

    title: str
    scenario: str
    count: int
    trial: Trial
    """The one that ended last."""
    why: str

    @property
    def proof(self) -> str:
        """Where that one shows it."""
        return addresses.proof(self.trial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One simulation in few figures."""

    simulation: Simulation
    trials: int
    finished: int
    outcomes: Mapping[Outcome, int]
    failed: Sequence[Failed]
    """The newest first."""

    @property
    def title(self) -> str:
        """What was played."""
        return headlines.title(self.simulation)

    @property
    def judged(self) -> int:
        """Trials with a verdict that counts."""
        return self.outcomes[Outcome.PASSED] + self.outcomes[Outcome.FAILED]

    @property
    def rate(self) -> float | None:
        """The share of the judged trials that passed."""
        return self.outcomes[Outcome.PASSED] / self.judged if self.judged else None


class KnownTallies:
    """The tallies that pages have asked for lately; a simulation that goes on is another one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, float], Tally] = OrderedDict()

    async def of(self, store: Store, simulation: Simulation) -> Tally:
        """The tally of a simulation."""
        if simulation.completed_at is None:
            return await _tally(store, simulation)
        key = (simulation.id, simulation.completed_at)
        if key not in self._kept:
            self._kept[key] = await _tally(store, simulation)
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return self._kept[key]


async def _tally(store: Store, simulation: Simulation) -> Tally:
    progress = await store.progress(simulation.id)
    outcomes = {}
    for outcome in _COUNTED:
        _, outcomes[outcome] = await store.trial_page(simulation.id, Page(size=0), outcome=outcome)
    failed: Sequence[Trial] = ()
    if outcomes[Outcome.FAILED]:
        failed, _ = await store.trial_page(simulation.id, Page(size=_SAMPLE), outcome=Outcome.FAILED)
    return Tally(
        simulation=simulation,
        trials=sum(progress.values()),
        finished=progress.get(Lifecycle.COMPLETED, 0) + progress.get(Lifecycle.CANCELLED, 0),
        outcomes=outcomes,
        failed=_failed(simulation, failed),
    )


def _failed(simulation: Simulation, trials: Sequence[Trial]) -> list[Failed]:
    names = {scenario.id: scenario.name for scenario in simulation.scenarios}
    groups: dict[tuple[str, str], list[Trial]] = {}
    for trial in sorted(trials, key=lambda trial: trial.completed_at or 0.0, reverse=True):
        unmet = trial.verdict.unmet if trial.verdict is not None else ()
        groups.setdefault((trial.scenario, check_title(unmet[0]) if unmet else ""), []).append(trial)
    return [
        Failed(title=title, scenario=names[scenario], count=len(group), trial=group[0], why=why(group[0]))
        for (scenario, title), group in groups.items()
    ]
