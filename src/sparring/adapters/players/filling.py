"""A scenario's variables, put into every text that a player is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sparring.domain import templates
from sparring.domain.agent import Agent, Tool
from sparring.domain.scenario import Scenario


def filled_agent(agent: Agent, variables: Mapping[str, Any]) -> Agent:
    """The agent with its instructions and its tools' texts filled in."""
    return replace(
        agent,
        instructions=templates.fill(agent.instructions, variables),
        tools=_filled_tools(agent.tools, variables),
    )


def filled_scenario(scenario: Scenario) -> Scenario:
    """The scenario with persona, instructions, assertions and the user's tools filled in."""
    variables, told = scenario.variables, scenario.instructions
    return replace(
        scenario,
        persona=_filled(scenario.persona, variables),
        instructions=replace(
            told,
            task=templates.fill(told.task, variables),
            reason=_filled(told.reason, variables),
            known=_filled(told.known, variables),
            unknown=_filled(told.unknown, variables),
        ),
        expect=replace(
            scenario.expect,
            assertions=tuple(templates.fill(text, variables) for text in scenario.expect.assertions),
        ),
        user_tools=_filled_tools(scenario.user_tools, variables),
    )


def _filled(text: str | None, variables: Mapping[str, Any]) -> str | None:
    return None if text is None else templates.fill(text, variables)


def _filled_tools(tools: tuple[Tool, ...], variables: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The same tuple where no text holds a variable, so that a wire can keep what it made of it."""
    done = tuple(_filled_tool(tool, variables) for tool in tools)
    return tools if all(new is old for new, old in zip(done, tools, strict=True)) else done


def _filled_tool(tool: Tool, variables: Mapping[str, Any]) -> Tool:
    description = templates.fill(tool.description, variables)
    parameters = tool.parameters
    if "{{" in templates.compact_json(parameters):
        parameters = _filled_value(parameters, variables)
    if description == tool.description and parameters is tool.parameters:
        return tool
    return replace(tool, description=description, parameters=parameters)


def _filled_value(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return templates.fill(value, variables)
    if isinstance(value, Mapping):
        return {key: _filled_value(item, variables) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled_value(item, variables) for item in value]
    return value
