"""The page that compares two simulations: what was changed, what came of it, and whether that is chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sparring.domain.comparison import Comparison, Side, compare, side_of
from sparring.domain.metrics import summarize
from sparring.domain.simulation import Simulation
from sparring.reports import comparing, figures, headlines
from sparring.reports.views.changes import facets
from sparring.server.ui import addresses
from sparring.server.ui.compare_views import table, tone
from sparring.server.ui.pages import KnownVisitor, back_to, page, services_of, trials_of
from sparring.server.ui.playing_once import SOURCE as TRIED
from sparring.server.ui.sessions import Visitor
from sparring.server.ui.simulation import find_simulation
from sparring.simulation.store import Page, Store

_LOOKED_AT = 60
"""The newest simulations, among which one is chosen."""


async def show(
    request: Request,
    visitor: KnownVisitor,
    before: str = "",
    after: str = "",
    change: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
) -> Response:
    """The comparison; where only the later one is named, with the one before it; without either, a choice."""
    services = services_of(request)
    was = await find_simulation(services, visitor, before) if before else None
    now = await find_simulation(services, visitor, after) if after else None
    choices = await _choices(services.store, visitor, [one for one in (was, now) if one is not None])
    if was is None and now is not None and (earlier := previous(choices, now)) is not None:
        return back_to(addresses.comparison(earlier.id, now.id))
    if was is None or now is None or was.id == now.id:
        return _choose(request, choices, was, now)
    found = compare(await side(request, was), await side(request, now))
    return page(
        request,
        "compare.html.jinja",
        was=was,
        now=now,
        titles=(headlines.title(was), headlines.title(now)),
        setups=(headlines.setup(was), headlines.setup(now)),
        comparison=found,
        facets=facets(found),
        tone=tone(found),
        conclusion=comparing.conclusion(found),
        outlook=comparing.outlook(found),
        remarks=_remarks(found),
        figures=_figures(found),
        table=table(found, change, number),
        choices=choices,
        title_of=headlines.title,
    )


def add_routes(router: APIRouter) -> None:
    """Serve this page."""
    router.get(addresses.COMPARE)(show)


async def side(request: Request, simulation: Simulation) -> Side:
    """One simulation, as far as it can be compared."""
    trials = await trials_of(request).of(services_of(request).store, simulation)
    return side_of(simulation, summarize(trials, [one.id for one in simulation.scenarios]))


def previous(choices: Sequence[Simulation], simulation: Simulation) -> Simulation | None:
    """The simulation before it that shares a scenario with it; else the one before it that its agent played."""
    earlier = [one for one in choices if one.created_at < simulation.created_at and one.id != simulation.id]
    scenarios = {scenario.id for scenario in simulation.scenarios}
    alike = (one for one in earlier if scenarios & {scenario.id for scenario in one.scenarios})
    return next(alike, None) or next((one for one in earlier if one.agent.id == simulation.agent.id), None)


async def _choices(store: Store, visitor: Visitor, named: Sequence[Simulation]) -> list[Simulation]:
    """The newest simulations, the newest first: all, or those with the agent or a scenario of what is named."""
    found, _ = await store.simulations(visitor.workspace, Page(size=_LOOKED_AT))
    known = {one.id: one for one in found}
    for agent in {one.agent.id for one in named}:
        of_agent, _ = await store.simulations(visitor.workspace, Page(size=_LOOKED_AT), agent_id=agent)
        known |= {one.id: one for one in of_agent}
    agents = {one.agent.id for one in named}
    scenarios = {scenario.id for one in named for scenario in one.scenarios}
    fitting = [
        one
        for one in known.values()
        if one.source != TRIED
        and (not named or one.agent.id in agents or scenarios & {scenario.id for scenario in one.scenarios})
    ]
    missing = [one for one in named if one not in fitting]
    return sorted([*fitting, *missing], key=lambda one: (one.created_at, one.id), reverse=True)


def _choose(
    request: Request, choices: Sequence[Simulation], was: Simulation | None, now: Simulation | None
) -> Response:
    after = now or next((one for one in choices if was is None or one.created_at > was.created_at), None)
    before = was or (previous(choices, after) if after is not None else None)
    return page(
        request,
        "compare-choose.html.jinja",
        choices=choices,
        before=before,
        after=after,
        is_alone=now is not None and was is None,
        is_same=was is not None and now is not None,
        title_of=headlines.title,
    )


def _remarks(found: Comparison) -> list[str]:
    """What a reader has to know besides, but for what is said first."""
    whole = len(found.obstacles)
    return [*comparing.unpaired(found), *comparing.caveats(found)[whole:]]


def _figures(found: Comparison) -> list[tuple[str, str]]:
    """The figures over all scenarios that are compared, by name."""
    rates, most = found.rates, found.most
    if rates is None:
        return []
    lines = [
        ("pass^1", f"{figures.rate(rates[0])} → {figures.rate(rates[1])} ({comparing.shift(found.difference)})")
    ]
    if found.interval is not None:
        lines.append(("change of pass^1, 95 %", comparing.shift_interval(found.interval)))
    deep = found.pass_hat(most) if most > 1 else None
    if deep is not None:
        lines.append((f"pass^{most}", f"{figures.rate(deep[0])} → {figures.rate(deep[1])}"))
    was, now = (figures.money(side.cost) for side in (found.before, found.after))
    return [*lines, ("a trial costs", f"{was} → {now}" if was != now else was)]
