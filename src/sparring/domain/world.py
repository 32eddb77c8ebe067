"""What the mocks of one trial remember: its world, and how often each of their answers was given.

All of it is folded from the transcript, result by result, so that a trial that goes on after a crash finds the
world as it was, and a turn costs the same however long the conversation is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from operator import eq
from typing import Any

from sparring.domain import paths, templates
from sparring.domain.errors import ScenarioFault
from sparring.domain.mocks import Answer, Changes, Rule, ToolMock
from sparring.domain.templates import Scope
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, Transcript, UserMessage

MAX_SIZE = 32_000_000
"""Characters, roughly: a world that is put into itself again and again would double each time."""

MAX_DEPTH = 200
"""Levels of what is put into a world at once."""

_NODE = 8
"""Characters that every value counts for, beside its text."""


class World:
    """The world of one trial, after all that its transcript holds.

    `state` is never changed in place: whoever has it keeps what they have. `touched` tells which results changed
    it, and where: the index of the message and a path.
    """

    __slots__ = ("_calls", "_given", "_plain", "_size", "_told", "mocks", "state", "touched", "variables")

    def __init__(
        self,
        mocks: Mapping[str, ToolMock],
        variables: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin with a state, whose keys and texts may hold variables.

        Raises:
            ScenarioFault: it is too large or too deep.
        """
        self.mocks = mocks
        self.variables = variables or {}
        self.state: Mapping[str, Any] = templates.put_in(state or {}, self.variables)
        self._size = _size(self.state, "The state")
        self.touched: list[tuple[int, list[str]]] = []
        self._told = 0
        self._calls: list[ToolCall] = []
        self._given: Counter[tuple[str, str]] = Counter()
        self._plain: dict[int, str] = {}

    def follow(self, transcript: Transcript) -> None:
        """Fold in what the transcript holds since the last time."""
        for index in range(self._told, len(transcript)):
            message = transcript[index]
            if isinstance(message, UserMessage | AgentMessage):
                self._calls = list(message.calls)
            elif isinstance(message, ToolResult) and self._calls:
                call = self._calls.pop(0)
                if index >= transcript.history:
                    self._count(index, call, message)
        self._told = len(transcript)

    def times(self, tool: str, source: str) -> int:
        """How many calls of a tool a source has answered: `rule 2`, or `sequence` for all of its answers."""
        return self._given[tool, source]

    def scopes(self, call: ToolCall) -> tuple[Scope, Scope]:
        """Where placeholders of a mock are looked up: the variables, then the call's arguments and the world."""
        return self._scopes(call, self.state)

    def tell(self, answer: Answer, call: ToolCall, source: str) -> str:
        """What an answer says to a call, with the world as it is after the answer's changes.

        Raises:
            ScenarioFault: the changes cannot be made.
        """
        if (known := self._plain.get(id(answer))) is not None:
            return known
        state = self.state if answer.is_error else self._after(answer.changes, call, source)[0]
        value = templates.put_in(answer.value, *self._scopes(call, state))
        text = templates.as_text(value)
        if value is answer.value and answer.changes == Changes():
            self._plain[id(answer)] = text
        return text

    def at(self, path: str) -> tuple[Any, int | None]:
        """What stands at a path, or ABSENT, and the message whose result was the last to change it."""
        parts = self._parts(path, (self.variables,))
        touching = (i for i, changed in reversed(self.touched) if all(map(eq, changed, parts)))
        return paths.find(self.state, parts), next(touching, None)

    def _scopes(self, call: ToolCall, state: Mapping[str, Any]) -> tuple[Scope, Scope]:
        return self.variables, {"arguments": call.arguments, "state": state}

    def _count(self, index: int, call: ToolCall, result: ToolResult) -> None:
        kind, _, _ = result.source.partition(" ")
        self._given[call.name, kind if kind == "sequence" else result.source] += 1
        answer = given(self.mocks.get(call.name), result.source)
        if answer is None or result.is_error or answer.changes == Changes():
            return
        scopes, changes = self.scopes(call), answer.changes
        paths_changed = [*changes.set, *changes.append, *changes.remove]
        self.touched += [(index, self._parts(path, scopes)) for path in paths_changed]
        self.state, self._size = self._after(changes, call, result.source)

    def _after(self, changes: Changes, call: ToolCall, source: str) -> tuple[Mapping[str, Any], int]:
        """The state and its size once the changes are made; all their values show the state before."""
        scopes = self.scopes(call)
        state: Any = self.state
        grown = self._size
        where = f"The mock of {call.name!r} ({source})"
        try:
            for change, pairs in ((paths.put, changes.set), (paths.append, changes.append)):
                for path, value in pairs.items():
                    new = templates.put_in(value, *scopes)
                    parts = self._parts(path, scopes)
                    grown += _size(new, where) + sum(map(len, parts))
                    state = change(state, parts, new)
            for path in changes.remove:
                state = paths.remove(state, self._parts(path, scopes))
        except paths.NoPlace as error:
            raise ScenarioFault(f"{where} cannot change the state: {error}.") from None
        return state, grown if grown <= MAX_SIZE else _size(state, where)

    def _parts(self, path: str, scopes: tuple[Scope, ...]) -> list[str]:
        whole = templates.fill(path, *scopes)
        parts = [whole] if whole in self.state else templates.parts(path, *scopes)
        if len(parts) > MAX_DEPTH:
            raise paths.NoPlace(f"{whole[:40]!r} goes deeper than {MAX_DEPTH} levels")
        return parts


def given(mock: ToolMock | None, source: str) -> Answer | None:
    """The answer that a result's source names."""
    if mock is None:
        return None
    kind, _, number = source.partition(" ")
    if kind in ("static", "otherwise"):
        return mock.otherwise
    answers: tuple[Answer | Rule, ...] = ()
    if kind == "rule":
        answers = mock.rules
    elif kind == "sequence":
        answers = mock.sequence
    if not number.isdecimal() or not 1 <= int(number) <= len(answers):
        return None
    found = answers[int(number) - 1]
    return found.answer if isinstance(found, Rule) else found


def _size(value: Any, where: str) -> int:
    """Roughly how many characters a value has.

    Raises:
        ScenarioFault: it is too large or too deep.
    """
    size, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        size += _NODE
        if isinstance(one, str):
            size += len(one)
        elif isinstance(one, Mapping):
            size += sum(map(len, one))
            waiting.extend((item, depth + 1) for item in one.values())
        elif isinstance(one, list | tuple):
            waiting.extend((item, depth + 1) for item in one)
        if size > MAX_SIZE or depth > MAX_DEPTH:
            much = f"larger than {MAX_SIZE:,} characters" if size > MAX_SIZE else f"deeper than {MAX_DEPTH} levels"
            raise ScenarioFault(f"{where} makes the trial's world {much}.")
    return size
