"""Talking to an agent: a chat that is begun, gone on with and ended, its answers shown as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.dialects.spelling import CHAT, candidates
from sparring.domain import templates
from sparring.domain.agent import Agent
from sparring.domain.chat import Chat, ChatStatus, Setting, Talk
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import InvalidInput, NotFound, ScenarioFault
from sparring.domain.played import as_played
from sparring.domain.scenario import Scenario
from sparring.domain.transcript import AgentMessage
from sparring.reports.views.trial import talk as talk_view
from sparring.server.model_names import check_reachable
from sparring.server.services import Services
from sparring.server.sigmamind.streams import asks_for_stream, streamed
from sparring.server.ui import addresses
from sparring.server.ui.agent_page import find_agent, plays
from sparring.server.ui.pages import Form, KnownVisitor, back_to, page, services_of
from sparring.server.ui.sessions import Visitor
from sparring.simulation.chats import Listener
from sparring.simulation.store import Page

_SCENARIOS = 500
"""Scenarios in whose world a chat can be held."""
_LONGEST = 50_000
"""Characters of one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a chat begins with, as it was chosen and typed."""

    scenario: Scenario | None
    variables: str
    """As lines of YAML."""
    message: str = ""
    trouble: str | None = None


async def show_new(request: Request, visitor: KnownVisitor, agent_id: str, scenario: str = "") -> Response:
    """A chat that is not begun yet."""
    services = services_of(request)
    agent = await find_agent(services, visitor, agent_id)
    world = await services.store.find_scenario(visitor.workspace, scenario) if scenario else None
    variables = _variables(services, agent, world)
    return await _new(request, visitor, agent, Beginning(scenario=world, variables=variables))


async def begin(request: Request, visitor: KnownVisitor, form: Form, agent_id: str) -> Response:
    """Begin a chat with a first message."""
    services = services_of(request)
    agent = await find_agent(services, visitor, agent_id)
    chosen = form.get("scenario", "")
    world = await services.store.find_scenario(visitor.workspace, chosen) if chosen else None
    try:
        _check(services, agent)
        text = _message(form)
        variables = _read(services, form.get("variables", ""))
    except InvalidInput as error:
        typed = form.get("variables", "").replace("\r\n", "\n")
        tried = Beginning(scenario=world, variables=typed, message=form.get("message", ""), trouble=str(error))
        return await _new(request, visitor, agent, tried)

    async def play(listener: Listener | None) -> Talk:
        return await services.chats.create(
            agent, text, variables=variables, setting=_setting(world), listener=listener
        )

    if asks_for_stream(request):
        return await streamed(play, _address, status=200)
    talk = await play(None)
    return back_to(addresses.chat(talk.chat.id))


async def show(request: Request, visitor: KnownVisitor, chat_id: str) -> Response:
    """A chat."""
    return await _shown(request, await _find(services_of(request), visitor, chat_id))


async def say(request: Request, visitor: KnownVisitor, form: Form, chat_id: str) -> Response:
    """The next message of a chat."""
    services = services_of(request)
    chat = await _find(services, visitor, chat_id)
    try:
        text = _message(form)
    except InvalidInput as error:
        return await _shown(request, chat, trouble=str(error))

    async def play(listener: Listener | None) -> Talk:
        return await services.chats.respond(chat, text, listener=listener)

    if asks_for_stream(request):
        return await streamed(play, _address, status=200)
    await play(None)
    return back_to(f"{addresses.chat(chat.id)}#last")


async def end(request: Request, visitor: KnownVisitor, form: Form, chat_id: str) -> Response:
    """End a chat."""
    services = services_of(request)
    chat = await _find(services, visitor, chat_id)
    await services.chats.end(chat)
    return back_to(addresses.chat(chat.id))


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/agents/{agent_id}/talk")(show_new)
    router.post("/agents/{agent_id}/talk")(begin)
    router.get("/chats/{chat_id}")(show)
    router.post("/chats/{chat_id}")(say)
    router.post("/chats/{chat_id}/end")(end)


async def _find(services: Services, visitor: Visitor, text: str) -> Chat:
    for id in candidates(CHAT, text):
        if chat := await services.store.find_chat(visitor.workspace, id):
            return chat
    raise NotFound("chat", text[:100])


def _check(services: Services, agent: Agent) -> None:
    """InvalidInput where an agent cannot be talked to."""
    if isinstance(agent.endpoint, PythonEndpoint):
        raise InvalidInput("This agent is Python code, which only the command line talks to: `sparring try`.")
    model = agent.model or services.defaults.agent
    if agent.endpoint is not None:
        return
    if model is None:
        raise InvalidInput("The agent has no model. Give it one, or set SPARRING_AGENT_MODEL.")
    check_reachable(model, services.models, field="The agent's model")


def _message(form: Mapping[str, str]) -> str:
    text = form.get("message", "").replace("\r\n", "\n")
    if not text.strip():
        raise InvalidInput("Write a message first.", field="message")
    if len(text) > _LONGEST:
        raise InvalidInput(f"A message has at most {_LONGEST:,} characters.", field="message")
    return text


def _read(services: Services, text: str) -> Mapping[str, object]:
    reading = services.editing.read_object(text)
    if reading.record is None:
        told = "; ".join(
            f"line {flaw.line}: {flaw.message}" if flaw.line else flaw.message for flaw in reading.flaws
        )
        raise InvalidInput(f"The variables cannot be read: {told}", field="variables")
    return reading.record


def _setting(scenario: Scenario | None) -> Setting | None:
    if scenario is None:
        return None
    return Setting(scenario=scenario.id, name=scenario.name, mocks=scenario.mocks, state=scenario.state)


def _variables(services: Services, agent: Agent, scenario: Scenario | None) -> str:
    """Every variable that the agent's texts ask for, and those of the scenario, with their values."""
    known: Mapping[str, object] = {}
    if scenario is not None:
        try:
            known = as_played(scenario, 0).variables
        except ScenarioFault:
            known = scenario.variables
    asked = [name for text in agent.texts for name in templates.names(text)]
    given = {name: "" for name in asked if name.partition(".")[0] not in known} | dict(known)
    return services.editing.yaml_text(given)


def _address(talk: Talk) -> Mapping[str, str]:
    return {"address": addresses.chat(talk.chat.id)}


async def _new(request: Request, visitor: Visitor, agent: Agent, beginning: Beginning) -> Response:
    services = services_of(request)
    found, _ = await services.store.scenarios(visitor.workspace, Page(size=_SCENARIOS))
    variables = services.editing.read_object(beginning.variables).record or {}
    return page(
        request,
        "chat-new.html.jinja",
        status=200 if beginning.trouble is None else 422,
        agent=agent,
        plays=plays(services, agent),
        beginning=beginning,
        greeting=templates.fill(agent.greeting, variables) if agent.greeting else None,
        scenarios={scenario.id: scenario.name for scenario in found if scenario.agent_id in (None, agent.id)},
    )


async def _shown(request: Request, chat: Chat, *, trouble: str | None = None) -> Response:
    services = services_of(request)
    talk = await services.chats.talk(chat)
    given = Scenario(variables=chat.variables, history=tuple(talk.messages[: chat.history]), stop_tokens=())
    return page(
        request,
        "chat.html.jinja",
        status=200 if trouble is None else 422,
        chat=chat,
        agent=chat.agent,
        plays=plays(services, chat.agent),
        view=talk_view(given, talk.messages),
        variables=services.editing.yaml_text(chat.variables),
        is_over=chat.status is ChatStatus.ENDED,
        cost=_cost([message for message in talk.messages if isinstance(message, AgentMessage)]),
        trouble=trouble,
    )


def _cost(said: Sequence[AgentMessage]) -> float | None:
    """USD of the agent's model; None where a price is not known."""
    costs = [message.generation.cost for message in said if message.generation is not None]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
