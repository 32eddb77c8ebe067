"""The door of later judgements: stored conversations once more, and those of elsewhere for the first time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sparring.adapters.clock import SystemClock
from sparring.adapters.players.casting import ModelCasting
from sparring.bootstrap.playing import anchored
from sparring.bootstrap.providers import catalogue, default_judge
from sparring.bootstrap.services import Services
from sparring.domain.errors import InvalidInput
from sparring.domain.metrics import summarize
from sparring.domain.rejudgement import Rejudged
from sparring.domain.scenario import Expectations
from sparring.domain.simulation import Simulation
from sparring.reports.result import Result
from sparring.settings import Settings
from sparring.simulation.jury import Jury
from sparring.simulation.rejudging import Rejudging, Terms, check_votes
from sparring.simulation.reviewing import Conversation, review

Expected = Expectations | Mapping[str, Expectations] | None
"""Of every conversation, or by the name of the scenario; None for what was expected before."""

OnJudged = Callable[[int, int], None]


async def judge_again(
    services: Services,
    simulation: Simulation,
    expected: Expected,
    *,
    model: str | None,
    votes: int,
    on_judged: OnJudged,
) -> Rejudged:
    """Judge the stored conversations of a simulation.

    Raises:
        InvalidInput: the judge cannot be reached, or nothing is expected of any of its scenarios.
    """
    judge = anchored(model, Path()) or simulation.models.judge
    services.models.model(judge)
    return await Rejudging(services.store, services.casting, services.clock).judge(
        simulation,
        Terms(judge=judge, votes=votes, expect=by_scenario(expected, simulation)),
        concurrency=services.settings.concurrency,
        on_judged=on_judged,
    )


def by_scenario(expected: Expected, simulation: Simulation) -> Mapping[str, Expectations]:
    """What is expected of each scenario, by its id; those that nothing is said of are left out.

    Raises:
        InvalidInput: the names are those of other scenarios.
    """
    if expected is None:
        return {}
    if isinstance(expected, Expectations):
        return {scenario.id: expected for scenario in simulation.scenarios}
    found = {
        scenario.id: expected[scenario.name] for scenario in simulation.scenarios if scenario.name in expected
    }
    if not found:
        names = "; ".join(scenario.name for scenario in simulation.scenarios)
        raise InvalidInput(f"The suite has none of the scenarios of this simulation: {names}.")
    return found


@asynccontextmanager
async def open_jury(settings: Settings, model: str | None, votes: int) -> AsyncIterator[Jury]:
    """A jury without a database.

    Raises:
        InvalidInput: the judge cannot be reached, or the number of votes cannot be used.
    """
    check_votes(votes)
    clock = SystemClock()
    models = catalogue(settings, clock)
    try:
        judge = default_judge(settings, models, model)
        models.model(judge)
        yield Jury(ModelCasting(models, clock), judge, votes)
    finally:
        await models.close()


async def judge_transcripts(
    conversations: Sequence[Conversation],
    expected: Expectations,
    jury: Jury,
    *,
    name: str,
    concurrency: int,
    on_judged: OnJudged,
) -> Result:
    """Conversations of elsewhere with their verdicts.

    Raises:
        InvalidInput: transcripts alone cannot show what is expected.
    """
    found = await review(
        conversations,
        expected,
        jury,
        name=name,
        clock=SystemClock(),
        concurrency=concurrency,
        on_judged=on_judged,
    )
    return Result(
        simulation=found.simulation,
        trials=found.trials,
        summary=summarize(found.trials, [scenario.id for scenario in found.simulation.scenarios]),
        transcripts=found.transcripts,
    )
