"""Alembic on a connection of sqlite3's own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

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
    config = configuration()
    with engine.connect() as connected:
        # Alembic reads the revision within it, so of two processes one finds nothing to do.
        connection.execute("BEGIN IMMEDIATE")
        config.attributes["connection"] = connected
        command.upgrade(config, revision)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connected.commit()


def revisions() -> list[str]:
    """Every revision, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]
