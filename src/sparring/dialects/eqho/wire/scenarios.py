"""Scenarios and their sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, NotRequired

from typing_extensions import TypedDict

from sparring.dialects.eqho.wire.actions import EmbeddedAction, EmbeddedActionRecord
from sparring.dialects.eqho.wire.checks import EvaluationCriteria, Requestor
from sparring.dialects.eqho.wire.forms import (
    MAX_BODY_TEXT,
    History,
    Identified,
    Meta,
    Name,
    StopToken,
    Text,
    ToolName,
    Word,
)
from sparring.dialects.extensions import Documented, Extension
from sparring.dialects.fields import choice, text
from sparring.dialects.mock_forms import ActionMock

VariableName = Annotated[str, *text(1, 256)]
Language = Annotated[str, *text(1, 64)]
Said = Annotated[str, *text(0, MAX_BODY_TEXT)]


class Instructions(Documented):
    """What the simulated lead wants, knows and does not know."""

    task_instructions: Text
    language: Language | None = None
    """What the lead speaks; left out, `en`."""
    reason_for_call: Text | None = None
    known_info: Text | None = None
    unknown_info: Text | None = None


class LeadActions(Documented):
    """The actions of the simulated lead."""

    terminate_call: EmbeddedAction | None = None
    """How the lead hangs up; left out, with an action of this server's."""


class LeadTool(Extension):
    """A tool that the simulated lead may call beside the one with which it hangs up."""

    name: ToolName
    description: Text | None = None
    parameters: dict[str, Any] | None = None
    """JSON Schema of the arguments."""
    writes: bool | None = None


class LeadScenario(Documented):
    """Who the simulated lead is, and what it is to do."""

    own: ClassVar[frozenset[str]] = frozenset({"stop_tokens", "tools"})

    instructions: Instructions
    persona: Text | None = None
    actions: LeadActions | None = None
    stop_tokens: list[StopToken] | None = None
    """Texts with which the lead ends; left out, those of tau2-bench."""
    tools: list[LeadTool] | None = None


class Description(Documented):
    """What the scenario is for."""

    purpose: Text | None = None
    notes: Text | None = None


class HistoryCall(Documented):
    """A call of an action in the conversation so far."""

    id: Word | None = None
    name: ToolName
    arguments: dict[str, Any] | None = None
    requestor: Requestor | None = None


class HistoryMessage(Documented):
    """A message of the conversation so far."""

    role: Annotated[str, *choice("system", "user", "assistant", "tool")]
    content: Said | None = None
    tool_calls: list[HistoryCall] | None = None
    id: Word | None = None
    """Of the call that a message of the role `tool` answers."""
    requestor: Requestor | None = None
    error: bool | None = None
    timestamp: Word | None = None


class EnvironmentSetup(Documented):
    """The state in which a conversation begins."""

    own: ClassVar[frozenset[str]] = frozenset({"state", "opens", "agent_stop_tokens"})

    dynamic_variables: dict[VariableName, Any] | None = None
    """Values for `{{placeholders}}`, by name; `{"generate": {...}}` makes one up for each run."""
    conversation_direction: Annotated[str, *choice("inbound", "outbound")] | None = None
    conversation_medium: Annotated[str, *choice("web_voice", "telephony", "sms", "email", "chatbot")] | None = None
    action_mocks: dict[ToolName, ActionMock] | None = None
    """How actions are answered, by slug."""
    message_history: list[HistoryMessage] | None = None
    state: dict[str, Any] | None = None
    """The world that mocks read and change, as each run begins."""
    opens: Annotated[str, *choice("user", "agent")] | None = None
    """Who speaks first; left out, the greeting, the history and the medium decide."""
    agent_stop_tokens: list[StopToken] | None = None
    """Texts with which the agent ends."""


class ScenarioBody(Documented):
    """A scenario to make, or all of one to put in the place of another."""

    own: ClassVar[frozenset[str]] = frozenset({"tags", "required"})

    name: Name
    lead_scenario: LeadScenario
    scenario_set_id: str | None = None
    folder: Text | None = None
    tags: list[Name] | None = None
    """Words by which some scenarios are chosen."""
    required: bool | None = None
    """Whether every run of it must pass a gate, whatever is asked of all scenarios together."""
    description: Description | None = None
    environment_setup: EnvironmentSetup | None = None
    evaluation_criteria: EvaluationCriteria | None = None


class ScenarioSetBody(Documented):
    """A set of scenarios to make, or all of one to put in the place of another."""

    name: Name
    description: Text | None = None


class InstructionsRecord(TypedDict):
    """Instructions as they go out."""

    task_instructions: str
    language: str
    reason_for_call: str | None
    known_info: str | None
    unknown_info: str | None


class LeadActionsRecord(TypedDict):
    """The actions of the simulated lead as they go out."""

    terminate_call: EmbeddedActionRecord


class LeadScenarioRecord(TypedDict):
    """The simulated lead as it goes out."""

    instructions: InstructionsRecord
    persona: str | None
    actions: LeadActionsRecord | None
    stop_tokens: NotRequired[Sequence[str]]
    tools: NotRequired[Sequence[Mapping[str, Any]]]


class DescriptionRecord(TypedDict):
    """A description as it goes out."""

    purpose: str | None
    notes: str | None


class EnvironmentSetupRecord(TypedDict):
    """The state in which a conversation begins, as it goes out."""

    dynamic_variables: Mapping[str, Any]
    conversation_direction: str
    conversation_medium: str
    action_mocks: Mapping[str, Mapping[str, Any]]
    message_history: Sequence[Mapping[str, Any]]
    state: NotRequired[Mapping[str, Any]]
    opens: NotRequired[str]
    agent_stop_tokens: NotRequired[Sequence[str]]


class EvaluationCriteriaRecord(TypedDict):
    """The checks as they go out."""

    actions: Sequence[Mapping[str, Any]]
    nl_assertions: Sequence[str | Mapping[str, Any]]
    forbidden: NotRequired[Sequence[str | Mapping[str, Any]]]
    writes: NotRequired[str | Mapping[str, Any]]
    state: NotRequired[Mapping[str, Any] | Sequence[Mapping[str, Any]]]
    said: NotRequired[Sequence[str | Mapping[str, Any]]]


class ScenarioRecord(Identified):
    """A scenario as it goes out."""

    name: str
    lead_scenario: LeadScenarioRecord
    scenario_set_id: str | None
    folder: str | None
    tags: NotRequired[Sequence[str]]
    required: NotRequired[bool]
    description: DescriptionRecord
    environment_setup: EnvironmentSetupRecord
    evaluation_criteria: EvaluationCriteriaRecord
    history: History
    warnings: Sequence[str]


class ScenarioList(TypedDict):
    """A page of scenarios."""

    scenarios: Sequence[ScenarioRecord]
    meta: Meta


class ScenarioSetRecord(Identified):
    """A set of scenarios as it goes out."""

    name: str
    description: str | None
    history: History


class ScenarioSetList(TypedDict):
    """A page of sets of scenarios."""

    scenario_sets: Sequence[ScenarioSetRecord]
    meta: Meta
