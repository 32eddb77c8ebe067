"""What a tool answers in a trial: canned, by rule, in sequence, or loudly not at all.

An answer depends on the call, on the scenario and on what the transcript holds, and on nothing else; so a trial
that goes on after a crash gets the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sparring.domain import templates
from sparring.domain.matching import Matcher, matches
from sparring.domain.transcript import Side, ToolCall, ToolResult, Transcript

_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an answer does to the trial's world, by dotted path; first `set`, then `append`, then `remove`.

    A path may hold placeholders (`reservations.{{arguments.id}}.status`), and so may the values.
    """

    set: Mapping[str, Any] = field(default_factory=dict)
    """What stands at a path from now on; objects on the way there are made where they are missing."""
    append: Mapping[str, Any] = field(default_factory=dict)
    """One more item of the list at a path, which is made where it is missing."""
    remove: tuple[str, ...] = ()
    """Paths that are no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool says: any JSON value, with placeholders for variables, the call's arguments and the world."""

    value: Any = None
    is_error: bool = False
    changes: Changes = Changes()
    """Made only where the answer is no error; the value shows the world after them."""
    delay_ms: int = 0
    """Milliseconds until the answer comes; they count for the trial's wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One answer for the calls that fit."""

    when: Mapping[str, Matcher] = field(default_factory=dict)
    """By argument (dotted paths go inside); an argument that is not named may be anything."""
    state: Mapping[str, Matcher] = field(default_factory=dict)
    """The same for the trial's world, by dotted path."""
    answer: Answer
    times: int | None = None
    """How many calls it answers before it steps aside; None for all."""


class Then(StrEnum):
    """What answers once a sequence is used up."""

    OTHERWISE = "otherwise"
    LAST = "last"
    """Its last answer, again and again."""
    AGAIN = "again"
    """The sequence, from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMock:
    """How one tool answers: the first fitting rule, else the next of the sequence, else `otherwise`."""

    rules: tuple[Rule, ...] = ()
    sequence: tuple[Answer, ...] = ()
    """First call, second call, and so on."""
    then: Then = Then.OTHERWISE
    """What comes after the sequence."""
    otherwise: Answer | None = None
    """None: a call that nothing else answers is unmocked, which is an error and told loudly."""

    @property
    def is_static(self) -> bool:
        """Whether every call gets the same answer."""
        return not self.rules and not self.sequence and self.otherwise is not None


def answer(
    call: ToolCall,
    side: Side,
    mocks: Mapping[str, ToolMock],
    variables: Mapping[str, Any],
    transcript: Transcript,
    *,
    fallback: Mapping[str, Any] | None = None,
) -> ToolResult:
    """The result of a tool call.

    Args:
        mocks: by tool name.
        variables: put into the answers' texts.
        transcript: consulted for how often a rule or sequence has answered already.
        fallback: answers the calls that have no mock at all, as JSON (SigmaMind's `mockData`).
    """
    if call.malformed is not None:
        text = f"The arguments of {call.name!r} are not a JSON object: {call.malformed[:200]!r}"
        return _result(call, side, text, is_error=True, source="malformed")
    mock = mocks.get(call.name)
    if mock is None and fallback:
        return _result(call, side, templates.compact_json(dict(fallback)), is_error=False, source="mockData")
    source, found = _choose(mock, call, transcript) if mock is not None else ("unmocked", None)
    if found is None:
        return _result(call, side, unmocked_text(call), is_error=True, source="unmocked")
    return _result(call, side, _render(found.value, call, variables), is_error=found.is_error, source=source)


def unmocked_text(call: ToolCall) -> str:
    """What an agent is told about a call that nothing answers."""
    return f"No mock is defined for this call of {call.name!r}."


def mock_to_paste(call: ToolCall) -> str:
    """The suite lines that would answer an unmocked call.

    An argument that is an object is left out of the condition, because there it would read as a matcher.
    """
    plain = {key: value for key, value in call.arguments.items() if not isinstance(value, Mapping)}
    when = ", ".join(f"{_key(key)}: {templates.compact_json(value)}" for key, value in plain.items())
    return f"mocks: {{{_key(call.name)}: {{rules: [{{when: {{{when}}}, returns: {{}}}}]}}}}"


def _key(name: str) -> str:
    """A name as a key of YAML, in quotes unless it is a plain word that YAML takes for nothing else."""
    plain = name.isascii() and name.isidentifier() and name.lower() not in _YAML_WORDS
    return name if plain else templates.compact_json(name)


def _choose(mock: ToolMock, call: ToolCall, transcript: Transcript) -> tuple[str, Answer | None]:
    for number, rule in enumerate(mock.rules, 1):
        source = f"rule {number}"
        if not all(_fits(path, matcher, call.arguments) for path, matcher in rule.when.items()):
            continue
        if rule.times is None or _used(transcript, call.name, (source,)) < rule.times:
            return source, rule.answer
    if mock.sequence:
        sources = [f"sequence {number}" for number in range(1, len(mock.sequence) + 1)]
        used = _used(transcript, call.name, sources)
        if used < len(mock.sequence):
            return sources[used], mock.sequence[used]
    return ("static" if mock.is_static else "otherwise"), mock.otherwise


def _fits(path: str, matcher: Matcher, arguments: Mapping[str, Any]) -> bool:
    try:
        value = templates.look_up(path, arguments)
    except KeyError:
        return matches(matcher)
    return matches(matcher, value)


def _used(transcript: Transcript, name: str, sources: Sequence[str]) -> int:
    return sum(
        1
        for message in transcript
        if isinstance(message, ToolResult) and message.name == name and message.source in sources
    )


def _render(value: Any, call: ToolCall, variables: Mapping[str, Any]) -> str:
    scope = {**variables, "arguments": call.arguments}
    return templates.as_text(_fill_in(value, scope))


def _fill_in(value: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return templates.fill(value, scope)
    if isinstance(value, Mapping):
        return {key: _fill_in(item, scope) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fill_in(item, scope) for item in value]
    return value


def _result(call: ToolCall, side: Side, text: str, *, is_error: bool, source: str) -> ToolResult:
    return ToolResult(call_id=call.id, name=call.name, text=text, is_error=is_error, side=side, source=source)
