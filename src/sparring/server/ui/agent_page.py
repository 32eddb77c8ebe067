"""All agents, and the page of one: what it is told, what it can do, its scenarios, and what became of it."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.domain.agent import Agent, Tool
from sparring.domain.endpoints import address_of, kind_of
from sparring.domain.errors import InvalidInput, NotFound
from sparring.server.services import Services
from sparring.server.ui import agent_history as histories
from sparring.server.ui.pages import KnownVisitor, page, services_of, tallies_of
from sparring.server.ui.scenario_lists import Choice, grouped
from sparring.server.ui.sessions import Visitor
from sparring.simulation.store import Page

_AGENTS = 200
_SCENARIOS = 2000
"""Scenarios of the workspace that are looked through."""
_CHATS = 100
_SHOWN_CHATS = 5


async def show_all(request: Request, visitor: KnownVisitor, group: str = "") -> Response:
    """Every agent, and the scenarios that belong to none."""
    choice = Choice(group=group)
    services = services_of(request)
    agents, total = await services.store.agents(visitor.workspace, Page(size=_AGENTS))
    scenarios, _ = await services.store.scenarios(visitor.workspace, Page(size=_SCENARIOS))
    counts: dict[str | None, int] = {}
    for scenario in scenarios:
        counts[scenario.agent_id] = counts.get(scenario.agent_id, 0) + 1
    known = {agent.id for agent in agents}
    owned = known if total <= _AGENTS else set(counts)
    free = [
        scenario
        for scenario in scenarios
        if (scenario.agent_id is None or scenario.agent_id not in owned) and choice.fits(scenario)
    ]
    return page(
        request,
        "agents.html.jinja",
        agents=[(agent, plays(services, agent), counts.get(agent.id, 0)) for agent in agents],
        total=total,
        group=group,
        groups=await grouped(services.store, visitor.workspace, free, choice),
    )


async def show(
    request: Request, visitor: KnownVisitor, agent_id: str, text: str = "", group: str = ""
) -> Response:
    """The page of one agent."""
    services = services_of(request)
    store = services.store
    agent = await find_agent(services, visitor, agent_id)
    played = await histories.history(store, visitor.workspace, agent.id, tallies=tallies_of(request))
    scenarios, total = await store.scenarios(visitor.workspace, Page(size=_SCENARIOS))
    choice = Choice(text=text.strip(), group=group)
    own = [one for one in scenarios if one.agent_id in (None, agent.id) and choice.fits(one)]
    last = await histories.last_results(store, played)
    chats, _ = await store.chats(visitor.workspace, Page(size=_CHATS))
    return page(
        request,
        "agent.html.jinja",
        agent=agent,
        plays=plays(services, agent),
        trouble=trouble(services, agent),
        tools=[(tool, _parameters(tool)) for tool in agent.tools],
        choice=choice,
        scenarios=len(own),
        more=max(0, total - _SCENARIOS),
        groups=await grouped(store, visitor.workspace, own, choice, last),
        played=played,
        points=histories.points(played),
        plot=histories,
        chats=[chat for chat in chats if chat.agent.id == agent.id][:_SHOWN_CHATS],
    )


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/agents")(show_all)
    router.get("/agents/{agent_id}")(show)


async def find_agent(services: Services, visitor: Visitor, id: str) -> Agent:
    """The agent of that id. NotFound where there is none."""
    agent = await services.store.find_agent(visitor.workspace, id)
    if agent is None:
        raise NotFound("agent", id)
    return agent


def plays(services: Services, agent: Agent) -> str:
    """By what an agent answers, in words."""
    if agent.endpoint is not None:
        return f"{kind_of(agent.endpoint)} {address_of(agent.endpoint)}"
    return agent.model or services.defaults.agent or "no model"


def trouble(services: Services, agent: Agent) -> str | None:
    """Why an agent cannot be played now; None where nothing is known against it."""
    if agent.endpoint is not None:
        return None
    model = agent.model or services.defaults.agent
    if model is None:
        return "It has no model. Give it one, or set SPARRING_AGENT_MODEL."
    try:
        services.models.model(model)
    except InvalidInput as error:
        return str(error)
    return None


def _parameters(tool: Tool) -> str:
    return json.dumps(tool.parameters, ensure_ascii=False, indent=2)
