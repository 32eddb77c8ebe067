"""Where everything is kept: one SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from sparring.adapters.store.lock import NoLock, PlayingLock
from sparring.adapters.store.opening import compact, connect, database_file, is_postgres, prepare
from sparring.adapters.store.sql_store import SqlStore
from sparring.adapters.store.sqlite import SqliteDatabase
from sparring.adapters.store.writer import Writer
from sparring.simulation.ports import Clock

__all__ = ["PATIENCE", "NoLock", "PlayingLock", "compact", "database_file", "is_postgres", "open_store"]

PATIENCE = 30.0
"""Seconds that a write waits for another program's lock."""

_READER_PATIENCE = 1.0


async def open_store(url: str, clock: Clock, *, patience: float = PATIENCE) -> SqlStore:
    """Open the store that a URL names; its tables are made or migrated first.

    It belongs to the event loop that opens it.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.
        clock: dates what the store itself begins and ends.
        patience: seconds that a write waits for another program's lock, and that PostgreSQL's server is waited
            for when it cannot be reached.

    Raises:
        InvalidInput: no such URL is known.
        DatabaseTooNew: a newer version of the program has written the database.
        DatabaseUnusable: it cannot be opened or written; the message says what to do.
    """
    if is_postgres(url):
        # The driver takes longer to import than most commands take altogether.
        from sparring.adapters.store.postgres import open_postgres  # noqa: PLC0415

        return SqlStore(await open_postgres(url, patience=patience), clock)
    path = database_file(url)
    prepare(path)
    database = SqliteDatabase(
        path,
        reader=connect(path, patience=_READER_PATIENCE, read_only=True),
        writer=Writer(connect(path, patience=patience), path),
    )
    return SqlStore(database, clock)
