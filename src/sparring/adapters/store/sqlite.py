"""One SQLite file: a connection that reads in place, and another one that a thread writes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sparring.adapters.store import failures
from sparring.adapters.store.database import AnswerT, Connection, Row
from sparring.adapters.store.sqlite_connection import SqliteConnection
from sparring.adapters.store.writer import Writer


class SqliteDatabase:
    """One file, for the event loop that opened it.

    Writes go to the writer's thread. Reads are made where they are asked for: they take microseconds and never
    wait for a writer, while a thread would have to win the interpreter's lock for every row.
    """

    def __init__(self, path: Path, *, reader: sqlite3.Connection, writer: Writer) -> None:
        """Read and write on these connections."""
        self._path = path
        self._reader = reader
        self._reading = SqliteConnection(reader, path)
        self._writer = writer

    async def read(self, query: Callable[[Connection], Awaitable[AnswerT]]) -> AnswerT:
        """The answer of a query."""
        with failures.telling(self._path):
            return await query(self._reading)

    async def write(
        self, job: Callable[[Connection], Coroutine[Any, Any, AnswerT]], *, repeatable: bool = False
    ) -> AnswerT:
        """Run a job on the writer's thread, in a transaction. What is committed here is always known."""
        return await self._writer.run(job)

    async def append(self, rows: Sequence[Row], claim: int | None) -> None:
        """Store messages; they are committed when this returns. Who plays holds the lock, so nobody takes over."""
        await self._writer.append(rows)

    async def size(self) -> int:
        """Bytes of the file, and of what lies beside it while it is open."""
        total = 0
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                total += self._path.with_name(self._path.name + ending).stat().st_size
        return total

    async def close(self) -> None:
        """Write what is pending and let go of the file."""
        await self._writer.close()
        self._reader.close()
