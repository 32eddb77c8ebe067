"""`/agents` of this dialect, under its own name only."""

from __future__ import annotations

from fastapi import APIRouter, Response

from sparring.dialects.eqho.translate.actions import action_id
from sparring.dialects.eqho.translate.agents import agent_details, agent_record, new_agent, replaced_agent
from sparring.dialects.eqho.translate.records import meta
from sparring.dialects.eqho.wire import agents as wire
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import InvalidInput
from sparring.server.eqho.documented import AgentId, PageQuery, PerPageQuery, reading, writing
from sparring.server.eqho.records import AtDesk, Desk
from sparring.server.errors import answer
from sparring.simulation.store import Page

_PLACE = ("path", "agent_id")


async def create_eqho_agent(body: wire.AgentBody, desk: AtDesk) -> Response:
    """Make an agent."""
    services = desk.services
    agent = new_agent(
        body,
        await _actions(body, desk),
        id=services.runner.new_id(),
        workspace=desk.caller.workspace,
        now=services.clock.now(),
    )
    await services.store.save_agent(agent)
    return answer(_shown(agent, desk))


async def get_eqho_agent(agent_id: AgentId, desk: AtDesk) -> Response:
    """One agent."""
    return answer(_shown(await desk.agent(agent_id, *_PLACE), desk))


async def get_eqho_agent_details(agent_id: AgentId, desk: AtDesk) -> Response:
    """One agent with its actions."""
    agent = await desk.agent(agent_id, *_PLACE)
    actions: dict[str, Action] = {}
    for tool in agent.tools:
        id = action_id(tool)
        if id is not None and (action := await desk.services.store.find_action(desk.caller.workspace, id)):
            actions[id] = action
    return answer(agent_details(agent, actions, scripted=desk.is_scripted(desk.model_of(agent))))


async def list_eqho_agents(desk: AtDesk, page: PageQuery = 1, per_page: PerPageQuery = 25) -> Response:
    """The agents of the account, newest first."""
    found, total = await desk.services.store.agents(
        desk.caller.workspace, Page(offset=(page - 1) * per_page, size=per_page)
    )
    shown = [_shown(agent, desk) for agent in found]
    return answer(wire.AgentList(agents=shown, meta=meta(page=page, per_page=per_page, total=total)))


async def replace_eqho_agent(agent_id: AgentId, body: wire.AgentBody, desk: AtDesk) -> Response:
    """Replace an agent: what is left out takes its default. What only the other dialect can say stays."""
    async with desk.in_turn:
        agent = await desk.agent(agent_id, *_PLACE)
        replaced = replaced_agent(agent, body, await _actions(body, desk), now=desk.services.clock.now())
        await desk.services.store.save_agent(replaced)
        return answer(_shown(replaced, desk))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    one, shown = "/agents/{agent_id}", wire.AgentOfEqho
    router.post("/agents", response_model=shown, responses=writing())(create_eqho_agent)
    router.get("/agents", response_model=wire.AgentList, responses=reading())(list_eqho_agents)
    router.get(one, response_model=shown, responses=reading())(get_eqho_agent)
    router.put(one, response_model=shown, responses=writing())(replace_eqho_agent)
    router.get(f"{one}/details", response_model=wire.AgentDetails, responses=reading())(get_eqho_agent_details)


async def _actions(body: wire.AgentBody, desk: Desk) -> list[Action]:
    found: list[Action] = []
    for index, text in enumerate(body.action_ids or ()):
        action = await desk.action(text, "body", "action_ids", index)
        field = f"action_ids[{index}]"
        for other, earlier in enumerate(found):
            if earlier.tool.name == action.tool.name:
                raise InvalidInput(
                    f"{field} must be an action with a slug of its own; action_ids[{other}] has "
                    f"{action.tool.name!r} already.",
                    field=field,
                )
        found.append(action)
    return found


def _shown(agent: Agent, desk: Desk) -> wire.AgentOfEqho:
    return agent_record(agent, scripted=desk.is_scripted(desk.model_of(agent)))
