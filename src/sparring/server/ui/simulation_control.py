"""The buttons of a simulation's page: stop it, let it go on, and give it more to play."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.domain.simulation import MAX_TRIALS_EACH, Simulation
from sparring.server.ui import addresses
from sparring.server.ui.forms import amount, whole
from sparring.server.ui.pages import Form, KnownVisitor, back_to, services_of


async def cancel(request: Request, visitor: KnownVisitor, form: Form, simulation_id: str) -> Response:
    """Cancel what is not over."""
    return _back(await services_of(request).control.cancel(visitor.workspace, simulation_id))


async def pause(request: Request, visitor: KnownVisitor, form: Form, simulation_id: str) -> Response:
    """Let no further trial begin."""
    return _back(await services_of(request).control.pause(visitor.workspace, simulation_id))


async def resume(request: Request, visitor: KnownVisitor, form: Form, simulation_id: str) -> Response:
    """Go on, with another budget where one is written."""
    budget = amount(form, "max_cost", what="The budget")
    return _back(await services_of(request).control.resume(visitor.workspace, simulation_id, max_cost=budget))


async def retry(request: Request, visitor: KnownVisitor, form: Form, simulation_id: str) -> Response:
    """Play again what errored."""
    return _back(await services_of(request).control.retry(visitor.workspace, simulation_id))


async def more(request: Request, visitor: KnownVisitor, form: Form, simulation_id: str) -> Response:
    """Give every scenario that many trials."""
    number = whole(form, "num_trials", what="The number of trials", least=1, most=MAX_TRIALS_EACH)
    return _back(await services_of(request).control.more(visitor.workspace, simulation_id, number))


def add_routes(router: APIRouter) -> None:
    """Serve these forms."""
    for form in (cancel, pause, resume, retry, more):
        router.post(f"/simulations/{{simulation_id}}/{form.__name__}")(form)


def _back(simulation: Simulation) -> Response:
    return back_to(addresses.simulation(simulation.id))
