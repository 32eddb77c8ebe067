"""A transcript as it is shown, and the words of it that evidence points to.

Roles are in words, stop tokens are taken out, each result has its source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sparring.domain import turns
from sparring.domain.evaluation import Evidence
from sparring.domain.scenario import Scenario
from sparring.domain.templates import compact_json
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)

_ENDED = "(ends the conversation)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCall:
    """A tool call."""

    name: str
    arguments: str

    @property
    def text(self) -> str:
        """The call on one line."""
        return f"{self.name} {self.arguments}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """One message, ready to be read."""

    index: int
    """Its number in the transcript, from 0, as the judge counts."""
    role: str
    """`user`, `agent`, `tool` or `system`."""
    text: str
    calls: tuple[ShownCall, ...] = ()
    tool: str | None = None
    """Of a result: the tool's name."""
    source: str | None = None
    """Of a result: where it came from."""
    is_error: bool = False
    for_user: bool = False
    """Of a result: whether the simulated user had asked."""
    at: float | None = None
    generation: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a transcript that show something."""

    message: int
    who: str
    """`agent`, `user`, `tool NAME`, `system`."""
    words: str
    is_verbatim: bool
    """Whether these are words that were said or answered, not a call that was made."""


def shown(messages: Sequence[Message], scenario: Scenario) -> list[ShownMessage]:
    """The messages of a trial."""
    return [_shown(index, message, scenario) for index, message in enumerate(messages)]


def quote(evidence: Evidence, messages: Sequence[Message], scenario: Scenario) -> Quote | None:
    """The words that evidence points to; None where there is no such message."""
    if not 0 <= evidence.message < len(messages):
        return None
    message = _shown(evidence.message, messages[evidence.message], scenario)
    who = f"tool {message.tool}" if message.role == "tool" else message.role
    words = without_tokens(evidence.quote, message.role, scenario)
    made = next((call.text for call in message.calls if words in call.text), None)
    if made is not None and words not in message.text:
        return Quote(message=message.index, who=who, words=made, is_verbatim=False)
    return Quote(message=message.index, who=who, words=words or message.text, is_verbatim=True)


def without_tokens(text: str, role: str, scenario: Scenario) -> str:
    """What a side said, without the tokens with which it ends."""
    if role == "user":
        tokens = turns.STOP_TOKENS if scenario.stop_tokens is None else scenario.stop_tokens
        return turns.without_tokens(text, tokens)
    if role == "agent" and scenario.agent_stop_tokens:
        return turns.without_tokens(text, scenario.agent_stop_tokens)
    return text


def marked(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is among the words."""
    wanted = sorted({word for word in words if word}, key=len, reverse=True)
    if not wanted:
        return [(text, False)]
    pieces = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text)
    return [(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]


def _shown(index: int, message: Message, scenario: Scenario) -> ShownMessage:
    match message:
        case SystemMessage():
            return ShownMessage(index=index, role="system", text=message.text, at=message.at)
        case ToolResult():
            given = index < len(scenario.history)
            return ShownMessage(
                index=index,
                role="tool",
                text=message.text,
                tool=message.name,
                source="history" if given else message.source,
                is_error=message.is_error,
                for_user=message.side is Side.USER,
                at=message.at,
            )
        case UserMessage() | AgentMessage():
            role = "user" if isinstance(message, UserMessage) else "agent"
            text = without_tokens(message.text or "", role, scenario)
            return ShownMessage(
                index=index,
                role=role,
                text=_ENDED if message.text and not text and not message.calls else text,
                calls=tuple(map(_call, message.calls)),
                at=message.at,
                generation=message.generation,
            )


def _call(call: ToolCall) -> ShownCall:
    arguments = call.malformed if call.malformed is not None else compact_json(dict(call.arguments))
    return ShownCall(name=call.name, arguments=arguments)
