"""Every statement of the store, in SQLAlchemy Core.

Importing SQLAlchemy takes longer than most commands do, so the statements are compiled when they change and not
when the program starts: `python -m sparring.adapters.store.statements` prints the module `sql`, for both databases,
and a test holds the two together.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Double,
    Select,
    Table,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql

from sparring.adapters.store.clauses import Entries, Members, Part, Reserve
from sparring.adapters.store.old_statements import old_statements
from sparring.adapters.store.queue_statements import queue_statements
from sparring.adapters.store.schema import (
    actions,
    agents,
    api_keys,
    chats,
    deliveries,
    judgements,
    labels,
    messages,
    scenario_sets,
    scenarios,
    simulation_scenarios,
    simulations,
    trials,
    webhooks,
    workspaces,
)


def statements() -> dict[str, ClauseElement]:
    """Every statement by its name."""
    parts = (
        _catalogue,
        _simulations,
        _trials,
        _messages,
        _labels,
        _judgements,
        _chats,
        old_statements,
        queue_statements,
    )
    return {name: statement for part in parts for name, statement in part().items()}


def _catalogue() -> dict[str, ClauseElement]:
    belonging = (
        _is(scenarios, "workspace"),
        *(_if_given(scenarios, name) for name in ("agent_id", "set_id", "folder", "name")),
    )
    return {
        "WORKSPACES": select(workspaces.c.id, workspaces.c.alias).order_by(workspaces.c.seq),
        "RESERVE_WORKSPACES": Reserve(workspaces),
        "SAVE_WORKSPACE": _upsert(workspaces, "alias"),
        "KEYS": select(*_but_seq(api_keys)).where(_if_given(api_keys, "workspace")).order_by(api_keys.c.seq),
        "FIND_KEY": select(*_but_seq(api_keys)).where(api_keys.c.digest == bindparam("digest")),
        "SAVE_KEY": _upsert(api_keys, *(c.name for c in _but_seq(api_keys) if c.name != "id")),
        "FIND_AGENT": _by_id_or_alias(agents, *_but_seq(agents)),
        "AGENTS": _page(agents, _newest(agents).where(_is(agents, "workspace"))),
        "COUNT_AGENTS": _count(agents).where(_is(agents, "workspace")),
        "SAVE_AGENT": _upsert(agents, "alias", "name", "updated_at", "body"),
        "DELETE_AGENT": delete(agents).where(_is(agents, "id")),
        "FIND_SCENARIO": _by_id_or_alias(scenarios, *_but_seq(scenarios)),
        "FIND_ACTION": _by_id(actions),
        "ACTIONS": _page(actions, _newest(actions).where(_is(actions, "workspace"))),
        "COUNT_ACTIONS": _count(actions).where(_is(actions, "workspace")),
        "SAVE_ACTION": _upsert(actions, "name", "updated_at", "body"),
        "FIND_SCENARIO_SET": _by_id(scenario_sets),
        "SCENARIO_SETS": _page(scenario_sets, _newest(scenario_sets).where(_is(scenario_sets, "workspace"))),
        "COUNT_SCENARIO_SETS": _count(scenario_sets).where(_is(scenario_sets, "workspace")),
        "SAVE_SCENARIO_SET": _upsert(scenario_sets, "name", "updated_at", "body"),
        "DELETE_SCENARIO_SET": delete(scenario_sets).where(_is(scenario_sets, "id")),
        "LEAVE_SCENARIO_SET": update(scenarios)
        .where(scenarios.c.set_id == bindparam("of"))
        .values(set_id=_null()),
        "SCENARIOS": _page(scenarios, _newest(scenarios).where(*belonging)),
        "COUNT_SCENARIOS": _count(scenarios).where(*belonging),
        "SAVE_SCENARIO": _upsert(scenarios, "alias", "agent_id", "name", "updated_at", "body", "set_id", "folder"),
        "DELETE_SCENARIO": delete(scenarios).where(_is(scenarios, "id")),
    }


def _simulations() -> dict[str, ClauseElement]:
    changing = ("id", "status", "started_at", "completed_at", "max_cost", "status_reason", "revision")
    facts = tuple(simulations.c[name] for name in changing)
    over = simulations.c.completed_at.is_not(None)
    filters = tuple(_if_given(simulations, name) for name in ("workspace", "agent_id", "set_id"))
    kept = tuple(c for c in _but_seq(simulations) if c.name not in ("spent", "revision", "decision"))
    this = simulations.c.id == bindparam("simulation")
    is_cancelled = simulations.c.status == _text("cancelled")
    is_paused = simulations.c.status == _text("paused")
    waits = _trials_that_are("queued").exists()
    return {
        "ADD_SIMULATION": insert(simulations).inline().values(_parameters(kept)),
        "ADD_SIMULATION_SCENARIO": insert(simulation_scenarios)
        .inline()
        .values(_parameters(simulation_scenarios.c)),
        "FIND_SIMULATION": select(*facts)
        .where(
            or_(simulations.c.id == bindparam("id"), simulations.c.alias == bindparam("id")),
            _if_given(simulations, "workspace"),
        )
        .order_by((simulations.c.id == bindparam("id")).desc()),
        "FIND_BY_IDEMPOTENCY_KEY": select(*facts).where(
            _is(simulations, "workspace"), _is(simulations, "idempotency_key")
        ),
        "SIMULATIONS": _page(simulations, select(*facts).where(*filters)),
        "COUNT_SIMULATIONS": _count(simulations).where(*filters),
        "SIMULATIONS_BEGINNING": select(simulations.c.id)
        .where(simulations.c.id >= bindparam("first"), simulations.c.id < bindparam("beyond"))
        .order_by(simulations.c.id)
        .limit(bindparam("size"))
        .offset(literal_column("0")),
        "SIMULATION_SNAPSHOT": select(
            *(c for c in kept if c.name not in ("agent_id", "body")), simulations.c.body
        ).where(_is(simulations, "id")),
        "SCENARIO_SNAPSHOTS": select(simulation_scenarios.c.body)
        .where(_is(simulation_scenarios, "simulation"))
        .order_by(simulation_scenarios.c.position),
        "AGENT_PLAYS": select(literal_column("1"))
        .select_from(simulations)
        .where(_is(simulations, "agent_id"), simulations.c.completed_at.is_(None)),
        "START_SIMULATION": update(simulations)
        .where(this, simulations.c.status == _text("queued"))
        .values(status=_text("running"), started_at=bindparam("now")),
        "COMPLETE_SIMULATION": update(simulations)
        .where(this, ~over, ~_trials_that_are("queued", "running").exists())
        .values(
            completed_at=bindparam("now"),
            status_reason=case((is_cancelled, _null()), else_=simulations.c.decision),
            status=case((is_cancelled, _text("cancelled")), else_=_text("completed")),
        ),
        "DECIDE": update(simulations)
        .where(this, ~over, ~is_cancelled, simulations.c.decision.is_(None))
        .values(decision=bindparam("reason"), status_reason=bindparam("reason")),
        "CANCEL_SIMULATION": update(simulations)
        .where(this, ~over)
        .values(status=_text("cancelled"), status_reason=_null()),
        "LOCK_AGENT": select(agents.c.id).where(_is(agents, "id")).with_for_update(),
        "LOCK_SCENARIO": select(scenarios.c.id).where(_is(scenarios, "id")).with_for_update(),
        "LOCK_SIMULATION": select(simulations.c.id).where(_is(simulations, "id")).with_for_update(key_share=True),
        "DELETE_SIMULATION": delete(simulations).where(_is(simulations, "id")),
        "IS_CANCELLED": select(simulations.c.status == _text("cancelled")).where(_is(simulations, "id")),
        "PAUSE_SIMULATION": update(simulations)
        .where(this, _open(simulations))
        .values(status=_text("paused"), status_reason=bindparam("reason")),
        "PAUSE_WAITING": update(simulations)
        .where(this, _open(simulations), waits)
        .values(status=_text("paused"), status_reason=bindparam("reason")),
        "RESUME_SIMULATION": update(simulations)
        .where(this, is_paused)
        .values(status=_waiting_or_running(), status_reason=_null()),
        "SET_BUDGET": update(simulations).where(this).values(max_cost=bindparam("max_cost")),
        "EXPLAIN": update(simulations).where(this, _open(simulations)).values(status_reason=bindparam("reason")),
        "REOPEN_SIMULATION": update(simulations)
        .where(this)
        .values(
            completed_at=_null(),
            status=case((is_paused, _text("paused")), else_=_waiting_or_running()),
            status_reason=case((is_paused, simulations.c.status_reason), else_=_null()),
            spent=bindparam("spent"),
            revision=simulations.c.revision + bindparam("revised"),
        ),
        "SPEND": update(simulations)
        .where(this)
        .values(spent=simulations.c.spent + bindparam("cost"))
        .returning(simulations.c.max_cost, simulations.c.spent),
        "BUDGETS": select(simulations.c.id, simulations.c.max_cost)
        .where(simulations.c.max_cost.is_not(None), _open(simulations))
        .order_by(simulations.c.id),
        "BUDGET": select(simulations.c.max_cost, simulations.c.spent).where(_is(simulations, "id")),
        "SAVE_SIMULATION_SCENARIO": update(simulation_scenarios)
        .where(
            simulation_scenarios.c.simulation == bindparam("of"),
            simulation_scenarios.c.position == bindparam("at"),
        )
        .values(body=bindparam("body")),
    }


def _trials() -> dict[str, ClauseElement]:
    whole = _but_seq(trials)
    filters = (_is(trials, "simulation"), _if_given(trials, "status"), _if_given(trials, "outcome"))
    cancelling = {
        "status": _text("cancelled"),
        "outcome": _text("cancelled"),
        "completed_at": bindparam("now"),
    }
    paused = select(simulations.c.id).where(simulations.c.status == _text("paused"))
    unmeant = select(simulations.c.id).where(
        simulations.c.at_once.is_not(None),
        _open(simulations),
        simulations.c.id.op("NOT IN")(Members(bindparam("bounded", type_=Text))),
    )
    part = Entries(trials.c.costs).table_valued("key", "value")
    unknown = func.count() - func.count(part.c.value)
    result = (
        "attempt take status outcome cause error termination steps started_at completed_at costs warnings verdict"
    )
    return {
        "ADD_TRIAL": insert(trials).inline().values(_parameters(whole)),
        "TRIALS": select(trials.c.seq, *whole)
        .where(_is(trials, "simulation"), trials.c.seq > bindparam("after"))
        .order_by(trials.c.seq)
        .limit(bindparam("size"))
        .offset(literal_column("0")),
        "FIND_TRIAL": select(*whole)
        .join_from(trials, simulations, simulations.c.id == trials.c.simulation)
        .where(
            or_(trials.c.id == bindparam("id"), trials.c.alias == bindparam("id")),
            _is(simulations, "workspace"),
        )
        .order_by((trials.c.id == bindparam("id")).desc()),
        "TRIAL_PAGE": select(*whole)
        .where(*filters)
        .order_by(trials.c.seq)
        .limit(bindparam("size"))
        .offset(bindparam("offset")),
        "COUNT_TRIALS": _count(trials).where(*filters),
        "PROGRESS": select(trials.c.status, func.count())
        .where(_is(trials, "simulation"))
        .group_by(trials.c.status),
        "QUEUED_TRIALS": select(*whole)
        .where(
            trials.c.status == _text("queued"),
            trials.c.simulation.not_in(paused),
            trials.c.simulation.not_in(unmeant),
            trials.c.simulation.op("NOT IN")(Members(bindparam("without", type_=Text))),
            _if_given(trials, "simulation"),
        )
        .order_by(trials.c.place, trials.c.seq)
        .limit(bindparam("count"))
        .offset(literal_column("0"))
        # Of several workers that claim at once, each gets others; SQLite has one writer and leaves this out.
        .with_for_update(skip_locked=True),
        "CLAIM_TRIALS": update(trials)
        .where(trials.c.id.op("IN")(Members(bindparam("ids", type_=Text))))
        .values(
            status=_text("running"),
            claim=trials.c.claim + literal_column("1"),
            started_at=func.coalesce(trials.c.started_at, bindparam("now")),
        ),
        "PLAY_AGAIN": update(trials)
        .where(trials.c.id == bindparam("trial"), trials.c.outcome == _text("error"))
        .values({name: bindparam(name) for name in result.split()}),
        "COSTS": select(
            part.c.key.label("role"),
            func.coalesce(func.sum(cast(part.c.value, Double)), literal_column("0.0")),
            unknown,
        )
        .select_from(trials)
        .join(part, true())
        .where(_is(trials, "simulation"))
        .group_by(literal_column("role")),
        "BEGUN_IN_QUEUE": select(*whole)
        .where(_is(trials, "simulation"), *_begun_trials("queued"))
        .with_for_update(),
        "COSTS_BEGUN": select(trials.c.costs).where(_is(trials, "simulation"), *_begun_trials()),
        "COSTS_OVER": select(trials.c.costs).where(_is(trials, "simulation"), ~_open(trials)),
        "CANCEL_QUEUED": update(trials)
        .where(trials.c.simulation == bindparam("of"), trials.c.status == _text("queued"))
        .values({**cancelling, "error": bindparam("reason")}),
        "OUTCOMES": select(trials.c.scenario, trials.c.outcome)
        .where(_is(trials, "simulation"))
        .order_by(trials.c.seq),
    }


def _messages() -> dict[str, ClauseElement]:
    made = Part(messages.c.body, "generation")
    cost = Part(messages.c.body, "generation", "cost", cast="float8")
    return {
        "DELETE_MESSAGES": delete(messages).where(
            messages.c.trial.in_(select(trials.c.id).where(_is(trials, "simulation")))
        ),
        "ADD_MESSAGE": insert(messages).inline().values(_parameters(messages.c)),
        "JOURNAL": select(messages.c.body)
        .where(_is(messages, "trial"), _is(messages, "take"))
        .order_by(messages.c.position),
        "TRANSCRIPT": select(messages.c.body)
        .join_from(messages, trials, (trials.c.id == messages.c.trial) & (trials.c.take == messages.c.take))
        .where(_is(trials, "id"))
        .order_by(messages.c.position),
        "SPENT_UNDER_WAY": select(
            Part(messages.c.body, "role").label("role"),
            func.coalesce(func.sum(cost), literal_column("0.0")),
            func.sum(case((made.is_not(None) & cost.is_(None), literal_column("1")), else_=literal_column("0"))),
        )
        .join_from(trials, messages, (messages.c.trial == trials.c.id) & (messages.c.take == trials.c.take))
        .where(_is(trials, "simulation"), *_begun_trials(), made.is_not(None))
        .group_by(literal_column("role")),
    }


def _labels() -> dict[str, ClauseElement]:
    key = ("trial", "kind", "place", "person")
    added = postgresql.insert(labels).inline().values(_parameters(labels.c))
    replaced = {name: added.excluded[name] for name in ("agrees", "finding", "note", "at")}
    return {
        "SAVE_LABEL": added.on_conflict_do_update(index_elements=[labels.c[name] for name in key], set_=replaced),
        "DELETE_LABEL": delete(labels).where(*(_is(labels, name) for name in key)),
        "LABELS": select(*labels.c)
        .join_from(labels, trials, trials.c.id == labels.c.trial)
        .where(_is(trials, "simulation"))
        .order_by(labels.c.at, trials.c.seq, labels.c.kind, labels.c.place, labels.c.person),
    }


def _judgements() -> dict[str, ClauseElement]:
    return {
        "ADD_JUDGEMENT": insert(judgements).inline().values(_parameters(_but_seq(judgements))),
        "JUDGEMENTS": select(*_but_seq(judgements))
        .where(_is(judgements, "simulation"))
        .order_by(judgements.c.seq),
    }


def _chats() -> dict[str, ClauseElement]:
    by_status = (_is(chats, "workspace"), _if_given(chats, "status"))
    by_agent = (_is(webhooks, "workspace"), _if_given(webhooks, "agent_id"), _if_given(webhooks, "active"))
    return {
        "FIND_CHAT": _by_id_or_alias(chats, *_but_seq(chats)),
        "CHATS": _page(chats, _newest(chats).where(*by_status)),
        "COUNT_CHATS": _count(chats).where(*by_status),
        "SAVE_CHAT": _upsert(chats, "alias", "status", "updated_at", "body"),
        "FIND_WEBHOOK": select(*_but_seq(webhooks))
        .where(
            or_(webhooks.c.id == bindparam("id"), webhooks.c.alias == bindparam("id")),
            _if_given(webhooks, "workspace"),
        )
        .order_by((webhooks.c.id == bindparam("id")).desc()),
        "WEBHOOKS": _page(webhooks, _newest(webhooks).where(*by_agent)),
        "COUNT_WEBHOOKS": _count(webhooks).where(*by_agent),
        "SAVE_WEBHOOK": _upsert(webhooks, "alias", "agent_id", "active", "updated_at", "body"),
        "DELETE_WEBHOOK": delete(webhooks).where(_is(webhooks, "id")),
        "SAVE_DELIVERY": _upsert(deliveries, "status", "due_at", "updated_at", "body"),
        "DELIVERIES": _page(deliveries, _newest(deliveries).where(_is(deliveries, "webhook"))),
        "COUNT_DELIVERIES": _count(deliveries).where(_is(deliveries, "webhook")),
    }


def _text(word: str) -> ColumnElement[str]:
    """A word of ours in the statement itself: a partial index is not used for a parameter."""
    return literal_column(f"'{word}'", Text)


def _but_seq(table: Table) -> tuple[ColumnElement[Any], ...]:
    return tuple(column for column in table.c if column.name != "seq")


def _parameters(columns: Any) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in columns}


def _is(table: Table, name: str) -> ColumnElement[bool]:
    return table.c[name] == bindparam(name)


def _if_given(table: Table, name: str) -> ColumnElement[bool]:
    return or_(bindparam(name, type_=table.c[name].type).is_(None), table.c[name] == bindparam(name))


def _newest(table: Table) -> Select[Any]:
    return select(*_but_seq(table))


def _page(table: Table, listed: Select[Any]) -> Select[Any]:
    return listed.order_by(table.c.seq.desc()).limit(bindparam("size")).offset(bindparam("offset"))


def _count(table: Table) -> Select[Any]:
    return select(func.count()).select_from(table)


def _by_id_or_alias(table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .where(_is(table, "workspace"), or_(table.c.id == bindparam("id"), table.c.alias == bindparam("id")))
        .order_by((table.c.id == bindparam("id")).desc())
    )


def _by_id(table: Table) -> Select[Any]:
    return select(*_but_seq(table)).where(_is(table, "workspace"), _is(table, "id"))


def _upsert(table: Table, *replaced: str) -> ClauseElement:
    added = postgresql.insert(table).inline().values(_parameters(_but_seq(table)))
    return added.on_conflict_do_update(
        index_elements=[table.c.id], set_={name: added.excluded[name] for name in replaced}
    )


def _open(table: Table) -> ColumnElement[bool]:
    """Of a simulation: it can go on by itself. Of a trial: it is not over."""
    return _is_one_of(table, "queued", "running")


def _is_one_of(table: Table, *statuses: str) -> ColumnElement[bool]:
    return table.c.status.in_([_text(status) for status in statuses])


def _begun_trials(*statuses: str) -> tuple[ColumnElement[bool], ...]:
    """Trials that are not over and may have messages. A bound is looked up in an index, IS NOT NULL is not."""
    return _is_one_of(trials, *statuses) if statuses else _open(trials), trials.c.started_at > literal_column("0")


def _null() -> ColumnElement[Any]:
    return literal_column("NULL")


def _waiting_or_running() -> ColumnElement[str]:
    """Where a simulation is that is neither over nor paused."""
    return case((simulations.c.started_at.is_(None), _text("queued")), else_=_text("running"))


def _trials_that_are(*statuses: str) -> Select[Any]:
    return select(trials.c.id).where(trials.c.simulation == simulations.c.id, _is_one_of(trials, *statuses))


if __name__ == "__main__":
    from sparring.adapters.store.compiling import compiled

    print(compiled(), end="")  # noqa: T201
