"""What happened in a conversation, append-only: messages, tool calls and tool results.

The transcript is also the journal: a trial goes on from it after a crash, so everything that the next move
depends on can be read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIVE = "live"
"""The `source` of a result that a real address gave."""

UNANSWERED = "unanswered"
"""The `source` of a result that stands for the answer of a real address, where none came or it was lost."""


class Side(StrEnum):
    """Who asked for a tool: the words of the Eqho and tau2 wires (`requestor`)."""

    AGENT = "assistant"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool, as the model made it."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    malformed: str | None = None
    """What came instead of a JSON object of arguments; `arguments` is then empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one model call. `cached` and `written` are among `input`, `reasoning` among `output`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    written: int = 0
    """Put into the provider's cache by this call, where that is told; some providers charge more for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How a message came about, where a model made it."""

    provider: str
    model: str
    """The model that answered, as its provider named it."""
    cost: float | None = None
    """USD; None where the price is not known."""
    usage: Usage | None = None
    seconds: float | None = None
    """From the request to the whole answer."""
    finish: str | None = None
    opaque: Mapping[str, Any] | None = None
    """Parts of the provider's own that it wants back unchanged (reasoning, signatures)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemMessage:
    """Given with a scenario's history; goes to the agent's prompt and decides nothing."""

    text: str
    at: float | None = None
    """Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMessage:
    """What the simulated user said or did."""

    text: str | None
    calls: tuple[ToolCall, ...] = ()
    at: float | None = None
    generation: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMessage:
    """What the agent under test said or did."""

    text: str | None
    calls: tuple[ToolCall, ...] = ()
    at: float | None = None
    generation: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """The answer to one tool call."""

    call_id: str
    name: str
    text: str
    is_error: bool = False
    side: Side = Side.AGENT
    source: str = "static"
    """How it came about: `static`, `rule 2`, `sequence 1`, `otherwise`, `mockData`, `unmocked`, `malformed`,
    `end`, `agent`, `live`, `unanswered`."""
    at: float | None = None


Message = SystemMessage | UserMessage | AgentMessage | ToolResult
Spoken = UserMessage | AgentMessage


class Transcript:
    """The messages so far, with the facts that `next_move` asks for kept up to date.

    It only grows. Every fact is folded in as messages come, so that a turn costs the same however long the
    conversation is.
    """

    __slots__ = ("_after_history", "_messages", "_pending", "errors_in_a_row", "last_spoken", "steps")

    def __init__(self, messages: Iterable[Message] = (), *, history: int = 0) -> None:
        """Fold the messages in. The first `history` of them were given with the scenario: no steps of ours."""
        self._messages: list[Message] = []
        self._pending: list[tuple[ToolCall, Side]] = []
        self._after_history = history
        self.steps = 0
        self.errors_in_a_row = 0
        self.last_spoken: Spoken | None = None
        self.extend(messages)

    def extend(self, messages: Iterable[Message]) -> None:
        """Append messages, in order."""
        for message in messages:
            self._fold(message)
            self._messages.append(message)

    @property
    def messages(self) -> Sequence[Message]:
        """All messages, the history included."""
        return self._messages

    @property
    def history(self) -> int:
        """How many messages were given with the scenario."""
        return self._after_history

    @property
    def pending(self) -> tuple[ToolCall, Side] | None:
        """The first tool call that has no result yet, and who made it."""
        return self._pending[0] if self._pending else None

    @property
    def unanswered(self) -> Sequence[tuple[ToolCall, Side]]:
        """The tool calls of the last spoken message that have no result yet, in order."""
        return self._pending

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def __getitem__(self, index: int) -> Message:
        return self._messages[index]

    def calls(self) -> Iterator[tuple[int, ToolCall, Side]]:
        """Every tool call with the index of its message and who made it."""
        for index, message in enumerate(self._messages):
            if isinstance(message, UserMessage | AgentMessage):
                for call in message.calls:
                    yield index, call, side_of(message)

    def results(self) -> dict[tuple[int, int], tuple[int, ToolResult]]:
        """The result of each call: (message index, position in the message) to (message index, result).

        Paired by order within a round, not by id, because recordings exist whose call ids are empty.
        """
        paired: dict[tuple[int, int], tuple[int, ToolResult]] = {}
        waiting: list[tuple[int, int]] = []
        for index, message in enumerate(self._messages):
            if isinstance(message, UserMessage | AgentMessage):
                waiting = [(index, position) for position in range(len(message.calls))]
            elif isinstance(message, ToolResult) and waiting:
                paired[waiting.pop(0)] = (index, message)
        return paired

    def _fold(self, message: Message) -> None:
        ours = len(self._messages) >= self._after_history
        match message:
            case UserMessage() | AgentMessage():
                self.last_spoken = message
                self._pending = [(call, side_of(message)) for call in message.calls]
                self.steps += ours
            case ToolResult():
                if self._pending:
                    self._pending.pop(0)
                if ours:
                    self.errors_in_a_row = self.errors_in_a_row + 1 if message.is_error else 0
                    self.steps += not self._pending


def side_of(message: Spoken) -> Side:
    """Which side a message is from."""
    return Side.USER if isinstance(message, UserMessage) else Side.AGENT
