"""What the statements are executed on, whichever database that is.

Everything that reads and writes tables is written once, as coroutines over `Connection`. On SQLite they never wait,
so that its writer's thread can run them to their end; on PostgreSQL they wait for the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sparring.domain.errors import DatabaseUnusable

Row = tuple[Any, ...]
AnswerT = TypeVar("AnswerT")

NOTHING: Mapping[str, Any] = {}


class Refused(DatabaseUnusable):
    """A row was refused: its key is taken, or what it belongs to is not there.

    Where nobody catches it, it is a mistake in this program or in the database.
    """

    def __init__(self, message: str, *, by: str) -> None:
        super().__init__(message)
        self.by = by
        """The database's words for what refused it; the columns' names are in them."""


class Connection(Protocol):
    """Executes statements, each named by its text in `sql`."""

    async def rows(self, statement: str, values: Mapping[str, Any] = NOTHING) -> Sequence[Row]:
        """All rows that a statement gives."""

    async def row(self, statement: str, values: Mapping[str, Any] = NOTHING) -> Row | None:
        """The first row that a statement gives."""

    async def write(self, statement: str, values: Mapping[str, Any] = NOTHING) -> int:
        """How many rows a statement changed.

        Raises:
            Refused: the row cannot be stored; the transaction can only end then.
        """

    async def insert(self, statement: str, rows: Sequence[Row]) -> None:
        """Insert many rows, their values in the order of the statement's columns."""


class Database(Protocol):
    """A database that is open."""

    async def read(self, query: Callable[[Connection], Awaitable[AnswerT]]) -> AnswerT:
        """The answer of a query, which writes nothing and may be asked again."""

    async def write(
        self, job: Callable[[Connection], Coroutine[Any, Any, AnswerT]], *, repeatable: bool = False
    ) -> AnswerT:
        """Run a job in a transaction; all it did is undone if it raises.

        It may be run again after what it did was undone.

        Args:
            repeatable: doing it twice is the same as doing it once, so that it may also be run again where nobody
                knows whether it was done.
        """

    async def append(self, rows: Sequence[Row], claim: int | None) -> None:
        """Store messages (trial, take, position, body) of one take; they are durable when this returns.

        Args:
            claim: under which the trial is played; None for what nobody claims, as a chat.

        Raises:
            StaleAppend: there is a message at one of the positions, or the trial was taken over; none is stored
                then.
        """

    async def size(self) -> int:
        """Bytes that it takes."""

    async def close(self) -> None:
        """Write what is pending and let go of the database."""


def run_through(work: Coroutine[Any, Any, AnswerT]) -> AnswerT:
    """The result of work that never waits, without an event loop."""
    try:
        work.send(None)
    except StopIteration as done:
        result: AnswerT = done.value
        return result
    work.close()
    raise RuntimeError("a job on SQLite's thread waited for something")
