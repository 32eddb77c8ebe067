"""What PostgreSQL's own errors mean to whoever has to act on them."""

from __future__ import annotations

from psycopg import DataError, Error, OperationalError
from psycopg_pool import PoolTimeout

from sparring.domain.errors import DatabaseUnusable, InvalidInput, SparringError

_TOLD = {
    "3D000": "does not exist. Make it (`createdb NAME`), or name another one.",
    "28P01": "refuses this password. Look at the user and the password in SPARRING_DATABASE_URL.",
    "28000": "refuses this user. Look at the user in SPARRING_DATABASE_URL, and at the server's pg_hba.conf.",
    "42501": "does not allow this user what is needed. Make the user its owner, or grant CREATE on its schema.",
    "53100": "cannot grow: the server's disk is full. Free some space there; what was stored is safe.",
    "53300": "has no connection left. Raise the server's max_connections, or run fewer processes.",
    "25006": "can only be read: this server is a standby. Name the one that is written to.",
    "42P01": "is not complete: a table is missing. Restore a backup, or name another database.",
    "0A000": "does not support what is needed; PostgreSQL 14 or later is.",
}

_GONE = frozenset({"57P01", "57P02", "57P03"})
"""The server is stopped, has crashed, or is starting."""

_AGAIN = frozenset({"40001", "40P01"})
"""Two transactions were in each other's way; one was undone."""


def is_lost(error: Error) -> bool:
    """Whether the connection is gone, or none is to be had for now: another try may succeed."""
    if isinstance(error, PoolTimeout):
        return True
    state = error.sqlstate
    if state is None:
        return isinstance(error, OperationalError)
    return state in _GONE or state.startswith("08") or state == "53300"


def is_undone(error: Error) -> bool:
    """Whether the transaction only was in another's way, and can be run again at once."""
    return error.sqlstate in _AGAIN


def told(error: Error, name: str) -> SparringError:
    """PostgreSQL's error with what to do about it."""
    said = " ".join(str(error).split())
    if isinstance(error, DataError):
        return InvalidInput(f"This cannot be stored or looked for: {said}.")
    advice = _TOLD.get(error.sqlstate or "") or _told_by_text(said)
    if advice is not None:
        return DatabaseUnusable(f"The database {name} {advice}")
    if is_lost(error):
        return DatabaseUnusable(f"The database {name} cannot be reached: {said}. Is its server running?")
    return DatabaseUnusable(f"The database {name} failed: {said}.")


def _told_by_text(said: str) -> str | None:
    """A connection that never came to be has no code, only words."""
    signs = {
        "password authentication failed": "28P01",
        "no password supplied": "28P01",
        "no pg_hba.conf entry": "28000",
        "too many clients": "53300",
        "remaining connection slots": "53300",
    }
    for sign, code in signs.items():
        if sign in said:
            return _TOLD[code]
    if "role " in said and "does not exist" in said:
        return _TOLD["28000"]
    if "database " in said and "does not exist" in said:
        return _TOLD["3D000"]
    return None
