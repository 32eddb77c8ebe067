"""Words that are shown once, on the page to which a form leads."""

from __future__ import annotations

from collections import OrderedDict

from sparring.simulation.ports import Clock

_MOST = 100
"""Words that wait to be shown."""


class Once:
    """Kept in memory only, under a name that nobody can guess; whoever shows them takes them away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, str] = OrderedDict()

    def keep(self, words: str) -> str:
        """The name under which the words wait."""
        name = self._clock.entropy(16).hex()
        self._waiting[name] = words
        while len(self._waiting) > _MOST:
            self._waiting.popitem(last=False)
        return name

    def take(self, name: str) -> str | None:
        """The words, which are gone then; None where none wait under that name."""
        return self._waiting.pop(name, None)
