"""A PostgreSQL database, for any number of processes on any number of machines."""

from __future__ import annotations

from sparring.adapters.store.postgres.address import Address, address
from sparring.adapters.store.postgres.database import PostgresDatabase
from sparring.adapters.store.postgres.opening import prepare

__all__ = ["Address", "PostgresDatabase", "address", "open_postgres"]


async def open_postgres(url: str, *, patience: float) -> PostgresDatabase:
    """Open a database; its tables are made or migrated first.

    Args:
        url: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.
        patience: seconds that a database which cannot be reached is waited for, once it is open.

    Raises:
        InvalidInput: the URL cannot be used.
        DatabaseTooNew: a newer version of the program has written the database.
        DatabaseUnusable: it cannot be reached, or not be written by this user.
    """
    found = address(url)
    await prepare(found)
    return await PostgresDatabase.open(found, patience=patience)
