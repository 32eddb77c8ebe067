"""Alembic on a connection of the driver's own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from sparring.adapters.store.opening import APPLICATION

FOLDER = Path(__file__).with_name("migrations")


def configuration() -> Config:
    """Alembic's, without its file."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: sqlite3.Connection, revision: str = "head") -> None:
    """Apply what is missing, in one transaction: all of it or nothing."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as connected:
        # Alembic reads the revision within it, so of two processes one finds nothing to do.
        connection.execute("BEGIN IMMEDIATE")
        _apply(connected, revision)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connected.commit()


def upgrade_postgres(conninfo: str, revision: str = "head", *, before: str, after: str) -> None:
    """Apply what is missing, in one transaction that begins and ends with these statements.

    Raises:
        psycopg.Error: the server refused something; nothing is changed then.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool)
    try:
        with engine.begin() as connected:
            connected.exec_driver_sql(before)
            _apply(connected, revision)
            connected.exec_driver_sql(after)
    except DBAPIError as error:
        raise error.orig or error from None


def _apply(connected: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connected
    command.upgrade(config, revision)


def revisions() -> list[str]:
    """Every revision, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]
