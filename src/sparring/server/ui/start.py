"""The page on which a simulation is started: what is played, how often, by which models, and what that comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.domain.errors import InvalidInput
from sparring.domain.forecast import Forecast
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import MAX_TRIALS, Simulation, trial_count
from sparring.server.ui import addresses
from sparring.server.ui.pages import Fields, Form, KnownVisitor, back_to, page, services_of
from sparring.server.ui.sessions import Visitor
from sparring.server.ui.starting import LISTED, Offer, Wanted, again, as_usual, forecast, offer, planned

ADDRESS = "/start"

_CHOSEN = {"scenario", "model", "user_model", "judge_model"}
"""What an address tells that comes from the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What a choice comes to."""

    scenarios: int
    trials: int
    forecast: Forecast | None = None
    by: str = ""
    """Where the forecast comes from."""
    problem: str | None = None
    """Why it cannot be started as it is."""
    field: str | None = None
    """What the problem is with."""


async def show(request: Request, visitor: KnownVisitor, simulation: str = "") -> Response:
    """The form, with what the address or an earlier simulation says."""
    wanted = Wanted.of(Fields(request.query_params.multi_items()))
    if simulation:
        wanted = await again(services_of(request), visitor.workspace, simulation) or wanted
    elif not _CHOSEN & set(request.query_params):
        wanted = await as_usual(services_of(request), visitor.workspace, wanted)
    return await _page(request, visitor, wanted)


async def take(request: Request, visitor: KnownVisitor, form: Form) -> Response:
    """Start it; or only say what it comes to, choose by groups, or list the scenarios of another agent."""
    services, wanted = services_of(request), Wanted.of(form)
    if "scenario" not in form:
        wanted = replace(wanted, scenarios=frozenset())
    match form.get("do", "").partition(" "):
        case "agent", _, _:
            other = Wanted(agent=wanted.agent, trials=wanted.trials, budget=wanted.budget, at_once=wanted.at_once)
            return back_to(ADDRESS + other.query)
        case ("all" | "none") as how, _, group:
            offered = await offer(services, visitor.workspace, wanted)
            return back_to(ADDRESS + _chosen(wanted, offered, group, all=how == "all").query)
        case "sum", _, _:
            return await _page(request, visitor, wanted, "start-sum.html.jinja")
        case "start", _, _:
            try:
                made = planned(
                    services, visitor.workspace, await offer(services, visitor.workspace, wanted), wanted
                )
            except InvalidInput:
                return await _page(request, visitor, wanted, status=400)
            await services.runner.submit(made)
            services.engine.notice()
            return back_to(addresses.simulation(made.id))
    return back_to(ADDRESS + wanted.query)


def add_routes(router: APIRouter) -> None:
    """Serve this page."""
    router.get(ADDRESS)(show)
    router.post(ADDRESS)(take)


async def _page(
    request: Request, visitor: Visitor, wanted: Wanted, template: str = "start.html.jinja", *, status: int = 200
) -> Response:
    services = services_of(request)
    offered = await offer(services, visitor.workspace, wanted)
    chosen = {scenario.id for scenario in wanted.chosen(offered.listed)}
    values: dict[str, Any] = {
        "wanted": wanted,
        "offer": offered,
        "chosen": chosen,
        "gone": len(wanted.scenarios - {one.id for one in offered.listed} - {""}) if wanted.scenarios else 0,
        "defaults": services.defaults,
        "model_names": services.model_names,
        "at_once": services.at_once,
        "most_trials": MAX_TRIALS,
        "most": LISTED,
        "sum": await _sum(request, visitor, offered, wanted),
        "fits": lambda scenario: _fits(scenario, wanted.text),
        "checks": _checks,
    }
    return page(request, template, status=status, **values)


async def _sum(request: Request, visitor: Visitor, offered: Offer, wanted: Wanted) -> Sum:
    services = services_of(request)
    chosen = wanted.chosen(offered.listed)
    each = int(wanted.trials[:6]) if wanted.trials.isdecimal() and wanted.trials.isascii() else None
    trials = sum(scenario.trials if each is None else each for scenario in chosen)
    try:
        simulation: Simulation = planned(services, visitor.workspace, offered, wanted)
    except InvalidInput as error:
        return Sum(scenarios=len(chosen), trials=trials, problem=str(error), field=error.field)
    found, by = await forecast(services, simulation)
    return Sum(scenarios=len(chosen), trials=trial_count(simulation.scenarios), forecast=found, by=by)


def _chosen(wanted: Wanted, offered: Offer, group: str, *, all: bool) -> Wanted:
    """With a group, or everything, chosen or not; what the search leaves out stays as it is."""
    meant = {
        scenario.id
        for one in offered.groups
        for scenario in one.scenarios
        if group in ("", one.key) and _fits(scenario, wanted.text)
    }
    before = {scenario.id for scenario in wanted.chosen(offered.listed)}
    after = before | meant if all else before - meant
    everything = after == {scenario.id for scenario in offered.listed}
    return replace(wanted, scenarios=None if everything else frozenset(after))


def _fits(scenario: Scenario, text: str) -> bool:
    """Whether a search finds it: by its name, folder or purpose."""
    words = " ".join((scenario.name, scenario.folder or "", scenario.purpose or "")).lower()
    return all(part in words for part in text.lower().split())


def _checks(scenario: Scenario) -> int:
    expect = scenario.expect
    parts = (expect.assertions, expect.actions, expect.forbidden, expect.state, expect.said)
    return sum(map(len, parts)) + (expect.writes is not None)
