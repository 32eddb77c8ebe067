"""One request to play scenarios, its trials, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from sparring.domain.agent import Agent
from sparring.domain.chance import derive
from sparring.domain.costs import less_costs, money
from sparring.domain.errors import InvalidInput
from sparring.domain.evaluation import Verdict
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.played import as_played
from sparring.domain.scenario import Scenario

MAX_ATTEMPTS = 4
"""A trial that fails for another's fault is played again, at most three times."""

MAX_TRIALS = 10_000
"""Of one simulation."""

MAX_TRIALS_EACH = 100
"""Of one scenario in one simulation."""

ON_REQUEST = "paused on request"
"""Why a simulation is paused that somebody has paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of the roles that are not under test."""

    user: str
    judge: str
    user_temperature: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds each trial of a simulation."""

    max_steps: int = 100
    max_errors: int = 5
    timeout: float = 900.0
    """Seconds on the wall for one trial: for each technical attempt, and anew after a restart, so that neither
    a fault nor the time that a process was down is charged to the conversation."""


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """What pass^k must reach."""

    k: int
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """One request to play scenarios x trials, with everything it was asked with."""

    id: str
    workspace: str
    agent: Agent
    """As it was when the simulation began."""
    scenarios: tuple[Scenario, ...]
    """As they were when the simulation began; each tells its number of trials, which alone may grow."""
    models: Models
    limits: Limits = Limits()
    seed: int = 0
    name: str = ""
    source: str = "library"
    """Which door it came through: `sigmamind`, `eqho`, `cli`, `demo`, `pages`, `library`."""
    set_id: str | None = None
    """The set of scenarios that was asked for, where it was one."""
    idempotency_key: str | None = None
    alias: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Parts of the request that are given back unchanged, by dialect."""
    max_cost: float | None = None
    """The budget in USD, for trials that are over and those that run; None for as much as it takes."""
    at_once: int | None = None
    """Its trials that may be at play at the same time, over all processes; None for as many as these play."""
    thresholds: tuple[Threshold, ...] = ()
    """What must be reached; without any, no trial may fail."""
    until: Threshold | None = None
    """It ends before all its trials are played once this is decided."""
    warnings: tuple[str, ...] = ()
    created_at: float = 0.0
    started_at: float | None = None
    completed_at: float | None = None
    status: Lifecycle = Lifecycle.QUEUED
    status_reason: str | None = None
    """Why it is paused, what a running one waits for, or what was decided before all trials of a completed one
    were played; None where there is nothing to say."""

    @property
    def is_decided(self) -> bool:
        """Whether it was completed before all its trials were played, because more would have told no more."""
        return self.status is Lifecycle.COMPLETED and self.until is not None and self.status_reason is not None

    def scenario(self, id: str) -> Scenario:
        """The scenario of that id, as it was when the simulation began."""
        return next(scenario for scenario in self.scenarios if scenario.id == id)

    def played(self, trial: Trial) -> Scenario:
        """The scenario of a trial, with the values that are made up for this one.

        Raises:
            ScenarioFault: a variable cannot be made up.
        """
        return as_played(self.scenario(trial.scenario), trial.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One conversation of one scenario: where it is, and how it ended."""

    id: str
    simulation: str
    scenario: str
    number: int
    """From 1 to the scenario's number of trials."""
    seed: int
    place: int = 0
    """From 0, in its simulation: of all simulations the first trials are begun before any later ones."""
    attempt: int = 1
    """Which technical try this is; never counted in a figure."""
    take: int = 1
    """Which journal it is played in: a new one only where the conversation has to begin anew."""
    claim: int = 0
    """How often it was begun or taken over: what whoever had it before stores after that is refused."""
    status: Lifecycle = Lifecycle.QUEUED
    outcome: Outcome | None = None
    cause: Cause | None = None
    error: str | None = None
    termination: Termination | None = None
    verdict: Verdict | None = None
    costs: Mapping[str, float | None] = field(default_factory=dict)
    """USD by role, abandoned takes included; a role with a message of unknown price is None."""
    steps: int = 0
    alias: str | None = None
    warnings: tuple[str, ...] = ()
    started_at: float | None = None
    completed_at: float | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took, in seconds on the wall."""
        if self.started_at is None or self.completed_at is None:
            return None
        return self.completed_at - self.started_at

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in (Lifecycle.COMPLETED, Lifecycle.CANCELLED)

    @property
    def cost(self) -> float | None:
        """USD of all roles together, None where one is not known."""
        known = [cost for cost in self.costs.values() if cost is not None]
        return sum(known) if len(known) == len(self.costs) else None


_NONE: Mapping[str, int] = MappingProxyType({})


def plan(simulation: Simulation, ids: Sequence[str], *, have: Mapping[str, int] = _NONE) -> tuple[Trial, ...]:
    """The trials of a simulation, round robin over its scenarios so that every scenario begins early.

    Each is the same whenever it is planned: its seed follows from the simulation's, its scenario and its number.

    Args:
        ids: one new id for each trial.
        have: how many trials a scenario has already; only those beyond are planned.
    """
    rounds = max((scenario.trials for scenario in simulation.scenarios), default=0)
    slots = [
        (scenario, number)
        for number in range(1, rounds + 1)
        for scenario in simulation.scenarios
        if have.get(scenario.id, 0) < number <= scenario.trials
    ]
    return tuple(
        Trial(
            id=id,
            simulation=simulation.id,
            scenario=scenario.id,
            number=number,
            seed=derive(simulation.seed, scenario.name, number),
            place=place,
        )
        for place, (id, (scenario, number)) in enumerate(zip(ids, slots, strict=True), sum(have.values()))
    )


def trial_count(scenarios: Sequence[Scenario]) -> int:
    """How many trials the scenarios come to."""
    return sum(scenario.trials for scenario in scenarios)


def with_more_trials(simulation: Simulation, trials: int) -> Simulation:
    """The simulation with that many trials of each scenario; a scenario that has as many keeps its own number.

    Raises:
        InvalidInput: no scenario would get a trial, or it would come to more than a simulation may have.
    """
    most = max((scenario.trials for scenario in simulation.scenarios), default=0)
    least = min((scenario.trials for scenario in simulation.scenarios), default=0)
    if trials > MAX_TRIALS_EACH:
        raise InvalidInput(
            f"There are at most {MAX_TRIALS_EACH} trials of each; {trials} were asked for.",
            field="num_trials",
        )
    if trials <= least:
        have = f"{most}" if most == least else f"{least} to {most}"
        raise InvalidInput(
            f"There are {have} trials of each already, and {trials} were asked for. Ask for the number that there "
            "are to be in the end.",
            field="num_trials",
        )
    scenarios = tuple(
        scenario if scenario.trials >= trials else replace(scenario, trials=trials)
        for scenario in simulation.scenarios
    )
    if (count := trial_count(scenarios)) > MAX_TRIALS:
        raise InvalidInput(
            f"There are at most {MAX_TRIALS:,} trials in all; this would come to {count:,}.",
            field="num_trials",
        )
    return replace(simulation, scenarios=scenarios)


def to_play_again(trial: Trial, said: Mapping[str, float | None], *, lost: bool = False) -> Trial:
    """An errored trial as it waits to be played again.

    It goes on from its journal; after a call that nothing answers it begins anew, in another take.

    Args:
        said: USD by role of the messages of its current take, which its costs hold.
        lost: whether a call of its was really made and got no answer.
    """
    anew = lost or trial.cause is Cause.MOCK_GAP
    return replace(
        trial,
        attempt=1,
        take=trial.take + 1 if anew else trial.take,
        costs=trial.costs if anew else less_costs(trial.costs, said),
        status=Lifecycle.QUEUED,
        outcome=None,
        cause=None,
        error=None,
        termination=None,
        verdict=None,
        steps=0,
        warnings=(),
        completed_at=None,
    )


def cancelled(trial: Trial, at: float, reason: str | None = None) -> Trial:
    """A trial that is cancelled where nobody plays it."""
    ended = replace(trial, status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED, completed_at=at)
    return replace(ended, error=reason)


def budget_spent(max_cost: float, spent: float) -> str:
    """Why a simulation is paused that has reached its budget."""
    return f"the budget of {money(max_cost)} is spent; it was paused at {money(spent)}"
