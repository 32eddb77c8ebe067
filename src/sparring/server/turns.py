"""One change of an account's records after another, so that none is lost to one at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakValueDictionary


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn it is to read a record, change it and store it."""

    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def of(self, workspace: str) -> asyncio.Lock:
        """What is held from the reading of a record to its storing."""
        return self._locks.setdefault(workspace, asyncio.Lock())
