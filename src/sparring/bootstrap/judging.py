"""The door of later judgements: stored conversations once more, and those of elsewhere for the first time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sparring.adapters.clock import SystemClock
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.players.casting import ModelCasting
from sparring.bootstrap.estimates import CHARACTERS, MESSAGE, judging_price
from sparring.bootstrap.playing import anchored
from sparring.bootstrap.providers import catalogue, default_judge
from sparring.bootstrap.services import Services
from sparring.domain.errors import InvalidInput
from sparring.domain.metrics import summarize
from sparring.domain.rejudgement import Rejudged
from sparring.domain.scenario import Expectations
from sparring.domain.simulation import Simulation
from sparring.domain.transcript import Message
from sparring.reports.result import Result
from sparring.settings import Settings
from sparring.simulation.jury import Jury
from sparring.simulation.ports import Clock
from sparring.simulation.rejudging import Rejudging, Terms, check_votes
from sparring.simulation.reviewing import Conversation, review

Expected = Expectations | Mapping[str, Expectations] | None
"""Of every conversation, or by the name of the scenario; None for what was expected before."""

OnJudged = Callable[[int, int], None]
"""Is told how many of how many are judged."""
Proceed = Callable[[], bool]
"""Is asked before each conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What judging comes to."""

    judgements: int
    """Conversations that a judge is asked about, times votes."""
    dollars: float | None
    """Roughly; None where the judge's price is not known."""


def terms_of(
    services: Services, simulation: Simulation, expected: Expected, *, model: str | None, votes: int
) -> Terms:
    """How the stored conversations of a simulation are to be judged.

    Raises:
        InvalidInput: the judge cannot be reached, the number of votes cannot be used, or the suite has none of the
            simulation's scenarios.
    """
    check_votes(votes)
    judge = anchored(model, Path()) or simulation.models.judge
    services.models.model(judge)
    return Terms(judge=judge, votes=votes, expect=by_scenario(expected, simulation))


async def price_again(services: Services, simulation: Simulation, terms: Terms) -> Price:
    """What judging the stored conversations comes to."""
    asked = {
        scenario.id
        for scenario in simulation.scenarios
        if terms.expect.get(scenario.id, scenario.expect).assertions
    }
    trials = [
        trial for trial in await services.store.trials(simulation.id) if trial.scenario in asked and trial.steps
    ]
    own = len(simulation.agent.instructions) // CHARACTERS
    tokens = sum(own + trial.steps * MESSAGE for trial in trials)
    judge = terms.judge or simulation.models.judge
    return _price(services.models, judge, tokens, len(trials), terms.votes, services.clock.now())


async def judge_again(
    services: Services, simulation: Simulation, terms: Terms, *, on_judged: OnJudged, proceed: Proceed
) -> Rejudged:
    """Judge the stored conversations of a simulation.

    Raises:
        InvalidInput: no conversation of it has come to its end.
    """
    return await Rejudging(services.store, services.casting, services.clock).judge(
        simulation,
        terms,
        concurrency=services.settings.concurrency,
        on_judged=on_judged,
        proceed=proceed,
    )


def _price(models: Catalogue, judge: str, tokens: int, conversations: int, votes: int, now: float) -> Price:
    judgements = conversations * votes
    dollars = judging_price(models, judge, tokens * votes, judgements, now) if judgements else 0.0
    return Price(judgements=judgements, dollars=dollars)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """What judges the conversations of a file, without a database."""

    jury: Jury
    models: Catalogue
    clock: Clock
    concurrency: int

    def price(self, conversations: Sequence[Conversation], expected: Expectations) -> Price:
        """What judging them comes to."""
        asked = conversations if expected.assertions else ()
        characters = sum(len(one.instructions) + sum(map(_length, one.messages)) for one in asked)
        tokens, now = characters // CHARACTERS, self.clock.now()
        return _price(self.models, self.jury.model, tokens, len(asked), self.jury.votes, now)

    async def judge(
        self,
        conversations: Sequence[Conversation],
        expected: Expectations,
        *,
        name: str,
        on_judged: OnJudged,
        proceed: Proceed,
    ) -> Result:
        """The conversations with their verdicts.

        Raises:
            InvalidInput: transcripts alone cannot show what is expected.
        """
        found = await review(
            conversations,
            expected,
            self.jury,
            name=name,
            clock=self.clock,
            concurrency=self.concurrency,
            on_judged=on_judged,
            proceed=proceed,
        )
        return Result(
            simulation=found.simulation,
            trials=found.trials,
            summary=summarize(found.trials, [scenario.id for scenario in found.simulation.scenarios]),
            transcripts=found.transcripts,
        )


@asynccontextmanager
async def open_court(settings: Settings, model: str | None, votes: int) -> AsyncIterator[Court]:
    """A court that is closed again at the end.

    Raises:
        InvalidInput: the judge cannot be reached, or the number of votes cannot be used.
    """
    check_votes(votes)
    clock = SystemClock()
    models = catalogue(settings, clock)
    try:
        judge = default_judge(settings, models, anchored(model, Path()))
        models.model(judge)
        jury = Jury(ModelCasting(models, clock), judge, clock, votes)
        yield Court(jury=jury, models=models, clock=clock, concurrency=settings.concurrency)
    finally:
        await models.close()


def _length(message: Message) -> int:
    """Characters of a message, roughly as a judge is shown them."""
    calls = getattr(message, "calls", ())
    return len(message.text or "") + sum(len(call.name) + len(str(call.arguments)) for call in calls)
