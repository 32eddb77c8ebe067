"""Submitting simulations, and playing one claimed trial to the end of its last attempt."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from sparring.domain import generation, ids, turns, webhooks
from sparring.domain import simulation as simulations
from sparring.domain.costs import add_costs, costs_by_role
from sparring.domain.deciding import decide, undecidable
from sparring.domain.errors import (
    Interrupted,
    InvalidInput,
    JudgeFault,
    MockGap,
    ModelFault,
    ProviderDown,
    ScenarioFault,
    SparringError,
    StoreError,
    ToolFault,
    TrialFault,
)
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Role, Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import MAX_ATTEMPTS, Simulation, Threshold, Trial, trial_count
from sparring.domain.transcript import Transcript
from sparring.simulation import live_tools
from sparring.simulation import trial as trials
from sparring.simulation.about import about
from sparring.simulation.control import check_at_once, check_budget
from sparring.simulation.heralds import Herald
from sparring.simulation.hopeless import Hopeless
from sparring.simulation.live_tools import LiveTools
from sparring.simulation.ports import Casting, Clock, WebCaller
from sparring.simulation.store import Store

_log = logging.getLogger(__name__)

LOOKS = 200
"""How often a simulation is looked at whether its threshold is decided, if one process plays it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """The use cases around trials, over the ports."""

    store: Store
    casting: Casting
    clock: Clock
    herald: Herald = field(default_factory=Herald)
    web: WebCaller | None = None
    """Makes the calls of live tools; None where the installation allows none."""
    _ended: Counter[str] = field(default_factory=Counter)
    """Trials that ended here, by simulation, of those that end once something is decided."""
    _hopeless: dict[str, Hopeless] = field(default_factory=dict)
    """Models that were found so, by simulation, until a trial of it is begun again."""

    def new_id(self) -> str:
        """A fresh id."""
        return ids.mint(int(self.clock.now()), self.clock.entropy(8))

    async def submit(self, simulation: Simulation) -> Sequence[Trial]:
        """Store a simulation with all its trials, in one transaction, ready to be claimed.

        Raises:
            InvalidInput: it has no trial, its budget is no amount, it allows no trial at once, or one of its
                scenarios cannot be played.
            Conflict: its idempotency key is taken.
        """
        count = trial_count(simulation.scenarios)
        if count < 1:
            raise InvalidInput("There is nothing to play: no scenario with a trial was given.")
        check_budget(simulation.max_cost)
        check_at_once(simulation.at_once)
        check_decidable(simulation.scenarios, simulation.until)
        for scenario in simulation.scenarios:
            _check(scenario)
        planned = simulations.plan(simulation, [self.new_id() for _ in range(count)])
        await self.store.save_simulation(simulation, planned)
        return planned

    async def play(
        self, simulation: Simulation, trial: Trial, *, proceed: Callable[[], bool] = lambda: True
    ) -> Simulation | None:
        """Play a claimed trial, again where that can help, and store what became of it.

        Returns the simulation if this trial completed it. A fault of the conversation's providers goes on from
        the journal; only a mock gap begins anew. `proceed` is asked before each move and before each further
        attempt; once it says no, the trial ends as cancelled.

        A model that cannot be asked at all fails every trial that needs it: those in the queue at once, those that
        run here at their next move.

        Raises:
            ProviderDown: a provider does not answer; the trial is back in the queue, and no attempt is counted.
            Interrupted: this process is stopping (`proceed` raises it); the trial stays as it is for later.
            StoreError: the database failed, or another worker has this trial.
        """
        with about(workspace=simulation.workspace, simulation=simulation.id, trial=trial.id):
            return await self._play(simulation, trial, proceed)

    async def _play(self, simulation: Simulation, trial: Trial, proceed: Callable[[], bool]) -> Simulation | None:
        _log.debug("The trial begins.", extra={"facts": {"number": trial.number, "attempt": trial.attempt}})
        self._hopeless.pop(simulation.id, None)
        going = self._unless_hopeless(simulation, trial, proceed)
        while True:
            try:
                return await self._over(simulation, await self._attempt(simulation, trial, going))
            except ProviderDown as down:
                await self._postpone(replace(trial, costs=_with_lost(trial.costs, down)))
                raise
            except TrialFault as fault:
                trial = replace(trial, costs=_with_lost(trial.costs, fault))
                if isinstance(fault, ModelFault) and fault.hopeless:
                    return await self._give_up(simulation, trial, fault)
                if await self._can_go_on(trial, fault):
                    if not proceed():
                        return await self._end(simulation, trial, **_CANCELLED)
                    trial = await self._again(trial, fault)
                    continue
                cause, error = fault.cause, str(fault)
            except (StoreError, Interrupted):
                raise
            except SparringError as wrong:
                cause, error = Cause.PROVIDER, str(wrong)
            except Exception as wrong:
                cause, error = Cause.PROVIDER, _internal(wrong)
            return await self._end(simulation, trial, **_errored(cause, error))

    def _unless_hopeless(
        self, simulation: Simulation, trial: Trial, proceed: Callable[[], bool]
    ) -> Callable[[], bool]:
        def going() -> bool:
            found = self._hopeless.get(simulation.id)
            if found is not None and found.concerns(simulation, trial):
                raise found.fault()
            return proceed()

        return going

    async def _attempt(self, simulation: Simulation, trial: Trial, proceed: Callable[[], bool]) -> Trial:
        scenario = simulation.played(trial)
        live = live_tools.tools_of_trial(simulation, scenario, self.web)
        cast = self.casting.cast(_offering(simulation, live), scenario, trial)
        try:
            return await trials.play(
                simulation,
                scenario,
                trial,
                cast=cast,
                journal=self.store.journal(trial),
                clock=self.clock,
                proceed=proceed,
                live=live,
            )
        finally:
            cast.leave()

    async def _postpone(self, trial: Trial) -> None:
        _log.info("The trial waits for its provider.")
        completed = await self.store.postpone(trial)
        if completed is not None:
            await self.herald.simulation_over(completed)

    async def _give_up(self, simulation: Simulation, trial: Trial, fault: ModelFault) -> Simulation | None:
        """End a trial whose model cannot be asked at all, and all that wait in the queue for the same."""
        found = Hopeless(error=str(fault), role=fault.role, scenario=trial.scenario)
        if simulation.id not in self._hopeless:
            facts = {"provider": fault.provider, "model": fault.model, "status": fault.status}
            _log.warning("A model cannot be asked: the simulation fails.", extra={"facts": facts})
        self._hopeless[simulation.id] = found
        how = _errored(fault.cause, found.error)
        completed = await self._end(simulation, trial, **how)
        now = self.clock.now()
        ended = [
            replace(waiting, completed_at=now, **how)
            if waiting.started_at is None
            else await self._without_verdict(simulation, waiting, **how)
            for waiting in await self.store.trials(simulation.id)
            if waiting.status is Lifecycle.QUEUED and found.concerns(simulation, waiting)
        ]
        if not ended:
            return completed
        completed = await self.store.end_queued(simulation.id, ended)
        for waiting in ended:
            await self.herald.trial_over(simulation, waiting)
        if completed is not None:
            await self.herald.simulation_over(completed)
        return completed

    async def _can_go_on(self, trial: Trial, fault: TrialFault) -> bool:
        """Whether to play on: not anew where something was really called, which would be called once more."""
        if not fault.retryable or trial.attempt >= MAX_ATTEMPTS:
            return False
        return not (fault.replay and live_tools.made_calls(await self.store.messages(trial.id)))

    async def give_up(self, simulation: Simulation, trial: Trial) -> Simulation | None:
        """Store a claimed trial that is played no longer as cancelled, with what it came to; the simulation if this
        completed it."""
        stored = await self.store.find_trial(simulation.workspace, trial.id)
        if stored is None or stored.is_over:
            return None
        return await self._end(simulation, replace(stored, claim=trial.claim), **_CANCELLED)

    async def _again(self, trial: Trial, fault: TrialFault) -> Trial:
        _log.warning(
            "The trial is played on.", extra={"facts": {"fault": fault.code, "attempt": trial.attempt + 1}}
        )
        again = replace(trial, attempt=trial.attempt + 1)
        if fault.replay:
            left = costs_by_role(await self.store.messages(trial.id))
            again = replace(again, take=trial.take + 1, costs=add_costs(trial.costs, left))
        await self.store.save_trial(again)
        return again

    async def _end(self, simulation: Simulation, trial: Trial, **how: Any) -> Simulation | None:
        """Store a trial that has no verdict, with what its conversation came to."""
        return await self._over(simulation, await self._without_verdict(simulation, trial, **how))

    async def _without_verdict(self, simulation: Simulation, trial: Trial, **how: Any) -> Trial:
        scenario = _played(simulation, trial)
        transcript = Transcript(await self.store.messages(trial.id), history=len(scenario.history))
        return replace(
            trial,
            steps=transcript.steps,
            costs=add_costs(trial.costs, costs_by_role(transcript)),
            warnings=trials.warned(trial, simulation.agent, scenario, transcript),
            completed_at=self.clock.now(),
            **how,
        )

    async def _over(self, simulation: Simulation, trial: Trial) -> Simulation | None:
        completed = await self.store.save_trial(trial)
        _log_end(trial)
        await self.herald.trial_over(simulation, trial)
        if completed is None and simulation.until is not None:
            completed = await self._decide(simulation, simulation.until)
        if completed is not None:
            _log.info("The simulation is over.", extra={"facts": {"status": completed.status.value}})
            self._ended.pop(simulation.id, None)
            await self.herald.simulation_over(completed)
        return completed

    async def _decide(self, simulation: Simulation, until: Threshold) -> Simulation | None:
        """End a simulation whose threshold is decided; the simulation, if this completed it.

        Of a large one not every trial is a reason to look: what a look costs grows with its trials.
        """
        self._ended[simulation.id] += 1
        if self._ended[simulation.id] % max(1, trial_count(simulation.scenarios) // LOOKS):
            return None
        decision = decide(await self.store.outcomes(simulation.id), until)
        return None if decision is None else await self.store.decide(simulation.id, decision.reason)


_CANCELLED: Mapping[str, Any] = {
    "status": Lifecycle.CANCELLED,
    "outcome": Outcome.CANCELLED,
    "termination": Termination.CANCELLED,
}


def check_decidable(scenarios: Sequence[Scenario], until: Threshold | None, *, field: str | None = None) -> None:
    """Raise InvalidInput where a threshold can never be decided before the end.

    Args:
        field: how it is named where it came in.
    """
    why = None if until is None else undecidable(scenarios, until)
    if why is not None:
        raise InvalidInput(why if field is None else f"{field}: {why}", field=field)


def _log_end(trial: Trial) -> None:
    if _log.isEnabledFor(logging.INFO):
        facts = {"outcome": trial.outcome, "cause": trial.cause, "seconds": trial.seconds, "usd": trial.cost}
        told = {name: value for name, value in facts.items() if value is not None}
        _log.info("The trial is over.", extra={"facts": told})


def _check(scenario: Scenario) -> None:
    """Raise InvalidInput where a scenario cannot be played whatever happens."""
    flaw = turns.history_flaw(scenario.history)
    if flaw is not None:
        index, what = flaw
        raise InvalidInput(
            f"The history of {scenario.name!r} is impossible: message {index} {what}.", field="history"
        )
    for why in generation.flaws(scenario.generated, scenario.variables).values():
        raise InvalidInput(f"In the scenario {scenario.name!r}: {why}", field="variables")


def _played(simulation: Simulation, trial: Trial) -> Scenario:
    """The scenario of a trial that may have failed for its variables."""
    try:
        return simulation.played(trial)
    except ScenarioFault:
        return simulation.scenario(trial.scenario)


def _offering(simulation: Simulation, live: LiveTools | None) -> Simulation:
    """The simulation as it is cast: nobody is asked for what the variables answer in tools that are really called."""
    if live is None:
        return simulation
    return replace(simulation, agent=webhooks.offered(simulation.agent, live.tools, live.variables))


def _with_lost(costs: Mapping[str, float | None], fault: TrialFault) -> Mapping[str, float | None]:
    """The costs with those of answers that came to nothing: they stand in no journal."""
    match fault:
        case JudgeFault() | MockGap() | ToolFault():
            return add_costs(costs, {Role.JUDGE: fault.cost})
        case ModelFault(role=Role() as role) if fault.cost != 0:
            return add_costs(costs, {role: fault.cost})
    return costs


def _errored(cause: Cause, error: str) -> Mapping[str, Any]:
    return {"status": Lifecycle.COMPLETED, "outcome": Outcome.ERROR, "cause": cause, "error": error}


def _internal(error: Exception) -> str:
    """A mistake of this program's, told so that it can be found."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.name} in {PurePath(last.filename).name}, line {last.lineno}"
    return f"Internal error: {type(error).__name__}: {error} ({where})"
