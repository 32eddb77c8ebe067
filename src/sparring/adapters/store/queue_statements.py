"""The statements around the queue of trials: what is in it, what ends there, and who may ask providers how much."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from sparring.adapters.store.clauses import Members, Now
from sparring.adapters.store.schema import deliveries, simulations, trials
from sparring.adapters.store.schema import provider_shares as shares

_RESULT = (
    "attempt take status outcome cause error termination steps started_at completed_at costs warnings verdict"
)

_PLAYABLE = [literal_column(f"'{word}'", Text) for word in ("queued", "running")]


def queue_statements() -> dict[str, ClauseElement]:
    """Every such statement by its name."""
    return {
        "UNFINISHED": select(
            *(
                select(func.count()).select_from(trials).where(_status_is(status)).scalar_subquery()
                for status in ("queued", "running")
            )
        ),
        "BOUNDED": select(simulations.c.id, simulations.c.at_once)
        .where(
            simulations.c.at_once.is_not(None),
            simulations.c.status.in_(_PLAYABLE),
            select(trials.c.id).where(trials.c.simulation == simulations.c.id, _status_is("queued")).exists(),
        )
        .order_by(simulations.c.seq),
        "OPEN_TRIAL": select(*(column for column in trials.c if column is not trials.c.seq))
        .where(
            trials.c.id == bindparam("id"),
            or_(_status_is("queued"), _status_is("running")),
            trials.c.simulation.in_(select(simulations.c.id).where(simulations.c.status.in_(_PLAYABLE))),
        )
        .with_for_update(),
        "SIMULATION_OF": select(trials.c.simulation).where(trials.c.id == bindparam("id")),
        "RELEASE_TRIAL": update(trials)
        .where(
            trials.c.id == bindparam("id"),
            _status_is("running"),
            or_(bindparam("claim", type_=Integer).is_(None), trials.c.claim == bindparam("claim", type_=Integer)),
        )
        .values(status=literal_column("'queued'", Text)),
        "RUNNING_TRIALS": select(trials.c.simulation).where(_status_is("running")),
        "RELEASE_RUNNING": update(trials)
        .where(_status_is("running"))
        .values(status=literal_column("'queued'", Text)),
        "SAVE_TRIAL": update(trials)
        .where(
            trials.c.id == bindparam("trial"),
            trials.c.status != literal_column("'cancelled'", Text),
            trials.c.claim == bindparam("claim"),
        )
        .values({name: bindparam(name) for name in _RESULT.split()}),
        "TRIAL_STANDING": select(trials.c.status, trials.c.costs, trials.c.claim).where(
            trials.c.id == bindparam("id")
        ),
        "END_QUEUED": update(trials)
        .where(trials.c.id == bindparam("trial"), _status_is("queued"))
        .values({name: bindparam(name) for name in _RESULT.split()}),
        **_deliveries(),
        **_shares(),
    }


def _status_is(word: str) -> ColumnElement[bool]:
    """In the statement itself: a partial index is not used for a parameter."""
    return trials.c.status == literal_column(f"'{word}'", Text)


def _deliveries() -> dict[str, ClauseElement]:
    due = (
        select(*(column for column in deliveries.c if column is not deliveries.c.seq))
        .where(deliveries.c.status == literal_column("'pending'", Text), deliveries.c.due_at <= bindparam("now"))
        .order_by(deliveries.c.due_at, deliveries.c.seq)
        .limit(bindparam("count"))
        .offset(literal_column("0"))
    )
    return {
        # Of several processes that look at once, each gets others.
        "DUE_DELIVERIES": due.with_for_update(skip_locked=True),
        "LEND_DELIVERIES": update(deliveries)
        .where(deliveries.c.id.op("IN")(Members(bindparam("ids", type_=Text))))
        .values(due_at=bindparam("until")),
    }


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
