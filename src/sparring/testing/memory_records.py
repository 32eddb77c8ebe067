"""What the parts of the store that forgets have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from sparring.domain.errors import StaleAppend
from sparring.domain.transcript import Message
from sparring.simulation.refusals import alias_taken
from sparring.simulation.store import Page


class Owned(Protocol):
    """A record of a workspace."""

    @property
    def id(self) -> str: ...
    @property
    def workspace(self) -> str: ...
    @property
    def alias(self) -> str | None: ...


OwnedT = TypeVar("OwnedT", bound=Owned)
ItemT = TypeVar("ItemT")


class MemoryJournal:
    """The journal of one take in a list."""

    def __init__(self, stored: list[Message]) -> None:
        """Write to that list."""
        self._stored = stored

    async def load(self) -> Sequence[Message]:
        """What was stored."""
        return tuple(self._stored)

    async def append(self, position: int, messages: Sequence[Message]) -> None:
        """Store messages at a position."""
        if messages and position != len(self._stored):
            raise StaleAppend(f"Message {position} of this trial is stored already.")
        self._stored.extend(messages)


def find(records: Mapping[str, OwnedT], workspace: str | None, id: str) -> OwnedT | None:
    """The record of an id or alias; in any workspace where that is None."""
    record = records.get(id)
    if record is None:
        named = (record for record in records.values() if record.alias is not None and record.alias == id)
        record = next((record for record in named if workspace in (None, record.workspace)), None)
    return record if record is not None and workspace in (None, record.workspace) else None


def check_alias(kind: str, records: Iterable[OwnedT], new: OwnedT) -> None:
    """Conflict where another record of the workspace has the alias."""
    for record in records:
        taken = new.alias is not None and (record.workspace, record.alias) == (new.workspace, new.alias)
        if taken and record.id != new.id:
            raise alias_taken(kind, str(new.alias))


def newest(records: Sequence[ItemT], page: Page) -> tuple[Sequence[ItemT], int]:
    """A page of records that are listed oldest first."""
    return list(reversed(records))[page.offset : page.offset + page.size], len(records)
