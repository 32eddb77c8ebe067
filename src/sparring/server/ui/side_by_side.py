"""Two conversations of one scenario side by side, from two simulations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sparring.domain.comparison import Comparison, Pair, Tally, compare
from sparring.domain.errors import NotFound, ScenarioFault
from sparring.domain.outcomes import Outcome
from sparring.domain.parting import Place, parting
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message
from sparring.reports import headlines
from sparring.reports.views.anchors import Anchors
from sparring.reports.views.trial import TrialView, view
from sparring.server.ui import addresses
from sparring.server.ui.compare import side
from sparring.server.ui.compare_views import PairLine, lines
from sparring.server.ui.pages import KnownVisitor, page, services_of, trials_of
from sparring.server.ui.simulation import find_simulation

_PREFIXES = ("before-", "now-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One trial that could be shown on a side."""

    trial: Trial
    href: str
    is_shown: bool

    @property
    def state(self) -> str:
        """Its outcome, or where it is."""
        return (self.trial.outcome or self.trial.status).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One of the two conversations."""

    name: str
    simulation: Simulation
    title: str
    trial: Trial | None
    """None where the simulation has not played the scenario."""
    view: TrialView | None
    choices: Sequence[Choice]
    marks: Mapping[int, str]
    """What is said at messages, by index: that the conversations part there."""


async def show(
    request: Request,
    visitor: KnownVisitor,
    before: str,
    after: str,
    scenario: str,
    was: Annotated[int | None, Query(ge=1, le=10**6)] = None,
    trial: Annotated[int | None, Query(ge=1, le=10**6)] = None,
) -> Response:
    """The page; which trials are not named are chosen so that one failed and the other passed, if there are such."""
    services = services_of(request)
    simulations = [await find_simulation(services, visitor, id) for id in (before, after)]
    found = compare(await side(request, simulations[0]), await side(request, simulations[1]))
    order = lines(found)
    place = _place(order, scenario)
    pair = order[place].pair
    trials = [
        await _trials(request, simulation, tally)
        for simulation, tally in zip(simulations, (pair.before, pair.after), strict=True)
    ]
    chosen = choose(trials[0], trials[1], was, trial)
    messages = [await services.store.messages(one.id) if one is not None else [] for one in chosen]
    marks, told = _marks(messages) if None not in chosen else ([{}, {}], "")
    return page(
        request,
        "side-by-side.html.jinja",
        comparison=found,
        line=order[place],
        back=addresses.comparison(before, after),
        previous=order[place - 1].href if place else None,
        next=order[place + 1].href if place + 1 < len(order) else None,
        told=told,
        columns=[
            _column(number, simulations[number], chosen[number], messages[number], marks[number], choices)
            for number, choices in enumerate(_choices(found, pair, trials, chosen))
        ],
    )


def add_routes(router: APIRouter) -> None:
    """Serve this page."""
    router.get(f"{addresses.COMPARE}/trials")(show)


def choose(
    before: Sequence[Trial], after: Sequence[Trial], was: int | None, now: int | None
) -> tuple[Trial | None, Trial | None]:
    """Which two trials are shown: those that are named, else two that ended differently, else two of one number."""
    first = [one for one in before if was in (None, one.number)]
    second = [one for one in after if now in (None, one.number)]
    if (before and not first) or (after and not second):
        raise HTTPException(404, "The scenario has no trial of that number. Choose one of those that there are.")
    for wanted in ((Outcome.PASSED, Outcome.FAILED), (Outcome.FAILED, Outcome.PASSED)):
        pairs = [(one, other) for other in second for one in first if (one.outcome, other.outcome) == wanted]
        if pairs:
            return min(pairs, key=lambda two: two[0].number != two[1].number)
    alike = [(one, other) for one in first for other in second if one.number == other.number]
    return alike[0] if alike else (next(iter(first), None), next(iter(second), None))


async def _trials(request: Request, simulation: Simulation, tally: Tally | None) -> list[Trial]:
    if tally is None:
        return []
    trials = await trials_of(request).of(services_of(request).store, simulation)
    return sorted((one for one in trials if one.scenario == tally.id), key=lambda one: one.number)


def _place(order: Sequence[PairLine], scenario: str) -> int:
    """Which line is about a scenario, by either side's id or by its name."""
    for place, line in enumerate(order):
        pair = line.pair
        if (
            scenario in [tally.id for tally in (pair.before, pair.after) if tally is not None]
            or scenario == pair.name
        ):
            return place
    raise NotFound("scenario", scenario)


def _choices(
    found: Comparison, pair: Pair, trials: Sequence[Sequence[Trial]], chosen: Sequence[Trial | None]
) -> list[list[Choice]]:
    """For each side the trials that it has, each with the address that shows it beside what the other side shows."""
    one = pair.after or pair.before
    assert one is not None
    numbers = [None if trial is None else trial.number for trial in chosen]
    return [
        [
            Choice(
                trial=trial,
                href=addresses.side_by_side(
                    found.before.id,
                    found.after.id,
                    scenario=one.id,
                    was=trial.number if number == 0 else numbers[0],
                    trial=trial.number if number == 1 else numbers[1],
                ),
                is_shown=trial.number == numbers[number],
            )
            for trial in of_side
        ]
        for number, of_side in enumerate(trials)
    ]


def _marks(messages: Sequence[Sequence[Message]]) -> tuple[list[dict[int, str]], str]:
    """What is said at messages of each side, by index, and in one sentence about both."""
    found = parting(*messages)
    marks: list[dict[int, str]] = [{}, {}]
    if found.message is None:
        return marks, "Both conversations are the same, word for word."
    if found.call == found.message:
        _mark(marks, found.message, "Here they part")
        return marks, ""
    _mark(marks, found.message, "Here the words part")
    if found.call is None:
        return marks, "Both agents made the same calls; what was said or answered differs."
    _mark(marks, found.call, "Here the calls part")
    return marks, ""


def _mark(marks: Sequence[dict[int, str]], place: Place, words: str) -> None:
    for number, index in enumerate((place.before, place.after)):
        if index is not None:
            said = marks[number].get(index)
            marks[number][index] = words if said is None else f"{said}; {words.lower()}"


def _column(
    number: int,
    simulation: Simulation,
    trial: Trial | None,
    messages: Sequence[Message],
    marks: Mapping[int, str],
    choices: Sequence[Choice],
) -> Column:
    seen = None if trial is None else _view(simulation, trial, messages, Anchors(prefix=_PREFIXES[number]))
    return Column(
        name=("Before", "Now")[number],
        simulation=simulation,
        title=headlines.title(simulation),
        trial=trial,
        view=seen,
        choices=choices,
        marks={} if seen is None else _on_lines(marks, [line.message.index for line in seen.messages]),
    )


def _view(simulation: Simulation, trial: Trial, messages: Sequence[Message], anchors: Anchors) -> TrialView:
    try:
        scenario = simulation.played(trial)
    except ScenarioFault:
        scenario = simulation.scenario(trial.scenario)
    return view(trial, scenario, messages, anchors)


def _on_lines(marks: Mapping[int, str], starts: Sequence[int]) -> dict[int, str]:
    """The marks at the messages that have a line of their own: a result stands within that of its call."""
    placed: dict[int, str] = {}
    for index, words in marks.items():
        start = max((start for start in starts if start <= index), default=index)
        placed[start] = f"{placed[start]}; {words.lower()}" if start in placed else words
    return placed
