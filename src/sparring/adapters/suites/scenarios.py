"""The scenarios of a suite, and the agent that they are played with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from sparring.adapters.suites.documents import Scalar, Table
from sparring.adapters.suites.endpoints import read_endpoint, template_places
from sparring.adapters.suites.expectations import read_expectations
from sparring.adapters.suites.histories import read_history
from sparring.adapters.suites.inclusion import included
from sparring.adapters.suites.mocks import mock_texts, read_mocks
from sparring.adapters.suites.origins import ORIGIN, read_origin
from sparring.adapters.suites.places import Fields, Place
from sparring.adapters.suites.tools import description_places, read_tools
from sparring.adapters.suites.variables import Variables, generator_texts, joined, read_variables
from sparring.domain.agent import Agent, Opening
from sparring.domain.scenario import Direction, Instructions, Medium, Scenario

MAX_TRIALS = 100

AGENT = (
    "name",
    "model",
    "endpoint",
    "instructions",
    "greeting",
    "opens",
    "outbound",
    "temperature",
    "top_p",
    "language",
    "tools",
    "mocks",
    ORIGIN,
)
OPENING = ("greeting", "opens")
INSTRUCTIONS = ("task_instructions", "reason_for_call", "known_info", "unknown_info", "language")
DEFAULTS = (
    "folder",
    "tags",
    "persona",
    "medium",
    "direction",
    "opens",
    "stop_tokens",
    "agent_stop_tokens",
    "user_tools",
    "model",
    "required",
)
"""What a suite may say for all scenarios that do not say it themselves; some more has fields of its own."""

SCENARIO = (
    "name",
    "folder",
    "tags",
    "purpose",
    "notes",
    "persona",
    "instructions",
    "variables",
    "variables_answer_tools",
    "state",
    "mocks",
    "expect",
    "history",
    "medium",
    "direction",
    "opens",
    "stop_tokens",
    "agent_stop_tokens",
    "user_tools",
    "trials",
    "model",
    "required",
    ORIGIN,
)


class Opener(StrEnum):
    """Who speaks first."""

    USER = "user"
    AGENT = "agent"


def read_agent(place: Place) -> Agent | None:
    """The agent under test."""
    fields = place.fields(*AGENT, required=() if place.get("endpoint") else ("instructions",))
    told = instructions_place(fields.get("instructions"))
    instructions = told.text(blank=True) if told is not None else None
    if told is not None and instructions is not None and not instructions.strip():
        told.doubtful("the agent has no instructions.")
    return Agent(
        id="",
        workspace="",
        name=fields.text("name") or "Agent",
        instructions=instructions or "",
        model=fields.text("model"),
        endpoint=read_endpoint(fields.get("endpoint")),
        greeting=fields.text("greeting", blank=True) or None,
        opens=fields.boolean("opens"),
        outbound=_opening(fields.get("outbound")),
        temperature=fields.number("temperature", "a number from 0 to 2", lambda value: 0 <= value <= 2),
        top_p=fields.number("top_p", "a number above 0, at most 1", lambda value: 0 < value <= 1),
        language=fields.text("language"),
        tools=read_tools(fields.get("tools")),
        mocks=read_mocks(fields.get("mocks")),
        extra=read_origin(fields.get(ORIGIN)),
    )


def _opening(place: Place | None) -> Opening | None:
    if place is None:
        return None
    fields = place.fields(*OPENING)
    return Opening(greeting=fields.text("greeting", blank=True) or None, opens=fields.boolean("opens"))


def instructions_place(place: Place | None) -> Place | None:
    """Where the agent's instructions stand: in the suite or in a file of their own."""
    if place is None or not isinstance(place.node, Table):
        return place
    source = included(place)
    return source.whole() if source is not None else None


def read_scenario(
    place: Place,
    shared: Variables,
    trials: int,
    *,
    state: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Place] | None = None,
) -> Scenario | None:
    """One scenario.

    Args:
        shared: the suite's variables; the scenario's own win.
        trials: how often it is played if it does not say.
        state: the suite's; what the scenario names itself wins.
        defaults: fields that it has unless it says otherwise.
    """
    own = place.fields(*SCENARIO, required=("name", "instructions"))
    fields = Fields(place, {**(defaults or {}), **own.given})
    name = fields.text("name")
    variables, generated = joined(shared, read_variables(fields.get("variables")))
    opener = fields.chosen("opens", Opener)
    scenario = Scenario(
        name=name or "",
        folder=fields.text("folder", blank=True),
        tags=_tags(fields),
        purpose=fields.text("purpose", blank=True),
        notes=fields.text("notes", blank=True),
        persona=fields.text("persona", blank=True),
        instructions=_read_instructions(fields),
        variables=variables,
        generated=generated,
        state={**(state or {}), **read_state(fields.get("state"))},
        variables_answer_tools=bool(fields.boolean("variables_answer_tools")),
        mocks=read_mocks(fields.get("mocks")),
        user_tools=read_tools(fields.get("user_tools")),
        history=read_history(fields.get("history")),
        medium=fields.chosen("medium", Medium) or Medium.CHATBOT,
        direction=fields.chosen("direction", Direction) or Direction.INBOUND,
        agent_opens=None if opener is None else opener is Opener.AGENT,
        stop_tokens=fields.texts("stop_tokens", "a list of texts"),
        agent_stop_tokens=fields.texts("agent_stop_tokens", "a list of texts") or (),
        expect=read_expectations(fields.get("expect")),
        trials=fields.integer("trials", 1, MAX_TRIALS) or trials,
        model=fields.text("model"),
        required=bool(fields.boolean("required")),
        extra=read_origin(fields.get(ORIGIN)),
    )
    return scenario if name is not None else None


def read_defaults(place: Place | None) -> Mapping[str, Place]:
    """The fields that scenarios have unless they say otherwise."""
    return {} if place is None else place.fields(*DEFAULTS).given


def default_texts(place: Place | None, scenario: Place) -> Iterator[Place]:
    """Every text of the defaults that a scenario takes over and in which variables are filled in."""
    for name in ("persona", "user_tools"):
        found = place.get(name) if place is not None and scenario.get(name) is None else None
        if found is not None:
            yield from (description_places(found) if name == "user_tools" else found.scalars())


def _tags(fields: Fields) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields.texts("tags", "a list of words") or ()))


def read_state(place: Place | None) -> dict[str, Any]:
    """The world as trials begin."""
    if place is None:
        return {}
    return {name: value.value() for name, value in place.entries("a mapping, the world as a trial begins").items()}


def agent_texts(place: Place) -> Iterator[Place]:
    """Every text of the agent in which variables are filled in."""
    outbound = place.get("outbound")
    greetings = (place.get("greeting"), outbound.get("greeting") if outbound is not None else None)
    for found in (instructions_place(place.get("instructions")), *greetings):
        if found is not None:
            yield found
    yield from template_places(place.get("endpoint"))
    yield from description_places(place.get("tools"))
    yield from mock_texts(place.get("mocks"))


def scenario_texts(place: Place) -> Iterator[Place]:
    """Every text of a scenario in which variables are filled in, the history's left out."""
    for name in ("persona", "instructions", "state"):
        if (found := place.get(name)) is not None:
            yield from found.scalars(keys=name == "state")
    yield from mock_texts(place.get("mocks"))
    yield from generator_texts(place.get("variables"))
    if (expect := place.get("expect")) is not None:
        yield from expect.scalars(keys=True)


def history_texts(place: Place) -> Iterator[Place]:
    """Every text of the messages that a conversation begins with."""
    if (history := place.get("history")) is not None:
        yield from history.scalars(keys=True)


def _read_instructions(fields: Fields) -> Instructions:
    place = fields.get("instructions")
    if place is None:
        return Instructions()
    if isinstance(place.node, Scalar):
        return Instructions(task=place.text() or "")
    told = place.fields(*INSTRUCTIONS)
    texts = {name: told.text(name, blank=True) for name in INSTRUCTIONS}
    if not any(text and text.strip() for name, text in texts.items() if name != "language"):
        place.wrong("the simulated user is told nothing; write at least 'task_instructions'.")
    return Instructions(
        task=texts["task_instructions"] or "",
        reason=texts["reason_for_call"],
        known=texts["known_info"],
        unknown=texts["unknown_info"],
        language=texts["language"] or "en",
    )
