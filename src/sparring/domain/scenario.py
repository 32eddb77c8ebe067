"""One situation to play, and what must have happened when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sparring.domain.agent import Tool
from sparring.domain.generation import Generator
from sparring.domain.matching import Matcher
from sparring.domain.mocks import ToolMock
from sparring.domain.transcript import Message, Side


class Medium(StrEnum):
    """How the two sides reach each other; decides how they write."""

    CHATBOT = "chatbot"
    SMS = "sms"
    EMAIL = "email"
    WEB_VOICE = "web_voice"
    TELEPHONY = "telephony"


class Direction(StrEnum):
    """Who contacted whom, seen from the agent."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What the simulated user wants, knows and does not know."""

    task: str = ""
    reason: str | None = None
    known: str | None = None
    unknown: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAction:
    """A tool call that must occur."""

    name: str
    arguments: Mapping[str, Any | Matcher] | None = None
    """None: only the name is compared."""
    compare_args: tuple[str, ...] | None = None
    """The arguments that are compared; None for all that either side has, empty for none."""
    side: Side = Side.AGENT
    match_side: bool = False
    match_rule: str = "exact"
    """`exact`, or `tau2` for tau2-bench's rule, which compares over the actual call's arguments."""
    call_id: str | None = None
    info: str | None = None
    required: bool = True
    """False: checked and shown, out of the reward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenAction:
    """A tool call that the agent must not make."""

    name: str
    arguments: Mapping[str, Matcher] = field(default_factory=dict)
    """Only calls whose arguments fit are forbidden (dotted paths go inside); none: every call."""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWrites:
    """The successful calls of the tools that write are exactly the expected actions of those tools.

    Each expected action is one call, in any order; one that is not required counts here all the same. Tools that
    only read do not matter, and neither does what was written in the scenario's history.
    """

    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedState:
    """What must stand in the trial's world when the talking is over."""

    path: str
    """Dotted; may hold placeholders."""
    matcher: Matcher
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWords:
    """Words that one of the agent's texts must hold. Exactly one of `contains` and `regex` is given."""

    contains: str | None = None
    """These words; commas are not compared, so that `1,000` and `1000` are the same."""
    regex: str | None = None
    """In RE2's syntax, found anywhere in the text."""
    ignore_case: bool | None = None
    """None: in `contains` the case does not count, in `regex` it does."""
    absent: bool = False
    """True: no text of the agent's may hold them."""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """Everything that is checked when the talking is over.

    What is not required is checked and shown, out of the reward.
    """

    assertions: tuple[str, ...] = ()
    optional_assertions: tuple[int, ...] = ()
    """The places among `assertions`, from 0, of those that are not required."""
    actions: tuple[ExpectedAction, ...] = ()
    forbidden: tuple[ForbiddenAction, ...] = ()
    """A bare name stands for every call of that tool."""
    writes: ExpectedWrites | None = None
    state: tuple[ExpectedState, ...] = ()
    said: tuple[ExpectedWords, ...] = ()

    def __post_init__(self) -> None:
        """Take bare names for forbidden actions."""
        named = tuple(
            ForbiddenAction(name=one) if isinstance(one, str) else one  # type: ignore[unreachable]
            for one in self.forbidden
        )
        object.__setattr__(self, "forbidden", named)

    def with_assertions(self, sentences: tuple[str, ...]) -> Expectations:
        """The same with other assertions; a sentence that stays is required or not as it was."""
        free = {self.assertions[place] for place in self.optional_assertions if place < len(self.assertions)}
        places = tuple(place for place, sentence in enumerate(sentences) if sentence in free)
        return replace(self, assertions=sentences, optional_assertions=places)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSet:
    """A named group of scenarios."""

    id: str
    workspace: str
    name: str
    description: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    created_at: float = 0.0
    updated_at: float = 0.0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation to play."""

    id: str = ""
    workspace: str = ""
    name: str = ""
    label: str | None = None
    """The name as its author gave it, where `name` had to be made up."""
    folder: str | None = None
    tags: tuple[str, ...] = ()
    """Words by which some scenarios are chosen."""
    purpose: str | None = None
    notes: str | None = None
    persona: str | None = None
    instructions: Instructions = Instructions()
    variables: Mapping[str, Any] = field(default_factory=dict)
    generated: Mapping[str, Generator] = field(default_factory=dict)
    """Variables that are made up for each trial, from its seed; no name is in both."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """The world that mocks read and change, as each trial begins; keys and texts may hold `{{variables}}`."""
    mocks: Mapping[str, ToolMock] = field(default_factory=dict)
    variables_answer_tools: bool = False
    """Whether the variables, as one JSON object, answer the calls that have no mock (SigmaMind's `mockData`)."""
    user_tools: tuple[Tool, ...] = ()
    """Tools that the simulated user may call."""
    history: tuple[Message, ...] = ()
    medium: Medium = Medium.CHATBOT
    direction: Direction = Direction.INBOUND
    agent_opens: bool | None = None
    """Who speaks first; None: the agent if it has a greeting or says so, else by the medium."""
    stop_tokens: tuple[str, ...] | None = None
    """Texts with which the simulated user ends; None for tau2-bench's three."""
    agent_stop_tokens: tuple[str, ...] = ()
    expect: Expectations = Expectations()
    trials: int = 1
    """How often it is played when nobody says otherwise."""
    model: str | None = None
    """The agent's model in this scenario, where it is not the agent's own."""
    required: bool = False
    """Whether every trial of it must pass, whatever is asked of all scenarios together."""
    agent_id: str | None = None
    set_id: str | None = None
    """The set that it is in."""
    alias: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    created_at: float = 0.0
    updated_at: float = 0.0
    revision: int = 0
    """How often it was changed."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the user's and the judge's side in which variables are filled in."""
        told = self.instructions
        said = (self.persona, told.task, told.reason, told.known, told.unknown)
        tools = (text for tool in self.user_tools for text in tool.texts)
        parts = (*said, *tools, *self.expect.assertions)
        return tuple(part for part in parts if part)
