"""Making or migrating the tables of a PostgreSQL database, one process at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg

from sparring.adapters.queue.schema import is_prepared, prepare_queue
from sparring.adapters.store import sql
from sparring.adapters.store.migrations import HEAD, KNOWN
from sparring.adapters.store.postgres import failures
from sparring.adapters.store.postgres.address import Address
from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable

OLDEST_SERVER = 140_000
"""PostgreSQL 14, as the server numbers it."""

MARK = "Sparring"
"""The comment on the table of the revision: these tables are ours."""

MARKING = f"COMMENT ON TABLE alembic_version IS '{MARK}'"

LOCKING = f"SELECT pg_advisory_xact_lock({0x5350_4152_5249_4E47})"
"""Waits for whoever else makes or migrates tables ("SPARRING"); held until the transaction is over."""

_REVISION = """
SELECT to_regclass('alembic_version') IS NOT NULL, obj_description(to_regclass('alembic_version'), 'pg_class')
"""

_TAKEN = """
SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL ORDER BY name LIMIT 1
"""

Psycopg = psycopg.Connection[tuple[Any, ...]]


async def prepare(address: Address) -> None:
    """Bring the database to the tables that this program works with; processes that start at once take turns.

    Raises:
        DatabaseTooNew: a newer program has written it.
        DatabaseUnusable: it cannot be reached or written, or the names of its tables are another program's.
    """
    await asyncio.to_thread(_prepare, address)


def _prepare(address: Address) -> None:
    try:
        with psycopg.connect(address.conninfo, autocommit=True) as connection:
            if connection.info.server_version < OLDEST_SERVER:
                raise DatabaseUnusable(
                    f"The database {address.name} is served by PostgreSQL {connection.info.server_version // 10_000}; "
                    "14 or later is needed."
                )
            if revision(connection, address.name) == HEAD and is_prepared(connection):
                return
            with connection.transaction():
                connection.execute(LOCKING)
                # Once more: another process may have been at it until now.
                found = revision(connection, address.name)
                if found is None:
                    create(connection)
        if found not in (None, HEAD):
            migrate(address)
        with psycopg.connect(address.conninfo, autocommit=True) as connection, connection.transaction():
            connection.execute(LOCKING)
            prepare_queue(connection, address.name)
    except psycopg.Error as error:
        raise failures.told(error, address.name) from error


def revision(connection: Psycopg, name: str) -> str | None:
    """The revision of the tables, None where there are none yet.

    Raises:
        DatabaseTooNew: it is one that this program does not know.
        DatabaseUnusable: the tables are another program's.
    """
    row = connection.execute(_REVISION).fetchone()
    assert row is not None
    has_revision, mark = row
    if not has_revision:
        taken = connection.execute(_TAKEN, (list(sql.TABLES),)).fetchone()
        if taken is not None:
            raise _anothers(name, taken[0])
        return None
    if mark != MARK:
        raise _anothers(name, "alembic_version")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    found = None if row is None else str(row[0])
    if found not in KNOWN:
        raise DatabaseTooNew(
            f"The database {name} was written by a newer version of Sparring (its tables are at {found}, this "
            f"version knows {HEAD}). Install the newer version, or name another database."
        )
    return found


def create(connection: Psycopg) -> None:
    """Make all tables at once, as the migrations would one after the other."""
    for statement in sql.CREATE_POSTGRES:
        connection.execute(statement)
    connection.execute(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute("INSERT INTO alembic_version VALUES (%s)", (HEAD,))
    connection.execute(MARKING)


def migrate(address: Address) -> None:
    """Apply the migrations that are missing, in one transaction."""
    # Alembic takes longer to import than most commands take altogether.
    from sparring.adapters.store.migrating import upgrade_postgres  # noqa: PLC0415

    upgrade_postgres(address.conninfo, before=LOCKING, after=MARKING)


def _anothers(name: str, table: str) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"The database {name} has a table {table!r} of another program. Name a database of its own, or a schema of "
        "its own with ?options=-csearch_path%3DSCHEMA."
    )
