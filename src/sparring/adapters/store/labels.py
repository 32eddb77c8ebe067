"""People's labels of checks in their table."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from sparring.adapters.store import sql
from sparring.domain.errors import NotFound
from sparring.domain.labels import Label
from sparring.domain.text import storable
from sparring.domain.verdict import CheckKind, Finding


def save(connection: sqlite3.Connection, label: Label) -> None:
    """Insert a label or replace it."""
    if connection.execute(sql.TRIAL_STANDING, {"id": label.trial}).fetchone() is None:
        raise NotFound("trial", label.trial)
    given = {
        "agrees": int(label.agrees),
        "finding": label.finding.value,
        "note": storable(label.note),
        "at": label.at,
    }
    connection.execute(sql.SAVE_LABEL, {**_key(label), **given})


def delete(connection: sqlite3.Connection, label: Label) -> None:
    """Remove a label."""
    connection.execute(sql.DELETE_LABEL, _key(label))


def of_simulation(connection: sqlite3.Connection, simulation_id: str) -> Sequence[Label]:
    """The labels of a simulation's trials, the oldest first."""
    rows = connection.execute(sql.LABELS, {"simulation": simulation_id}).fetchall()
    return [
        Label(
            trial=trial,
            kind=CheckKind(kind),
            index=place,
            by=by,
            agrees=bool(agrees),
            finding=Finding(finding),
            note=note,
            at=at,
        )
        for trial, kind, place, by, agrees, finding, note, at in rows
    ]


def _key(label: Label) -> dict[str, Any]:
    return {"trial": label.trial, "kind": label.kind.value, "place": label.index, "person": label.by}
