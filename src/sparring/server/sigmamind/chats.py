"""`/chats`: conversations with a person, and those of test runs, to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from sparring.dialects.sigmamind import chat_wire, wire
from sparring.dialects.sigmamind.translate import transcripts
from sparring.dialects.sigmamind.translate.chats import changed_variables, chat_record, chat_reply
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.dialects.snapshots import is_scripted
from sparring.dialects.spelling import CHAT
from sparring.domain.agent import Agent
from sparring.domain.chat import ChatStatus, Talk
from sparring.domain.errors import InvalidInput
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message
from sparring.server.errors import answer
from sparring.server.model_names import check_reachable
from sparring.server.sigmamind.documented import ChatId, PageQuery, SizeQuery, reading, writing
from sparring.server.sigmamind.records import AtDesk, Desk, missing
from sparring.server.sigmamind.streams import EVENT_STREAM, asks_for_stream, streamed
from sparring.simulation.chats import Listener
from sparring.simulation.store import Page

StatusQuery = Annotated[
    chat_wire.ChatStatus | None,
    Query(description="Only the chats with this status; `in-progress` is `in_progress`."),
]
BatchQuery = Annotated[
    str | None, Query(alias="batchId", description="The chats of the test runs of this batch run, and no others.")
]

STREAM: dict[str, Any] = {
    "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
    "description": "The answer; as server-sent events where `Accept: text/event-stream` asks for them.",
}


async def create_chat(body: chat_wire.CreateChat, desk: AtDesk, request: Request) -> Response:
    """Begin a chat with a first message, and get the agent's answer."""
    agent = _playable(await desk.agent(body.agent_id), desk)
    previous = None if body.previous_chat_id is None else await _earlier(body.previous_chat_id, desk)

    async def play(listener: Listener | None) -> Talk:
        return await desk.services.chats.create(
            agent,
            body.input,
            variables=body.dynamic_variables or {},
            previous=previous,
            listener=listener,
        )

    if asks_for_stream(request):
        return await streamed(play, lambda talk: _reply(talk, desk), status=201)
    return answer(_reply(await play(None), desk), 201)


async def send_message(body: chat_wire.SendMessage, desk: AtDesk, request: Request) -> Response:
    """Send the next message of a chat, and get the agent's answer."""
    chat = await desk.chat(body.chat_id)

    async def play(listener: Listener | None) -> Talk:
        return await desk.services.chats.respond(chat, body.input, listener=listener)

    if asks_for_stream(request):
        return await streamed(play, lambda talk: _reply(talk, desk), status=200)
    return answer(_reply(await play(None), desk))


async def get_chat(chat_id: ChatId, desk: AtDesk) -> Response:
    """One chat, with a person or behind a test run."""
    if chat := await desk.find_chat(chat_id):
        return answer(_shown(await desk.services.chats.talk(chat), desk))
    trial = await desk.find_trial(CHAT, chat_id)
    simulation = (
        await desk.services.store.find_simulation(desk.caller.workspace, trial.simulation) if trial else None
    )
    if trial is None or simulation is None:
        raise missing("chat", chat_id)
    return answer(await _behind(simulation, trial, desk))


async def list_chats(
    desk: AtDesk,
    status: StatusQuery = None,
    batch: BatchQuery = None,
    page: PageQuery = 0,
    size: SizeQuery = 10,
) -> Response:
    """The chats with persons, newest first; or those behind the test runs of a batch run."""
    wanted = ChatStatus(status.replace("-", "_")) if status is not None else None
    part = Page(offset=page * size, size=size)
    chats = desk.services.chats
    shown: Sequence[wire.Chat]
    if batch is not None:
        shown, total = await _of_batch(await desk.batch(batch), part, wanted, desk)
    else:
        found, total = await desk.services.store.chats(desk.caller.workspace, part, status=wanted)
        shown = [_shown(await chats.talk(chat), desk) for chat in found]
    return answer({**wrapped(shown, page=page, size=size, total=total), "totalCounts": total})


async def update_chat(chat_id: ChatId, desk: AtDesk, body: chat_wire.UpdateChat | None = None) -> Response:
    """Move a chat to another agent, set variables; those that are not named stay."""
    chat = await desk.chat(chat_id)
    if body is None:
        return answer(_shown(await desk.services.chats.talk(chat), desk))
    moved = await desk.agent(body.agent_id) if "agent_id" in body.model_fields_set else None
    talk = await desk.services.chats.update(
        chat, agent=moved, change=lambda variables: changed_variables(variables, body)
    )
    return answer(_shown(talk, desk))


async def end_chat(chat_id: ChatId, desk: AtDesk) -> Response:
    """End a chat; it then takes no more messages."""
    return answer(_shown(await desk.services.chats.end(await desk.chat(chat_id)), desk))


async def make_scenario(chat_id: ChatId, desk: AtDesk) -> Response:
    """Make a test case of a chat: its facts, its tool results as mocks, and what is expected.

    What is expected is drafted by the judge's model; where there is none, or it fails, by the words of the chat.
    """
    services = desk.services
    case = await services.chats.scenario(await desk.chat(chat_id), judge=services.defaults.judge)
    agent = await services.store.find_agent(desk.caller.workspace, case.agent_id or "")
    return answer(desk.show_case(case, agent), 201)


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    one, many = "/chats/{chatId}", "/chats"
    reply, record = chat_wire.ChatReply, chat_wire.ChatRecord
    streams = {**writing(409)}
    router.post(many, status_code=201, response_model=reply, responses={**streams, 201: STREAM})(create_chat)
    router.post("/chats/response", response_model=reply, responses={**streams, 200: STREAM})(send_message)
    router.get(many, response_model=chat_wire.ChatPage, responses=reading())(list_chats)
    router.get(one, response_model=record | wire.Chat, responses=reading())(get_chat)
    router.patch(one, response_model=record, responses=writing(409))(update_chat)
    router.post(f"{one}/end", response_model=record, responses=writing(409))(end_chat)
    router.post(f"{one}/scenario", status_code=201, response_model=wire.TestCase, responses=writing(409))(
        make_scenario
    )


def _playable(agent: Agent, desk: Desk) -> Agent:
    """The agent with the model that it answers by; InvalidInput where that cannot be reached."""
    model = desk.model_of(agent)
    if model is None and agent.endpoint is None:
        raise InvalidInput(
            f"The agent {agent.name!r} has no model. Give it one in agentSettings.llmModel, or set "
            "SPARRING_AGENT_MODEL.",
            field="agentId",
        )
    if model is not None:
        check_reachable(model, desk.services.models, field="agentId")
    return agent


async def _earlier(text: str, desk: Desk) -> tuple[str, Sequence[Message]]:
    """The id and the messages of a chat with a person, or of one behind a test run."""
    if chat := await desk.find_chat(text):
        return chat.id, (await desk.services.chats.talk(chat)).messages
    if trial := await desk.find_trial(CHAT, text):
        return trial.id, await desk.services.store.messages(trial.id)
    raise missing("chat", text)


def _shown(talk: Talk, desk: Desk) -> chat_wire.ChatRecord:
    return chat_record(talk.chat, talk.messages, agent=_summary(talk, desk))


def _reply(talk: Talk, desk: Desk) -> chat_wire.ChatReply:
    return chat_reply(talk.chat, talk.messages, agent=_summary(talk, desk))


def _summary(talk: Talk, desk: Desk) -> wire.AgentSummary:
    agent = talk.chat.agent
    return desk.summary(agent, scripted=desk.is_scripted(desk.model_of(agent)))


async def _of_batch(
    simulation: Simulation, page: Page, status: ChatStatus | None, desk: Desk
) -> tuple[Sequence[wire.Chat], int]:
    trials = [
        trial
        for trial in await desk.services.store.trials(simulation.id)
        if status is None or transcripts.status_of(trial) == status
    ]
    part = trials[page.offset : page.offset + page.size]
    return [await _behind(simulation, trial, desk) for trial in part], len(trials)


async def _behind(simulation: Simulation, trial: Trial, desk: Desk) -> wire.Chat:
    """The chat behind a test run."""
    scenario = simulation.scenario(trial.scenario)
    return transcripts.chat(
        trial,
        await desk.services.store.messages(trial.id),
        scenario,
        agent=desk.played_summary(simulation.agent),
        created_at=simulation.created_at if trial.started_at is None else trial.started_at,
        scripted=is_scripted(scenario, scenario.model or desk.model_of(simulation.agent)),
    )
