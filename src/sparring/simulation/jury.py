"""One judge asked once or several times about a conversation that is over; where the votes differ, most of them win."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sparring.domain.chance import derive
from sparring.domain.costs import costs_by_role
from sparring.domain.errors import JudgeFault, ModelFault, NotConfigured, ProviderDown, TrialFault
from sparring.domain.evaluation import needs_judge
from sparring.domain.outcomes import Role, Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import MAX_ATTEMPTS
from sparring.domain.transcript import Transcript
from sparring.domain.votes import Split, majority
from sparring.simulation.ports import Clock, Judge, JudgeCasting, Judgement, Occasion

VARIED = 1.0
"""The temperature of every vote but the first, so that one judge is more than one opinion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a jury found."""

    judgement: Judgement | None
    """None where no vote could be had."""
    splits: tuple[Split, ...] = ()
    """By assertion."""
    cost: float | None = 0.0
    """USD of all votes, those that came to nothing included; None where a price is not known."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Jury:
    """A judge's model, asked so many times."""

    casting: JudgeCasting
    model: str
    clock: Clock
    votes: int = 1

    async def assess(
        self,
        scenario: Scenario,
        transcript: Transcript,
        termination: Termination,
        *,
        instructions: str,
        number: int = 1,
        seed: int = 0,
    ) -> Opinion:
        """What most of the votes find of a scenario's assertions.

        Args:
            instructions: the agent's.
            number: of the trial.
            seed: of the trial.

        Raises:
            NotConfigured: the judge's model cannot be reached, or cannot be asked at all.
        """
        if not needs_judge(scenario.expect, termination):
            return Opinion(judgement=Judgement(assessments=()))
        judges = [
            self.casting.cast_judge(
                scenario,
                instructions=instructions,
                model=self.model,
                occasion=Occasion(
                    role=Role.JUDGE,
                    scenario=scenario.name,
                    trial=number,
                    seed=seed if vote == 0 else derive(seed, "vote", vote),
                ),
                temperature=VARIED if vote else 0.0,
            )
            for vote in range(self.votes)
        ]
        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(_ask(judge, transcript, self.clock)) for judge in judges]
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        return _outvoted([task.result() for task in asked])


async def _ask(judge: Judge, transcript: Transcript, clock: Clock) -> Opinion:
    """One vote; asked for again where a fault of the judge or its provider may pass."""
    wasted: list[float | None] = []
    tries = 0
    while True:
        try:
            judgement = await judge.assess(transcript)
        except ProviderDown as down:
            wasted.append(down.cost)
            await clock.sleep(max(0.0, down.until - clock.now()))
            continue
        except TrialFault as fault:
            tries += 1
            if isinstance(fault, JudgeFault | ModelFault):
                wasted.append(fault.cost)
            if isinstance(fault, ModelFault) and fault.hopeless:
                raise NotConfigured(str(fault)) from fault
            if not fault.retryable or tries >= MAX_ATTEMPTS:
                return Opinion(judgement=None, cost=_sum(wasted), error=str(fault))
        else:
            cost = costs_by_role((), judgement.generations)[Role.JUDGE]
            return Opinion(judgement=judgement, cost=_sum([*wasted, cost]))


def _outvoted(votes: Sequence[Opinion]) -> Opinion:
    cost = _sum([vote.cost for vote in votes])
    judged = [vote.judgement for vote in votes if vote.judgement is not None]
    if not judged:
        return Opinion(judgement=None, cost=cost, error=votes[0].error)
    assessments, splits = majority([judgement.assessments for judgement in judged])
    generations = tuple(made for judgement in judged for made in judgement.generations)
    return Opinion(judgement=Judgement(assessments=assessments, generations=generations), splits=splits, cost=cost)


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
