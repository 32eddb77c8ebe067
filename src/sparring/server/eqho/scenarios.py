"""`/simulation/scenarios`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from sparring.dialects.eqho.translate.records import meta
from sparring.dialects.eqho.translate.scenarios import new_scenario, replaced_scenario
from sparring.dialects.eqho.wire import scenarios as wire
from sparring.server.eqho.documented import (
    PageQuery,
    PerPageQuery,
    ScenarioId,
    SetQuery,
    reading,
    writing,
)
from sparring.server.eqho.records import AtDesk, Desk
from sparring.server.errors import answer
from sparring.simulation.store import Page

FolderQuery = Annotated[str | None, Query(description="Only those in this folder.")]
NameQuery = Annotated[str | None, Query(description="Only those of this name.")]


async def create_scenario(body: wire.ScenarioBody, desk: AtDesk) -> Response:
    """Make a scenario."""
    services = desk.services
    scenario = new_scenario(
        body,
        id=services.runner.new_id(),
        workspace=desk.caller.workspace,
        set_id=await _set_id(body, desk),
        now=services.clock.now(),
    )
    await services.store.save_scenario(scenario)
    return answer(await desk.show_scenario(scenario))


async def get_scenario(scenario_id: ScenarioId, desk: AtDesk) -> Response:
    """One scenario."""
    return answer(await desk.show_scenario(await desk.scenario(scenario_id, "path", "scenario_id")))


async def list_scenarios(
    desk: AtDesk,
    group: SetQuery = None,
    folder: FolderQuery = None,
    name: NameQuery = None,
    page: PageQuery = 1,
    per_page: PerPageQuery = 25,
) -> Response:
    """The scenarios of the account, newest first."""
    set_id = None if group is None else (await desk.scenario_set(group, "query", "scenario_set_id")).id
    found, total = await desk.services.store.scenarios(
        desk.caller.workspace,
        Page(offset=(page - 1) * per_page, size=per_page),
        set_id=set_id,
        folder=folder,
        name=name,
    )
    shown = [await desk.show_scenario(scenario) for scenario in found]
    return answer(wire.ScenarioList(scenarios=shown, meta=meta(page=page, per_page=per_page, total=total)))


async def replace_scenario(scenario_id: ScenarioId, body: wire.ScenarioBody, desk: AtDesk) -> Response:
    """Replace a scenario: what is left out takes its default."""
    async with desk.in_turn:
        scenario = await desk.scenario(scenario_id, "path", "scenario_id")
        replaced = replaced_scenario(
            scenario, body, set_id=await _set_id(body, desk), now=desk.services.clock.now()
        )
        await desk.services.store.save_scenario(replaced)
        return answer(await desk.show_scenario(replaced))


async def delete_scenario(scenario_id: ScenarioId, desk: AtDesk) -> Response:
    """Remove a scenario, and answer what it was; results keep it as they played it."""
    async with desk.in_turn:
        scenario = await desk.scenario(scenario_id, "path", "scenario_id")
        shown = await desk.show_scenario(scenario)
        await desk.services.store.delete_scenario(desk.caller.workspace, scenario.id)
        return answer(shown)


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    many, one = "/simulation/scenarios", "/simulation/scenarios/{scenario_id}"
    router.post(many, response_model=wire.ScenarioRecord, responses=writing())(create_scenario)
    router.get(many, response_model=wire.ScenarioList, responses=reading())(list_scenarios)
    router.get(one, response_model=wire.ScenarioRecord, responses=reading())(get_scenario)
    router.put(one, response_model=wire.ScenarioRecord, responses=writing())(replace_scenario)
    router.delete(one, response_model=wire.ScenarioRecord, responses=writing())(delete_scenario)


async def _set_id(body: wire.ScenarioBody, desk: Desk) -> str | None:
    if body.scenario_set_id is None:
        return None
    return (await desk.scenario_set(body.scenario_set_id, "body", "scenario_set_id")).id
