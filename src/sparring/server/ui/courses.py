"""What agents did in conversations that are over: read once, and kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from sparring.domain.divergence import Course, course
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation.store import Store

_MOST = 20_000
"""Conversations that are kept."""

_Key = tuple[str, int, float | None]


class KnownCourses:
    """The courses that pages have asked for lately; a trial that is played again is another one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Course] = OrderedDict()

    async def of(self, store: Store, simulation: Simulation, trials: Iterable[Trial]) -> Mapping[str, Course]:
        """The courses of trials of a simulation, by trial id."""
        given = {scenario.id: len(scenario.history) for scenario in simulation.scenarios}
        found = {}
        for trial in trials:
            key = (trial.id, trial.take, trial.completed_at)
            if key not in self._kept:
                self._kept[key] = course(await store.messages(trial.id), history=given[trial.scenario])
            self._kept.move_to_end(key)
            found[trial.id] = self._kept[key]
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return found
