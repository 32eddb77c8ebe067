"""The agent under test where it is a Python callable."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sparring.adapters.players.chat_messages import from_answer, to_history
from sparring.domain.errors import AgentFault, InvalidInput, TrialFault
from sparring.domain.transcript import Message, Transcript, UserMessage
from sparring.simulation.ports import Clock

AgentFunction = Callable[..., Any]
"""`(message)`, `(message, history)` or `(message, history, context)` to an answer, sync or async."""

_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentContext:
    """What a callable agent may want to know about the conversation it is in."""

    conversation: str
    """The same in every call of one conversation, and in no other: a key for state of one's own."""
    scenario: str
    """The scenario's name."""
    trial: int
    """Which repetition of the scenario this is, from 1."""
    seed: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    mocks_url: str | None = None
    """Where the trial's mocks are, for an agent that runs its tools itself: `POST {mocks_url}/TOOL` with the
    arguments as a JSON object; the answer is JSON, of status 422 where the tool fails."""


_CURRENT: ContextVar[AgentContext] = ContextVar("agent_context")


def agent_context() -> AgentContext:
    """The context of the conversation that an agent's code is being asked in, from anywhere in that code.

    Tools that no argument reaches find the address of their mocks by it, in threads and tasks of the reply as well.

    Raises:
        InvalidInput: nobody is asking.
    """
    try:
        return _CURRENT.get()
    except LookupError:
        raise InvalidInput("agent_context() is there only while an agent's code makes a reply.") from None


class CallableAgent:
    """Asks a Python function for each reply.

    The function gets the user's latest message (empty when the agent opens, or when tool results are the news),
    the whole conversation so far as chat-completions messages, that message included, and an AgentContext; it may
    take fewer of them. It returns a text, a message, or a list of messages; tool calls that it leaves unanswered
    are answered by the scenario's mocks, after which it is asked again. A function that is not async runs in a
    thread.
    """

    def __init__(self, function: AgentFunction, context: AgentContext, clock: Clock) -> None:
        """Take a function.

        Raises:
            InvalidInput: it cannot be called with one to three positional arguments.
        """
        self._function = function
        self._context = context
        self._clock = clock
        self._takes = count_arguments(function)

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """The function's next messages.

        Raises:
            AgentFault: it raised, or returned what is no answer.
        """
        latest = transcript[-1] if len(transcript) else None
        message = latest.text or "" if isinstance(latest, UserMessage) else ""
        arguments = (message, to_history(transcript), self._context)[: self._takes]
        asked = _CURRENT.set(self._context)
        try:
            answer = await self._call(*arguments)
        except TrialFault:
            raise
        except (Exception, SystemExit) as error:
            words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise AgentFault(f"The agent's code raised {words}") from error
        finally:
            _CURRENT.reset(asked)
        return from_answer(answer, at=self._clock.now(), calls_so_far=len(transcript))

    async def _call(self, *arguments: Any) -> Any:
        function = self._function
        if _is_async(function):
            return await function(*arguments)
        answer = await asyncio.to_thread(function, *arguments)
        return await answer if inspect.isawaitable(answer) else answer


def count_arguments(function: AgentFunction) -> int:
    """How many of message, history and context a function takes: 1 to 3.

    Raises:
        InvalidInput: it takes none of them, or demands more.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in positional)
    demanded = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    takes = _MOST if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)
    if demanded or needed > _MOST or not takes:
        raise InvalidInput(
            f"The agent {getattr(function, '__name__', function)!r} must take (message), (message, history) or "
            f"(message, history, context), all by position; it takes {inspect.signature(function)}.",
            field="agent",
        )
    return min(takes, _MOST)


def _is_async(function: AgentFunction) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004
    )
