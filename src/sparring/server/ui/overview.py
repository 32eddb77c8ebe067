"""The first page: what was played, newest first, and the way to the newest failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.reports import headlines
from sparring.server.ui.pages import KnownVisitor, page, services_of
from sparring.simulation.store import Page, Store

_SIZE = 30
_LOOKED_AT = 500
"""Failed trials of one simulation among which the newest is looked for."""

_COUNTED = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationLine:
    """One simulation in the list."""

    simulation: Simulation
    title: str
    trials: int
    finished: int
    outcomes: Mapping[Outcome, int]

    @property
    def judged(self) -> int:
        """Trials with a verdict that counts."""
        return self.outcomes[Outcome.PASSED] + self.outcomes[Outcome.FAILED]

    @property
    def rate(self) -> float | None:
        """The share of the judged trials that passed."""
        return self.outcomes[Outcome.PASSED] / self.judged if self.judged else None


async def show(
    request: Request, visitor: KnownVisitor, page_number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1
) -> Response:
    """The list of simulations."""
    store = services_of(request).store
    found, total = await store.simulations(visitor.workspace, Page(offset=(page_number - 1) * _SIZE, size=_SIZE))
    lines = [await _line(store, simulation) for simulation in found]
    failure = None
    if page_number == 1:
        failing = next((line.simulation for line in lines if line.outcomes[Outcome.FAILED]), None)
        failure = None if failing is None else await _newest_failure(store, failing)
    return page(
        request,
        "overview.html.jinja",
        lines=lines,
        total=total,
        number=page_number,
        last=max(1, -(-total // _SIZE)),
        failure=failure,
    )


def add_routes(router: APIRouter) -> None:
    """Serve this page."""
    router.get("/")(show)


async def _line(store: Store, simulation: Simulation) -> SimulationLine:
    progress = await store.progress(simulation.id)
    outcomes = {}
    for outcome in _COUNTED:
        _, outcomes[outcome] = await store.trial_page(simulation.id, Page(size=0), outcome=outcome)
    return SimulationLine(
        simulation=simulation,
        title=headlines.title(simulation),
        trials=sum(progress.values()),
        finished=progress.get(Lifecycle.COMPLETED, 0) + progress.get(Lifecycle.CANCELLED, 0),
        outcomes=outcomes,
    )


async def _newest_failure(store: Store, simulation: Simulation) -> tuple[Trial, str] | None:
    """The failed trial that ended last, and the name of its scenario."""
    failed, _ = await store.trial_page(simulation.id, Page(size=_LOOKED_AT), outcome=Outcome.FAILED)
    if not failed:
        return None
    newest = max(failed, key=lambda trial: trial.completed_at or 0.0)
    return newest, simulation.scenario(newest.scenario).name
