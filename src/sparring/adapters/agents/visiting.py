"""What holds for every agent that lives elsewhere: its limits, its mocks, and whose fault it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sparring.adapters.agents.door import too_long
from sparring.adapters.agents.mock_worlds import MockWorlds, Room
from sparring.adapters.players.callable_agent import AgentContext
from sparring.domain import turns
from sparring.domain.endpoints import ReplyLimits
from sparring.domain.errors import AgentFault
from sparring.domain.transcript import AgentMessage, Message, ToolCall, ToolResult, Transcript
from sparring.simulation.ports import AgentUnderTest
from sparring.simulation.trial import Stage

MakeAgent = Callable[[AgentContext], AgentUnderTest]


class VisitingAgent:
    """An agent that lives elsewhere, with the mocks of its trial beside it where it runs its own tools.

    Nothing is asked twice: what its side did with a message cannot be undone from here. So all of its faults end
    the trial.
    """

    def __init__(
        self,
        make: MakeAgent,
        context: AgentContext,
        stage: Stage,
        limits: ReplyLimits,
        worlds: MockWorlds | None,
    ) -> None:
        """Make the agent when it is first asked.

        Args:
            make: the agent, with the context that has the address of its mocks.
            worlds: serves the mocks; None for an agent whose calls are answered by the conversation itself.
        """
        self._make = make
        self._context = context
        self._stage = stage
        self._limits = limits
        self._worlds = worlds
        self._room: Room | None = None
        self._agent: AgentUnderTest | None = None

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """The agent's next messages: the calls that it made of its mocks, then what it said.

        Raises:
            AgentFault: it gave nothing that can be used, or went beyond a limit.
            ScenarioFault: a mock cannot do what it says.
        """
        agent = await self._there()
        try:
            async with asyncio.timeout(self._limits.timeout) as deadline:
                if self._room is None:
                    said = list(await agent.reply(transcript))
                else:
                    with self._room.turn(transcript, most=self._limits.max_calls):
                        said = list(await agent.reply(transcript))
                    said = self._woven(self._room.taken(), said)
        except AgentFault as fault:
            fault.retryable = False
            raise
        except TimeoutError:
            if not deadline.expired():
                raise
            raise AgentFault(
                f"The agent gave no whole reply within {self._limits.timeout:g} s; its limit is limits.timeout.",
                retryable=False,
            ) from None
        self._check(said, transcript)
        return said

    def leave(self) -> None:
        """The trial is over: its mocks answer no more."""
        if self._worlds is not None and self._room is not None:
            self._worlds.close_room(self._room)

    async def _there(self) -> AgentUnderTest:
        if self._agent is None:
            context = self._context
            if self._worlds is not None:
                self._room = await self._worlds.open(self._stage)
                context = replace(context, mocks_url=self._room.url)
            self._agent = self._make(context)
        return self._agent

    def _woven(self, rounds: Sequence[Message], said: Sequence[Message]) -> list[Message]:
        """The calls before the words; a call that ends the conversation goes with the last words."""
        ends = [call for call in _calls(rounds) if call.name in self._stage.rules.agent_end_tools]
        if not ends:
            return [*rounds, *said]
        ending = {call.id for call in ends}
        results = [m for m in rounds if isinstance(m, ToolResult) and m.call_id in ending]
        before = [m for m in rounds if not _belongs(m, ending)]
        *others, last = said or [AgentMessage(text=None)]
        if not isinstance(last, AgentMessage) or last.calls:
            return [*before, *said, AgentMessage(text=None, calls=tuple(ends)), *results]
        return [*before, *others, replace(last, calls=tuple(ends)), *results]

    def _check(self, said: Sequence[Message], transcript: Transcript) -> None:
        most = self._limits.max_messages
        spoken = sum(isinstance(message, AgentMessage) and not message.calls for message in said)
        if spoken > most:
            raise AgentFault(
                f"The agent gave {spoken} messages in one reply; its limit is limits.max_messages: {most}.",
                retryable=False,
            )
        size = sum(len(message.text.encode("utf-8", "replace")) for message in said if message.text)
        if size > self._limits.max_bytes:
            raise too_long(self._limits.max_bytes)
        flaw = turns.flaw(said, transcript)
        if flaw is not None:
            raise AgentFault(f"The agent {flaw}.", retryable=False)


def _calls(messages: Iterable[Message]) -> Iterable[ToolCall]:
    return (call for message in messages if isinstance(message, AgentMessage) for call in message.calls)


def _belongs(message: Message, calls: set[str]) -> bool:
    match message:
        case AgentMessage():
            return any(call.id in calls for call in message.calls)
        case ToolResult():
            return message.call_id in calls
    return False
