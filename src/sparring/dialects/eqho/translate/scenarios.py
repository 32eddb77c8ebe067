"""Scenarios and their sets.

A scenario is one record in both dialects: what only the other one can say is kept when this one replaces it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sparring.dialects.eqho.translate.actions import end_tool, tool_record
from sparring.dialects.eqho.translate.checks import criteria_record, expectations
from sparring.dialects.eqho.translate.messages import message_history, message_records
from sparring.dialects.eqho.translate.records import history, revised
from sparring.dialects.eqho.translate.variables import split, together
from sparring.dialects.eqho.wire import scenarios as wire
from sparring.dialects.eqho.wire.checks import EvaluationCriteria
from sparring.dialects.mock_records import mock_records, mocks
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.scenario import Direction, Instructions, Medium, Scenario, ScenarioSet

_OPENERS = {None: None, "agent": True, "user": False}


def new_scenario(body: wire.ScenarioBody, *, id: str, workspace: str, set_id: str | None, now: float) -> Scenario:
    """The scenario that a request describes.

    Raises:
        InvalidInput: a part of it cannot be; the message names the field.
    """
    blank = Scenario(id=id, workspace=workspace, created_at=now, updated_at=now)
    return _told(blank, body, set_id)


def replaced_scenario(scenario: Scenario, body: wire.ScenarioBody, *, set_id: str | None, now: float) -> Scenario:
    """The scenario with all fields of this dialect as the request has them, the others as they were.

    Raises:
        InvalidInput: a part of it cannot be; the message names the field.
    """
    return revised(_told(scenario, body, set_id), now)


def scenario_record(scenario: Scenario, warnings: Sequence[str] = ()) -> wire.ScenarioRecord:
    """A scenario as it goes out."""
    record: wire.ScenarioRecord = {
        "_id": scenario.id,
        "account_id": scenario.workspace,
        "name": scenario.name,
        "lead_scenario": _lead_record(scenario),
        "scenario_set_id": scenario.set_id,
        "folder": scenario.folder,
        "description": {"purpose": scenario.purpose, "notes": scenario.notes},
        "environment_setup": _setup_record(scenario),
        "evaluation_criteria": criteria_record(scenario.expect),
        "history": history(scenario),
        "warnings": warnings,
    }
    if scenario.tags:
        record["tags"] = scenario.tags
    if scenario.required:
        record["required"] = True
    return record


def new_set(body: wire.ScenarioSetBody, *, id: str, workspace: str, now: float) -> ScenarioSet:
    """The set that a request describes."""
    return ScenarioSet(
        id=id,
        workspace=workspace,
        name=body.name,
        description=body.description,
        created_at=now,
        updated_at=now,
    )


def replaced_set(group: ScenarioSet, body: wire.ScenarioSetBody, *, now: float) -> ScenarioSet:
    """The set with the fields of the request."""
    return revised(replace(group, name=body.name, description=body.description), now)


def set_record(group: ScenarioSet) -> wire.ScenarioSetRecord:
    """A set as it goes out."""
    return {
        "_id": group.id,
        "account_id": group.workspace,
        "name": group.name,
        "description": group.description,
        "history": history(group),
    }


def _told(scenario: Scenario, body: wire.ScenarioBody, set_id: str | None) -> Scenario:
    lead, told = body.lead_scenario, body.lead_scenario.instructions
    about = body.description or wire.Description()
    setup = body.environment_setup or wire.EnvironmentSetup()
    variables, generated = split(setup.dynamic_variables or {})
    return replace(
        scenario,
        name=body.name,
        set_id=set_id,
        folder=body.folder,
        tags=tuple(dict.fromkeys(body.tags or ())),
        required=bool(body.required),
        purpose=about.purpose,
        notes=about.notes,
        persona=lead.persona,
        instructions=Instructions(
            task=told.task_instructions,
            reason=told.reason_for_call,
            known=told.known_info,
            unknown=told.unknown_info,
            language=told.language or "en",
        ),
        user_tools=_lead_tools(lead, _end(scenario)),
        stop_tokens=None if lead.stop_tokens is None else tuple(lead.stop_tokens),
        variables=variables,
        generated=generated,
        state=setup.state or {},
        mocks=mocks(setup.action_mocks or {}),
        history=message_history(setup.message_history or ()),
        medium=Medium(setup.conversation_medium or Medium.CHATBOT),
        direction=Direction(setup.conversation_direction or Direction.INBOUND),
        agent_opens=_OPENERS[setup.opens],
        agent_stop_tokens=tuple(setup.agent_stop_tokens or ()),
        expect=expectations(body.evaluation_criteria or EvaluationCriteria()),
    )


def _lead_tools(lead: wire.LeadScenario, current: Tool | None) -> tuple[Tool, ...]:
    """The tools of the lead; the one with which it hangs up stays as it is where it comes back as it reads."""
    tools = tuple(
        Tool(
            name=tool.name,
            description=tool.description or "",
            parameters={"type": "object", "properties": {}, **(tool.parameters or {})},
            writes=bool(tool.writes),
        )
        for tool in lead.tools or ()
    )
    given = lead.actions.terminate_call if lead.actions is not None else None
    if given is None:
        return tools
    end = end_tool(given)
    if current is not None and tool_record(current) == tool_record(end):
        return (*tools, current)
    return (*tools, end)


def _end(scenario: Scenario) -> Tool | None:
    return next((tool for tool in scenario.user_tools if tool.kind is ToolKind.END), None)


def _lead_record(scenario: Scenario) -> wire.LeadScenarioRecord:
    told = scenario.instructions
    end = _end(scenario)
    record = wire.LeadScenarioRecord(
        instructions={
            "task_instructions": told.task,
            "language": told.language,
            "reason_for_call": told.reason,
            "known_info": told.known,
            "unknown_info": told.unknown,
        },
        persona=scenario.persona,
        actions=None if end is None else {"terminate_call": tool_record(end)},
    )
    if scenario.stop_tokens is not None:
        record["stop_tokens"] = scenario.stop_tokens
    tools = [_tool_record(tool) for tool in scenario.user_tools if tool.kind is not ToolKind.END]
    if tools:
        record["tools"] = tools
    return record


def _tool_record(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "writes": tool.writes,
    }


def _setup_record(scenario: Scenario) -> wire.EnvironmentSetupRecord:
    record = wire.EnvironmentSetupRecord(
        dynamic_variables=together(scenario.variables, scenario.generated),
        conversation_direction=scenario.direction.value,
        conversation_medium=scenario.medium.value,
        action_mocks=mock_records(scenario.mocks),
        message_history=message_records(scenario.history),
    )
    if scenario.state:
        record["state"] = scenario.state
    if scenario.agent_opens is not None:
        record["opens"] = "agent" if scenario.agent_opens else "user"
    if scenario.agent_stop_tokens:
        record["agent_stop_tokens"] = scenario.agent_stop_tokens
    return record
