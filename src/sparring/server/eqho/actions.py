"""`/actions`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from sparring.dialects.eqho.translate.actions import action_record, new_action
from sparring.dialects.eqho.translate.records import meta
from sparring.dialects.eqho.wire import actions as wire
from sparring.server.eqho.documented import ActionId, PageQuery, PerPageQuery, reading, writing
from sparring.server.eqho.records import AtDesk
from sparring.server.errors import answer
from sparring.simulation.store import Page


async def create_action(body: wire.CreateAction, desk: AtDesk) -> Response:
    """Make an action, which agents are given by its id."""
    services = desk.services
    action = new_action(
        body, id=services.runner.new_id(), workspace=desk.caller.workspace, now=services.clock.now()
    )
    await services.store.save_action(action)
    return answer(action_record(action))


async def get_action(action_id: ActionId, desk: AtDesk) -> Response:
    """One action."""
    return answer(action_record(await desk.action(action_id, "path", "action_id")))


async def list_actions(desk: AtDesk, page: PageQuery = 1, per_page: PerPageQuery = 25) -> Response:
    """The actions of the account, newest first."""
    found, total = await desk.services.store.actions(
        desk.caller.workspace, Page(offset=(page - 1) * per_page, size=per_page)
    )
    shown = [action_record(action) for action in found]
    return answer(wire.ActionList(actions=shown, meta=meta(page=page, per_page=per_page, total=total)))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    router.post("/actions", response_model=wire.ActionRecord, responses=writing())(create_action)
    router.get("/actions", response_model=wire.ActionList, responses=reading())(list_actions)
    router.get("/actions/{action_id}", response_model=wire.ActionRecord, responses=reading())(get_action)
