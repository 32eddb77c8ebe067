"""Judging a simulation again from the pages, and what every occasion on which that was done has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Outcome
from sparring.domain.rejudgement import Flip, Rejudged, Rejudgement, Revision
from sparring.domain.simulation import Simulation, Trial
from sparring.reports import headlines
from sparring.reports.rejudgements import is_news, summaries, title_of, votes
from sparring.server.ui import addresses
from sparring.server.ui.events import event, event_stream
from sparring.server.ui.forms import whole
from sparring.server.ui.pages import Form, KnownVisitor, back_to, page, services_of, sittings_of, trials_of
from sparring.server.ui.simulation import find_simulation
from sparring.server.ui.sittings import OnJudged, Sittings
from sparring.simulation.rejudging import MAX_VOTES

_NOTHING: Mapping[str, str] = MappingProxyType({})

_SHOWN = 50
"""Trials of one occasion that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One trial that was found otherwise."""

    trial: Trial
    scenario: str
    was: str
    now: str
    error: str | None
    flips: Sequence[tuple[str, Flip]]
    """Each with the title of its check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One occasion on which a simulation was judged again."""

    at: float
    found: Rejudged
    votes: int
    flipped: int
    turned: int
    before: float | None
    """pass^1 of the same trials."""
    now: float | None
    turns: Sequence[Turn]
    more: int
    """Turns that are not shown."""


async def show(request: Request, visitor: KnownVisitor, simulation_id: str) -> Response:
    """The page."""
    return await _page(request, await find_simulation(services_of(request), visitor, simulation_id))


async def _page(
    request: Request,
    simulation: Simulation,
    typed: Mapping[str, str] = _NOTHING,
    problem: InvalidInput | None = None,
) -> Response:
    services = services_of(request)
    trials = await trials_of(request).of(services.store, simulation)
    stored = await services.store.rejudgements(simulation.id)
    sitting = sittings_of(request).get(simulation.id)
    return page(
        request,
        "judging.html.jinja",
        status=200 if problem is None else 400,
        typed=typed,
        problem=problem,
        simulation=simulation,
        title=headlines.title(simulation),
        sitting=sitting,
        occasions=[_occasion(simulation, trials, group) for group in _grouped(stored)],
        conversations=sum(trial.is_over and trial.outcome is not Outcome.CANCELLED for trial in trials),
        model_names=services.model_names,
        most_votes=MAX_VOTES,
    )


async def begin(request: Request, visitor: KnownVisitor, form: Form, simulation_id: str) -> Response:
    """Judge it again, in the background."""
    services = services_of(request)
    simulation = await find_simulation(services, visitor, simulation_id)
    model = form.get("judge", "").strip() or None
    try:
        number = whole(form, "votes", what="The number of votes", least=1, most=MAX_VOTES)
        if model is not None:
            services.models.model(model)
    except InvalidInput as problem:
        return await _page(request, simulation, form, problem)

    async def work(on_judged: OnJudged) -> object:
        return await services.judge_again(simulation, model, number, on_judged)

    sittings_of(request).begin(simulation.id, work)
    return back_to(addresses.judging(simulation.id))


async def events(request: Request, visitor: KnownVisitor, simulation_id: str) -> Response:
    """Server-sent events: `change` with each judgement, `over` at the end."""
    services = services_of(request)
    simulation = await find_simulation(services, visitor, simulation_id)
    return event_stream(_changes(sittings_of(request), simulation.id), services.stopping)


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/simulations/{simulation_id}/judging")(show)
    router.post("/simulations/{simulation_id}/judging")(begin)
    router.get("/simulations/{simulation_id}/judging/events")(events)


async def _changes(sittings: Sittings, simulation_id: str) -> AsyncIterator[str]:
    done = 0
    async for done in sittings.changes(simulation_id):
        yield event("change", done)
    yield event("over", done)


def _grouped(stored: Sequence[Rejudgement]) -> list[list[Rejudgement]]:
    """By occasion, the latest first."""
    groups: dict[str, list[Rejudgement]] = {}
    for one in stored:
        groups.setdefault(one.judging, []).append(one)
    return list(reversed(groups.values()))


def _occasion(simulation: Simulation, trials: Sequence[Trial], group: Sequence[Rejudgement]) -> Occasion:
    asked = replace(simulation, models=replace(simulation.models, judge=group[-1].judge))
    found = Rejudged(
        judging=group[0].judging,
        before=simulation,
        simulation=asked,
        trials=tuple(trials),
        judgements={one.trial: one for one in group},
    )
    names = {scenario.id: scenario.name for scenario in simulation.scenarios}
    changed = [one for one in found.revisions if one.is_turned or any(map(is_news, one.flips))]
    changed.sort(key=lambda one: not one.is_turned)
    before, now = summaries(found)
    return Occasion(
        at=group[0].created_at,
        found=found,
        votes=votes(found),
        flipped=sum(flip.is_reversal for one in found.revisions for flip in one.flips),
        turned=sum(one.is_turned for one in changed),
        before=before.pass_hat.get(1),
        now=now.pass_hat.get(1),
        turns=[_turn(one, names[one.trial.scenario]) for one in changed[:_SHOWN]],
        more=max(0, len(changed) - _SHOWN),
    )


def _turn(one: Revision, scenario: str) -> Turn:
    return Turn(
        trial=one.trial,
        scenario=scenario,
        was="not judged" if one.trial.outcome is None else one.trial.outcome.value,
        now=one.judgement.outcome.value,
        error=one.judgement.error,
        flips=[(title_of(flip), flip) for flip in one.flips if is_news(flip)],
    )
