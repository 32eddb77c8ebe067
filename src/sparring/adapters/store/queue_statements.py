"""The statements around the queue of trials: what is in it, what ends there, and who may ask providers how much."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Text,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from sparring.adapters.store.clauses import Now
from sparring.adapters.store.schema import provider_shares as shares
from sparring.adapters.store.schema import trials

_RESULT = (
    "attempt take status outcome cause error termination steps started_at completed_at costs warnings verdict"
)


def queue_statements() -> dict[str, ClauseElement]:
    """Every such statement by its name."""
    return {
        "UNFINISHED": select(
            *(
                select(func.count()).select_from(trials).where(_status_is(status)).scalar_subquery()
                for status in ("queued", "running")
            )
        ),
        "END_QUEUED": update(trials)
        .where(trials.c.id == bindparam("trial"), _status_is("queued"))
        .values({name: bindparam(name) for name in _RESULT.split()}),
        **_shares(),
    }


def _status_is(word: str) -> ColumnElement[bool]:
    """In the statement itself: a partial index is not used for a parameter."""
    return trials.c.status == literal_column(f"'{word}'", Text)


def _shares() -> dict[str, ClauseElement]:
    """The time is the database's, whatever the clocks of the machines say."""
    of_it = shares.c.provider == bindparam("provider")
    process: BindParameter[str] = bindparam("process")
    added = postgresql.insert(shares).inline()
    given: dict[str, Any] = {name: bindparam(name) for name in ("provider", "process", "weight", "part")}
    saved = added.values({**given, "seen_at": Now()})
    nothing: ColumnElement[float] = literal_column("0.0")
    held = {**given, "weight": nothing, "part": nothing, "seen_at": Now()}
    key = [shares.c.provider, shares.c.process]
    return {
        "KEEP_SHARES": added.values(held).on_conflict_do_nothing(index_elements=key),
        "LOCK_SHARES": select(shares.c.provider).where(of_it, shares.c.process == process).with_for_update(),
        "SHARES": select(shares.c.process, shares.c.weight, shares.c.part, Now() - shares.c.seen_at).where(of_it),
        "SAVE_SHARE": saved.on_conflict_do_update(
            index_elements=key,
            set_={name: saved.excluded[name] for name in ("weight", "part", "seen_at")},
        ),
        "FORGET_SHARES": delete(shares).where(
            of_it, shares.c.process != process, Now() - shares.c.seen_at > bindparam("age")
        ),
    }
