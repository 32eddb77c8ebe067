"""The statements of this store on a connection of sqlite3's."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sparring.adapters.store import failures
from sparring.adapters.store.database import NOTHING, Refused, Row

VALUES_AT_ONCE = 8_000
"""SQLite takes four times as many in one statement."""


def insert_rows(connection: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows in few statements.

    Before and after each statement the thread has to win the interpreter's lock from the event loop. Row by row,
    as `executemany` does it, ten thousand rows take many seconds beside a busy loop.
    """
    if not rows:
        return
    into, width = statement.partition(" VALUES ")[0], len(rows[0])
    place = "(" + ",".join("?" * width) + ")"
    step = VALUES_AT_ONCE // width
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        text = f"{into} VALUES {','.join([place] * len(part))}"
        connection.execute(text, [value for row in part for value in row])


class SqliteConnection:
    """Answers in place: nothing here ever waits for the event loop."""

    __slots__ = ("_path", "_raw")

    def __init__(self, raw: sqlite3.Connection, path: Path) -> None:
        """Execute on that connection to that file."""
        self._raw = raw
        self._path = path

    async def rows(self, statement: str, values: Mapping[str, Any] = NOTHING) -> Sequence[Row]:
        """All rows that a statement gives."""
        return self._raw.execute(statement, values).fetchall()

    async def row(self, statement: str, values: Mapping[str, Any] = NOTHING) -> Row | None:
        """The first row that a statement gives."""
        found: Row | None = self._raw.execute(statement, values).fetchone()
        return found

    async def write(self, statement: str, values: Mapping[str, Any] = NOTHING) -> int:
        """How many rows a statement changed."""
        try:
            return self._raw.execute(statement, values).rowcount
        except sqlite3.IntegrityError as error:
            raise Refused(str(failures.told(error, self._path)), by=str(error)) from None

    async def insert(self, statement: str, rows: Sequence[Row]) -> None:
        """Insert many rows."""
        insert_rows(self._raw, statement, rows)
