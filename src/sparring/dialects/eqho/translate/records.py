"""What all records and lists have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from sparring.dialects.eqho.wire.forms import History, Meta
from sparring.dialects.spelling import timestamp
from sparring.domain.agent import Action, Agent
from sparring.domain.scenario import Scenario, ScenarioSet

RecordT = TypeVar("RecordT", Agent, Scenario, ScenarioSet)

KEPT = "eqho"
"""Under this name a record's `extra` holds what is only given back."""


def history(record: Action | Agent | Scenario | ScenarioSet) -> History:
    """How a record came to be what it is."""
    return History(
        last_modified_at=timestamp(record.updated_at),
        revision=record.revision,
        created_at=timestamp(record.created_at),
        created_by="unknown",
        last_modified_by="unknown",
    )


def revised(record: RecordT, now: float) -> RecordT:
    """The record with one more revision."""
    return replace(record, revision=record.revision + 1, updated_at=now)


def meta(*, page: int, per_page: int, total: int) -> Meta:
    """Where a page, counted from 1, stands in its list."""
    last = max(1, -(-total // per_page))
    return Meta(
        per_page=per_page,
        last_page=last,
        current_page=page,
        next_page=page + 1 if page < last else None,
        prev_page=min(page - 1, last) if page > 1 else None,
        total=total,
    )
