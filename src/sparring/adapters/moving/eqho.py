"""Eqho's agents, actions, scenarios and their sets, as its API gives them.

A record that is here already is replaced as by a `PUT`; what only this project can say of it stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from sparring.adapters.moving.api import NoSuchAddress, VendorApi
from sparring.adapters.moving.arrivals import Arrivals, Found, as_json, with_extra
from sparring.adapters.moving.pages import EQHO, Listed, listed
from sparring.dialects.eqho.translate.actions import new_action, tool_record
from sparring.dialects.eqho.translate.agents import new_agent, replaced_agent
from sparring.dialects.eqho.translate.llm_args import not_acted_on
from sparring.dialects.eqho.translate.own import with_own
from sparring.dialects.eqho.translate.records import KEPT
from sparring.dialects.eqho.translate.scenarios import (
    new_scenario,
    new_set,
    replaced_scenario,
    replaced_set,
    scenario_record,
)
from sparring.dialects.eqho.wire.actions import CreateAction
from sparring.dialects.eqho.wire.agents import STORED, AgentBody
from sparring.dialects.eqho.wire.forms import Text, ToolName
from sparring.dialects.eqho.wire.scenarios import ScenarioBody, ScenarioSetBody
from sparring.dialects.fields import FROM_ELSEWHERE
from sparring.dialects.left_over import LeftOver
from sparring.dialects.spelling import AGENT, CASE
from sparring.domain import ids
from sparring.domain.agent import Action, Agent, Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario, ScenarioSet

NAME = "Eqho"

ACTION, SET, AGENT_KIND, SCENARIO = TAKEN = ("action", "scenario set", "agent", "scenario")
"""The kinds of records that move, those first that others name."""

LISTS = {"agents": AGENT_KIND, "actions": ACTION, "scenario_sets": SET, "scenarios": SCENARIO, "data": None}
"""Under these names records stand in the pages of lists, and in what is exported here; None: any kind."""

_ELSEWHERE = {
    "simulation_results_id": "simulation run",
    "total_runs": "simulation result",
    "initial_contact_medium": "campaign",
    "call_type": "call",
}
"""Records that stay where they are, by the field that tells them."""

_OF_AGENTS = frozenset(AgentBody.model_fields) - {"name", "description"}
_OF_SETS = frozenset({"_id", "account_id", "name", "description", "history"})
_FACTS = ("_id", "account_id", "history", "scripted", "warnings")
_DETAILS = ("actions", "roles", "scripts", "data_stores", "greetings")
_IDLE_IN_HISTORIES = frozenset(
    f"environment_setup.message_history.{name}" for name in ("turn_idx", "cost", "usage", "name", "source")
)
"""What messages say of themselves that follows from where they stand, or from how they were made."""


class MovedAction(CreateAction):
    """An action of elsewhere: whoever made it may have left out what the model is told."""

    instructions: Text


class ToolOfSuite(MovedAction):
    """A tool that was made as no action: its name is whatever its author chose."""

    name: ToolName
    slug: ToolName


_Form = ScenarioBody | ScenarioSetBody | AgentBody | MovedAction

MovedT = TypeVar("MovedT", Action, Agent, Scenario, ScenarioSet)


def kind_of(record: Mapping[str, Any]) -> str | None:
    """What a record is, by its fields; None where it is nothing of this vendor's."""
    for field, kind in _ELSEWHERE.items():
        if field in record:
            return kind
    if "lead_scenario" in record:
        return SCENARIO
    if "slug" in record:
        return ACTION
    if _OF_AGENTS & record.keys():
        return AGENT_KIND
    return SET if "name" in record and record.keys() <= _OF_SETS else None


async def fetch(api: VendorApi) -> list[tuple[str, Listed]]:
    """All agents with their actions, scenarios and sets, each with its kind.

    Raises:
        VendorFault: the API did not give them.
    """
    actions = await listed(api, "/actions", EQHO, "actions", "_id")
    sets = await _if_there(api, "/simulation/scenario-sets", "scenario_sets")
    agents = [await _details(api, one) for one in await listed(api, "/agents", EQHO, "agents", "_id")]
    scenarios = await listed(api, "/simulation/scenarios", EQHO, "scenarios", "_id")
    kinds = zip(TAKEN, (actions, sets, agents, scenarios), strict=True)
    return [(kind, one) for kind, found in kinds for one in found]


async def _if_there(api: VendorApi, path: str, key: str) -> list[Listed]:
    """A list that the vendor documents nowhere; of sets that are not listed, the scenarios tell the ids."""
    try:
        return await listed(api, path, EQHO, key, "_id")
    except NoSuchAddress:
        return []


async def _details(api: VendorApi, agent: Listed) -> Listed:
    """An agent with its actions and all its fields."""
    id = agent.record.get("_id") if isinstance(agent.record, dict) else None
    if not isinstance(id, str):
        return agent
    path = f"/agents/{id}/details"
    details = await api.get(path)
    whole = {**agent.record, **details} if isinstance(details, dict) else details
    return Listed(whole, str(api.address(path, {})))


async def arrive(found: Sequence[Found], arrivals: Arrivals) -> None:
    """Take the records in: actions and sets first, since agents and scenarios name them."""
    listed_ids = {one.text("_id") for one in found if one.kind == ACTION}
    details = [action for one in found if one.kind == AGENT_KIND for action in _embedded(one)]
    embedded = [action for action in details if action.text("_id") not in listed_ids]
    for kind, take in zip(TAKEN, (_action, _set, _agent, _scenario), strict=True):
        for one in [*found, *(embedded if kind == ACTION else ())]:
            if one.kind == kind:
                await take(one, arrivals)


def _embedded(agent: Found) -> list[Found]:
    """The actions that an agent's details hold whole."""
    given = agent.record.get("actions")
    items = enumerate(given) if isinstance(given, list) else ()
    return [
        Found(record=item, kind=ACTION, where=f"{agent.where}, actions[{place}]", is_file=agent.is_file)
        for place, item in items
        if isinstance(item, Mapping) and item.get("_id") is not None
    ]


async def _action(found: Found, arrivals: Arrivals) -> None:
    told = found.without(*_FACTS, *(("enabled",) if found.record.get("enabled") in (True, None) else ()))
    body = arrivals.form(found, MovedAction, told)
    id = _hex_id(found, arrivals, "action", str(told.get("slug")))
    if body is None or id is None:
        return
    before = await arrivals.action(id)
    made = new_action(body, id=id, workspace=arrivals.workspace, now=arrivals.now)
    if before is not None:
        made = replace(made, tool=replace(made.tool, **_said_here(before, told)))
    made = replace(made, tool=replace(made.tool, extra={**made.tool.extra, **_kept(found, arrivals, body, told)}))
    if before is not None:
        made = replace(made, created_at=before.created_at, revision=before.revision + 1)
    arrivals.put(_dated(found, made) if before is None else made, before)


def _said_here(action: Action, told: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody has said of an action here, over what follows from its settings."""
    kept = {name: value for name, value in action.tool.extra.get(KEPT, {}).items() if name != "action_id"}
    try:
        body = MovedAction.model_validate(kept, context=FROM_ELSEWHERE)
    except ValidationError:
        return {}
    follows = new_action(body, id=action.id, workspace=action.workspace, now=0.0).tool
    return {
        name: getattr(action.tool, name)
        for name in MovedAction.own
        if name not in told and getattr(action.tool, name) != getattr(follows, name)
    }


async def _set(found: Found, arrivals: Arrivals) -> None:
    told = found.without(*_FACTS)
    body = arrivals.form(found, ScenarioSetBody, told)
    id = _hex_id(found, arrivals, "set", str(told.get("name")))
    if body is None or id is None:
        return
    before = await arrivals.scenario_set(id)
    if before is None:
        made = _dated(found, new_set(body, id=id, workspace=arrivals.workspace, now=arrivals.now))
    else:
        made = replaced_set(before, body, now=arrivals.now)
    arrivals.put(replace(made, extra=with_extra(made.extra, _kept(found, arrivals, body, told))), before)


async def _agent(found: Found, arrivals: Arrivals) -> None:
    told = found.without(*_FACTS, *(name for name in _DETAILS if _is_shown_elsewhere(found.record, name)))
    body = arrivals.form(found, AgentBody, told)
    text = arrivals.id_of(found, "_id")
    identity = arrivals.identity(found, AGENT, text, str(told.get("name")))
    if body is None or identity is None:
        return
    id, alias = identity
    before = await arrivals.agent(text or id)
    actions, lost = await _actions_of(found, arrivals)
    if before is None:
        made = new_agent(body, actions, id=id, workspace=arrivals.workspace, now=arrivals.now)
        made = _dated(found, replace(made, alias=alias))
    else:
        made = replaced_agent(before, body, actions, now=arrivals.now)
    for id in lost:
        arrivals.notes.add(f"the action {id} is not among the records, so that its tool is missing", made.name)
    made = arrivals.completed(found, replace(made, tools=_tools(found, made, actions, arrivals)))
    kept = _kept(found, arrivals, body, told, [LeftOver(("action_ids",), lost)] if lost else [])
    arrivals.put(replace(made, extra=with_extra(made.extra, kept)), before)
    _tell_of_agent(body, made.name, arrivals)


async def _scenario(found: Found, arrivals: Arrivals) -> None:
    told = found.without(*_FACTS)
    text = arrivals.id_of(found, "_id")
    identity = arrivals.identity(found, CASE, text, str(told.get("name")))
    if identity is None:
        return
    id, alias = identity
    before = await arrivals.scenario(text or id)
    whole = told if before is None else with_own(ScenarioBody, told, as_json(scenario_record(before)))
    body = arrivals.form(found, ScenarioBody, whole)
    set_id = await _set_of(found, arrivals)
    if body is None:
        return
    try:
        if before is None:
            made = new_scenario(body, id=id, workspace=arrivals.workspace, set_id=set_id, now=arrivals.now)
            made = _dated(found, replace(made, alias=alias))
        else:
            made = replaced_scenario(before, body, set_id=set_id, now=arrivals.now)
    except InvalidInput as error:
        arrivals.problem(found, str(error))
        return
    made = arrivals.completed(found, made)
    kept = _kept(found, arrivals, body, whole)
    arrivals.put(replace(made, extra=with_extra(made.extra, kept)), before)


async def _actions_of(found: Found, arrivals: Arrivals) -> tuple[list[Action], list[str]]:
    """The actions that an agent is given, and the ids of those that are nowhere."""
    given = found.record.get("action_ids") or [one.text("_id") for one in _embedded(found)]
    actions: list[Action] = []
    lost: list[str] = []
    for text in dict.fromkeys(map(str, given)):
        action = await arrivals.action(text.lower()) if ids.is_hex(text) else None
        if action is None:
            lost.append(text)
        elif action.tool.name in [one.tool.name for one in actions]:
            arrivals.problem(found, f"two of its actions have the slug {action.tool.name!r}.")
        else:
            actions.append(action)
    return actions, lost


def _tools(found: Found, agent: Agent, actions: Sequence[Action], arrivals: Arrivals) -> tuple[Tool, ...]:
    """The agent's tools; those in its details that were made as no action are tools all the same."""
    given = found.record.get("actions")
    items = [item for item in given if isinstance(item, Mapping)] if isinstance(given, list) else []
    if all(item.get("_id") is not None for item in items):
        return agent.tools
    known = {action.id: action.tool for action in actions}
    tools = []
    for item in items:
        id = item.get("_id")
        if id is None:
            body = arrivals.form(
                found, ToolOfSuite, {k: v for k, v in item.items() if k not in (*_FACTS, "enabled")}
            )
            tools += [_plain_tool(body)] if body is not None else []
        elif str(id).lower() in known:
            tools.append(known[str(id).lower()])
    return tuple(tools)


def _plain_tool(body: CreateAction) -> Tool:
    """A tool that was made as no action; what it was sent as is kept only where that says more than the tool."""
    tool = new_action(body, id="", workspace="", now=0.0).tool
    plain = replace(tool, extra={})
    return plain if tool_record(plain) == tool_record(tool) else tool


async def _set_of(found: Found, arrivals: Arrivals) -> str | None:
    """The set of a scenario; one of which only the id is known gets a name that says so."""
    text = arrivals.id_of(found, "scenario_set_id")
    if text is None:
        return None
    if not ids.is_hex(text):
        arrivals.problem(found, f"scenario_set_id must be an id of 24 hex digits; {text[:60]!r} came.")
        return None
    id = text.lower()
    if await arrivals.scenario_set(id) is None:
        name = f"Set {id}"
        now = arrivals.now
        arrivals.notes.add("only the id of a set came, so that it is named by it", name)
        arrivals.put(
            ScenarioSet(id=id, workspace=arrivals.workspace, name=name, created_at=now, updated_at=now), None
        )
    return id


def _kept(
    found: Found, arrivals: Arrivals, body: _Form, told: Mapping[str, Any], also: Sequence[LeftOver] = ()
) -> dict[str, Any]:
    """What of a record has no counterpart, whose it was and who made it among that."""
    given = found.record.get("history")
    history: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    facts = [LeftOver(("account_id",), found.text("account_id"))]
    facts += [LeftOver(("history", name), history.get(name)) for name in ("created_by", "last_modified_by")]
    known = [fact for fact in facts if fact.value not in (None, "unknown")]
    for fact in known:
        arrivals.notes.add(f"{fact.name} is kept, and answered as this installation's own")
    return arrivals.keep(body, told, body.name, ignored=_IDLE_IN_HISTORIES, also=[*known, *also])


def _hex_id(found: Found, arrivals: Arrivals, *called: str) -> str | None:
    text = arrivals.id_of(found, "_id")
    if text is None:
        return ids.derived(arrivals.workspace, *called)
    if not ids.is_hex(text):
        arrivals.problem(found, f"_id must be an id of 24 hex digits; {text[:60]!r} came.")
        return None
    return text.lower()


def _is_shown_elsewhere(record: Mapping[str, Any], name: str) -> bool:
    """Whether a part of an agent's details says nothing that its other fields do not."""
    value = record.get(name)
    return not value or name == "actions" or (name == "greetings" and value == record.get("structured_greetings"))


def _dated(found: Found, record: MovedT) -> MovedT:
    """A record with the history that it had."""
    given = found.record.get("history")
    history: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    created, modified = _moment(history.get("created_at")), _moment(history.get("last_modified_at"))
    revision = history.get("revision")
    return replace(
        record,
        created_at=record.created_at if created is None else created,
        updated_at=record.updated_at if modified is None else modified,
        revision=revision if type(revision) is int and revision >= 0 else 0,
    )


def _moment(text: Any) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None


def _tell_of_agent(body: AgentBody, name: str, arrivals: Arrivals) -> None:
    idle = [
        field for field in STORED if getattr(body, field) not in (None, [], {}) and field != "disable_greeting"
    ]
    settings = body.ai_settings.model_dump() if body.ai_settings is not None else {}
    for field in (*idle, *(f"ai_settings.{field}" for field in not_acted_on(settings))):
        arrivals.notes.add(f"{field} is kept and given back, and acts on nothing", name)
