"""What is worth knowing about a scenario before it is played, and about a trial beside its verdict.

Derived from what is stored, never collected on the way: a trial that goes on after a crash warns of the same.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from sparring.domain import generation, templates, webhooks
from sparring.domain.agent import Agent
from sparring.domain.answering import mock_to_paste, unmocked_text
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.matching import ABSENT, Matcher
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.shadows import unreachable
from sparring.domain.text import REPLACEMENT
from sparring.domain.transcript import (
    LIVE,
    UNANSWERED,
    AgentMessage,
    Message,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)

_LIVE = (
    " It is a live webhook, which a simulation of /v1/simulation really calls on a server with "
    "SPARRING_ALLOW_LIVE_TOOLS=true."
)

_OTHERS = ("agent", LIVE, UNANSWERED)
"""The sources of results that no mock gave."""

_OF_MOCKS = ("arguments", "state")
"""What only mocks may name: the call's arguments and the trial's world."""


def setup_warnings(agent: Agent, scenario: Scenario) -> tuple[str, ...]:
    """What is probably meant otherwise in a scenario that is to be played with an agent.

    Tools that nobody has, and parts of mocks that can never answer. An agent that is code may have any tool.
    """
    mocks = {**agent.mocks, **scenario.mocks}
    tools = [*agent.tools, *scenario.user_tools]
    found = [f"The mock of {name!r}: {part} can never answer: {why}" for name, part, why in _idle_parts(mocks)]
    if tools or agent.model is not None:
        found += _strangers(mocks, scenario.expect, [tool.name for tool in tools])
    if scenario.expect.writes is not None and not any(tool.writes for tool in tools):
        found.append("`writes: exact` has nothing to look at: no tool is marked `writes: true`.")
    return tuple(f"{scenario.name}: {warning}" for warning in dict.fromkeys(found))


def trial_warnings(agent: Agent, scenario: Scenario, transcript: Transcript) -> tuple[str, ...]:
    """Every warning that a trial carries, each once."""
    found = (
        *variable_warnings(agent, scenario, told_to_tools=_told_to_tools(transcript)),
        *unmocked_warnings(transcript, webhooks.live_tools(agent, scenario)),
        *unanswered_warnings(transcript),
        *unfilled_warnings(transcript),
        *replacement_warnings(transcript),
    )
    return tuple(dict.fromkeys(found))


def variable_warnings(agent: Agent, scenario: Scenario, *, told_to_tools: bool = False) -> tuple[str, ...]:
    """Names that no variable answers, and variables that are named nowhere.

    Args:
        told_to_tools: whether the variables, as one JSON object, answered a tool call; none is idle then.
    """
    texts = [text for text in (*agent.texts, *scenario.texts, *_checked_texts(scenario)) if "{{" in text]
    mocked = [text for text in _mock_texts({**agent.mocks, **scenario.mocks}) if "{{" in text]
    unknown = [
        *templates.unknown(texts, scenario.variables),
        *templates.unknown(mocked, scenario.variables, dict.fromkeys(_OF_MOCKS, _Anything())),
    ]
    made = [
        f"{{{{{name}}}}}" for generator in scenario.generated.values() for name in generation.names_in(generator)
    ]
    sent = (text for tool in webhooks.webhook_tools(agent).values() for text in webhooks.request_texts(tool))
    told = (*texts, *mocked, *made, *sent, *_history_texts(scenario))
    # An agent's own code is given all of them.
    is_told = told_to_tools or isinstance(agent.endpoint, PythonEndpoint)
    unused = [] if is_told else templates.unused(told, scenario.variables)
    return (
        *(f"No variable answers {{{{{name}}}}}; it stays as it is written." for name in dict.fromkeys(unknown)),
        *(f"The variable {name!r} is named nowhere." for name in unused),
    )


def live_warnings(agent: Agent, scenario: Scenario, *, allowed: bool) -> tuple[str, ...]:
    """What becomes of the calls of live tools that no mock answers.

    Args:
        allowed: whether the installation really calls them.
    """
    told = (
        "has no mock: it is really called."
        if allowed
        else "has no mock, and is not called either, because SPARRING_ALLOW_LIVE_TOOLS is not true on this server."
    )
    return tuple(
        f"{scenario.name}: The live webhook {name!r} {told}" for name in webhooks.live_tools(agent, scenario)
    )


def unmocked_warnings(transcript: Transcript, live: Container[str] = ()) -> tuple[str, ...]:
    """The calls that nothing answered, each different one once, with the mock that would answer it.

    Args:
        live: the tools that another simulation would really call.
    """
    return tuple(
        dict.fromkeys(
            f"{unmocked_text(call)} It would be answered by: {mock_to_paste(call)}{_LIVE if call.name in live else ''}"
            for call, result in _answered(transcript)
            if result.source == "unmocked"
        )
    )


def unanswered_warnings(transcript: Transcript) -> tuple[str, ...]:
    """The calls that were really made and whose answer never came, each different one once."""
    return tuple(
        dict.fromkeys(
            f"The live call of {call.name!r} has no answer: {result.text}"
            for call, result in _answered(transcript)
            if result.source == UNANSWERED
        )
    )


def unfilled_warnings(transcript: Transcript) -> tuple[str, ...]:
    """What mocks asked of a call or of the world, and was not there, each different one once."""
    asked = (
        (message.name, name)
        for message in _own_results(transcript)
        for name in templates.names(message.text)
        if name.split(".", 1)[0] in _OF_MOCKS
    )
    return tuple(
        f"An answer of {tool!r} holds {{{{{name}}}}}, because neither the call nor the state has it."
        for tool, name in dict.fromkeys(asked)
    )


def replacement_warnings(transcript: Transcript) -> tuple[str, ...]:
    """The messages of this trial's own that hold U+FFFD, which stands for what cannot be stored."""
    held = [
        str(index)
        for index, message in enumerate(transcript)
        if index >= transcript.history
        and any(REPLACEMENT in text for text in templates.texts_in(_said(message), keys=True))
    ]
    if not held:
        return ()
    where = f"Message {held[0]} holds" if len(held) == 1 else f"Messages {', '.join(held)} hold"
    return (f"{where} U+FFFD, which is stored in place of NUL and of lone surrogates.",)


class _Anything(dict[str, Any]):
    """Has a value for every path: what the arguments of a call will be is not known."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Any:
        return self


def _own_results(transcript: Transcript) -> Iterator[ToolResult]:
    """The results that mocks gave in this trial."""
    for index, message in enumerate(transcript):
        if index >= transcript.history and isinstance(message, ToolResult) and message.source not in _OTHERS:
            yield message


def _told_to_tools(transcript: Transcript) -> bool:
    return any(isinstance(message, ToolResult) and message.source == "mockData" for message in transcript)


def _answered(transcript: Transcript) -> Iterator[tuple[ToolCall, ToolResult]]:
    """Every call that has a result, with it."""
    results = transcript.results()
    for index, message in enumerate(transcript):
        if isinstance(message, UserMessage | AgentMessage):
            for position, call in enumerate(message.calls):
                if (index, position) in results:
                    yield call, results[index, position][1]


def _idle_parts(mocks: Mapping[str, ToolMock]) -> Iterator[tuple[str, str, str]]:
    for name, mock in mocks.items():
        for part, why in unreachable(mock):
            yield name, part, why


def _strangers(mocks: Iterable[str], expect: Expectations, tools: list[str]) -> list[str]:
    """The tools that are mocked, expected or forbidden, and that nobody has."""
    named = [
        *((name, "is mocked") for name in mocks),
        *((action.name, "is expected to be called") for action in expect.actions),
        *((forbidden.name, "is forbidden") for forbidden in expect.forbidden),
    ]
    return [
        f"{name!r} {what}, but nobody has such a tool.{did_you_mean(name, tools)}"
        for name, what in named
        if name not in tools
    ]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question for the name that was probably meant, with a space before it; empty where none is near."""
    near = get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def _mock_texts(by_tool: Mapping[str, ToolMock]) -> Iterator[str]:
    for mock in by_tool.values():
        for rule in mock.rules:
            yield from _condition_texts(rule.when)
            yield from _condition_texts(rule.state)
        answers = [*(rule.answer for rule in mock.rules), *mock.sequence, mock.otherwise]
        for answer in answers:
            if answer is not None:
                yield from _answer_texts(answer)


def _answer_texts(answer: Answer) -> Iterator[str]:
    changes = answer.changes
    yield from templates.texts_in([answer.value, changes.set, changes.append, changes.remove], keys=True)


def _checked_texts(scenario: Scenario) -> Iterator[str]:
    """The texts of the world and of the checks, assertions left out."""
    expect = scenario.expect
    yield from templates.texts_in(scenario.state, keys=True)
    for action in expect.actions:
        yield from _condition_texts(action.arguments or {}, keys=False)
    for forbidden in expect.forbidden:
        yield from _condition_texts(forbidden.arguments)
    for state in expect.state:
        yield from _condition_texts({state.path: state.matcher})
    for words in expect.said:
        yield from (text for text in (words.contains, words.regex) if text)


def _history_texts(scenario: Scenario) -> Iterator[str]:
    for message in scenario.history:
        yield from templates.texts_in(_said(message), keys=True)


def _condition_texts(conditions: Mapping[str, Any], *, keys: bool = True) -> Iterator[str]:
    for path, wanted in conditions.items():
        if keys:
            yield path
        parts = [wanted]
        if isinstance(wanted, Matcher):
            parts = [None if wanted.equal is ABSENT else wanted.equal, wanted.one_of, wanted.regex]
        yield from templates.texts_in(parts, keys=True)


def _said(message: Message) -> list[Any]:
    match message:
        case UserMessage() | AgentMessage():
            made = message.generation
            calls = [[call.id, call.name, call.arguments, call.malformed] for call in message.calls]
            return [message.text, calls, made.opaque if made is not None else None]
        case ToolResult():
            return [message.call_id, message.name, message.text]
        case _:
            return [message.text]
