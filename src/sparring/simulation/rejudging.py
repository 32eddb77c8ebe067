"""Judging the stored trials of a simulation once more, with another judge, more votes or other expectations.

The conversations are not played again, and the verdicts that the trials have stay: each judgement is stored beside
them as soon as it is there. What no judge is needed for is worked out anew from the stored messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from sparring.domain import ids, turns
from sparring.domain.errors import InvalidInput, TrialFault
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.rejudgement import Rejudged, Rejudgement
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Transcript
from sparring.domain.verdict import Verdict
from sparring.simulation.jury import Jury, Opinion
from sparring.simulation.ports import Clock, JudgeCasting
from sparring.simulation.store import Store
from sparring.simulation.trial import Stage, set_stage, verdict_on

MAX_VOTES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is judged with."""

    judge: str | None = None
    """The model; None for the one that has judged before."""
    votes: int = 1
    """How many judgements of each conversation the judge gives; what more than half of them find stands."""
    expect: Mapping[str, Expectations] = field(default_factory=dict)
    """By scenario id, what is expected instead of what was."""


@dataclass(frozen=True, slots=True)
class Rejudging:
    """The use case, over the ports."""

    store: Store
    casting: JudgeCasting
    clock: Clock

    async def judge(
        self,
        simulation: Simulation,
        terms: Terms,
        *,
        concurrency: int = 100,
        on_judged: Callable[[int, int], None] = lambda done, of: None,
        proceed: Callable[[], bool] = lambda: True,
    ) -> Rejudged:
        """Judge every finished conversation of a simulation again.

        Args:
            concurrency: conversations at once.
            on_judged: is told how many of how many are judged.
            proceed: is asked before each conversation; once it says no, the rest is left out.

        Raises:
            InvalidInput: the number of votes cannot be used, the judge cannot be reached, or no conversation of
                the simulation has come to its end.
        """
        check_votes(terms.votes)
        asked = _as_asked(simulation, terms)
        trials = tuple(await self.store.trials(simulation.id))
        sitting = _Sitting(
            self, asked, Jury(self.casting, asked.models.judge, self.clock, terms.votes), self._new_id()
        )
        waiting = [trial for trial in trials if trial.is_over and trial.outcome is not Outcome.CANCELLED]
        judgements: dict[str, Rejudgement] = {}

        async def work(queue: Iterator[Trial]) -> None:
            for trial in takewhile(lambda _: proceed(), queue):
                found = await sitting.judge(trial)
                if found is not None:
                    judgements[trial.id] = found
                    await self.store.save_rejudgement(found)
                on_judged(len(judgements), len(waiting))

        queue = iter(waiting)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(concurrency, len(waiting))):
                    group.create_task(work(queue))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        if not judgements and proceed():
            raise InvalidInput(
                "There is nothing to judge: no conversation of this simulation has come to its end."
            )
        return Rejudged(
            judging=sitting.id, before=simulation, simulation=asked, trials=trials, judgements=judgements
        )

    def _new_id(self) -> str:
        return ids.mint(int(self.clock.now()), self.clock.entropy(8))


@dataclass(frozen=True, slots=True)
class _Sitting:
    """One occasion."""

    over: Rejudging
    simulation: Simulation
    jury: Jury
    id: str

    async def judge(self, trial: Trial) -> Rejudgement | None:
        """What judging a trial comes to; None where its conversation has not come to an end."""
        try:
            scenario = self.simulation.played(trial)
        except TrialFault as fault:
            return self._written(trial, Opinion(judgement=None, error=str(fault)), None)
        stage = set_stage(self.simulation.agent, scenario, self.simulation.limits)
        messages = await self.over.store.messages(trial.id)
        transcript = Transcript(messages, history=len(scenario.history))
        termination = _ended(trial, stage, transcript)
        if termination is None:
            return None
        opinion = await self.jury.assess(
            scenario,
            transcript,
            termination,
            instructions=self.simulation.agent.instructions,
            number=trial.number,
            seed=trial.seed,
        )
        return self._concluded(trial, scenario, stage, transcript, termination, opinion)

    def _concluded(
        self,
        trial: Trial,
        scenario: Scenario,
        stage: Stage,
        transcript: Transcript,
        termination: Termination,
        opinion: Opinion,
    ) -> Rejudgement:
        if opinion.judgement is None:
            return self._written(trial, opinion, None)
        try:
            verdict = verdict_on(
                self.simulation.agent, scenario, stage, transcript, termination, opinion.judgement
            )
        except TrialFault as fault:
            return self._written(trial, replace(opinion, error=str(fault)), None)
        return self._written(trial, opinion, verdict)

    def _written(self, trial: Trial, opinion: Opinion, verdict: Verdict | None) -> Rejudgement:
        return Rejudgement(
            id=self.over._new_id(),
            judging=self.id,
            simulation=trial.simulation,
            trial=trial.id,
            judge=self.jury.model,
            votes=self.jury.votes,
            outcome=Outcome.ERROR if verdict is None else verdict.outcome,
            verdict=verdict,
            splits={
                str(place): {finding.value: number for finding, number in split.items()}
                for place, split in enumerate(opinion.splits)
                if len(split) > 1
            },
            error=opinion.error,
            cost=opinion.cost,
            created_at=self.over.clock.now(),
        )


def check_votes(votes: int) -> None:
    """Raise InvalidInput for a number of votes that cannot be used."""
    if not 1 <= votes <= MAX_VOTES:
        raise InvalidInput(f"votes takes 1 to {MAX_VOTES}, not {votes}.", field="votes")


def _as_asked(simulation: Simulation, terms: Terms) -> Simulation:
    return replace(
        simulation,
        models=replace(simulation.models, judge=terms.judge or simulation.models.judge),
        scenarios=tuple(
            replace(scenario, expect=terms.expect.get(scenario.id, scenario.expect))
            for scenario in simulation.scenarios
        ),
    )


def _ended(trial: Trial, stage: Stage, transcript: Transcript) -> Termination | None:
    """Why the talking ended; also of a trial that errored when all had been said."""
    if trial.termination is not None:
        return trial.termination
    move = turns.next_move(transcript, stage.rules)
    return move.reason if isinstance(move, turns.Stop) else None
