"""What the database's own errors mean to whoever has to act on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparring.domain.errors import DatabaseUnusable

_LOCKED = "is locked by another program. Close whatever holds it (a database browser, a backup) and try again."

_TOLD = {
    "locked": _LOCKED,
    "busy": _LOCKED,
    "full": "cannot grow: the disk is full. Free some space and start again; what was stored is safe.",
    "readonly": "cannot be written. Let this user write the file and its folder, or name another file.",
    "unable to open": "cannot be opened. Look whether this user may read and write the file and its folder.",
    "not a database": "is not a database. Name another file, or move this one out of the way.",
    "malformed": "is damaged. Restore a backup, or save what `sqlite3 FILE .recover` still finds.",
    "disk i/o": "cannot be read or written: the disk reports an error. Look at the disk and at its free space.",
    "no such table": "is not complete: a table is missing. Restore a backup, or name another file.",
}


def told(error: sqlite3.Error, path: Path) -> DatabaseUnusable:
    """The database's error with what to do about it."""
    said = str(error)
    for sign, advice in _TOLD.items():
        if sign in said.lower():
            return DatabaseUnusable(f"The database {path} {advice}")
    return DatabaseUnusable(f"The database {path} failed: {said}.")


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Tells the database's errors within."""
    try:
        yield
    except sqlite3.Error as error:
        raise told(error, path) from error
