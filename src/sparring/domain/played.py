"""A scenario as one trial plays it: its variables made up, and put into the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sparring.domain import generation, templates
from sparring.domain.scenario import Scenario
from sparring.domain.transcript import Message, Spoken, SystemMessage, ToolCall, ToolResult


def as_played(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with the variables of the trial of that seed; the same object where it has none to make up.

    Nothing of it is stored: whoever shows or judges a trial later makes up the same values again.

    Raises:
        ScenarioFault: a variable cannot be made up.
    """
    variables = scenario.variables
    if scenario.generated:
        variables = generation.values(scenario.generated, variables, seed)
    history = tuple(_filled(message, variables) for message in scenario.history)
    if variables is scenario.variables and all(map(_same, history, scenario.history)):
        return scenario
    return replace(scenario, variables=variables, generated={}, history=history)


def _filled(message: Message, variables: Mapping[str, Any]) -> Message:
    match message:
        case SystemMessage() | ToolResult():
            text = templates.fill(message.text, variables)
            return message if text == message.text else replace(message, text=text)
        case spoken:
            return _filled_spoken(spoken, variables)


def _filled_spoken(message: Spoken, variables: Mapping[str, Any]) -> Spoken:
    text = None if message.text is None else templates.fill(message.text, variables)
    calls = tuple(_filled_call(call, variables) for call in message.calls)
    if text == message.text and all(map(_same, calls, message.calls)):
        return message
    return replace(message, text=text, calls=calls)


def _filled_call(call: ToolCall, variables: Mapping[str, Any]) -> ToolCall:
    arguments = templates.put_in(call.arguments, variables)
    return call if arguments is call.arguments else replace(call, arguments=arguments)


def _same(a: object, b: object) -> bool:
    return a is b
