"""`/test-cases`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.test_cases import changed_case, new_case
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.domain.agent import Agent
from sparring.domain.scenario import Scenario
from sparring.server.errors import answer
from sparring.server.sigmamind.documented import AgentQuery, CaseId, reading, writing
from sparring.server.sigmamind.model_names import check_storable
from sparring.server.sigmamind.records import AtDesk, Desk
from sparring.simulation.store import Page

_EVERYTHING = 1_000_000

PageOrNot = Annotated[wire.PageNumber | None, Query(description="Counted from 0; brings the wrapper.")]
SizeOrNot = Annotated[wire.PageSize | None, Query(description="Records on a page; brings the wrapper.")]


async def create_test_case(body: wire.CreateTestCase, desk: AtDesk) -> Response:
    """Make a test case for an agent."""
    services = desk.services
    check_storable(body.llm_model, services.models, field="llmModel")
    agent = await desk.agent(body.agent_id)
    case = new_case(
        body,
        id=services.runner.new_id(),
        workspace=desk.caller.workspace,
        agent_id=agent.id,
        now=services.clock.now(),
    )
    await services.store.save_scenario(case)
    return answer(desk.show_case(case, agent), 201)


async def get_test_case(test_case_id: CaseId, desk: AtDesk, agent: AgentQuery = None) -> Response:
    """One test case."""
    case = await desk.case(test_case_id, agent=agent)
    return answer(desk.show_case(case, await _agent_of(case, desk)))


async def list_test_cases(
    desk: AtDesk, agent: AgentQuery = None, page: PageOrNot = None, size: SizeOrNot = None
) -> Response:
    """The test cases of an agent, or of the workspace, newest first: a bare list, in pages if asked for."""
    owner = await desk.agent(agent) if agent is not None else None
    bare = page is None and size is None
    number, length = page or 0, size or 10
    found, total = await desk.services.store.scenarios(
        desk.caller.workspace,
        Page(size=_EVERYTHING) if bare else Page(offset=number * length, size=length),
        agent_id=owner.id if owner is not None else None,
    )
    shown = await _shown(found, desk)
    return answer(shown if bare else wrapped(shown, page=number, size=length, total=total))


async def update_test_case(
    test_case_id: CaseId, desk: AtDesk, body: wire.UpdateTestCase | None = None
) -> Response:
    """Change the fields of a test case that the body holds; `agentId` moves it to that agent."""
    async with desk.in_turn:
        case = await desk.case(test_case_id)
        agent = await _agent_of(case, desk)
        if body is not None:
            model = case.model or desk.model_of(agent)
            if body.llm_model != model:
                check_storable(body.llm_model, desk.services.models, field="llmModel")
            if "agent_id" in body.model_fields_set:
                agent = await desk.agent(body.agent_id)
            changed = changed_case(
                case,
                body,
                agent_id=agent.id if agent is not None else None,
                model=model,
                now=desk.services.clock.now(),
            )
            if changed is not case:
                await desk.services.store.save_scenario(changed)
            case = changed
        return answer(desk.show_case(case, agent))


async def delete_test_case(test_case_id: CaseId, desk: AtDesk, agent: AgentQuery = None) -> Response:
    """Remove a test case; batch runs keep it as they played it."""
    async with desk.in_turn:
        case = await desk.case(test_case_id, agent=agent)
        await desk.services.store.delete_scenario(desk.caller.workspace, case.id)
        return Response(status_code=204)


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    one, many = "/test-cases/{testCaseId}", "/test-cases"
    both = list[wire.TestCase] | wire.TestCasePage
    router.post(many, status_code=201, response_model=wire.TestCase, responses=writing())(create_test_case)
    router.get(many, response_model=both, responses=reading())(list_test_cases)
    router.get(one, response_model=wire.TestCase, responses=reading())(get_test_case)
    router.put(one, response_model=wire.TestCase, responses=writing())(update_test_case)
    router.patch(one, response_model=wire.TestCase, responses=writing())(update_test_case)
    router.delete(one, status_code=204, responses=writing())(delete_test_case)


async def _agent_of(case: Scenario, desk: Desk) -> Agent | None:
    if case.agent_id is None:
        return None
    return await desk.services.store.find_agent(desk.caller.workspace, case.agent_id)


async def _shown(cases: Sequence[Scenario], desk: Desk) -> list[wire.TestCase]:
    agents: dict[str | None, Agent | None] = {}
    for case in cases:
        if case.agent_id not in agents:
            agents[case.agent_id] = await _agent_of(case, desk)
    return [desk.show_case(case, agents[case.agent_id]) for case in cases]
