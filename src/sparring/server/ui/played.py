"""The trials of simulations that are over, kept while there is room: pages ask for the same ones again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from sparring.domain.simulation import Simulation, Trial
from sparring.simulation.store import Store

_MOST = 12_000
"""Trials that are kept; one simulation is kept however large it is."""


class KnownTrials:
    """By simulation; one that is played on is another one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, float], Sequence[Trial]] = OrderedDict()

    async def of(self, store: Store, simulation: Simulation) -> Sequence[Trial]:
        """All trials of a simulation, in the store's order."""
        if simulation.completed_at is None:
            return await store.trials(simulation.id)
        key = (simulation.id, simulation.completed_at)
        if key not in self._kept:
            self._kept[key] = await store.trials(simulation.id)
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _MOST:
            self._kept.popitem(last=False)
        return self._kept[key]
