"""One thread that writes, and commits what many trials have to say in one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from sparring.adapters.store import failures, sql
from sparring.domain.errors import DatabaseUnusable, StaleAppend

Row = tuple[str, int, int, str]
"""Of a message: trial, take, position, body."""

Job = Callable[[sqlite3.Connection], Any]
ResultT = TypeVar("ResultT")

_VALUES_AT_ONCE = 8_000
"""SQLite takes four times as many in one statement."""

_MESSAGES_AT_ONCE = _VALUES_AT_ONCE // 4
"""As many fit one statement, which is a transaction of its own."""


def insert_rows(connection: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows in few statements.

    Before and after each statement the thread has to win the interpreter's lock from the event loop. Row by row,
    as `executemany` does it, ten thousand rows take many seconds beside a busy loop.
    """
    if not rows:
        return
    into, width = statement.partition(" VALUES ")[0], len(rows[0])
    place = "(" + ",".join("?" * width) + ")"
    step = _VALUES_AT_ONCE // width
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        text = f"{into} VALUES {','.join([place] * len(part))}"
        connection.execute(text, [value for row in part for value in row])


@dataclass(slots=True, eq=False)
class _Entry:
    """One thing to write, and who waits for it."""

    done: asyncio.Future[Any]
    rows: Sequence[Row] = ()
    job: Job | None = None
    result: Any = None
    error: Exception | None = None

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

    async def run(self, job: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Run a job in a transaction; all it did is undone if it raises."""
        return cast(ResultT, await self._submit(_Entry(self._loop.create_future(), job=job)))

    async def close(self) -> None:
        """Write what is pending and end the thread."""
        if self._closed:
            return
        await self.run(lambda connection: None)
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
            try:
                self._commit(batch)
            except sqlite3.Error as error:
                self._undo(batch, failures.told(error, self.path))
            # The loop is closed where a program ended without closing its store.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._settle, batch)
        self.connection.close()

    def _undo(self, batch: list[_Entry], error: Exception) -> None:
        with suppress(sqlite3.Error):
            self.connection.rollback()
        for entry in batch:
            entry.error = error

    def _commit(self, batch: list[_Entry]) -> None:
        appends = [entry for entry in batch if entry.job is None]
        rows = [row for entry in appends for row in entry.rows]
        if len(appends) == len(batch) and len(rows) <= _MESSAGES_AT_ONCE and self._insert(rows):
            return
        self.connection.execute("BEGIN IMMEDIATE")
        if not self._within_savepoint(lambda: self._insert(rows)):
            for entry in appends:
                self._append_alone(entry)
        for entry in batch:
            if entry.job is not None:
                self._run_alone(entry, entry.job)
        self.connection.execute("COMMIT")

    def _insert(self, rows: Sequence[Row]) -> bool:
        """Whether there was room for all the messages."""
        try:
            insert_rows(self.connection, sql.ADD_MESSAGE, rows)
        except sqlite3.IntegrityError:
            return False
        return True

    def _append_alone(self, entry: _Entry) -> None:
        if not self._within_savepoint(lambda: self._insert(entry.rows)):
            trial, _, position, _ = entry.rows[0]
            entry.error = StaleAppend(
                f"Message {position} of trial {trial} is stored already: another worker plays this trial."
            )

    def _run_alone(self, entry: _Entry, job: Job) -> None:
        def act() -> bool:
            try:
                entry.result = job(self.connection)
            except sqlite3.Error:
                raise
            except Exception as error:
                entry.error = error
            return entry.error is None

        self._within_savepoint(act)

    def _within_savepoint(self, act: Callable[[], bool]) -> bool:
        """Act; what it did is undone where it answers False."""
        self.connection.execute("SAVEPOINT part")
        kept = act()
        if not kept:
            self.connection.execute("ROLLBACK TO part")
        self.connection.execute("RELEASE part")
        return kept
