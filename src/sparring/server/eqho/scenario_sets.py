"""`/simulation/scenario-sets`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from sparring.dialects.eqho.translate.records import meta
from sparring.dialects.eqho.translate.scenarios import new_set, replaced_set, set_record
from sparring.dialects.eqho.wire import scenarios as wire
from sparring.server.eqho.documented import PageQuery, PerPageQuery, SetId, reading, writing
from sparring.server.eqho.records import AtDesk
from sparring.server.errors import answer
from sparring.simulation.store import Page

_PLACE = ("path", "scenario_set_id")


async def create_scenario_set(body: wire.ScenarioSetBody, desk: AtDesk) -> Response:
    """Make a set of scenarios; a scenario says itself which set it is in."""
    services = desk.services
    group = new_set(body, id=services.runner.new_id(), workspace=desk.caller.workspace, now=services.clock.now())
    await services.store.save_scenario_set(group)
    return answer(set_record(group))


async def get_scenario_set(scenario_set_id: SetId, desk: AtDesk) -> Response:
    """One set of scenarios."""
    return answer(set_record(await desk.scenario_set(scenario_set_id, *_PLACE)))


async def list_scenario_sets(desk: AtDesk, page: PageQuery = 1, per_page: PerPageQuery = 25) -> Response:
    """The sets of scenarios of the account, newest first."""
    found, total = await desk.services.store.scenario_sets(
        desk.caller.workspace, Page(offset=(page - 1) * per_page, size=per_page)
    )
    shown = [set_record(group) for group in found]
    return answer(wire.ScenarioSetList(scenario_sets=shown, meta=meta(page=page, per_page=per_page, total=total)))


async def replace_scenario_set(scenario_set_id: SetId, body: wire.ScenarioSetBody, desk: AtDesk) -> Response:
    """Replace a set's name and description; its scenarios stay in it."""
    async with desk.in_turn:
        group = await desk.scenario_set(scenario_set_id, *_PLACE)
        replaced = replaced_set(group, body, now=desk.services.clock.now())
        await desk.services.store.save_scenario_set(replaced)
        return answer(set_record(replaced))


async def delete_scenario_set(scenario_set_id: SetId, desk: AtDesk) -> Response:
    """Remove a set, and answer what it was; its scenarios stay, in no set."""
    async with desk.in_turn:
        group = await desk.scenario_set(scenario_set_id, *_PLACE)
        await desk.services.store.delete_scenario_set(desk.caller.workspace, group.id)
        return answer(set_record(group))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    many, one = "/simulation/scenario-sets", "/simulation/scenario-sets/{scenario_set_id}"
    router.post(many, response_model=wire.ScenarioSetRecord, responses=writing())(create_scenario_set)
    router.get(many, response_model=wire.ScenarioSetList, responses=reading())(list_scenario_sets)
    router.get(one, response_model=wire.ScenarioSetRecord, responses=reading())(get_scenario_set)
    router.put(one, response_model=wire.ScenarioSetRecord, responses=writing())(replace_scenario_set)
    router.delete(one, response_model=wire.ScenarioSetRecord, responses=writing())(delete_scenario_set)
