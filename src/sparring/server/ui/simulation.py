"""The page of one simulation, live while it plays; and taking its results along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sparring.domain.errors import NotFound
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation, trial_count
from sparring.reports import headlines
from sparring.reports.figures import money_decimals
from sparring.reports.result import Result
from sparring.reports.sections import faults, warnings
from sparring.reports.views.failures import to_compare, with_acts
from sparring.reports.views.simulation import headline
from sparring.server.public_address import base_of
from sparring.server.services import Services
from sparring.server.ui import filters
from sparring.server.ui.events import event, event_stream
from sparring.server.ui.filters import Filters
from sparring.server.ui.pages import HEADERS, KnownVisitor, courses_of, page, services_of, trials_of
from sparring.server.ui.sessions import Visitor
from sparring.server.ui.simulation_views import PageLinks, board

_FORMS: Mapping[str, tuple[str, str]] = {
    "html": ("text/html; charset=utf-8", "html"),
    "json": ("application/json", "json"),
    "junit": ("application/xml", "xml"),
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "csv": ("text/csv; charset=utf-8", "csv"),
}
"""Media type and ending of each form that results can be had in."""

_COMPARED = 300
"""Failed trials whose conversations are read for the acts with which they began to fail."""

_PAUSE = 0.4
"""Seconds between two changes that a page is told of."""
_PAUSE_BY_TRIAL = 0.0004
"""More of them for each trial: a page of ten thousand takes longer to make."""


async def show(
    request: Request,
    visitor: KnownVisitor,
    simulation_id: str,
    outcome: str = "",
    cause: str = "",
    scenario: str = "",
    text: str = "",
    sort: str = "scenario",
    number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
    rows: Annotated[int, Query(ge=1, le=10**6)] = 1,
) -> Response:
    """The page."""
    store = services_of(request).store
    simulation = await find_simulation(services_of(request), visitor, simulation_id)
    wanted = Filters(
        outcome=outcome, cause=cause, scenario=scenario, text=text.strip(), sort=sort, page=number, rows=rows
    )
    trials = await trials_of(request).of(store, simulation)
    summary = summarize(trials, [one.id for one in simulation.scenarios])
    result = Result(simulation=simulation, trials=trials, summary=summary)
    links = PageLinks(filters=wanted)
    shown = board(result, wanted)
    courses = await courses_of(request).of(store, simulation, to_compare(shown.failures, _COMPARED))
    failures = [with_acts(line, courses, links) for line in shown.failures]
    return page(
        request,
        "simulation.html.jinja",
        simulation=simulation,
        title=headlines.title(simulation),
        setup=headlines.setup(simulation),
        view=headline(result),
        links=links,
        board=replace(shown, failures=failures),
        errored=summary.count(Outcome.ERROR),
        most_trials=max(scenario.trials for scenario in simulation.scenarios),
        filters=wanted,
        states=filters.states(),
        causes=filters.causes(),
        sorts=filters.SORTS,
        cents={
            "scenarios": money_decimals(part.cost for part in summary.scenarios),
            "trials": money_decimals(trial.cost for trial in trials),
        },
        faults=faults(result),
        warnings=warnings(result),
        forms=list(_FORMS),
    )


async def events(request: Request, visitor: KnownVisitor, simulation_id: str) -> Response:
    """Server-sent events: `change` whenever the page would look different, `over` when nothing more will come."""
    services = services_of(request)
    simulation = await find_simulation(services, visitor, simulation_id)
    return event_stream(_changes(services, simulation), services.stopping)


async def export(request: Request, visitor: KnownVisitor, simulation_id: str, form: str) -> Response:
    """The results as a file."""
    if form not in _FORMS:
        raise HTTPException(404, f"Results can be had as {', '.join(_FORMS)}, not as {form}.")
    services = services_of(request)
    simulation = await find_simulation(services, visitor, simulation_id)
    media_type, ending = _FORMS[form]
    name = f"sparring-{simulation.id}.{ending}"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    report = await services.report(simulation, form, base_of(request))
    return Response(report, headers=headers, media_type=media_type)


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/simulations/{simulation_id}")(show)
    router.get("/simulations/{simulation_id}/events")(events)
    router.get("/simulations/{simulation_id}/export/{form}")(export)


async def find_simulation(services: Services, visitor: Visitor, id: str) -> Simulation:
    """The visitor's simulation of that id. NotFound where there is none."""
    simulation = await services.store.find_simulation(visitor.workspace, id)
    if simulation is None:
        raise NotFound("simulation", id)
    return simulation


async def _changes(services: Services, simulation: Simulation) -> AsyncIterator[str]:
    pause = _PAUSE + _PAUSE_BY_TRIAL * trial_count(simulation.scenarios)
    number = 0
    async for _ in services.engine.changes(simulation.id):
        number += 1
        yield event("change", number)
        await services.clock.sleep(pause)
    yield event("over", number)
