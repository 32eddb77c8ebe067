"""The page of one trial: the conversation beside its verdict, and what a person thinks of each check."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from sparring.domain.errors import NotFound, ScenarioFault
from sparring.domain.evaluation import Check
from sparring.domain.labels import Label
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import MAX_TRIALS, Simulation, Trial
from sparring.reports import headlines
from sparring.reports.views.anchors import ALONE
from sparring.reports.views.trial import models, variables, view
from sparring.server.services import Services
from sparring.server.ui import addresses
from sparring.server.ui.events import event, event_stream
from sparring.server.ui.pages import HEADERS, Form, KnownVisitor, back_to, page, services_of, trials_of
from sparring.server.ui.playing_once import SOURCE as TRY
from sparring.server.ui.sessions import Visitor
from sparring.simulation.store import Page, Store

_LONGEST_NOTE = 4000

_LOOK = 0.5
"""Seconds between two looks at a trial that plays."""
_GONE = Lifecycle.CANCELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The failed trials before and after this one: by scenario, then by number."""

    previous: str | None
    next: str | None
    position: int | None
    """Which of the failed ones this is, from 1; None if it did not fail."""
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What people think of one check."""

    own: Label | None
    """The visitor's."""
    others: Sequence[Label]


async def show(request: Request, visitor: KnownVisitor, trial_id: str) -> Response:
    """The page."""
    store = services_of(request).store
    trial, simulation = await _find(store, visitor, trial_id)
    scenario = _as_played(simulation, trial)
    labels = [label for label in await store.labels(simulation.id) if label.trial == trial.id]
    messages = await store.messages(trial.id)
    return page(
        request,
        "trial.html.jinja",
        trial=trial,
        simulation=simulation,
        simulation_title=headlines.title(simulation),
        scenario=scenario,
        view=view(trial, scenario, messages),
        opinions=_opinions(trial, labels, visitor.key),
        neighbours=_neighbours(await _failed(request, store, simulation), simulation, trial),
        models=models(simulation, scenario),
        variables=variables(scenario),
        edit=await _edit(store, visitor, simulation, trial),
        is_tried=simulation.source == TRY,
    )


async def events(request: Request, visitor: KnownVisitor, trial_id: str) -> Response:
    """Server-sent events: `change` with each message, `over` when nothing more will come."""
    services = services_of(request)
    trial, _ = await _find(services.store, visitor, trial_id)
    return event_stream(_changes(services, visitor, trial), services.stopping)


async def scenario_text(request: Request, visitor: KnownVisitor, trial_id: str) -> Response:
    """The scenario as a suite file."""
    services = services_of(request)
    trial, simulation = await _find(services.store, visitor, trial_id)
    text = services.suite_text(simulation, simulation.scenario(trial.scenario))
    return PlainTextResponse(text, headers=HEADERS)


async def label(request: Request, visitor: KnownVisitor, form: Form, trial_id: str) -> Response:
    """Store what a person thinks of a check, or take it back."""
    services = services_of(request)
    trial, _ = await _find(services.store, visitor, trial_id)
    place, check = _check_of(trial, form)
    opinion = form.get("opinion", "")
    given = Label(
        trial=trial.id,
        kind=check.kind,
        index=check.index,
        by=visitor.key,
        agrees=opinion == "agree",
        finding=check.finding,
        note=form.get("note", "").strip()[:_LONGEST_NOTE],
        at=services.clock.now(),
    )
    if opinion in ("agree", "disagree"):
        await services.store.save_label(given)
    else:
        await services.store.delete_label(given)
    return back_to(f"{addresses.trial(trial.id)}#{ALONE.check(place)}")


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/trials/{trial_id}")(show)
    router.get("/trials/{trial_id}/events")(events)
    router.get("/trials/{trial_id}/scenario.yaml")(scenario_text)
    router.post("/trials/{trial_id}/labels")(label)


async def _changes(services: Services, visitor: Visitor, trial: Trial) -> AsyncIterator[str]:
    seen: tuple[Trial, int] | None = None
    while True:
        now = (trial, len(await services.store.messages(trial.id)))
        if now != seen:
            seen = now
            yield event("change", now[1])
        if trial.is_over:
            break
        await services.clock.sleep(_LOOK)
        # A simulation can be deleted while somebody looks.
        trial = await services.store.find_trial(visitor.workspace, trial.id) or replace(trial, status=_GONE)
    yield event("over", seen[1])


async def _find(store: Store, visitor: Visitor, id: str) -> tuple[Trial, Simulation]:
    trial = await store.find_trial(visitor.workspace, id)
    simulation = None if trial is None else await store.find_simulation(visitor.workspace, trial.simulation)
    if trial is None or simulation is None:
        raise NotFound("trial", id)
    return trial, simulation


async def _edit(store: Store, visitor: Visitor, simulation: Simulation, trial: Trial) -> str | None:
    """Where the stored scenario is edited: with the fields of a trial that was played from there; None without one."""
    stored = await store.find_scenario(visitor.workspace, trial.scenario)
    if stored is None:
        return None
    address = addresses.scenario(stored.id)
    return f"{address}?trial={trial.id}" if simulation.source == TRY else address


def _as_played(simulation: Simulation, trial: Trial) -> Scenario:
    """The scenario with the values of this trial; as it was written where these cannot be made up."""
    try:
        return simulation.played(trial)
    except ScenarioFault:
        return simulation.scenario(trial.scenario)


def _opinions(trial: Trial, labels: Sequence[Label], visitor: str) -> Sequence[Opinions]:
    """For each check of the verdict, in its order."""
    found = []
    for check in trial.verdict.checks if trial.verdict is not None else ():
        about = [label for label in labels if (label.kind, label.index) == (check.kind, check.index)]
        own = next((label for label in about if label.by == visitor), None)
        found.append(Opinions(own=own, others=[label for label in about if label.by != visitor]))
    return found


def _check_of(trial: Trial, form: Mapping[str, str]) -> tuple[int, Check]:
    """The check that a form is about, with its place in the verdict."""
    checks = trial.verdict.checks if trial.verdict is not None else ()
    place = form.get("check", "")
    if not place.isdecimal() or int(place[:9]) >= len(checks):
        raise HTTPException(400, "The verdict has no such check. Load the page again.")
    return int(place), checks[int(place)]


async def _failed(request: Request, store: Store, simulation: Simulation) -> Sequence[Trial]:
    """The failed trials of a simulation."""
    if simulation.completed_at is not None:
        trials = await trials_of(request).of(store, simulation)
        return [one for one in trials if one.outcome is Outcome.FAILED]
    return (await store.trial_page(simulation.id, Page(size=MAX_TRIALS), outcome=Outcome.FAILED))[0]


def _neighbours(failed: Sequence[Trial], simulation: Simulation, trial: Trial) -> Neighbours:
    order = {scenario.id: place for place, scenario in enumerate(simulation.scenarios)}

    def key(one: Trial) -> tuple[int, int]:
        return order[one.scenario], one.number

    listed = sorted(failed, key=key)
    before = [one for one in listed if key(one) < key(trial)]
    after = [one for one in listed if key(one) > key(trial)]
    return Neighbours(
        previous=addresses.proof(before[-1]) if before else None,
        next=addresses.proof(after[0]) if after else None,
        position=len(before) + 1 if len(before) + len(after) < len(listed) else None,
        failed=len(failed),
    )
