"""Workspaces, keys, agents, actions, scenarios and their sets in their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sparring.adapters.store import sql
from sparring.adapters.store.database import Connection, Refused, Row
from sparring.adapters.store.records import Record
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import NotFound
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.simulation.refusals import agent_in_use, alias_taken, overtaken
from sparring.simulation.store import ApiKey, Page

NamedT = TypeVar("NamedT", Action, ScenarioSet)

_AGENT = Record(Agent, columns=("id", "workspace", "alias", "name", "created_at", "updated_at"))
_ACTION = Record(Action, columns=("id", "workspace", "name", "created_at", "updated_at"))
_SET = Record(ScenarioSet, columns=("id", "workspace", "name", "created_at", "updated_at"))
_SCENARIO = Record(
    Scenario,
    columns=("id", "workspace", "alias", "agent_id", "name", "created_at", "updated_at", "set_id", "folder"),
)


async def workspaces(db: Connection) -> Mapping[str, str | None]:
    """The id of every workspace and its alias, oldest first."""
    return dict(await db.rows(sql.WORKSPACES))


async def first_workspace(db: Connection, new_id: str) -> str:
    """The id of the first workspace, which is made where there is none."""
    await db.write(sql.RESERVE_WORKSPACES)
    for id in await workspaces(db):
        return id
    await save_workspace(db, new_id, None)
    return new_id


async def save_workspace(db: Connection, id: str, alias: str | None) -> None:
    """Insert a workspace or replace its alias."""
    try:
        await db.write(sql.SAVE_WORKSPACE, {"id": id, "alias": alias})
    except Refused:
        raise alias_taken("workspace", str(alias)) from None


async def keys(db: Connection, workspace: str | None) -> Sequence[ApiKey]:
    """All keys, oldest first."""
    return [_read_key(row) for row in await db.rows(sql.KEYS, {"workspace": workspace})]


async def find_key(db: Connection, digest: str) -> ApiKey | None:
    """The key with that digest."""
    row = await db.row(sql.FIND_KEY, {"digest": digest})
    return None if row is None else _read_key(row)


async def save_key(db: Connection, key: ApiKey) -> None:
    """Insert or replace a key."""
    names = ("id", "workspace", "name", "digest", "hint", "role", "created_at", "revoked_at")
    await db.write(sql.SAVE_KEY, {name: getattr(key, name) for name in names})


async def find_agent(db: Connection, workspace: str, id: str) -> Agent | None:
    """An agent by id or alias."""
    row = await db.row(sql.FIND_AGENT, {"workspace": workspace, "id": id})
    return None if row is None else _read_agent(row)


async def agents(db: Connection, workspace: str, page: Page) -> tuple[Sequence[Agent], int]:
    """A page of agents."""
    where = {"workspace": workspace}
    rows = await db.rows(sql.AGENTS, {**where, "size": page.size, "offset": page.offset})
    return [_read_agent(row) for row in rows], await count(db, sql.COUNT_AGENTS, where)


async def save_agent(db: Connection, agent: Agent) -> None:
    """Insert or replace an agent."""
    columns = {
        "id": agent.id,
        "workspace": agent.workspace,
        "alias": agent.alias,
        "name": agent.name,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
        "body": _AGENT.dump(agent),
    }
    try:
        await db.write(sql.SAVE_AGENT, columns)
    except Refused:
        raise alias_taken("agent", str(agent.alias)) from None


async def delete_agent(db: Connection, workspace: str, id: str) -> None:
    """Remove an agent that plays in no unfinished simulation."""
    agent = await find_agent(db, workspace, id)
    if agent is None:
        raise NotFound("agent", id)
    if await db.row(sql.AGENT_PLAYS, {"agent_id": agent.id}) is not None:
        raise agent_in_use(agent.name)
    await db.write(sql.DELETE_AGENT, {"id": agent.id})


async def save_records(db: Connection, records: Sequence[Action | Agent | Scenario | ScenarioSet]) -> None:
    """Insert or replace records of any of these kinds."""
    for record in records:
        match record:
            case Action():
                await save_action(db, record)
            case Agent():
                await save_agent(db, record)
            case Scenario():
                await save_scenario(db, record)
            case ScenarioSet():
                await save_scenario_set(db, record)


async def replace_record(db: Connection, record: Agent | Scenario) -> None:
    """Replace a record of the revision before this one's."""
    stored: Agent | Scenario | None
    if isinstance(record, Agent):
        kind = "agent"
        await db.row(sql.LOCK_AGENT, {"id": record.id})
        stored = await find_agent(db, record.workspace, record.id)
    else:
        kind = "scenario"
        await db.row(sql.LOCK_SCENARIO, {"id": record.id})
        stored = await find_scenario(db, record.workspace, record.id)
    if stored is None:
        raise NotFound(kind, record.id)
    if stored.revision != record.revision - 1:
        raise overtaken(kind)
    await save_records(db, [record])


async def find_action(db: Connection, workspace: str, id: str) -> Action | None:
    """An action by id."""
    row = await db.row(sql.FIND_ACTION, {"workspace": workspace, "id": id})
    return None if row is None else _read_named(_ACTION, row)


async def actions(db: Connection, workspace: str, page: Page) -> tuple[Sequence[Action], int]:
    """A page of actions."""
    where = {"workspace": workspace}
    rows = await db.rows(sql.ACTIONS, {**where, "size": page.size, "offset": page.offset})
    return [_read_named(_ACTION, row) for row in rows], await count(db, sql.COUNT_ACTIONS, where)


async def save_action(db: Connection, action: Action) -> None:
    """Insert or replace an action."""
    await db.write(sql.SAVE_ACTION, _named_columns(_ACTION, action))


async def find_scenario_set(db: Connection, workspace: str, id: str) -> ScenarioSet | None:
    """A set of scenarios by id."""
    row = await db.row(sql.FIND_SCENARIO_SET, {"workspace": workspace, "id": id})
    return None if row is None else _read_named(_SET, row)


async def scenario_sets(db: Connection, workspace: str, page: Page) -> tuple[Sequence[ScenarioSet], int]:
    """A page of sets of scenarios."""
    where = {"workspace": workspace}
    rows = await db.rows(sql.SCENARIO_SETS, {**where, "size": page.size, "offset": page.offset})
    return [_read_named(_SET, row) for row in rows], await count(db, sql.COUNT_SCENARIO_SETS, where)


async def save_scenario_set(db: Connection, group: ScenarioSet) -> None:
    """Insert or replace a set of scenarios."""
    await db.write(sql.SAVE_SCENARIO_SET, _named_columns(_SET, group))


async def delete_scenario_set(db: Connection, workspace: str, id: str) -> None:
    """Remove a set, and take its scenarios out of it."""
    if await find_scenario_set(db, workspace, id) is None:
        raise NotFound("scenario set", id)
    await db.write(sql.LEAVE_SCENARIO_SET, {"of": id})
    await db.write(sql.DELETE_SCENARIO_SET, {"id": id})


async def find_scenario(db: Connection, workspace: str, id: str) -> Scenario | None:
    """A scenario by id or alias."""
    row = await db.row(sql.FIND_SCENARIO, {"workspace": workspace, "id": id})
    return None if row is None else _read_scenario(row)


async def scenarios(
    db: Connection, workspace: str, page: Page, filters: Mapping[str, str | None]
) -> tuple[Sequence[Scenario], int]:
    """A page of scenarios; `filters` has a value or None for each of agent_id, set_id, folder and name."""
    where = {"workspace": workspace, **filters}
    rows = await db.rows(sql.SCENARIOS, {**where, "size": page.size, "offset": page.offset})
    return [_read_scenario(row) for row in rows], await count(db, sql.COUNT_SCENARIOS, where)


async def save_scenario(db: Connection, scenario: Scenario) -> None:
    """Insert or replace a scenario."""
    columns = {
        "id": scenario.id,
        "workspace": scenario.workspace,
        "alias": scenario.alias,
        "agent_id": scenario.agent_id,
        "name": scenario.name,
        "created_at": scenario.created_at,
        "updated_at": scenario.updated_at,
        "body": _SCENARIO.dump(scenario),
        "set_id": scenario.set_id,
        "folder": scenario.folder,
    }
    try:
        await db.write(sql.SAVE_SCENARIO, columns)
    except Refused:
        raise alias_taken("scenario", str(scenario.alias)) from None


async def delete_scenario(db: Connection, workspace: str, id: str) -> None:
    """Remove a scenario."""
    scenario = await find_scenario(db, workspace, id)
    if scenario is None:
        raise NotFound("scenario", id)
    await db.write(sql.DELETE_SCENARIO, {"id": scenario.id})


async def count(db: Connection, statement: str, where: Mapping[str, Any]) -> int:
    """The number that a counting statement finds."""
    row = await db.row(statement, where)
    return int(row[0]) if row is not None else 0


def _read_key(row: Row) -> ApiKey:
    id, workspace, name, digest, hint, role, created_at, revoked_at = row
    return ApiKey(
        id=id,
        workspace=workspace,
        name=name,
        digest=digest,
        hint=hint,
        role=role,
        created_at=created_at,
        revoked_at=revoked_at,
    )


def _named_columns(form: Record[NamedT], record: NamedT) -> dict[str, Any]:
    return {
        "id": record.id,
        "workspace": record.workspace,
        "name": record.name,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "body": form.dump(record),
    }


def _read_named(form: Record[NamedT], row: Row) -> NamedT:
    id, workspace, name, created_at, updated_at, body = row
    return form.load(body, id=id, workspace=workspace, name=name, created_at=created_at, updated_at=updated_at)


def _read_agent(row: Row) -> Agent:
    id, workspace, alias, name, created_at, updated_at, body = row
    return _AGENT.load(
        body,
        id=id,
        workspace=workspace,
        alias=alias,
        name=name,
        created_at=created_at,
        updated_at=updated_at,
    )


def _read_scenario(row: Row) -> Scenario:
    id, workspace, alias, agent_id, name, created_at, updated_at, body, set_id, folder = row
    return _SCENARIO.load(
        body,
        id=id,
        workspace=workspace,
        alias=alias,
        agent_id=agent_id,
        name=name,
        created_at=created_at,
        updated_at=updated_at,
        set_id=set_id,
        folder=folder,
    )
