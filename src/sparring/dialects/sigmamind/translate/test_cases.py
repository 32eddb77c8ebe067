"""Test cases: a scenario, as this dialect can say it.

A field that comes back as it reads changes nothing, so what this dialect cannot say is kept through its updates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sparring.dialects.sigmamind import wire
from sparring.dialects.spelling import CASE, spell
from sparring.domain import templates
from sparring.domain.scenario import Instructions, Scenario

KEPT = "sigmamind"
"""Under this name a scenario's `extra` holds the criteria as they came."""

NAME_LENGTH = 60

_SECTIONS = ("Persona", "Task", "Reason for the contact", "What you know", "What you do not know")


def new_case(body: wire.CreateTestCase, *, id: str, workspace: str, agent_id: str, now: float) -> Scenario:
    """The scenario that a request describes."""
    blank = Scenario(id=id, workspace=workspace, agent_id=agent_id, created_at=now, updated_at=now)
    told = _with_prompt(blank, body.user_prompt)
    told = _with_criteria(told, body.success_criteria)
    return _named(
        replace(
            told,
            variables=_variables(body.mock_data, {}),
            trials=body.attempt or 1,
            model=body.llm_model,
        ),
        body.label,
    )


def changed_case(
    scenario: Scenario, body: wire.UpdateTestCase, *, agent_id: str | None, model: str | None, now: float
) -> Scenario:
    """The scenario with the fields of the body that differ from what it reads as; itself where none does.

    Args:
        agent_id: the agent that it moves to, or None.
        model: what its `llmModel` reads as.
    """
    sent = body.model_fields_set
    label = shown_label(scenario)
    told = scenario
    if "user_prompt" in sent and body.user_prompt != user_prompt(scenario):
        told = _with_prompt(told, body.user_prompt)
    if "success_criteria" in sent and body.success_criteria != success_criteria(scenario):
        told = _with_criteria(told, body.success_criteria)
    if "mock_data" in sent:
        variables = _variables(body.mock_data, scenario.variables)
        generated = {name: one for name, one in scenario.generated.items() if name not in variables}
        told = replace(told, variables=variables, generated=generated)
    if "attempt" in sent and body.attempt != scenario.trials:
        told = replace(told, trials=body.attempt or 1)
    if "llm_model" in sent and body.llm_model != model:
        told = replace(told, model=body.llm_model)
    if agent_id is not None:
        told = replace(told, agent_id=agent_id)
    relabelled = "label" in sent and body.label != label
    nameless = not (label or "").strip() and user_prompt(told) != user_prompt(scenario)
    if relabelled or nameless:
        told = _named(told, body.label if relabelled else label)
    unchanged = told == scenario and list(told.variables) == list(scenario.variables)
    return scenario if unchanged else replace(told, updated_at=now, revision=scenario.revision + 1)


def case_record(
    scenario: Scenario,
    *,
    workspace: str,
    agent: wire.AgentSummary | None,
    model: str | None,
    scripted: bool = False,
) -> wire.TestCase:
    """A test case as it goes out.

    Args:
        workspace: spelled.
        model: the agent's model at this time, for a case that names none.
    """
    record = wire.TestCase(
        testCaseId=spell(CASE, scenario.id, scenario.alias),
        label=shown_label(scenario),
        agent=agent,
        workspaceId=workspace,
        llmModel=scenario.model or model,
        mockData=[
            {"variableName": name, "value": templates.as_text(value)} for name, value in scenario.variables.items()
        ],
        userPrompt=user_prompt(scenario),
        attempt=scenario.trials,
        successCriteria=success_criteria(scenario),
    )
    if scripted:
        record["scripted"] = True
    return record


def user_prompt(scenario: Scenario) -> str:
    """The task where it is the only text; otherwise all texts, each under its label."""
    told = scenario.instructions
    texts = (scenario.persona, told.task, told.reason, told.known, told.unknown)
    if not any(texts[:1] + texts[2:]):
        return told.task
    return "\n\n".join(f"{label}:\n{text}" for label, text in zip(_SECTIONS, texts, strict=True) if text)


def success_criteria(scenario: Scenario) -> str:
    """The assertions, one a line; the text as it came while it still says the same."""
    kept: str | None = scenario.extra.get(KEPT, {}).get("successCriteria")
    if kept is not None and assertions(kept) == scenario.expect.assertions:
        return kept
    return "\n".join(scenario.expect.assertions)


def assertions(criteria: str) -> tuple[str, ...]:
    """The statements of a text: its lines without the blank ones.

    A line that ends in a colon is no statement of its own: it stands before each line under it, up to a blank
    line.
    """
    found: list[str] = []
    heading, used = "", True
    for line in map(str.strip, (*criteria.splitlines(), "")):
        if line and not line.endswith(":"):
            found.append(f"{heading} {line}" if heading else line)
            used = True
            continue
        if not used:
            found.append(heading)
        heading, used = line, not line
    return tuple(found)


def shown_label(scenario: Scenario) -> str | None:
    """The label as it was given, the name of a scenario that got one elsewhere, or None where it was made up."""
    given = scenario.label
    made_up = scenario.name == _made_up_name(scenario)
    if given is not None and (given == scenario.name or (made_up and not given.strip())):
        return given
    return None if made_up else scenario.name


def _with_prompt(scenario: Scenario, prompt: str) -> Scenario:
    told = Instructions(task=prompt, language=scenario.instructions.language)
    return replace(scenario, persona=None, instructions=told)


def _with_criteria(scenario: Scenario, criteria: str) -> Scenario:
    expect = scenario.expect.with_assertions(assertions(criteria))
    kept = {**scenario.extra.get(KEPT, {}), "successCriteria": criteria}
    return replace(scenario, expect=expect, extra={**scenario.extra, KEPT: kept})


def _variables(entries: Iterable[wire.MockVariable] | None, current: Mapping[str, Any]) -> Mapping[str, Any]:
    return {entry.variable_name: _typed(entry, current) for entry in entries or ()}


def _typed(entry: wire.MockVariable, current: Mapping[str, Any]) -> Any:
    """The text that came, or the value that reads so already, with its type."""
    name = entry.variable_name
    if name in current and templates.as_text(current[name]) == entry.value:
        return current[name]
    return entry.value


def _named(scenario: Scenario, label: str | None) -> Scenario:
    name = label if label is not None and label.strip() else _made_up_name(scenario)
    return replace(scenario, name=name, label=label)


def _made_up_name(scenario: Scenario) -> str:
    return " ".join(user_prompt(scenario).split())[:NAME_LENGTH]
