"""Submitting simulations, and playing one claimed trial to the end of its last attempt."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from sparring.domain import ids
from sparring.domain import simulation as simulations
from sparring.domain.errors import (
    Interrupted,
    InvalidInput,
    JudgeFault,
    SparringError,
    StoreError,
    TrialFault,
)
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Role
from sparring.domain.simulation import MAX_ATTEMPTS, Simulation, Trial
from sparring.simulation import trial as trials
from sparring.simulation.ports import Casting, Clock, Store


@dataclass(frozen=True, slots=True)
class Runner:
    """The use cases around trials, over the ports."""

    store: Store
    casting: Casting
    clock: Clock

    def new_id(self) -> str:
        """A fresh id."""
        return ids.mint(int(self.clock.now()), self.clock.entropy(8))

    async def submit(self, simulation: Simulation) -> Sequence[Trial]:
        """Store a simulation with all its trials, in one transaction, ready to be claimed.

        Raises:
            InvalidInput: it has no trial.
            Conflict: its idempotency key is taken.
        """
        count = simulations.trial_count(simulation.scenarios)
        if count < 1:
            raise InvalidInput("There is nothing to play: no scenario with a trial was given.")
        planned = simulations.plan(simulation, [self.new_id() for _ in range(count)])
        await self.store.save_simulation(simulation, planned)
        return planned

    async def play(
        self, simulation: Simulation, trial: Trial, *, proceed: Callable[[], bool] = lambda: True
    ) -> Simulation | None:
        """Play a claimed trial, again where that can help, and store what became of it.

        Returns the simulation if this trial completed it. A fault of the conversation's providers goes on from
        the journal; only a mock gap begins anew.
        """
        scenario = simulation.scenario(trial.scenario)
        while True:
            try:
                cast = self.casting.cast(simulation, scenario, trial)
                done = await trials.play(
                    simulation,
                    scenario,
                    trial,
                    cast=cast,
                    journal=self.store.journal(trial),
                    clock=self.clock,
                    proceed=proceed,
                )
                return await self.store.save_trial(done)
            except TrialFault as fault:
                if fault.retryable and trial.attempt < MAX_ATTEMPTS and proceed():
                    trial = await self._again(trial, fault)
                    continue
                return await self._give_up(trial, fault.cause, str(fault), fault)
            except (StoreError, Interrupted):
                raise
            except SparringError as error:
                return await self._give_up(trial, Cause.PROVIDER, str(error))
            except Exception as error:
                return await self._give_up(trial, Cause.PROVIDER, _internal(error))

    async def _again(self, trial: Trial, fault: TrialFault) -> Trial:
        again = replace(trial, attempt=trial.attempt + 1, costs=await self._spent(trial, fault))
        if fault.replay:
            again = replace(again, take=trial.take + 1)
        await self.store.save_trial(again)
        return again

    async def _give_up(
        self, trial: Trial, cause: Cause, error: str, fault: TrialFault | None = None
    ) -> Simulation | None:
        costs = await self._spent(trial, fault)
        if fault is None or not fault.replay:
            costs = trials.add_costs(costs, trials.costs_by_role(await self.store.messages(trial.id)))
        return await self.store.save_trial(
            replace(
                trial,
                status=Lifecycle.COMPLETED,
                outcome=Outcome.ERROR,
                cause=cause,
                error=error,
                costs=costs,
                completed_at=self.clock.now(),
            )
        )

    async def _spent(self, trial: Trial, fault: TrialFault | None) -> Mapping[str, float | None]:
        """What is spent and not in the journal that the trial goes on with."""
        if isinstance(fault, JudgeFault):
            return trials.add_costs(trial.costs, {Role.JUDGE: fault.cost})
        if fault is not None and fault.replay:
            return trials.add_costs(trial.costs, trials.costs_by_role(await self.store.messages(trial.id)))
        return trial.costs


def _internal(error: Exception) -> str:
    """A mistake of this program's, told so that it can be found."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.name} in {PurePath(last.filename).name}, line {last.lineno}"
    return f"Internal error: {type(error).__name__}: {error} ({where})"
