"""Records of ours in Eqho's form, as an export writes them and an import reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.adapters.moving.arrivals import as_json, kept_parts
from sparring.dialects.eqho.translate.agents import agent_details
from sparring.dialects.eqho.translate.own import own_in
from sparring.dialects.eqho.translate.records import KEPT
from sparring.dialects.eqho.translate.scenarios import scenario_record
from sparring.dialects.eqho.wire.agents import STORED, AgentBody
from sparring.dialects.eqho.wire.scenarios import ScenarioBody
from sparring.dialects.left_over import LeftOver, put_back
from sparring.domain.agent import Action, Agent
from sparring.domain.scenario import Scenario, ScenarioSet

SET = "scenario_set"
"""In a scenario's form, the set that it is in."""

_FACTS = ("_id", "account_id", "history", "scripted", "warnings", "greetings")
_EMPTY = ("roles", "scripts", "data_stores")


def agent_form(agent: Agent, actions: Mapping[str, Action]) -> dict[str, Any]:
    """An agent with its actions.

    Args:
        actions: by id.
    """
    told = as_json(agent_details(agent, actions, scripted=False))
    sent = agent.extra.get(KEPT, {})
    idle = {name for name in STORED if sent.get(name) is None}
    form = {
        name: value
        for name, value in told.items()
        if name not in _FACTS and name not in idle and (value or name not in _EMPTY)
    }
    form["actions"] = [_action_form(action, actions.get(str(action["_id"]))) for action in told["actions"]]
    return put_back(form, _parts(agent.extra))


def scenario_form(scenario: Scenario, group: ScenarioSet | None) -> dict[str, Any]:
    """A scenario with the set that it is in."""
    told = as_json(scenario_record(scenario))
    form = {name: value for name, value in told.items() if name not in _FACTS}
    if group is not None:
        known = {"_id": group.id, "name": group.name, "description": group.description}
        form[SET] = put_back(known, _parts(group.extra))
    return put_back(form, _parts(scenario.extra))


def agent_record(agent: Agent, form: Mapping[str, Any]) -> dict[str, Any]:
    """An agent's form with its id."""
    return {"_id": agent.alias or agent.id, **form}


def scenario_as_record(scenario: Scenario, agent: Agent, form: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's form with its id; which agent plays it is said where it is played."""
    return {"_id": scenario.alias or scenario.id, **form}


def document(agent: Mapping[str, Any], scenarios: list[dict[str, Any]]) -> dict[str, Any]:
    """All records in lists, those first that others name."""
    sets = {one[SET]["_id"]: one[SET] for one in scenarios if isinstance(one.get(SET), Mapping)}
    return {
        "actions": [action for action in agent["actions"] if action["_id"] is not None],
        "scenario_sets": list(sets.values()),
        "agents": [agent],
        "scenarios": [{name: value for name, value in one.items() if name != SET} for one in scenarios],
    }


def not_the_vendors(agent: Mapping[str, Any], scenarios: list[dict[str, Any]]) -> list[str]:
    """The fields in some records that only this project knows."""
    names = own_in(AgentBody, agent)
    for scenario in scenarios:
        names += own_in(ScenarioBody, scenario)
    return list(dict.fromkeys(names))


def _action_form(told: Mapping[str, Any], action: Action | None) -> dict[str, Any]:
    form = {name: value for name, value in told.items() if name not in ("account_id", "history")}
    return form if action is None else put_back(form, _parts(action.tool.extra))


def _parts(extra: Mapping[str, Any]) -> list[LeftOver]:
    """What an import kept, without whose the record was and who made it."""
    return [part for part in kept_parts(extra) if part.at[0] not in _FACTS]
