"""Judging conversations that took place elsewhere: nobody is simulated, and nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput, TrialFault
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Role, Termination
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.text import storable_message
from sparring.domain.transcript import Message, Transcript
from sparring.domain.verdict import Verdict
from sparring.simulation.jury import Jury, Opinion
from sparring.simulation.ports import Clock
from sparring.simulation.trial import set_stage, verdict_on

SOURCE = "transcripts"
"""Which door such a simulation came through."""

_NOBODY = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One that took place."""

    id: str
    messages: tuple[Message, ...]
    instructions: str = ""
    """The agent's, where they are known."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Put into what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """Conversations with their verdicts, in the form of a simulation: each is a scenario of one trial."""

    simulation: Simulation
    trials: tuple[Trial, ...]
    transcripts: Mapping[str, Sequence[Message]]
    """By trial id."""


def check_expectations(expect: Expectations) -> None:
    """Raise InvalidInput for what a transcript alone cannot show."""
    if expect.state or expect.writes is not None:
        raise InvalidInput(
            "Recorded conversations have no mocks, so neither `state` nor `writes` can be checked in them; expect "
            "calls by `actions` and `forbidden`, or say it in an assertion."
        )


async def review(
    conversations: Sequence[Conversation],
    expect: Expectations,
    jury: Jury,
    *,
    name: str,
    clock: Clock,
    concurrency: int = 100,
    on_judged: Callable[[int, int], None] = lambda done, of: None,
    proceed: Callable[[], bool] = lambda: True,
) -> Reviewed:
    """Judge conversations.

    Args:
        name: of the whole.
        concurrency: conversations at once.
        on_judged: is told how many of how many are judged.
        proceed: is asked before each conversation; once it says no, the rest is cancelled.

    Raises:
        InvalidInput: a transcript alone cannot show what is expected, or the judge cannot be reached.
    """
    check_expectations(expect)
    began = clock.now()
    simulation = Simulation(
        id=ids.mint(int(began), clock.entropy(8)),
        workspace="",
        agent=Agent(id="", workspace="", name=_NOBODY),
        scenarios=tuple(_scenario(place, one, expect) for place, one in enumerate(conversations)),
        models=Models(user=_NOBODY, judge=jury.model),
        name=name,
        source=SOURCE,
        created_at=began,
        started_at=began,
        status=Lifecycle.COMPLETED,
    )
    trials: dict[int, Trial] = {}

    async def work(queue: Iterator[tuple[int, Conversation]]) -> None:
        for place, one in takewhile(lambda _: proceed(), queue):
            trials[place] = await _judged(simulation, place, one, jury, clock)
            on_judged(len(trials), len(conversations))

    queue = iter(enumerate(conversations))
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(conversations))):
                group.create_task(work(queue))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    ordered = tuple(trials.get(place) or _cancelled(simulation, place) for place in range(len(conversations)))
    return Reviewed(
        simulation=replace(simulation, completed_at=clock.now()),
        trials=ordered,
        transcripts={trial.id: conversations[place].messages for place, trial in enumerate(ordered)},
    )


def _scenario(place: int, one: Conversation, expect: Expectations) -> Scenario:
    return Scenario(id=f"{place:024x}", name=one.id, variables=one.variables, expect=expect)


def _cancelled(simulation: Simulation, place: int) -> Trial:
    return Trial(
        id=f"{place:024x}",
        simulation=simulation.id,
        scenario=simulation.scenarios[place].id,
        number=1,
        seed=place,
        status=Lifecycle.CANCELLED,
        outcome=Outcome.CANCELLED,
    )


async def _judged(simulation: Simulation, place: int, one: Conversation, jury: Jury, clock: Clock) -> Trial:
    scenario, began = simulation.scenarios[place], clock.now()
    transcript = Transcript([storable_message(message) for message in one.messages])
    opinion = await jury.assess(
        scenario, transcript, Termination.USER_STOP, instructions=one.instructions, seed=place
    )
    verdict, error = _verdict(simulation, scenario, transcript, opinion)
    return Trial(
        id=f"{place:024x}",
        simulation=simulation.id,
        scenario=scenario.id,
        number=1,
        seed=place,
        status=Lifecycle.COMPLETED,
        outcome=Outcome.ERROR if verdict is None else verdict.outcome,
        cause=Cause.JUDGE if verdict is None else None,
        error=error,
        termination=Termination.USER_STOP,
        verdict=verdict,
        costs={Role.JUDGE: opinion.cost},
        steps=transcript.steps,
        started_at=began,
        completed_at=clock.now(),
    )


def _verdict(
    simulation: Simulation, scenario: Scenario, transcript: Transcript, opinion: Opinion
) -> tuple[Verdict | None, str | None]:
    if opinion.judgement is None:
        return None, opinion.error
    stage = set_stage(simulation.agent, scenario, simulation.limits)
    try:
        verdict = verdict_on(
            simulation.agent, scenario, stage, transcript, Termination.USER_STOP, opinion.judgement
        )
    except TrialFault as fault:
        return None, str(fault)
    return verdict, None
