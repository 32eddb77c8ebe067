"""The statements of this store on a connection of psycopg's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection, IntegrityError

from sparring.adapters.store.database import NOTHING, Refused, Row
from sparring.adapters.store.sql import POSTGRES

Psycopg = AsyncConnection[tuple[Any, ...]]

_ROWS_AT_ONCE = 500
"""So many are made ready before others get their turn of the event loop."""


class PostgresConnection:
    """Executes statements on one connection, within the transaction that is open there, if one is."""

    __slots__ = ("_name", "raw")

    def __init__(self, raw: Psycopg, name: str) -> None:
        """Execute on that connection, to the database of that name."""
        self.raw = raw
        self._name = name

    async def rows(self, statement: str, values: Mapping[str, Any] = NOTHING) -> Sequence[Row]:
        """All rows that a statement gives."""
        return await (await self.raw.execute(POSTGRES[statement], values)).fetchall()

    async def row(self, statement: str, values: Mapping[str, Any] = NOTHING) -> Row | None:
        """The first row that a statement gives."""
        return await (await self.raw.execute(POSTGRES[statement], values)).fetchone()

    async def write(self, statement: str, values: Mapping[str, Any] = NOTHING) -> int:
        """How many rows a statement changed."""
        try:
            return (await self.raw.execute(POSTGRES[statement], values)).rowcount
        except IntegrityError as error:
            raise self._refused(error) from None

    async def insert(self, statement: str, rows: Sequence[Row]) -> None:
        """Insert many rows, as a stream."""
        into = statement.partition(" VALUES ")[0].replace("INSERT INTO", "COPY", 1)
        try:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                async with (
                    self.raw.cursor() as cursor,
                    cursor.copy(f"{into} FROM STDIN") as stream,
                ):
                    for row in rows[start : start + _ROWS_AT_ONCE]:
                        await stream.write_row(row)
        except IntegrityError as error:
            raise self._refused(error) from None

    def _refused(self, error: IntegrityError) -> Refused:
        said = " ".join(str(error).split())
        return Refused(f"The database {self._name} failed: {said}.", by=error.diag.constraint_name or said)
