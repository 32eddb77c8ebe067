"""The first page: what was played, how each agent does, what failed lately, and where to start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sparring.domain.agent import Agent
from sparring.domain.intervals import wilson
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation
from sparring.reports.views.plots import Trend, trend
from sparring.server.ui.pages import KnownVisitor, page, services_of, tallies_of
from sparring.server.ui.playing_once import SOURCE as TRIED
from sparring.server.ui.tallies import Failed, KnownTallies, Tally
from sparring.simulation.store import Page, Store

_SIZE = 20
_LOOKED_AT = 60
"""The newest simulations, from which it is told how agents do and what failed."""
_AGENTS = 8
_POINTS = 12
"""Simulations of an agent in its trend."""
_FAILURES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """How an agent does."""

    agent: Agent
    """As it was played last."""
    newest: Tally
    trend: Trend
    interval: tuple[float, float] | None
    change: float | None
    """Of pass^1 since the simulation before."""


async def show(
    request: Request,
    visitor: KnownVisitor,
    page_number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
    agent: str = "",
) -> Response:
    """The page; of one agent's simulations where it is named."""
    services, tallies = services_of(request), tallies_of(request)
    store = services.store
    chosen = await store.find_agent(visitor.workspace, agent) if agent else None
    found, total = await store.simulations(
        visitor.workspace,
        Page(offset=(page_number - 1) * _SIZE, size=_SIZE),
        agent_id=chosen.id if chosen is not None else agent or None,
    )
    is_first = page_number == 1 and not agent
    latest = await _latest(store, tallies, visitor.workspace) if is_first else []
    lines = [await tallies.of(store, simulation) for simulation in found]
    return page(
        request,
        "overview.html.jinja",
        lines=lines,
        plays=next((one.simulation for one in lines if one.simulation.completed_at is None), None),
        agent=chosen,
        asked=agent,
        agents=_agents(latest),
        failures=_failures(latest),
        has_agents=(await store.agents(visitor.workspace, Page(size=1)))[1] > 0,
        number=page_number,
        last=max(1, -(-total // _SIZE)),
    )


def add_routes(router: APIRouter) -> None:
    """Serve this page."""
    router.get("/")(show)


async def _latest(store: Store, tallies: KnownTallies, workspace: str) -> list[Tally]:
    """The newest simulations, the newest first."""
    found: Sequence[Simulation]
    found, _ = await store.simulations(workspace, Page(size=_LOOKED_AT))
    return [await tallies.of(store, simulation) for simulation in found]


def _agents(latest: Sequence[Tally]) -> list[AgentLine]:
    """Those that were played lately, the latest first."""
    played: dict[str, list[Tally]] = {}
    for tally in latest:
        if tally.rate is not None and tally.simulation.source != TRIED:
            played.setdefault(tally.simulation.agent.id, []).append(tally)
    return [_agent(tallies[:_POINTS]) for tallies in list(played.values())[:_AGENTS]]


def _agent(tallies: Sequence[Tally]) -> AgentLine:
    newest = tallies[0]
    rates = [tally.rate for tally in reversed(tallies) if tally.rate is not None]
    return AgentLine(
        agent=newest.simulation.agent,
        newest=newest,
        trend=trend(rates),
        interval=wilson(newest.outcomes[Outcome.PASSED], newest.judged),
        change=rates[-1] - rates[-2] if len(rates) > 1 else None,
    )


def _failures(latest: Sequence[Tally]) -> list[tuple[Tally, Failed]]:
    """What failed, the newest simulations first, in each what failed last; what fails again and again once."""
    found: dict[tuple[str, str], tuple[Tally, Failed]] = {}
    for tally in latest:
        for failed in tally.failed if tally.simulation.source != TRIED else ():
            found.setdefault((failed.trial.scenario, failed.title), (tally, failed))
    return list(found.values())[:_FAILURES]
