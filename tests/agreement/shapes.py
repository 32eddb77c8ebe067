"""Which recordings the engine can play at all, told from the conversation alone."""

from sparring.domain.outcomes import Termination
from sparring.domain.transcript import AgentMessage, Side, Spoken, ToolCall, ToolResult, UserMessage, side_of
from sparring.domain.turns import STOP_TOKENS, is_blank

from .recordings import Recording

MAX_ERRORS = 10
"""Failed results in a row that end a conversation."""


def obstacle(recording: Recording) -> str | None:
    """Why a conversation cannot be represented; None where it can.

    There are two reasons. Both sides spoke at once, as in a voice recording: a message is empty, follows the words
    that end the conversation, comes out of turn, or a result stands before its call. Or nobody speaks the end that
    was recorded, and no limit is reached either.
    """
    if (seen := _out_of_turn(recording)) is not None:
        return f"full duplex: {seen}"
    if not _end_is_spoken(recording):
        return f"nobody speaks its end, {recording.record.get('termination_reason')}"
    return None


def stop_tokens(message: Spoken) -> tuple[str, ...]:
    """The stop tokens that a message ends with; none in one that calls tools."""
    return tuple(token for token in STOP_TOKENS if token in (message.text or "") and not message.calls)


def _out_of_turn(recording: Recording) -> str | None:
    waiting: list[ToolCall] = []
    due: Side | None = None
    over = False
    for index, message in enumerate(recording.messages):
        if isinstance(message, ToolResult):
            if not waiting or waiting.pop(0).id != message.call_id:
                return f"message {index} is a result before its call"
            continue
        assert isinstance(message, UserMessage | AgentMessage)
        if over:
            return f"message {index} follows the end"
        if is_blank(message):
            return f"message {index} is empty"
        if waiting or due not in (None, side_of(message)):
            return f"message {index} is out of turn"
        waiting = list(message.calls)
        due = _next(message)
        over = bool(stop_tokens(message)) and _may_end(message, recording)
    return None


def _next(message: Spoken) -> Side:
    spoke = side_of(message)
    if message.calls:
        return spoke
    return Side.AGENT if spoke is Side.USER else Side.USER


def _may_end(message: Spoken, recording: Recording) -> bool:
    """A user's stop token always ends; an agent's only where it is the agent that ends."""
    return isinstance(message, UserMessage) or recording.termination is Termination.AGENT_STOP


def _end_is_spoken(recording: Recording) -> bool:
    last = recording.messages[-1] if recording.messages else None
    transcript = recording.transcript
    match recording.termination:
        case Termination.USER_STOP:
            return isinstance(last, UserMessage) and bool(stop_tokens(last))
        case Termination.AGENT_STOP:
            return isinstance(last, AgentMessage) and bool(stop_tokens(last))
        case Termination.MAX_STEPS:
            return transcript.steps > 0 and transcript.pending is None
        case Termination.TOO_MANY_ERRORS:
            return transcript.errors_in_a_row >= MAX_ERRORS and transcript.pending is None
    return False
