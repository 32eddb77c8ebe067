"""Finding the database file, making or migrating its tables, connecting to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sparring.adapters.store import failures, sql
from sparring.adapters.store.migrations import HEAD, KNOWN
from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable, InvalidInput

APPLICATION = 0x53504152
"""Marks a file as ours ("SPAR"), in SQLite's header."""

PATIENCE_AT_THE_START = 5.0
"""Seconds to wait for a lock before the first command of a person is refused."""

_SCHEME = "sqlite:///"


def is_postgres(url: str) -> bool:
    """Whether a database URL means PostgreSQL."""
    return url.partition(":")[0] in ("postgresql", "postgres")


def database_file(url: str) -> Path:
    """The file that a database URL names.

    Raises:
        InvalidInput: it is not of the form `sqlite:///FILE`.
    """
    if not url.startswith(_SCHEME) or url in (_SCHEME, _SCHEME + ":memory:"):
        raise InvalidInput(
            f"The database URL {url!r} is neither of the form sqlite:///FILE (sqlite:////FILE if absolute) nor of "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        )
    return Path(url.removeprefix(_SCHEME))


def compact(url: str) -> None:
    """Give the space of what was deleted back to the file system; PostgreSQL does so by itself.

    Raises:
        DatabaseUnusable: another program works with the file for longer than it is waited for.
    """
    if is_postgres(url):
        return
    path = database_file(url)
    with failures.telling(path), closing(connect(path, patience=PATIENCE_AT_THE_START)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def connect(path: Path, *, patience: float, read_only: bool = False) -> sqlite3.Connection:
    """A connection that begins no transaction by itself and may change threads.

    Args:
        patience: seconds to wait for another program's lock.
    """
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        # A commit is in the hands of the operating system when it returns, which a killed process does not undo.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(path: Path) -> None:
    """Bring the file to the tables that this program works with.

    Raises:
        DatabaseTooNew: a newer program has written it.
        DatabaseUnusable: it cannot be opened or written, or is another program's.
    """
    if not path.parent.is_dir():
        raise DatabaseUnusable(
            f"The folder {path.parent} of the database does not exist. Make it, or name another."
        )
    if path.is_dir():
        raise DatabaseUnusable(f"The database {path} is a folder. Name a file in it.")
    with failures.telling(path), closing(connect(path, patience=PATIENCE_AT_THE_START)) as connection:
        found = revision(connection, path)
        # Not only at first: a backup that VACUUM INTO has made has left it.
        use_wal(connection, path)
        if found == HEAD:
            return
        connection.execute("BEGIN IMMEDIATE")
        # Once more: another process may have been at it until now.
        found = revision(connection, path)
        if found is None:
            create(connection)
        connection.execute("COMMIT")
        if found not in (None, HEAD):
            migrate(connection)


def revision(connection: sqlite3.Connection, path: Path) -> str | None:
    """The revision of the tables, None where there are none yet.

    Raises:
        DatabaseTooNew: it is one that this program does not know.
        DatabaseUnusable: the tables are another program's.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == 0 and tables == 0:
        return None
    if application != APPLICATION:
        raise DatabaseUnusable(f"The database {path} belongs to another program. Name another file.")
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found not in KNOWN:
        raise DatabaseTooNew(
            f"The database {path} was written by a newer version of Sparring (its tables are at {found}, this "
            f"version knows {HEAD}). Install the newer version, or name another file."
        )
    return str(found)


def create(connection: sqlite3.Connection) -> None:
    """Make all tables at once, as the migrations would one after the other."""
    for statement in sql.CREATE:
        connection.execute(statement)
    connection.execute(
        "CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL, \n\t"
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)"
    )
    connection.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))
    connection.execute(f"PRAGMA application_id = {APPLICATION}")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the migrations that are missing, in one transaction."""
    # Alembic takes longer to import than most commands take altogether.
    from sparring.adapters.store.migrating import upgrade  # noqa: PLC0415

    upgrade(connection)


def use_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Switch the file to the write-ahead log, in which readers and the writer do not wait for each other.

    Raises:
        DatabaseUnusable: its place does not allow that.
    """
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise DatabaseUnusable(
            f"The database {path} cannot use SQLite's write-ahead log there (a network drive?). Name a local file."
        )
