"""Simulations, their trials and the messages of these, in their tables."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sparring.adapters.store import budgets, codec, sql
from sparring.adapters.store.catalogue import count
from sparring.adapters.store.records import Record
from sparring.adapters.store.writer import insert_rows
from sparring.domain.costs import known
from sparring.domain.errors import NotFound
from sparring.domain.evaluation import Verdict
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.text import storable
from sparring.domain.transcript import Message
from sparring.simulation.refusals import alias_taken, idempotency_key_used, still_playing
from sparring.simulation.store import Page

Row = tuple[Any, ...]

_FACTS = (
    "id",
    "workspace",
    "alias",
    "idempotency_key",
    "name",
    "status",
    "created_at",
    "started_at",
    "completed_at",
    "set_id",
    "max_cost",
    "status_reason",
)
_SIMULATION = Record(Simulation, columns=(*_FACTS, "scenarios"))
_SNAPSHOT = Record(Scenario)
_VERDICT = Record(Verdict)

OPEN = (Lifecycle.QUEUED, Lifecycle.RUNNING)

_SNAPSHOTS_KEPT = 64


@dataclass(slots=True, eq=False)
class Snapshots:
    """What a simulation was asked with changes with its revision only; the latest used ones are kept as they were
    read."""

    _kept: OrderedDict[str, tuple[int, Simulation]] = field(default_factory=OrderedDict)

    def simulation(self, connection: sqlite3.Connection, row: Row) -> Simulation:
        """The simulation of a row of its changing facts."""
        id, status, started_at, completed_at, max_cost, status_reason, revision = row
        revised, known = self._kept.get(id, (None, None))
        if known is None or revised != revision:
            known = _read_snapshot(connection, id)
            self._kept[id] = (revision, known)
            if len(self._kept) > _SNAPSHOTS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(id)
        return replace(
            known,
            status=Lifecycle(status),
            started_at=started_at,
            completed_at=completed_at,
            max_cost=max_cost,
            status_reason=status_reason,
        )

    def forget(self, id: str) -> None:
        """Keep a simulation no longer."""
        self._kept.pop(id, None)


def add_simulation(connection: sqlite3.Connection, simulation: Simulation, trials: Sequence[Trial]) -> None:
    """Insert a simulation, its snapshots and its trials, these in the order in which they are listed."""
    key = simulation.idempotency_key
    if key is not None and find_by_key(connection, simulation.workspace, key) is not None:
        raise idempotency_key_used(key)
    columns = {name: getattr(simulation, name) for name in _FACTS}
    columns |= {
        "status": simulation.status.value,
        "agent_id": simulation.agent.id,
        "body": _SIMULATION.dump(simulation),
    }
    try:
        connection.execute(sql.ADD_SIMULATION, columns)
    except sqlite3.IntegrityError:
        if simulation.alias is None:
            raise
        raise alias_taken("simulation", simulation.alias) from None
    played = [
        (simulation.id, position, _SNAPSHOT.dump(scenario))
        for position, scenario in enumerate(simulation.scenarios)
    ]
    insert_rows(connection, sql.ADD_SIMULATION_SCENARIO, played)
    add_trials(connection, simulation, trials)


def add_trials(connection: sqlite3.Connection, simulation: Simulation, trials: Sequence[Trial]) -> None:
    """Insert trials in the order in which they are listed."""
    place = {scenario.id: position for position, scenario in enumerate(simulation.scenarios)}
    ordered = sorted(trials, key=lambda trial: (trial.number, place[trial.scenario]))
    insert_rows(connection, sql.ADD_TRIAL, [_trial_row(trial) for trial in ordered])


def save_scenario(connection: sqlite3.Connection, simulation: Simulation, position: int) -> None:
    """Replace the snapshot of a simulation's scenario."""
    body = _SNAPSHOT.dump(simulation.scenarios[position])
    connection.execute(sql.SAVE_SIMULATION_SCENARIO, {"of": simulation.id, "at": position, "body": body})


def find(connection: sqlite3.Connection, workspace: str | None, id: str) -> Row | None:
    """The changing facts of a simulation, by id or alias."""
    found: Row | None = connection.execute(sql.FIND_SIMULATION, {"workspace": workspace, "id": id}).fetchone()
    return found


def find_by_key(connection: sqlite3.Connection, workspace: str, key: str) -> Row | None:
    """The changing facts of the simulation that was made with an idempotency key."""
    where = {"workspace": workspace, "idempotency_key": key}
    found: Row | None = connection.execute(sql.FIND_BY_IDEMPOTENCY_KEY, where).fetchone()
    return found


def page_of(
    connection: sqlite3.Connection, workspace: str | None, page: Page, agent_id: str | None, set_id: str | None
) -> tuple[Sequence[Row], int]:
    """The changing facts of a page of simulations."""
    where = {"workspace": workspace, "agent_id": agent_id, "set_id": set_id}
    rows = connection.execute(sql.SIMULATIONS, {**where, "size": page.size, "offset": page.offset}).fetchall()
    return rows, count(connection, sql.COUNT_SIMULATIONS, where)


def delete(connection: sqlite3.Connection, workspace: str, id: str) -> str:
    """Remove a simulation that is over, with everything of it; its id."""
    row = find(connection, workspace, id)
    if row is None:
        raise NotFound("simulation", id)
    found, _, _, completed_at, *_ = row
    if completed_at is None:
        raise still_playing()
    connection.execute(sql.DELETE_MESSAGES, {"simulation": found})
    connection.execute(sql.DELETE_SIMULATION, {"id": found})
    return str(found)


def reopen(connection: sqlite3.Connection, simulation_id: str, *, revised: bool) -> None:
    """Let a simulation go on that has got something to play; what its trials have cost is counted anew."""
    where = {"simulation": simulation_id}
    costs = [codec.load(body) for (body,) in connection.execute(sql.COSTS_OVER, where).fetchall()]
    spent = sum(known(one) for one in costs)
    connection.execute(sql.REOPEN_SIMULATION, {**where, "spent": spent, "revised": int(revised)})
    budgets.spend(connection, simulation_id, 0.0)


def beginning(connection: sqlite3.Connection, prefix: str, most: int = 10) -> Sequence[str]:
    """The ids that begin so."""
    found = connection.execute(sql.SIMULATIONS_BEGINNING, {"first": prefix, "beyond": prefix + "g"})
    return [id for (id,) in found.fetchmany(most)]


def trials_after(
    connection: sqlite3.Connection, simulation_id: str, seq: int, size: int
) -> tuple[Sequence[Trial], int]:
    """The next trials of a simulation and where the ones after them begin."""
    where = {"simulation": simulation_id, "after": seq, "size": size}
    rows = connection.execute(sql.TRIALS, where).fetchall()
    return [_read_trial(row[1:]) for row in rows], rows[-1][0] if rows else seq


def find_trial(connection: sqlite3.Connection, workspace: str, id: str) -> Trial | None:
    """A trial by id or alias."""
    row = connection.execute(sql.FIND_TRIAL, {"workspace": workspace, "id": id}).fetchone()
    return None if row is None else _read_trial(row)


def trial_page(
    connection: sqlite3.Connection,
    simulation_id: str,
    page: Page,
    status: Lifecycle | None,
    outcome: Outcome | None,
) -> tuple[Sequence[Trial], int]:
    """A page of a simulation's trials."""
    where = {"simulation": simulation_id, "status": _word(status), "outcome": _word(outcome)}
    rows = connection.execute(sql.TRIAL_PAGE, {**where, "size": page.size, "offset": page.offset}).fetchall()
    return [_read_trial(row) for row in rows], count(connection, sql.COUNT_TRIALS, where)


def progress(connection: sqlite3.Connection, simulation_id: str) -> Mapping[Lifecycle, int]:
    """How many trials are where."""
    rows = connection.execute(sql.PROGRESS, {"simulation": simulation_id}).fetchall()
    return {Lifecycle(status): number for status, number in rows}


def claim(connection: sqlite3.Connection, most: int, now: float, simulation: str | None) -> Sequence[Trial]:
    """Mark queued trials running."""
    wanted = {"count": most, "simulation": simulation}
    rows = connection.execute(sql.QUEUED_TRIALS, wanted).fetchall()
    queued = [_read_trial(row) for row in rows]
    if queued:
        ids = codec.dump([trial.id for trial in queued]).decode()
        connection.execute(sql.CLAIM_TRIALS, {"ids": ids, "now": now})
    for simulation_id in {trial.simulation for trial in queued}:
        connection.execute(sql.START_SIMULATION, {"simulation": simulation_id, "now": now})
    return [
        replace(
            trial,
            status=Lifecycle.RUNNING,
            started_at=now if trial.started_at is None else trial.started_at,
        )
        for trial in queued
    ]


def release_running(connection: sqlite3.Connection, now: float) -> int:
    """Queue what is marked running; what belongs to a cancelled simulation is cancelled."""
    running = [simulation_id for (simulation_id,) in connection.execute(sql.RUNNING_TRIALS).fetchall()]
    connection.execute(sql.CANCEL_RUNNING, {"now": now})
    connection.execute(sql.RELEASE_RUNNING)
    for simulation_id in set(running):
        complete(connection, simulation_id, now)
    return len(running)


def save_trial(connection: sqlite3.Connection, trial: Trial, now: float) -> bool:
    """Store what became of a trial; whether that completed its simulation."""
    before = connection.execute(sql.TRIAL_STANDING, {"id": trial.id}).fetchone()
    if before is None:
        raise NotFound("trial", trial.id)
    stored = connection.execute(sql.SAVE_TRIAL, {"trial": trial.id, **result_of(trial)})
    if not stored.rowcount or not trial.is_over:
        return False
    status, costs = before
    counted = 0.0 if Lifecycle(status) in OPEN else known(codec.load(costs))
    budgets.spend(connection, trial.simulation, known(trial.costs) - counted)
    return complete(connection, trial.simulation, now)


def complete(connection: sqlite3.Connection, simulation_id: str, now: float) -> bool:
    """End a simulation whose trials are all over; whether this was it."""
    done = connection.execute(sql.COMPLETE_SIMULATION, {"simulation": simulation_id, "now": now})
    return bool(done.rowcount)


def journal(connection: sqlite3.Connection, trial_id: str, take: int) -> Sequence[Message]:
    """The messages of one take."""
    rows = connection.execute(sql.JOURNAL, {"trial": trial_id, "take": take}).fetchall()
    return [codec.decode(body) for (body,) in rows]


def transcript(connection: sqlite3.Connection, trial_id: str) -> Sequence[Message]:
    """The messages of a trial's latest take."""
    rows = connection.execute(sql.TRANSCRIPT, {"id": trial_id}).fetchall()
    return [codec.decode(body) for (body,) in rows]


def _read_snapshot(connection: sqlite3.Connection, id: str) -> Simulation:
    *facts, body = connection.execute(sql.SIMULATION_SNAPSHOT, {"id": id}).fetchone()
    rows = connection.execute(sql.SCENARIO_SNAPSHOTS, {"simulation": id}).fetchall()
    columns = dict(zip(_FACTS, facts, strict=True))
    columns["status"] = Lifecycle(columns["status"])
    return _SIMULATION.load(body, scenarios=tuple(_SNAPSHOT.load(text) for (text,) in rows), **columns)


def _trial_row(trial: Trial) -> Row:
    result = result_of(trial)
    fixed = (trial.id, trial.alias, trial.simulation, trial.scenario, trial.number, trial.seed)
    order = (
        "attempt take status outcome cause error termination steps started_at completed_at costs warnings verdict"
    )
    return (*fixed, *(result[name] for name in order.split()))


def result_of(trial: Trial) -> dict[str, Any]:
    """The columns of what became of a trial."""
    return {
        "attempt": trial.attempt,
        "take": trial.take,
        "status": trial.status.value,
        "outcome": _word(trial.outcome),
        "cause": _word(trial.cause),
        "error": None if trial.error is None else storable(trial.error),
        "termination": _word(trial.termination),
        "steps": trial.steps,
        "started_at": trial.started_at,
        "completed_at": trial.completed_at,
        "costs": codec.dump(dict(trial.costs)).decode(),
        "warnings": codec.dump(list(trial.warnings)).decode(),
        "verdict": None if trial.verdict is None else _VERDICT.dump(trial.verdict),
    }


def _read_trial(row: Row) -> Trial:
    id, alias, simulation, scenario, number, seed, attempt, take, status, *rest = row
    outcome, cause, error, termination, steps, started_at, completed_at, costs, warnings, verdict = rest
    return Trial(
        id=id,
        alias=alias,
        simulation=simulation,
        scenario=scenario,
        number=number,
        seed=seed,
        attempt=attempt,
        take=take,
        status=Lifecycle(status),
        outcome=None if outcome is None else Outcome(outcome),
        cause=None if cause is None else Cause(cause),
        error=error,
        termination=None if termination is None else Termination(termination),
        steps=steps,
        started_at=started_at,
        completed_at=completed_at,
        costs={} if costs == "{}" else codec.load(costs),
        warnings=() if warnings == "[]" else tuple(codec.load(warnings)),
        verdict=None if verdict is None else _VERDICT.load(verdict),
    )


def _word(member: Lifecycle | Outcome | Cause | Termination | None) -> str | None:
    return None if member is None else member.value
