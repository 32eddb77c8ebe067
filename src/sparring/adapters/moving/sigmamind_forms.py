"""Records of ours in SigmaMind's form, as an export writes them and an import reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.adapters.moving.arrivals import as_json, kept_parts
from sparring.dialects.left_over import put_back
from sparring.dialects.sigmamind.translate import agents, test_cases
from sparring.dialects.spelling import AGENT, CASE, spell
from sparring.domain.agent import Action, Agent
from sparring.domain.scenario import Scenario, ScenarioSet

_OF_AGENTS = ("agentId", "workspaceId", "notCallableTools", "scripted")
_OF_CASES = ("testCaseId", "workspaceId", "agent", "scripted")
_OWN = ("mocks", "endpoint")


def agent_form(agent: Agent, actions: Mapping[str, Action]) -> dict[str, Any]:
    """An agent."""
    told = as_json(agents.agent_record(agent, workspace=""))
    return put_back(
        {name: value for name, value in told.items() if name not in _OF_AGENTS and (value or name not in _OWN)},
        kept_parts(agent.extra),
    )


def scenario_form(scenario: Scenario, group: ScenarioSet | None) -> dict[str, Any]:
    """A test case."""
    told = as_json(test_cases.case_record(scenario, workspace="", agent=None, model=None))
    return put_back(
        {name: value for name, value in told.items() if name not in _OF_CASES}, kept_parts(scenario.extra)
    )


def agent_record(agent: Agent, form: Mapping[str, Any]) -> dict[str, Any]:
    """An agent's form with its id."""
    return {"agentId": spell(AGENT, agent.id, agent.alias), **form}


def scenario_as_record(scenario: Scenario, agent: Agent, form: Mapping[str, Any]) -> dict[str, Any]:
    """A test case's form with its id and its agent's."""
    return {
        "testCaseId": spell(CASE, scenario.id, scenario.alias),
        "agentId": spell(AGENT, agent.id, agent.alias),
        **form,
    }


def document(agent: Mapping[str, Any], scenarios: list[dict[str, Any]]) -> dict[str, Any]:
    """All records in lists, those first that others name."""
    return {"agents": [agent], "testCases": scenarios}


def not_the_vendors(agent: Mapping[str, Any], scenarios: list[dict[str, Any]]) -> list[str]:
    """The fields in some records that only this project knows."""
    return [name for name in _OWN if agent.get(name)]
