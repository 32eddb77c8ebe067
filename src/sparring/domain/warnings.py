"""What is worth knowing about a trial beside its verdict.

Derived from what is stored, never collected on the way: a trial that goes on after a crash warns of the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sparring.domain import mocks, templates
from sparring.domain.agent import Agent
from sparring.domain.answering import mock_to_paste, unmocked_text
from sparring.domain.scenario import Scenario
from sparring.domain.text import REPLACEMENT
from sparring.domain.transcript import AgentMessage, Message, ToolCall, ToolResult, Transcript, UserMessage


def trial_warnings(agent: Agent, scenario: Scenario, transcript: Transcript) -> tuple[str, ...]:
    """Every warning that a trial carries, each once."""
    found = (
        *variable_warnings(agent, scenario, told_to_tools=_told_to_tools(transcript)),
        *unmocked_warnings(transcript),
        *replacement_warnings(transcript),
    )
    return tuple(dict.fromkeys(found))


def variable_warnings(agent: Agent, scenario: Scenario, *, told_to_tools: bool = False) -> tuple[str, ...]:
    """Names that no variable answers, and variables that are named nowhere.

    Args:
        told_to_tools: whether the variables, as one JSON object, answered a tool call; none is idle then.
    """
    texts = [text for text in (*agent.texts, *scenario.texts) if "{{" in text]
    answers = [text for text in _answer_texts({**agent.mocks, **scenario.mocks}) if "{{" in text]
    unknown = [
        *templates.unknown(texts, scenario.variables),
        *templates.unknown(answers, {**scenario.variables, "arguments": _Anything()}),
    ]
    unused = [] if told_to_tools else templates.unused((*texts, *answers), scenario.variables)
    return (
        *(f"No variable answers {{{{{name}}}}}; it stays as it is written." for name in dict.fromkeys(unknown)),
        *(f"The variable {name!r} is named nowhere." for name in unused),
    )


def unmocked_warnings(transcript: Transcript) -> tuple[str, ...]:
    """The calls that nothing answered, each different one once, with the mock that would answer it."""
    return tuple(
        dict.fromkeys(
            f"{unmocked_text(call)} It would be answered by: {mock_to_paste(call)}"
            for call, result in _answered(transcript)
            if result.source == "unmocked"
        )
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


def _answer_texts(by_tool: Mapping[str, mocks.ToolMock]) -> Iterator[str]:
    for mock in by_tool.values():
        answers = [*(rule.answer for rule in mock.rules), *mock.sequence, mock.otherwise]
        for answer in answers:
            if answer is not None:
                yield from templates.texts_in(answer.value)


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
