"""Workspaces, keys, agents, actions, scenarios and their sets in their tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sparring.adapters.store import sql
from sparring.adapters.store.records import Record
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import NotFound
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.simulation.refusals import agent_in_use, alias_taken
from sparring.simulation.store import ApiKey, Page

Row = tuple[Any, ...]
NamedT = TypeVar("NamedT", Action, ScenarioSet)

_AGENT = Record(Agent, columns=("id", "workspace", "alias", "name", "created_at", "updated_at"))
_ACTION = Record(Action, columns=("id", "workspace", "name", "created_at", "updated_at"))
_SET = Record(ScenarioSet, columns=("id", "workspace", "name", "created_at", "updated_at"))
_SCENARIO = Record(
    Scenario,
    columns=("id", "workspace", "alias", "agent_id", "name", "created_at", "updated_at", "set_id", "folder"),
)


def workspaces(connection: sqlite3.Connection) -> Mapping[str, str | None]:
    """The id of every workspace and its alias, oldest first."""
    return dict(connection.execute(sql.WORKSPACES).fetchall())


def first_workspace(connection: sqlite3.Connection, new_id: str) -> str:
    """The id of the first workspace, which is made where there is none."""
    for id in workspaces(connection):
        return id
    save_workspace(connection, new_id, None)
    return new_id


def save_workspace(connection: sqlite3.Connection, id: str, alias: str | None) -> None:
    """Insert a workspace or replace its alias."""
    try:
        connection.execute(sql.SAVE_WORKSPACE, {"id": id, "alias": alias})
    except sqlite3.IntegrityError:
        raise alias_taken("workspace", str(alias)) from None


def keys(connection: sqlite3.Connection, workspace: str | None) -> Sequence[ApiKey]:
    """All keys, oldest first."""
    return [_read_key(row) for row in connection.execute(sql.KEYS, {"workspace": workspace}).fetchall()]


def find_key(connection: sqlite3.Connection, digest: str) -> ApiKey | None:
    """The key with that digest."""
    row = connection.execute(sql.FIND_KEY, {"digest": digest}).fetchone()
    return None if row is None else _read_key(row)


def save_key(connection: sqlite3.Connection, key: ApiKey) -> None:
    """Insert or replace a key."""
    names = ("id", "workspace", "name", "digest", "hint", "role", "created_at", "revoked_at")
    connection.execute(sql.SAVE_KEY, {name: getattr(key, name) for name in names})


def find_agent(connection: sqlite3.Connection, workspace: str, id: str) -> Agent | None:
    """An agent by id or alias."""
    row = connection.execute(sql.FIND_AGENT, {"workspace": workspace, "id": id}).fetchone()
    return None if row is None else _read_agent(row)


def agents(connection: sqlite3.Connection, workspace: str, page: Page) -> tuple[Sequence[Agent], int]:
    """A page of agents."""
    where = {"workspace": workspace}
    rows = connection.execute(sql.AGENTS, {**where, "size": page.size, "offset": page.offset}).fetchall()
    return [_read_agent(row) for row in rows], count(connection, sql.COUNT_AGENTS, where)


def save_agent(connection: sqlite3.Connection, agent: Agent) -> None:
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
        connection.execute(sql.SAVE_AGENT, columns)
    except sqlite3.IntegrityError:
        raise alias_taken("agent", str(agent.alias)) from None


def delete_agent(connection: sqlite3.Connection, workspace: str, id: str) -> None:
    """Remove an agent that plays in no unfinished simulation."""
    agent = find_agent(connection, workspace, id)
    if agent is None:
        raise NotFound("agent", id)
    if connection.execute(sql.AGENT_PLAYS, {"agent_id": agent.id}).fetchone() is not None:
        raise agent_in_use(agent.name)
    connection.execute(sql.DELETE_AGENT, {"id": agent.id})


def save_records(
    connection: sqlite3.Connection, records: Sequence[Action | Agent | Scenario | ScenarioSet]
) -> None:
    """Insert or replace records of any of these kinds."""
    for record in records:
        match record:
            case Action():
                save_action(connection, record)
            case Agent():
                save_agent(connection, record)
            case Scenario():
                save_scenario(connection, record)
            case ScenarioSet():
                save_scenario_set(connection, record)


def find_action(connection: sqlite3.Connection, workspace: str, id: str) -> Action | None:
    """An action by id."""
    row = connection.execute(sql.FIND_ACTION, {"workspace": workspace, "id": id}).fetchone()
    return None if row is None else _read_named(_ACTION, row)


def actions(connection: sqlite3.Connection, workspace: str, page: Page) -> tuple[Sequence[Action], int]:
    """A page of actions."""
    where = {"workspace": workspace}
    rows = connection.execute(sql.ACTIONS, {**where, "size": page.size, "offset": page.offset}).fetchall()
    return [_read_named(_ACTION, row) for row in rows], count(connection, sql.COUNT_ACTIONS, where)


def save_action(connection: sqlite3.Connection, action: Action) -> None:
    """Insert or replace an action."""
    connection.execute(sql.SAVE_ACTION, _named_columns(_ACTION, action))


def find_scenario_set(connection: sqlite3.Connection, workspace: str, id: str) -> ScenarioSet | None:
    """A set of scenarios by id."""
    row = connection.execute(sql.FIND_SCENARIO_SET, {"workspace": workspace, "id": id}).fetchone()
    return None if row is None else _read_named(_SET, row)


def scenario_sets(connection: sqlite3.Connection, workspace: str, page: Page) -> tuple[Sequence[ScenarioSet], int]:
    """A page of sets of scenarios."""
    where = {"workspace": workspace}
    rows = connection.execute(sql.SCENARIO_SETS, {**where, "size": page.size, "offset": page.offset}).fetchall()
    return [_read_named(_SET, row) for row in rows], count(connection, sql.COUNT_SCENARIO_SETS, where)


def save_scenario_set(connection: sqlite3.Connection, group: ScenarioSet) -> None:
    """Insert or replace a set of scenarios."""
    connection.execute(sql.SAVE_SCENARIO_SET, _named_columns(_SET, group))


def delete_scenario_set(connection: sqlite3.Connection, workspace: str, id: str) -> None:
    """Remove a set, and take its scenarios out of it."""
    if find_scenario_set(connection, workspace, id) is None:
        raise NotFound("scenario set", id)
    connection.execute(sql.LEAVE_SCENARIO_SET, {"of": id})
    connection.execute(sql.DELETE_SCENARIO_SET, {"id": id})


def find_scenario(connection: sqlite3.Connection, workspace: str, id: str) -> Scenario | None:
    """A scenario by id or alias."""
    row = connection.execute(sql.FIND_SCENARIO, {"workspace": workspace, "id": id}).fetchone()
    return None if row is None else _read_scenario(row)


def scenarios(
    connection: sqlite3.Connection, workspace: str, page: Page, filters: Mapping[str, str | None]
) -> tuple[Sequence[Scenario], int]:
    """A page of scenarios; `filters` has a value or None for each of agent_id, set_id, folder and name."""
    where = {"workspace": workspace, **filters}
    rows = connection.execute(sql.SCENARIOS, {**where, "size": page.size, "offset": page.offset}).fetchall()
    return [_read_scenario(row) for row in rows], count(connection, sql.COUNT_SCENARIOS, where)


def save_scenario(connection: sqlite3.Connection, scenario: Scenario) -> None:
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
        connection.execute(sql.SAVE_SCENARIO, columns)
    except sqlite3.IntegrityError:
        raise alias_taken("scenario", str(scenario.alias)) from None


def delete_scenario(connection: sqlite3.Connection, workspace: str, id: str) -> None:
    """Remove a scenario."""
    scenario = find_scenario(connection, workspace, id)
    if scenario is None:
        raise NotFound("scenario", id)
    connection.execute(sql.DELETE_SCENARIO, {"id": scenario.id})


def count(connection: sqlite3.Connection, statement: str, where: Mapping[str, Any]) -> int:
    """The number that a counting statement finds."""
    found: int = connection.execute(statement, where).fetchone()[0]
    return found


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
