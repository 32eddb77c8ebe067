"""`/agents`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.agents import changed_agent, new_agent
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.server.errors import answer
from sparring.server.sigmamind.documented import AgentId, PageQuery, SizeQuery, reading, writing
from sparring.server.sigmamind.model_names import check_storable
from sparring.server.sigmamind.records import AtDesk, Desk
from sparring.simulation.store import Page


async def create_agent(body: wire.CreateAgent, desk: AtDesk) -> Response:
    """Make an agent."""
    _check_model(body, desk)
    services = desk.services
    agent = new_agent(body, id=services.runner.new_id(), workspace=desk.caller.workspace, now=services.clock.now())
    await services.store.save_agent(agent)
    return answer(desk.show_agent(agent), 201)


async def get_agent(agent_id: AgentId, desk: AtDesk) -> Response:
    """One agent."""
    return answer(desk.show_agent(await desk.agent(agent_id)))


async def list_agents(desk: AtDesk, page: PageQuery = 0, size: SizeQuery = 10) -> Response:
    """The agents of the workspace, newest first."""
    found, total = await desk.services.store.agents(desk.caller.workspace, Page(offset=page * size, size=size))
    return answer(wrapped([desk.show_agent(agent) for agent in found], page=page, size=size, total=total))


async def update_agent(agent_id: AgentId, desk: AtDesk, body: wire.UpdateAgent | None = None) -> Response:
    """Change the fields of an agent that the body holds; settings one by one, tools and mocks as a whole."""
    async with desk.in_turn:
        agent = await desk.agent(agent_id)
        if body is not None:
            _check_model(body, desk)
            changed = changed_agent(agent, body, now=desk.services.clock.now())
            if changed is not agent:
                await desk.services.store.save_agent(changed)
            agent = changed
        return answer(desk.show_agent(agent))


async def delete_agent(agent_id: AgentId, desk: AtDesk) -> Response:
    """Remove an agent. Its test cases and past batch runs stay."""
    async with desk.in_turn:
        agent = await desk.agent(agent_id)
        await desk.services.store.delete_agent(desk.caller.workspace, agent.id)
        return Response(status_code=204)


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    router.post("/agents", status_code=201, response_model=wire.AgentRecord, responses=writing())(create_agent)
    router.get("/agents", response_model=wire.AgentPage, responses=reading())(list_agents)
    router.get("/agents/{agentId}", response_model=wire.AgentRecord, responses=reading())(get_agent)
    router.patch("/agents/{agentId}", response_model=wire.AgentRecord, responses=writing())(update_agent)
    router.delete("/agents/{agentId}", status_code=204, responses=writing(409))(delete_agent)


def _check_model(body: wire.CreateAgent | wire.UpdateAgent, desk: Desk) -> None:
    if body.agent_settings is not None:
        check_storable(body.agent_settings.llm_model, desk.services.models, field="agentSettings.llmModel")
