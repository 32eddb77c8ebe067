"""What a tool call is answered: canned, by rule, in sequence, or loudly not at all.

An answer depends on the call, on the scenario and on what the transcript holds, and on nothing else; so a trial
that goes on after a crash gets the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparring.domain import templates
from sparring.domain.matching import fits
from sparring.domain.mocks import Answer, Rule, Then, ToolMock
from sparring.domain.transcript import Side, ToolCall, ToolResult
from sparring.domain.world import World

_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

_LONGEST = 200
"""Characters of an argument that a mock to paste asks for."""

_MOST = 20
"""Arguments that it asks for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a tool call, and how many seconds it takes."""

    result: ToolResult
    delay: float = 0.0


def answer(call: ToolCall, side: Side, world: World, *, fallback: Mapping[str, Any] | None = None) -> Reply:
    """The result of a tool call.

    Args:
        world: after everything that happened before the call.
        fallback: answers the calls that have no mock at all, as JSON (SigmaMind's `mockData`).

    Raises:
        ScenarioFault: the mock cannot do what it says.
    """
    if call.malformed is not None:
        text = f"The arguments of {call.name!r} are not a JSON object: {call.malformed[:200]!r}"
        return Reply(_result(call, side, text, is_error=True, source="malformed"))
    mock = world.mocks.get(call.name)
    if mock is None and fallback:
        return Reply(
            _result(call, side, templates.compact_json(dict(fallback)), is_error=False, source="mockData")
        )
    source, found = _choose(mock, call, world) if mock is not None else ("unmocked", None)
    if found is None:
        return Reply(_result(call, side, unmocked_text(call), is_error=True, source="unmocked"))
    text = world.tell(found, call, source)
    return Reply(_result(call, side, text, is_error=found.is_error, source=source), found.delay_ms / 1000)


def unmocked_text(call: ToolCall) -> str:
    """What an agent is told about a call that nothing answers."""
    return f"No mock is defined for this call of {call.name!r}."


def mock_to_paste(call: ToolCall) -> str:
    """The suite lines that would answer an unmocked call.

    An argument that is an object is left out of the condition, because there it would read as a matcher; so is one
    that is long, or that holds what reads as a placeholder.
    """
    plain = [(key, value) for key, value in call.arguments.items() if _is_plain(key, value)][:_MOST]
    when = ", ".join(f"{_key(key)}: {_yaml(templates.compact_json(value))}" for key, value in plain)
    return f"mocks: {{{_key(call.name)}: {{rules: [{{when: {{{when}}}, returns: {{}}}}]}}}}"


def _is_plain(key: str, value: Any) -> bool:
    written = key + templates.as_text(value)
    return not isinstance(value, Mapping) and len(written) <= _LONGEST and "{{" not in written


def _key(name: str) -> str:
    """A name as a key of YAML, in quotes unless it is a plain word that YAML takes for nothing else."""
    plain = name.isascii() and name.isidentifier() and name.lower() not in _YAML_WORDS
    return name if plain else _yaml(templates.compact_json(name))


def _yaml(written: str) -> str:
    """JSON as YAML reads it: characters that YAML does not allow as their escapes."""
    return "".join(
        char if char.isprintable() and char not in "\ufeff\ufffe\uffff" else _escape(char) for char in written
    )


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def _choose(mock: ToolMock, call: ToolCall, world: World) -> tuple[str, Answer | None]:
    for number, rule in enumerate(mock.rules, 1):
        source = f"rule {number}"
        if _fits(rule, call, world) and (rule.times is None or world.times(call.name, source) < rule.times):
            return source, rule.answer
    if mock.sequence and (number := _turn(mock, world.times(call.name, "sequence"))):
        return f"sequence {number}", mock.sequence[number - 1]
    return ("static" if mock.is_static else "otherwise"), mock.otherwise


def _turn(mock: ToolMock, used: int) -> int:
    """Which answer of the sequence is due, from 1; 0 where it is used up."""
    length = len(mock.sequence)
    if used < length:
        return used + 1
    match mock.then:
        case Then.LAST:
            return length
        case Then.AGAIN:
            return used % length + 1
        case Then.OTHERWISE:
            return 0


def _fits(rule: Rule, call: ToolCall, world: World) -> bool:
    scopes = world.scopes(call)
    return all(fits(path, wanted, call.arguments, *scopes) for path, wanted in rule.when.items()) and all(
        fits(path, wanted, world.state, *scopes) for path, wanted in rule.state.items()
    )


def _result(call: ToolCall, side: Side, text: str, *, is_error: bool, source: str) -> ToolResult:
    return ToolResult(call_id=call.id, name=call.name, text=text, is_error=is_error, side=side, source=source)
