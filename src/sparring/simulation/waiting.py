"""Simulations that wait for a provider that is down, in one process that plays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sparring.domain.errors import ProviderDown


@dataclass(slots=True, kw_only=True)
class _Wait:
    provider: str
    model: str
    reason: str
    until: float
    """When one trial may look whether the provider is back, in unix seconds."""
    looking: bool = False
    """Whether one does."""


class Waiting:
    """None of their trials is begun, but for one now and then."""

    def __init__(self, is_down: Callable[[str, str], bool]) -> None:
        """Take what tells of a provider and a model whether it is still down."""
        self._is_down = is_down
        self._waits: dict[str, _Wait] = {}

    @property
    def ids(self) -> Collection[str]:
        """Of all that wait."""
        return self._waits.keys()

    def add(self, simulation_id: str, fault: ProviderDown) -> bool:
        """A trial of a simulation has met a provider that is down; whether there is something new to tell."""
        before = self._waits.get(simulation_id)
        self._waits[simulation_id] = _Wait(
            provider=fault.provider, model=fault.model, reason=fault.waiting, until=fault.until
        )
        return before is None or before.reason != fault.waiting

    def back(self) -> Sequence[str]:
        """The simulations whose provider answers again; they wait no longer."""
        over = [id for id, wait in self._waits.items() if not self._is_down(wait.provider, wait.model)]
        for id in over:
            del self._waits[id]
        return over

    def due(self, now: float) -> Sequence[str]:
        """The simulations of which one trial may look now."""
        return [id for id, wait in self._waits.items() if now >= wait.until and not wait.looking]

    def look(self, simulation_id: str, *, found: bool) -> None:
        """One of its trials looks; one of which none is in the queue waits no longer."""
        if found:
            self._waits[simulation_id].looking = True
        else:
            del self._waits[simulation_id]

    def looked(self, simulation_id: str) -> None:
        """A trial of it has ended or been put back."""
        if simulation_id in self._waits:
            self._waits[simulation_id].looking = False
