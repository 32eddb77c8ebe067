"""One thread that writes, and commits what many trials have to say in one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

from sparring.adapters.store import failures, sql
from sparring.adapters.store.database import AnswerT, Connection, Row, run_through
from sparring.adapters.store.sqlite_connection import VALUES_AT_ONCE, SqliteConnection, insert_rows
from sparring.domain.errors import DatabaseUnusable, StaleAppend

Job = Callable[[Connection], Coroutine[Any, Any, Any]]

_MESSAGES_AT_ONCE = VALUES_AT_ONCE // 4
"""As many fit one statement, which is a transaction of its own."""


@dataclass(slots=True, eq=False)
class _Entry:
    """One thing to write, and who waits for it."""

    done: asyncio.Future[Any]
    rows: Sequence[Row] = ()
    job: Job | None = None
    result: Any = None
    error: Exception | None = None

    def run(self, connection: sqlite3.Connection, path: Path) -> None:
        """Write it. A job may be run again after what it did was rolled back."""
        if self.job is not None:
            self.result = run_through(self.job(SqliteConnection(connection, path)))
            return
        try:
            insert_rows(connection, sql.ADD_MESSAGE, self.rows)
        except sqlite3.IntegrityError:
            trial, _, position, _ = self.rows[0]
            raise StaleAppend(
                f"Message {position} of trial {trial} is stored already: another worker plays this trial."
            ) from None

    def settle(self) -> None:
        """Tell who waits; nobody does any more once its task was cancelled."""
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


@dataclass(slots=True, eq=False)
class Writer:
    """Writes on a thread of its own, for one event loop.

    While the thread commits, what comes in collects and is the next transaction.
    """

    connection: sqlite3.Connection
    path: Path
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _inbox: SimpleQueue[list[_Entry] | None] = field(default_factory=SimpleQueue)
    _waiting: list[_Entry] = field(default_factory=list)
    _busy: bool = False
    _closed: bool = False
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._work, name="sparring-writer", daemon=True)
        self._thread.start()

    async def append(self, rows: Sequence[Row]) -> None:
        """Store messages of one take; they are committed when this returns.

        Raises:
            StaleAppend: there is a message at one of the positions; none is stored then.
        """
        await self._submit(_Entry(self._loop.create_future(), rows=rows))

    async def run(self, job: Callable[[Connection], Coroutine[Any, Any, AnswerT]]) -> AnswerT:
        """Run a job in a transaction; all it did is undone if it raises.

        It is run once more where another job of its transaction is refused.
        """
        return cast(AnswerT, await self._submit(_Entry(self._loop.create_future(), job=job)))

    async def close(self) -> None:
        """Write what is pending and end the thread."""
        if self._closed:
            return
        await self.run(_nothing)
        self._closed = True
        self._inbox.put(None)
        await asyncio.to_thread(self._thread.join)

    def _submit(self, entry: _Entry) -> asyncio.Future[Any]:
        if self._closed:
            raise DatabaseUnusable(f"The database {self.path} was closed already.")
        if not self._busy and not self._waiting:
            # Not at once: whatever else this turn of the loop has to write comes along.
            self._loop.call_soon(self._hand_over)
        self._waiting.append(entry)
        return entry.done

    def _hand_over(self) -> None:
        if self._waiting and not self._busy:
            self._busy = True
            self._inbox.put(self._waiting)
            self._waiting = []

    def _settle(self, batch: list[_Entry]) -> None:
        self._busy = False
        for entry in batch:
            entry.settle()
        self._hand_over()

    def _work(self) -> None:
        while (batch := self._inbox.get()) is not None:
            self._write(batch)
            # The loop is closed where a program ended without closing its store.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._settle, batch)
        self.connection.close()

    def _write(self, batch: list[_Entry]) -> None:
        """Commit all of it together; where one is refused, each alone, so that the others are not."""
        try:
            self._write_together(batch)
        except sqlite3.OperationalError as error:
            self._fail(batch, error)
        except Exception:
            self._roll_back()
            self._write_each(batch)

    def _write_together(self, batch: list[_Entry]) -> None:
        rows = [row for entry in batch for row in entry.rows]
        jobs = [entry for entry in batch if entry.job is not None]
        # A statement is a transaction by itself.
        alone = not jobs and len(rows) <= _MESSAGES_AT_ONCE
        if not alone:
            self.connection.execute("BEGIN IMMEDIATE")
        insert_rows(self.connection, sql.ADD_MESSAGE, rows)
        for entry in jobs:
            entry.run(self.connection, self.path)
        if not alone:
            self.connection.execute("COMMIT")

    def _write_each(self, batch: list[_Entry]) -> None:
        for place, entry in enumerate(batch):
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                entry.run(self.connection, self.path)
                self.connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._fail(batch[place:], error)
                return
            except Exception as error:
                self._roll_back()
                entry.error = failures.told(error, self.path) if isinstance(error, sqlite3.Error) else error

    def _fail(self, batch: list[_Entry], error: sqlite3.Error) -> None:
        """The disk is full, another program has the lock: nobody fares better alone."""
        self._roll_back()
        for entry in batch:
            entry.error = failures.told(error, self.path)

    def _roll_back(self) -> None:
        # What broke the transaction may have broken the way back too; SQLite undoes it then when it next opens.
        with suppress(sqlite3.Error):
            self.connection.rollback()


async def _nothing(connection: Connection) -> None:
    """What is written to wait for all that came before."""
