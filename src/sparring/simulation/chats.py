"""Chats: conversations of an agent with a person, message by message through the same journal as a trial's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakValueDictionary

from sparring.domain import ids, retelling, templates, turns, webhooks
from sparring.domain.agent import Agent
from sparring.domain.chance import derive
from sparring.domain.chat import Chat, ChatStatus, Setting, Talk
from sparring.domain.errors import (
    AgentFault,
    Conflict,
    InvalidInput,
    LimitReached,
    NotConfigured,
    NotFound,
    StaleAppend,
    TrialFault,
)
from sparring.domain.outcomes import Role
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits
from sparring.domain.text import storable_message
from sparring.domain.transcript import AgentMessage, Message, Side, ToolCall, ToolResult, Transcript, UserMessage
from sparring.simulation.about import about, log_messages
from sparring.simulation.heralds import Herald
from sparring.simulation.live_tools import LiveTools
from sparring.simulation.ports import AgentCasting, AgentUnderTest, Clock, Drafter, Occasion, WebCaller
from sparring.simulation.store import Journal, Store
from sparring.simulation.trial import Stage, set_stage

_log = logging.getLogger(__name__)

MAX_MOVES = 50
"""Messages and tool results of the agent's side until a person is heard again."""

MAX_STEPS = 2000
"""Of a whole chat, which then ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who follows the agent's side while it speaks."""

    begun: Callable[[Chat], None]
    """Is given the chat once the person's message is stored."""
    message: Callable[[Chat, int, Message], None]
    """Is given each message of the agent's side with its place in the journal, once it is stored."""
    text: Callable[[str], None] | None = None
    """Is given the pieces of a text as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """The use cases around chats, over the ports."""

    store: Store
    casting: AgentCasting
    clock: Clock
    web: WebCaller
    timeout: float = 900.0
    """Seconds on the wall for the answer to one message."""
    default_model: str | None = None
    """The model of agents that name none and live nowhere else."""
    drafter: Drafter | None = None
    """Describes a chat as a test; None where nobody does."""
    herald: Herald = field(default_factory=Herald)
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def create(
        self,
        agent: Agent,
        text: str,
        *,
        variables: Mapping[str, Any],
        setting: Setting | None = None,
        previous: tuple[str, Sequence[Message]] | None = None,
        listener: Listener | None = None,
    ) -> Talk:
        """Begin a chat with a person's first message, and let the agent answer it.

        Args:
            setting: the world in which it is held.
            previous: the id of an earlier conversation, and its messages.

        Raises:
            NotConfigured: the agent's model cannot be reached; nothing is stored then.
        """
        context = _context(previous[1]) if previous is not None else ()
        now = self.clock.now()
        chat = Chat(
            id=ids.mint(int(now), self.clock.entropy(8)),
            workspace=agent.workspace,
            agent=agent,
            variables=variables,
            setting=setting,
            previous=previous[0] if previous is not None else None,
            history=len(context),
            created_at=now,
            updated_at=now,
        )
        async with self._alone(chat.id):
            turn = _Turn(self, chat, listener)
            await self.store.save_chat(chat)
            talk = await turn.play(text, context=context)
        await self.herald.chat_started(talk)
        if talk.chat.status is ChatStatus.ENDED:
            await self.herald.chat_ended(talk)
        return talk

    async def respond(self, chat: Chat, text: str, *, listener: Listener | None = None) -> Talk:
        """Store a person's next message, and let the agent answer it. A second message waits for the first.

        Raises:
            InvalidInput: the chat has ended.
            NotConfigured: the agent's model cannot be reached; nothing is stored then.
            Conflict: another process answers in this chat.
        """
        async with self._alone(chat.id):
            chat = await self._current(chat)
            if chat.status is ChatStatus.ENDED:
                raise InvalidInput("The chat has ended; it takes no more messages.", field="chatId")
            agent = await self.store.find_agent(chat.workspace, chat.agent.id)
            chat = replace(chat, agent=agent or chat.agent)
            talk = await _Turn(self, chat, listener).play(text)
        if talk.chat.status is ChatStatus.ENDED:
            await self.herald.chat_ended(talk)
        return talk

    async def update(
        self,
        chat: Chat,
        *,
        agent: Agent | None = None,
        change: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    ) -> Talk:
        """Move a chat to another agent, change its variables. An agent that speaks at the moment finishes first.

        Args:
            change: gives the new variables for those that there are.
        """
        async with self._alone(chat.id):
            chat = await self._current(chat)
            changed = replace(chat, agent=agent or chat.agent, variables=change(chat.variables))
            if changed != chat or list(changed.variables) != list(chat.variables):
                chat = replace(changed, updated_at=self.clock.now())
                await self.store.save_chat(chat)
            return await self.talk(chat)

    async def end(self, chat: Chat) -> Talk:
        """End a chat; one that has ended stays as it is."""
        async with self._alone(chat.id):
            chat = await self._current(chat)
            over = chat.status is ChatStatus.ENDED
            if not over:
                chat = _ended(chat, self.clock.now())
                await self.store.save_chat(chat)
            talk = await self.talk(chat)
        if not over:
            await self.herald.chat_ended(talk)
        return talk

    async def scenario(self, chat: Chat, *, judge: str | None) -> Scenario:
        """Make a scenario of a chat, and store it.

        Args:
            judge: the model that says what is expected; without one, or where it fails, the words of the chat do.
        """
        talk = await self.talk(chat)
        now = self.clock.now()
        scenario = retelling.retold(
            talk,
            await self.draft(talk, judge),
            id=ids.mint(int(now), self.clock.entropy(8)),
            now=now,
        )
        await self.store.save_scenario(scenario)
        return scenario

    async def talk(self, chat: Chat) -> Talk:
        """The chat with its messages."""
        return Talk(chat, await self.store.chat_journal(chat.id).load())

    async def draft(self, talk: Talk, judge: str | None) -> retelling.Draft | None:
        """What a model makes of a chat; None where there is no model, or it fails."""
        if self.drafter is None or judge is None:
            return None
        instructions = templates.fill(talk.chat.agent.instructions, talk.chat.variables)
        transcript = Transcript(talk.messages[talk.chat.history :])
        try:
            return await self.drafter.draft(judge, instructions, transcript)
        except (TrialFault, NotConfigured) as fault:
            _log.warning("The scenario of chat %s is made of its words only: %s", talk.chat.id, fault)
            return None

    def with_model(self, agent: Agent) -> Agent:
        """The agent with the model that it answers by."""
        if agent.model is not None or agent.endpoint is not None:
            return agent
        return replace(agent, model=self.default_model)

    async def _current(self, chat: Chat) -> Chat:
        found = await self.store.find_chat(chat.workspace, chat.id)
        if found is None:
            raise NotFound("chat", chat.id)
        return found

    @asynccontextmanager
    async def _alone(self, chat_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(chat_id, asyncio.Lock())
        async with lock:
            try:
                yield
            except StaleAppend:
                raise Conflict("Another process is answering in this chat; wait, and send it again.") from None


class _Turn:
    """One message of a person's, and what the agent's side makes of it."""

    def __init__(self, chats: Chats, chat: Chat, listener: Listener | None) -> None:
        """Cast the agent with the chat's variables. NotConfigured where its model cannot be reached."""
        self._chats = chats
        self._chat = chat
        self._listener = listener
        self._journal: Journal = chats.store.chat_journal(chat.id)
        scenario = _scenario(chat)
        self._stage: Stage = set_stage(
            chat.agent, scenario, Limits(max_steps=MAX_STEPS, max_errors=MAX_STEPS, timeout=chats.timeout)
        )
        called = {
            name: tool for name, tool in webhooks.webhook_tools(chat.agent).items() if name not in scenario.mocks
        }
        self._live = LiveTools(web=chats.web, tools=called, variables=chat.variables)
        self._agent: AgentUnderTest = chats.casting.cast_agent(
            webhooks.offered(chats.with_model(chat.agent), self._live.tools, chat.variables),
            scenario,
            Occasion(role=Role.AGENT, scenario=scenario.name, seed=derive(0, chat.id)),
            on_text=listener.text if listener is not None else None,
        )
        self._world = self._stage.world()
        self._heard = False
        """Whether the person's message is stored."""

    async def play(self, text: str, *, context: Sequence[Message] | None = None) -> Talk:
        """Go on from the journal, with the person's message, until it is the person's turn again.

        Args:
            context: of a chat that begins, what it was given of an earlier one.
        """
        transcript = Transcript(await self._journal.load(), history=self._chat.history)
        chat = replace(self._chat, status=ChatStatus.IN_PROGRESS, error=None, updated_at=self._chats.clock.now())
        try:
            async with asyncio.timeout(self._chats.timeout) as deadline:
                await self._catch_up(transcript, context)
                await self._append(transcript, [UserMessage(text=text)])
                self._heard = True
                if self._listener is not None:
                    self._listener.begun(chat)
                over = await self._answer(transcript)
        except TimeoutError:
            if not deadline.expired():
                raise
            seconds = self._chats.timeout
            fault: TrialFault = LimitReached(f"The agent gave no answer within {seconds:g} s.")
        except TrialFault as raised:
            fault = raised
        else:
            return await self._keep(_ended(chat, self._chats.clock.now()) if over else chat, transcript)
        return await self._keep(replace(chat, status=ChatStatus.ERROR, error=str(fault)), transcript)

    async def _catch_up(self, transcript: Transcript, context: Sequence[Message] | None) -> None:
        """Store what has to stand before the person's message: the earlier chat and the greeting, and the results
        of calls that a process left behind when it was killed."""
        if not len(transcript):
            await self._append(transcript, await self._context() if context is None else context)
        match turns.next_move(transcript, self._stage.rules):
            case turns.Greet(text):
                await self._append(transcript, [AgentMessage(text=text)])
            case turns.AnswerTool():
                while transcript.pending is not None:
                    call, side = transcript.pending
                    await self._append(transcript, [await self._result(call, side, transcript, left_behind=True)])

    async def _context(self) -> Sequence[Message]:
        if self._chat.previous is None:
            return ()
        store, previous = self._chats.store, self._chat.previous
        messages = await store.messages(previous) or await store.chat_journal(previous).load()
        return messages[: self._chat.history]

    async def _answer(self, transcript: Transcript) -> bool:
        """Play the agent's side; whether the conversation is over."""
        for _ in range(MAX_MOVES):
            match turns.next_move(transcript, self._stage.rules):
                case turns.Stop():
                    return True
                case turns.AskUser():
                    return False
                case turns.AnswerTool(call, side):
                    said: Sequence[Message] = (await self._result(call, side, transcript),)
                case _:
                    said = await self._agent.reply(transcript)
                    if (flaw := turns.flaw(said, transcript)) is not None:
                        raise AgentFault(f"The agent {flaw}.")
            await self._append(transcript, said)
        raise AgentFault(f"The agent came to no answer within {MAX_MOVES} messages and tool calls.")

    async def _result(
        self, call: ToolCall, side: Side, transcript: Transcript, *, left_behind: bool = False
    ) -> ToolResult:
        if self._live.takes(call, side):
            return await self._live.answer(call, left_behind=left_behind)
        self._world.follow(transcript)
        reply = self._stage.answer(call, side, self._world)
        if reply.delay:
            await self._chats.clock.sleep(reply.delay)
        return reply.result

    async def _append(self, transcript: Transcript, said: Sequence[Message]) -> None:
        now = self._chats.clock.now()
        stored = [storable_message(one if one.at is not None else replace(one, at=now)) for one in said]
        start = len(transcript)
        await self._journal.append(start, stored)
        transcript.extend(stored)
        with about(workspace=self._chat.workspace, chat=self._chat.id):
            log_messages(start, stored)
        if self._listener is not None and self._heard:
            for place, message in enumerate(stored, start):
                self._listener.message(self._chat, place, message)

    async def _keep(self, chat: Chat, transcript: Transcript) -> Talk:
        await self._chats.store.save_chat(chat)
        return Talk(chat, transcript.messages)


def _ended(chat: Chat, now: float) -> Chat:
    return replace(chat, status=ChatStatus.ENDED, error=None, updated_at=now, ended_at=now)


def _scenario(chat: Chat) -> Scenario:
    """The chat as a scenario: whoever would open by its model does not, because the person has spoken."""
    setting = chat.setting
    return Scenario(
        id=chat.id,
        workspace=chat.workspace,
        name=setting.name if setting is not None else "",
        variables=chat.variables,
        mocks=setting.mocks if setting is not None else {},
        state=setting.state if setting is not None else {},
        stop_tokens=(),
        agent_opens=None if chat.agent.greeting else False,
    )


def _context(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages of an earlier conversation, up to calls that were never answered."""
    end = len(messages)
    if Transcript(messages).pending is not None:
        while end and isinstance(messages[end - 1], ToolResult):
            end -= 1
        end -= 1
    return messages[:end]
