"""Recorded conversations: one JSON object a line, told apart by the number of the line."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sparring.domain.outcomes import Termination
from sparring.domain.scenario import ExpectedAction
from sparring.domain.transcript import AgentMessage, Message, Side, ToolCall, ToolResult, Transcript, UserMessage

GZIP = b"\x1f\x8b"


class Unreadable(Exception):
    """A file is not of the form of `trajectories.jsonl`."""


@dataclass(frozen=True)
class Recording:
    """One conversation, with what its own evaluator found."""

    line: int
    """From 1."""
    record: Mapping[str, Any]

    def __str__(self) -> str:
        """The line, and where the conversation comes from."""
        return f"line {self.line} ({self.record.get('domain') or 'no domain'}, task {self.record.get('task_id')})"

    @cached_property
    def messages(self) -> Sequence[Message]:
        """The messages as Sparring's, character by character; a result is named after the call that it answers."""
        read: list[Message] = []
        waiting: list[ToolCall] = []
        for told in self.record["messages"]:
            if told["role"] == "tool":
                read.append(_result(told, waiting.pop(0) if waiting else None))
                continue
            waiting = [_call(call) for call in told.get("tool_calls") or ()]
            kind = UserMessage if told["role"] == "user" else AgentMessage
            read.append(kind(text=told["content"], calls=tuple(waiting)))
        return read

    @property
    def transcript(self) -> Transcript:
        """The conversation as the domain keeps it."""
        return Transcript(self.messages)

    @property
    def termination(self) -> Termination | None:
        """How it ended; None for an end that Sparring does not have."""
        word = self.record.get("termination_reason")
        return Termination(word) if word in tuple(Termination) else None

    @property
    def called(self) -> frozenset[str]:
        """The names of all tools that either side called."""
        return frozenset(call.name for _, call, _ in self.transcript.calls())

    @property
    def expected(self) -> frozenset[str]:
        """The names of all tools whose calls its task expects."""
        return frozenset(check["action"]["name"] for check in self.checks)

    @property
    def checks(self) -> Sequence[Mapping[str, Any]]:
        """The expected actions, each with the recorded verdict on it."""
        return self.record.get("action_checks") or ()

    @property
    def database(self) -> bool | None:
        """Whether the database was found as it should be; None where nobody looked."""
        value = (self.record.get("reward_breakdown") or {}).get("DB")
        return None if value is None else value == 1

    def actions(self, match_rule: str) -> tuple[ExpectedAction, ...]:
        """The expected actions under one of the rules."""
        return tuple(_action(check["action"], match_rule) for check in self.checks)


def read_recordings(path: Path) -> Iterator[Recording]:
    """The conversations of a file, which may be compressed by gzip.

    Raises:
        Unreadable: it is not there, or a line is no conversation.
    """
    try:
        with path.open("rb") as probe:
            packed = probe.read(2) == GZIP
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield Recording(number, _record(path, number, line))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from None


def _record(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise Unreadable(f"{path}:{number}: not valid JSON: {error}") from None
    if not isinstance(record, dict) or not isinstance(record.get("messages"), list):
        raise Unreadable(f"{path}:{number}: expected an object with `messages`.")
    return record


def _call(told: Mapping[str, Any]) -> ToolCall:
    return ToolCall(id=told["id"], name=told["name"], arguments=told["arguments"])


def _result(told: Mapping[str, Any], call: ToolCall | None) -> ToolResult:
    return ToolResult(
        call_id=told["tool_call_id"],
        name=call.name if call else "",
        text=told["content"],
        is_error=told["error"],
        side=Side(told["requestor"]),
    )


def _action(told: Mapping[str, Any], match_rule: str) -> ExpectedAction:
    compared = told.get("compare_args")
    return ExpectedAction(
        name=told["name"],
        arguments=told["arguments"],
        compare_args=None if compared is None else tuple(compared),
        side=Side(told.get("requestor") or Side.AGENT),
        match_rule=match_rule,
        call_id=told.get("action_id"),
        info=told.get("info"),
    )
