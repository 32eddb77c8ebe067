"""The whole protocol of a conversation: whose turn it is, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparring.domain.outcomes import Termination
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    Spoken,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
    side_of,
)

END_TOOL = "end_conversation"
"""The tool with which a simulated user ends."""

STOP_TOKENS = ("###STOP###", "###TRANSFER###", "###OUT-OF-SCOPE###")
"""tau2-bench's, accepted from models that do not call tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What bounds one conversation."""

    max_steps: int = 100
    max_errors: int = 5
    """Failed tool results in a row."""
    greeting: str | None = None
    agent_opens: bool = False
    user_end_tool: str = END_TOOL
    agent_end_tools: frozenset[str] = frozenset()
    user_stop_tokens: tuple[str, ...] = STOP_TOKENS
    agent_stop_tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskUser:
    """The simulated user speaks."""


@dataclass(frozen=True, slots=True)
class AskAgent:
    """The agent speaks."""


@dataclass(frozen=True, slots=True)
class Greet:
    """The agent says its greeting."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerTool:
    """A tool call gets its result."""

    call: ToolCall
    side: Side
    ends: bool = False
    """Whether the call is the one that ends the conversation."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The talking is over."""

    reason: Termination


Move = AskUser | AskAgent | Greet | AnswerTool | Stop


def next_move(transcript: Transcript, rules: Rules) -> Move:
    """What must happen next. Depends on nothing but the transcript and the rules.

    An end by one of the two sides wins over a limit that the same step reaches; limits are never looked at
    between a call and its results. A history that ends with somebody's goodbye decides only who speaks next;
    one that ends with the call of an end tool is over.
    """
    pending = transcript.pending
    last = transcript.last_spoken
    if pending is not None and not _only_hanging_up(transcript, rules):
        call, side = pending
        return AnswerTool(call, side, ends=call.name in _end_tools(side, rules))
    if last is None:
        return _opening(rules)
    began = len(transcript) > transcript.history or pending is not None
    if began and (ended := _ended(last, rules)) is not None:
        return Stop(ended)
    if transcript.errors_in_a_row >= rules.max_errors:
        return Stop(Termination.TOO_MANY_ERRORS)
    if transcript.steps >= rules.max_steps:
        return Stop(Termination.MAX_STEPS)
    return _next_speaker(last)


def flaw(said: Sequence[Message], transcript: Transcript) -> str | None:
    """What keeps messages from being an agent's reply, told of the agent; None where nothing does.

    Results answer the calls before them once and in order; calls that are left at the end are for the mocks.
    """
    if not said:
        return "gave no message"
    waiting = [call for call, _ in transcript.unanswered]
    for message in said:
        match message:
            case AgentMessage():
                if waiting:
                    return f"spoke on before its call of {waiting[0].name!r} had a result"
                if is_blank(message):
                    return "gave a message with neither text nor a tool call"
                waiting = list(message.calls)
            case ToolResult():
                if not waiting:
                    return f"gave a result of {message.name!r} that no call is waiting for"
                call = waiting.pop(0)
                if message.call_id != call.id or message.side is not Side.AGENT:
                    return f"gave the result of call {message.call_id!r} where that of {call.id!r} is due"
            case _:
                return f"gave a {type(message).__name__}, and only AgentMessage and ToolResult are its own"
    return None


def history_flaw(history: Sequence[Message]) -> tuple[int, str] | None:
    """The first message that cannot have happened, by its index, and what is wrong with it; None where none is.

    Results answer the calls before them once and in order; calls that are left at the end get theirs in the trial.
    """
    waiting: list[tuple[ToolCall, Side]] = []
    for index, message in enumerate(history):
        match message:
            case UserMessage() | AgentMessage():
                if waiting:
                    return index, f"comes before the call of {waiting[0][0].name!r} has a result"
                if is_blank(message):
                    return index, "has neither text nor a tool call"
                waiting = [(call, side_of(message)) for call in message.calls]
            case ToolResult():
                if not waiting:
                    return index, "is the result of a call, and none is waiting for one"
                call, side = waiting.pop(0)
                if message.side is not side:
                    return index, f"is a result for the {message.side} of a call that the {side} made"
                if message.call_id != call.id:
                    return index, f"is the result of call {message.call_id!r} where that of {call.id!r} is due"
    return None


def is_blank(message: Spoken) -> bool:
    """Whether a message says nothing and calls nothing."""
    return not message.calls and not (message.text and message.text.strip())


def is_end_call(call: ToolCall, side: Side, rules: Rules) -> bool:
    """Whether a call ends the conversation rather than asking a tool for something."""
    return call.name in _end_tools(side, rules)


def without_tokens(text: str, tokens: tuple[str, ...] = STOP_TOKENS) -> str:
    """The text as it is shown: stop tokens taken out."""
    for token in tokens:
        text = text.replace(token, "")
    return text.strip()


def _opening(rules: Rules) -> Move:
    if rules.greeting is not None:
        return Greet(rules.greeting)
    return AskAgent() if rules.agent_opens else AskUser()


def _next_speaker(last: Spoken) -> Move:
    """After results the side that asked for them goes on; after a text the other side does."""
    if last.calls:
        return AskUser() if isinstance(last, UserMessage) else AskAgent()
    return AskAgent() if isinstance(last, UserMessage) else AskUser()


def _end_tools(side: Side, rules: Rules) -> frozenset[str]:
    return frozenset({rules.user_end_tool}) if side is Side.USER else rules.agent_end_tools


def _only_hanging_up(transcript: Transcript, rules: Rules) -> bool:
    """Whether all that is left to answer is the user's own end, which nobody is there to answer."""
    return all(side is Side.USER and call.name == rules.user_end_tool for call, side in transcript.unanswered)


def _ended(last: Spoken, rules: Rules) -> Termination | None:
    side = side_of(last)
    by_user = side is Side.USER
    tokens = rules.user_stop_tokens if by_user else rules.agent_stop_tokens
    if last.calls:
        ended = any(is_end_call(call, side, rules) for call in last.calls)
    else:
        ended = last.text is not None and any(token in last.text for token in tokens)
    if not ended:
        return None
    return Termination.USER_STOP if by_user else Termination.AGENT_STOP
