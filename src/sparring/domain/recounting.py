"""A conversation that took place, as a scenario that plays it again: what was asked for, and what the tools said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparring.domain.matching import Matcher, same
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.transcript import Side, ToolCall, ToolResult, Transcript, UserMessage

UNTOLD = ("unmocked", "malformed", "end", "unanswered")
"""Sources of results that say nothing about the world."""

_LONGEST = 60


def recounted(
    transcript: Transcript, *, name: str | None = None, variables: Mapping[str, Any] | None = None
) -> Scenario:
    """The scenario of a conversation: the person's words as what the simulated user wants, results as mocks.

    What must come of it is for people to say: the scenario expects nothing yet.

    Args:
        name: by default the person's first words.
        variables: those that the conversation was held with.
    """
    said = [message.text for message in transcript if isinstance(message, UserMessage) and message.text]
    return Scenario(
        name=name or _shortened(said[0] if said else "A conversation"),
        instructions=Instructions(
            task=_task(said[1:]),
            reason=said[0] if said else None,
        ),
        variables=dict(variables or {}),
        mocks=recounted_mocks(transcript),
    )


def recounted_mocks(transcript: Transcript) -> dict[str, ToolMock]:
    """Each tool's answers: by its arguments, or in their order where the same call was answered differently."""
    answered: dict[str, list[tuple[ToolCall, Answer]]] = {}
    results = transcript.results()
    for index, call, side in transcript.calls():
        position = _position(transcript, index, call)
        found = results.get((index, position))
        if side is Side.USER or found is None or found[1].source in UNTOLD:
            continue
        answered.setdefault(call.name, []).append((call, _answer(found[1])))
    return {name: _mock(pairs) for name, pairs in answered.items()}


def _position(transcript: Transcript, index: int, call: ToolCall) -> int:
    calls: Sequence[ToolCall] = getattr(transcript[index], "calls", ())
    return next(position for position, other in enumerate(calls) if other is call)


def _mock(pairs: Sequence[tuple[ToolCall, Answer]]) -> ToolMock:
    distinct: list[tuple[ToolCall, Answer]] = []
    for call, answer in pairs:
        earlier = [known for other, known in distinct if same(dict(other.arguments), dict(call.arguments))]
        if not earlier:
            distinct.append((call, answer))
        elif earlier[0] != answer:
            return ToolMock(sequence=tuple(answer for _, answer in pairs))
    return ToolMock(rules=tuple(Rule(when=_when(call), answer=answer) for call, answer in distinct))


def _when(call: ToolCall) -> dict[str, Matcher]:
    return {name: Matcher(equal=value) for name, value in call.arguments.items()}


def _answer(result: ToolResult) -> Answer:
    try:
        value = json.loads(result.text)
    except (ValueError, RecursionError):
        value = result.text
    return Answer(value=value, is_error=result.is_error)


def _task(later: Iterable[str]) -> str:
    points = "\n".join(f"- {' '.join(text.split())}" for text in later)
    if not points:
        return "Say what you want. Once the agent has dealt with it, end the conversation."
    return f"After that you say, in your own words and where it fits:\n{points}\nThen end the conversation."


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
