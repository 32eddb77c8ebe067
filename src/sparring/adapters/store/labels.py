"""People's labels of checks in their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.adapters.store import sql
from sparring.adapters.store.database import Connection
from sparring.domain.errors import NotFound
from sparring.domain.labels import Label
from sparring.domain.text import storable
from sparring.domain.verdict import CheckKind, Finding


async def save(db: Connection, label: Label) -> None:
    """Insert a label or replace it."""
    if await db.row(sql.TRIAL_STANDING, {"id": label.trial}) is None:
        raise NotFound("trial", label.trial)
    given = {
        "agrees": int(label.agrees),
        "finding": label.finding.value,
        "note": storable(label.note),
        "at": label.at,
    }
    await db.write(sql.SAVE_LABEL, {**_key(label), **given})


async def delete(db: Connection, label: Label) -> None:
    """Remove a label."""
    await db.write(sql.DELETE_LABEL, _key(label))


async def of_simulation(db: Connection, simulation_id: str) -> Sequence[Label]:
    """The labels of a simulation's trials, the oldest first."""
    rows = await db.rows(sql.LABELS, {"simulation": simulation_id})
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
