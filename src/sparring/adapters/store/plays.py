"""Simulations, their trials and the messages of these, in their tables."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sparring.adapters.store import budgets, codec, sql
from sparring.adapters.store.catalogue import count
from sparring.adapters.store.database import Connection, Refused, Row
from sparring.adapters.store.records import Record
from sparring.domain.costs import add_costs, costs_by_role, known
from sparring.domain.errors import NotFound, StaleAppend
from sparring.domain.evaluation import Verdict
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial, cancelled
from sparring.domain.text import storable
from sparring.domain.transcript import Message
from sparring.simulation.refusals import alias_taken, idempotency_key_used, still_playing
from sparring.simulation.store import Page

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
    "at_once",
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

    async def simulation(self, db: Connection, row: Row) -> Simulation | None:
        """The simulation of a row of its changing facts, None once it is gone."""
        id, status, started_at, completed_at, max_cost, status_reason, revision = row
        revised, known = self._kept.get(id, (None, None))
        if known is None or revised != revision:
            known = await _read_snapshot(db, id)
            if known is None:
                return None
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


async def add_simulation(db: Connection, simulation: Simulation, trials: Sequence[Trial]) -> None:
    """Insert a simulation, its snapshots and its trials, these in the order in which they are listed."""
    key = simulation.idempotency_key
    if key is not None and await find_by_key(db, simulation.workspace, key) is not None:
        raise idempotency_key_used(key)
    columns = {name: getattr(simulation, name) for name in _FACTS}
    columns |= {
        "status": simulation.status.value,
        "agent_id": simulation.agent.id,
        "body": _SIMULATION.dump(simulation),
    }
    try:
        await db.write(sql.ADD_SIMULATION, columns)
    except Refused as refused:
        if key is not None and "idempotency_key" in refused.by:
            raise idempotency_key_used(key) from None
        if simulation.alias is None:
            raise
        raise alias_taken("simulation", simulation.alias) from None
    played = [
        (simulation.id, position, _SNAPSHOT.dump(scenario))
        for position, scenario in enumerate(simulation.scenarios)
    ]
    await db.insert(sql.ADD_SIMULATION_SCENARIO, played)
    await add_trials(db, simulation, trials)


async def add_trials(db: Connection, simulation: Simulation, trials: Sequence[Trial]) -> None:
    """Insert trials in the order in which they are listed."""
    place = {scenario.id: position for position, scenario in enumerate(simulation.scenarios)}
    ordered = sorted(trials, key=lambda trial: (trial.number, place[trial.scenario]))
    await db.insert(sql.ADD_TRIAL, [_trial_row(trial) for trial in ordered])


async def save_scenario(db: Connection, simulation: Simulation, position: int) -> None:
    """Replace the snapshot of a simulation's scenario."""
    body = _SNAPSHOT.dump(simulation.scenarios[position])
    await db.write(sql.SAVE_SIMULATION_SCENARIO, {"of": simulation.id, "at": position, "body": body})


async def find(db: Connection, workspace: str | None, id: str) -> Row | None:
    """The changing facts of a simulation, by id or alias."""
    return await db.row(sql.FIND_SIMULATION, {"workspace": workspace, "id": id})


async def hold(db: Connection, workspace: str | None, id: str) -> Row | None:
    """The changing facts of a simulation that nobody else changes until this transaction is over.

    Whoever changes both takes the simulation before its trials, so that two transactions never wait for each other.
    """
    row = await find(db, workspace, id)
    if row is None or await db.row(sql.LOCK_SIMULATION, {"id": row[0]}) is None:
        return None
    return await find(db, workspace, row[0])


async def find_by_key(db: Connection, workspace: str, key: str) -> Row | None:
    """The changing facts of the simulation that was made with an idempotency key."""
    where = {"workspace": workspace, "idempotency_key": key}
    return await db.row(sql.FIND_BY_IDEMPOTENCY_KEY, where)


async def page_of(
    db: Connection, workspace: str | None, page: Page, agent_id: str | None, set_id: str | None
) -> tuple[Sequence[Row], int]:
    """The changing facts of a page of simulations."""
    where = {"workspace": workspace, "agent_id": agent_id, "set_id": set_id}
    rows = await db.rows(sql.SIMULATIONS, {**where, "size": page.size, "offset": page.offset})
    return rows, await count(db, sql.COUNT_SIMULATIONS, where)


async def delete(db: Connection, workspace: str, id: str) -> str:
    """Remove a simulation that is over, with everything of it; its id."""
    row = await hold(db, workspace, id)
    if row is None:
        raise NotFound("simulation", id)
    found, _, _, completed_at, *_ = row
    if completed_at is None:
        raise still_playing()
    await db.write(sql.DELETE_MESSAGES, {"simulation": found})
    await db.write(sql.DELETE_SIMULATION, {"id": found})
    return str(found)


async def reopen(db: Connection, simulation_id: str, *, revised: bool) -> None:
    """Let a simulation go on that has got something to play; what its trials have cost is counted anew."""
    where = {"simulation": simulation_id}
    costs = [codec.load(body) for (body,) in await db.rows(sql.COSTS_OVER, where)]
    spent = sum(known(one) for one in costs)
    await db.write(sql.REOPEN_SIMULATION, {**where, "spent": spent, "revised": int(revised)})
    await budgets.spend(db, simulation_id, 0.0)


async def beginning(db: Connection, prefix: str, most: int = 10) -> Sequence[str]:
    """The ids that begin so."""
    rows = await db.rows(sql.SIMULATIONS_BEGINNING, {"first": prefix, "beyond": prefix + "g", "size": most})
    return [id for (id,) in rows]


async def trials_after(db: Connection, simulation_id: str, seq: int, size: int) -> tuple[Sequence[Trial], int]:
    """The next trials of a simulation and where the ones after them begin."""
    where = {"simulation": simulation_id, "after": seq, "size": size}
    rows = await db.rows(sql.TRIALS, where)
    return [_read_trial(row[1:]) for row in rows], rows[-1][0] if rows else seq


async def find_trial(db: Connection, workspace: str, id: str) -> Trial | None:
    """A trial by id or alias."""
    row = await db.row(sql.FIND_TRIAL, {"workspace": workspace, "id": id})
    return None if row is None else _read_trial(row)


async def trial_page(
    db: Connection,
    simulation_id: str,
    page: Page,
    status: Lifecycle | None,
    outcome: Outcome | None,
) -> tuple[Sequence[Trial], int]:
    """A page of a simulation's trials."""
    where = {"simulation": simulation_id, "status": _word(status), "outcome": _word(outcome)}
    rows = await db.rows(sql.TRIAL_PAGE, {**where, "size": page.size, "offset": page.offset})
    return [_read_trial(row) for row in rows], await count(db, sql.COUNT_TRIALS, where)


async def progress(db: Connection, simulation_id: str) -> Mapping[Lifecycle, int]:
    """How many trials are where."""
    rows = await db.rows(sql.PROGRESS, {"simulation": simulation_id})
    return {Lifecycle(status): number for status, number in rows}


async def outcomes(db: Connection, simulation_id: str) -> Sequence[tuple[str, Outcome | None]]:
    """How the trials of a simulation ended."""
    rows = await db.rows(sql.OUTCOMES, {"simulation": simulation_id})
    return [(scenario, None if outcome is None else Outcome(outcome)) for scenario, outcome in rows]


async def unfinished(db: Connection) -> Mapping[Lifecycle, int]:
    """How many trials are queued and running, of all simulations."""
    row = await db.row(sql.UNFINISHED)
    assert row is not None
    return dict(zip((Lifecycle.QUEUED, Lifecycle.RUNNING), row, strict=True))


async def bounded(db: Connection) -> Mapping[str, int]:
    """The simulations with trials in the queue that bound how many may be at play, with that number."""
    return dict(await db.rows(sql.BOUNDED))


async def claim(
    db: Connection,
    most: int,
    now: float,
    simulation: str | None,
    without: Collection[str],
    bounded: Collection[str],
) -> Sequence[Trial]:
    """Mark queued trials running."""
    named = {"without": without, "bounded": bounded}
    listed = {name: codec.dump(list(ids)).decode() for name, ids in named.items()}
    rows = await db.rows(sql.QUEUED_TRIALS, {"count": most, "simulation": simulation, **listed})
    return await _begin(db, [_read_trial(row) for row in rows], now)


async def take(db: Connection, trial_id: str, now: float) -> Trial | None:
    """Mark one trial running that is queued, or left so by a worker that is gone."""
    row = await db.row(sql.OPEN_TRIAL, {"id": trial_id})
    if row is None:
        # It may be resumed just now, in a transaction that counts on whoever has the trial's job.
        for (simulation_id,) in await db.rows(sql.SIMULATION_OF, {"id": trial_id}):
            await db.row(sql.LOCK_SIMULATION, {"id": simulation_id})
        row = await db.row(sql.OPEN_TRIAL, {"id": trial_id})
    return None if row is None else (await _begin(db, [_read_trial(row)], now))[0]


async def release(db: Connection, trial_id: str, claim: int | None, now: float) -> None:
    """Queue one trial that is marked running, under a claim or any; it is cancelled where its simulation was."""
    for (simulation_id,) in await db.rows(sql.SIMULATION_OF, {"id": trial_id}):
        await db.row(sql.LOCK_SIMULATION, {"id": simulation_id})
        if await db.write(sql.RELEASE_TRIAL, {"id": trial_id, "claim": claim}):
            await _settle_released(db, simulation_id, now)


async def _begin(db: Connection, queued: Sequence[Trial], now: float) -> Sequence[Trial]:
    if queued:
        ids = codec.dump([trial.id for trial in queued]).decode()
        await db.write(sql.CLAIM_TRIALS, {"ids": ids, "now": now})
    for simulation_id in {trial.simulation for trial in queued}:
        await db.write(sql.START_SIMULATION, {"simulation": simulation_id, "now": now})
    return [
        replace(
            trial,
            status=Lifecycle.RUNNING,
            claim=trial.claim + 1,
            started_at=now if trial.started_at is None else trial.started_at,
        )
        for trial in queued
    ]


async def release_running(db: Connection, now: float) -> int:
    """Queue what is marked running; what belongs to a cancelled simulation is cancelled."""
    running = [simulation_id for (simulation_id,) in await db.rows(sql.RUNNING_TRIALS)]
    for simulation_id in sorted(set(running)):
        await db.row(sql.LOCK_SIMULATION, {"id": simulation_id})
    await db.write(sql.RELEASE_RUNNING)
    for simulation_id in set(running):
        await _settle_released(db, simulation_id, now)
    return len(running)


async def _settle_released(db: Connection, simulation_id: str, now: float) -> None:
    row = await find(db, None, simulation_id)
    if row is not None and Lifecycle(row[1]) is Lifecycle.CANCELLED:
        await cancel_queued(db, simulation_id, now)
    await complete(db, simulation_id, now)


async def cancel_queued(db: Connection, simulation_id: str, now: float, reason: str | None = None) -> None:
    """Cancel what waits, for a reason; what was begun and interrupted keeps what it has cost."""
    for row in await db.rows(sql.BEGUN_IN_QUEUE, {"simulation": simulation_id}):
        await _cancel_begun(db, _read_trial(row), now, reason)
    await db.write(sql.CANCEL_QUEUED, {"of": simulation_id, "now": now, "reason": reason})


async def _cancel_begun(db: Connection, trial: Trial, now: float, reason: str | None) -> bool:
    said = await transcript(db, trial.id)
    costs = add_costs(trial.costs, costs_by_role(said)) if said else trial.costs
    return await save_trial(db, cancelled(replace(trial, costs=costs), now, reason), now)


async def postpone(db: Connection, trial: Trial, now: float) -> bool:
    """Queue a running trial, or cancel it with its simulation; whether that completed the simulation."""
    await db.row(sql.LOCK_SIMULATION, {"id": trial.simulation})
    is_cancelled = await db.row(sql.IS_CANCELLED, {"id": trial.simulation})
    if is_cancelled is not None and is_cancelled[0]:
        return await _cancel_begun(db, trial, now, None)
    return await save_trial(db, replace(trial, status=Lifecycle.QUEUED), now)


async def end_queued(db: Connection, simulation_id: str, trials: Sequence[Trial], now: float) -> bool:
    """Store what became of trials that were queued; whether that completed their simulation."""
    await db.row(sql.LOCK_SIMULATION, {"id": simulation_id})
    cost = 0.0
    for trial in trials:
        if await db.write(sql.END_QUEUED, {"trial": trial.id, **result_of(trial)}):
            cost += known(trial.costs)
    await budgets.spend(db, simulation_id, cost)
    return await complete(db, simulation_id, now)


async def save_trial(db: Connection, trial: Trial, now: float) -> bool:
    """Store what became of a trial; whether that completed its simulation."""
    if trial.is_over:
        # Of two workers that end the last two trials at once, one has to see what the other did.
        await db.row(sql.LOCK_SIMULATION, {"id": trial.simulation})
    before = await db.row(sql.TRIAL_STANDING, {"id": trial.id})
    if before is None:
        raise NotFound("trial", trial.id)
    status, costs, claim = before
    if claim != trial.claim:
        raise StaleAppend(f"The trial {trial.id} was taken over: another worker plays it.")
    wanted = {"trial": trial.id, "claim": trial.claim, **result_of(trial)}
    if not await db.write(sql.SAVE_TRIAL, wanted) or not trial.is_over:
        return False
    counted = 0.0 if Lifecycle(status) in OPEN else known(codec.load(costs))
    await budgets.spend(db, trial.simulation, known(trial.costs) - counted)
    return await complete(db, trial.simulation, now)


async def complete(db: Connection, simulation_id: str, now: float) -> bool:
    """End a simulation whose trials are all over; whether this was it."""
    return bool(await db.write(sql.COMPLETE_SIMULATION, {"simulation": simulation_id, "now": now}))


async def journal(db: Connection, trial_id: str, take: int) -> Sequence[Message]:
    """The messages of one take."""
    rows = await db.rows(sql.JOURNAL, {"trial": trial_id, "take": take})
    return [codec.decode(body) for (body,) in rows]


async def transcript(db: Connection, trial_id: str) -> Sequence[Message]:
    """The messages of a trial's latest take."""
    rows = await db.rows(sql.TRANSCRIPT, {"id": trial_id})
    return [codec.decode(body) for (body,) in rows]


async def _read_snapshot(db: Connection, id: str) -> Simulation | None:
    row = await db.row(sql.SIMULATION_SNAPSHOT, {"id": id})
    if row is None:
        return None
    *facts, body = row
    rows = await db.rows(sql.SCENARIO_SNAPSHOTS, {"simulation": id})
    columns = dict(zip(_FACTS, facts, strict=True))
    columns["status"] = Lifecycle(columns["status"])
    return _SIMULATION.load(body, scenarios=tuple(_SNAPSHOT.load(text) for (text,) in rows), **columns)


def _trial_row(trial: Trial) -> Row:
    result = result_of(trial)
    fixed = (trial.id, trial.alias, trial.simulation, trial.scenario, trial.number, trial.seed)
    order = (
        "attempt take status outcome cause error termination steps started_at completed_at costs warnings verdict"
    )
    return (*fixed, *(result[name] for name in order.split()), trial.claim, trial.place)


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
    outcome, cause, error, termination, steps, started_at, completed_at, costs, warnings, verdict, claim, place = (
        rest
    )
    return Trial(
        id=id,
        alias=alias,
        simulation=simulation,
        scenario=scenario,
        number=number,
        seed=seed,
        place=place,
        attempt=attempt,
        take=take,
        claim=claim,
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
