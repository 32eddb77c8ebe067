"""A pool of connections, and what is done when one of them is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import Error, OperationalError
from psycopg.errors import UniqueViolation
from psycopg_pool import AsyncConnectionPool

from sparring.adapters.store import sql
from sparring.adapters.store.database import AnswerT, Connection, Row
from sparring.adapters.store.postgres import failures
from sparring.adapters.store.postgres.address import Address
from sparring.adapters.store.postgres.connection import PostgresConnection, Psycopg
from sparring.domain.errors import DatabaseUnusable, StaleAppend

CONNECTIONS = 8
"""Connections of one process at the most; a server has a hundred unless told otherwise."""

FOR_READERS = 3
"""Of them, so many that no writer takes: hundreds of trials that store their messages keep no page waiting."""

_WAIT = 2.0
"""Seconds that a connection is waited for at once. The pool begins to look for new ones with each wait."""

_PAUSES = (0.0, 0.05, 0.2, 0.5, 1.0)
"""Seconds between tries, the last one from then on."""

_MESSAGES_AT_ONCE = 10_000
"""The protocol has room for 65,535 values in a statement, and a message is four."""

_log = logging.getLogger(__name__)

_SIZE = "SELECT pg_database_size(current_database())"


class PostgresDatabase:
    """A database that is open, for the event loop that opened it.

    A connection that is lost is replaced. Reads are made again then, and so is every transaction that had not
    ended; only where the connection is lost during the commit itself nobody knows whether that was done, and it is
    told unless doing it twice is the same as once.
    """

    def __init__(
        self, pool: AsyncConnectionPool[Psycopg], name: str, *, patience: float, writers: int = 1
    ) -> None:
        """Use the connections of a pool, which do not begin transactions by themselves.

        Args:
            writers: how many write at once.
            patience: seconds that a database which cannot be reached is waited for.
        """
        self.pool = pool
        self.name = name
        self._patience = patience
        self._writers = asyncio.Semaphore(writers)

    @classmethod
    async def open(cls, address: Address, *, patience: float, connections: int = CONNECTIONS) -> PostgresDatabase:
        """Connect to a database that is prepared.

        Raises:
            DatabaseUnusable: it cannot be reached.
        """
        # It tells of every connection that it fails to make; what that means is told here, once.
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        pool: AsyncConnectionPool[Psycopg] = AsyncConnectionPool(
            address.conninfo,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=connections,
            reconnect_timeout=_WAIT,
            name="sparring",
            open=False,
        )
        await pool.open()
        writers = max(1, connections - FOR_READERS)
        return cls(pool, address.name, patience=patience, writers=writers)

    async def read(self, query: Callable[[Connection], Awaitable[AnswerT]]) -> AnswerT:
        """The answer of a query."""

        async def ask() -> AnswerT:
            async with self._connection() as connection:
                return await query(PostgresConnection(connection, self.name))

        return await self._persist(ask)

    async def write(
        self, job: Callable[[Connection], Coroutine[Any, Any, AnswerT]], *, repeatable: bool = False
    ) -> AnswerT:
        """Run a job in a transaction."""

        async def once() -> AnswerT:
            committing = False
            try:
                async with self._writers, self._connection() as connection, connection.transaction():
                    result = await job(PostgresConnection(connection, self.name))
                    committing = True
                return result
            except OperationalError as error:
                if committing and not repeatable and failures.is_lost(error):
                    raise DatabaseUnusable(
                        f"The connection to the database {self.name} was lost while something was stored, and "
                        "whether it was is not known. Look before you do it again."
                    ) from error
                raise

        return await self._persist(once)

    async def append(self, rows: Sequence[Row], claim: int | None) -> None:
        """Store messages in one statement; they are durable when this returns."""
        tried = False

        async def once() -> None:
            nonlocal tried
            again, tried = tried, True
            try:
                async with self._writers, self._connection() as connection:
                    await _insert_messages(connection, rows, claim)
            except UniqueViolation:
                # A connection that was lost may have stored them first.
                if again and await self._holds(rows):
                    return
                trial, _, position, _ = rows[0]
                raise StaleAppend(
                    f"Message {position} of trial {trial} is stored already: another worker plays this trial."
                ) from None

        await self._persist(once)

    async def size(self) -> int:
        """Bytes of the database, as the server counts them."""

        async def ask() -> int:
            async with self._connection() as connection:
                found = await (await connection.execute(_SIZE)).fetchone()
                return int(found[0]) if found is not None else 0

        return await self._persist(ask)

    async def close(self) -> None:
        """Close all connections."""
        await self.pool.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Psycopg]:
        async with self.pool.connection(timeout=min(_WAIT, self._patience)) as connection:
            yield connection

    async def _persist(self, attempt: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        """Make an attempt, and others while the database cannot be reached, until the patience ends."""
        begun: float | None = None
        tries = 0
        while True:
            try:
                return await attempt()
            except Error as error:
                now = asyncio.get_running_loop().time()
                begun = now if begun is None else begun
                lost = failures.is_lost(error)
                if not (lost or failures.is_undone(error)) or now - begun >= self._patience:
                    raise failures.told(error, self.name) from error
                if lost and not tries:
                    # The others are probably lost as well; each is looked at and replaced.
                    await self._look_through()
                await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    async def _look_through(self) -> None:
        try:
            await self.pool.check()
        except Error as error:
            _log.debug("The connections could not be looked through: %s", error)

    async def _holds(self, rows: Sequence[Row]) -> bool:
        """Whether exactly these messages are stored."""
        trial, take, first, _ = rows[0]

        async def stored(connection: Connection) -> Sequence[Row]:
            return await connection.rows(sql.JOURNAL, {"trial": trial, "take": take})

        found = await self.read(stored)
        return [body for (body,) in found[first : first + len(rows)]] == [body for *_, body in rows]


async def _insert_messages(connection: Psycopg, rows: Sequence[Row], claim: int | None) -> None:
    if len(rows) > _MESSAGES_AT_ONCE:
        async with connection.transaction():
            for start in range(0, len(rows), _MESSAGES_AT_ONCE):
                await _insert_messages(connection, rows[start : start + _MESSAGES_AT_ONCE], claim)
        return
    text = _INSERT_ONE if len(rows) == 1 else _INTO + ", ".join([_PLACE] * len(rows))
    values = [value for row in rows for value in row]
    if claim is None:
        await connection.execute(text + _OF_CHAT, values)
        return
    trial, *_ = rows[0]
    cursor = await connection.execute(text + _UNDER_CLAIM, [*values, trial, claim])
    if cursor.rowcount < len(rows):
        raise StaleAppend(f"The trial {trial} was taken over: another worker plays it.")


_PLACE = "(%s::text, %s::integer, %s::integer, %s::text)"
_INTO = f"{sql.ADD_MESSAGE.partition(' VALUES ')[0]} SELECT * FROM (VALUES "  # noqa: S608 - of constants
_INSERT_ONE = _INTO + _PLACE
_OF_CHAT = ") AS added"
_UNDER_CLAIM = ") AS added WHERE EXISTS (SELECT FROM trials WHERE id = %s AND claim = %s)"
