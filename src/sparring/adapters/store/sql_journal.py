"""The journal of a trial or a chat in a database."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.adapters.store import codec, plays
from sparring.adapters.store.database import Database
from sparring.domain.transcript import Message


class SqlJournal:
    """The journal of one take."""

    __slots__ = ("_claim", "_database", "_take", "_trial")

    def __init__(self, database: Database, trial: str, take: int, claim: int | None = None) -> None:
        """Of that trial under that claim, or of what nobody claims, in that database."""
        self._claim = claim
        self._database = database
        self._trial = trial
        self._take = take

    async def load(self) -> Sequence[Message]:
        """What was stored."""
        return await self._database.read(lambda db: plays.journal(db, self._trial, self._take))

    async def append(self, position: int, messages: Sequence[Message]) -> None:
        """Store messages at a position; they are durable when this returns."""
        if messages:
            await self._database.append(
                [
                    (self._trial, self._take, place, codec.encode(message).decode())
                    for place, message in enumerate(messages, position)
                ],
                self._claim,
            )
