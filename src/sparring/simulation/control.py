"""Stopping simulations, letting them go on, and giving them more to play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from sparring.domain import ids
from sparring.domain.costs import costs_by_role
from sparring.domain.errors import InvalidInput, NotFound
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import (
    ON_REQUEST,
    Simulation,
    Trial,
    plan,
    to_play_again,
    trial_count,
    with_more_trials,
)
from sparring.domain.transcript import UNANSWERED, Message, ToolResult
from sparring.simulation.ports import Clock, Engine
from sparring.simulation.refusals import SIMULATION, nothing_errored
from sparring.simulation.store import Store


@dataclass(frozen=True, slots=True)
class Control:
    """The use cases around simulations that are stored already, over the ports.

    Whether something is allowed is decided where it is stored, so that of two callers at once one is refused.
    Everywhere, a simulation of another workspace is NotFound; `workspace` None stands for any.
    """

    store: Store
    clock: Clock
    engine: Engine

    async def cancel(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Cancel queued trials at once and running ones at their next move.

        Raises:
            NotNow: it is over.
        """
        return self._noticed(await self.store.cancel(workspace, simulation_id))

    async def pause(self, workspace: str | None, simulation_id: str, *, reason: str = ON_REQUEST) -> Simulation:
        """Let no further trial begin; running ones go on to their end.

        Raises:
            NotNow: it is paused already, or over.
        """
        return self._noticed(await self.store.pause(workspace, simulation_id, reason))

    async def resume(
        self, workspace: str | None, simulation_id: str, *, max_cost: float | None = None
    ) -> Simulation:
        """Go on with a paused simulation.

        Args:
            max_cost: its budget in USD from now on, for all that it spends, what is spent already included; also
                for one that is not paused.

        Raises:
            NotNow: it is over; it is not paused, and no budget is given; or its budget is spent.
            InvalidInput: the budget is no amount.
        """
        check_budget(max_cost)
        return self._noticed(await self.store.resume(workspace, simulation_id, max_cost=max_cost))

    async def retry(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Play again the trials that ended in an error, and only those.

        They keep their ids. One goes on from its last stored message; where a call met no mock, it begins anew.

        Raises:
            NotNow: no trial errored, or the simulation was cancelled.
        """
        simulation = await self._find(workspace, simulation_id)
        errored = [t for t in await self.store.trials(simulation.id) if t.outcome is Outcome.ERROR]
        again = [_again(trial, await self.store.messages(trial.id)) for trial in errored]
        if not again or not await self.store.play_again(simulation.id, again):
            raise nothing_errored()
        return self._noticed(await self._find(None, simulation.id))

    async def more(self, workspace: str | None, simulation_id: str, num_trials: int) -> Simulation:
        """Give every scenario that many trials; those that there are stay as they are.

        A trial is the same whether it was asked for at once or later. A scenario that has as many keeps its own.

        Raises:
            InvalidInput: no scenario would get a trial, or it would come to more than a simulation may have.
            NotNow: it was cancelled, or got more trials in the meantime.
        """
        simulation = await self._find(workspace, simulation_id)
        have = {scenario.id: scenario.trials for scenario in simulation.scenarios}
        wider = with_more_trials(simulation, num_trials)
        count = trial_count(wider.scenarios) - sum(have.values())
        now = int(self.clock.now())
        new_ids = [ids.mint(now, self.clock.entropy(8)) for _ in range(count)]
        return self._noticed(await self.store.add_trials(wider, plan(wider, new_ids, have=have)))

    async def spent(self, simulation_id: str) -> Mapping[str, float | None]:
        """USD by role so far, running trials included; None for a role with a message of unknown price."""
        return await self.store.spent(simulation_id)

    def _noticed(self, simulation: Simulation) -> Simulation:
        self.engine.notice()
        return simulation

    async def _find(self, workspace: str | None, simulation_id: str) -> Simulation:
        simulation = await self.store.find_simulation(workspace, simulation_id)
        if simulation is None:
            raise NotFound(SIMULATION, simulation_id)
        return simulation


def _again(trial: Trial, said: Sequence[Message]) -> Trial:
    lost = any(isinstance(message, ToolResult) and message.source == UNANSWERED for message in said)
    return to_play_again(trial, costs_by_role(said), lost=lost)


def check_at_once(at_once: int | None) -> None:
    """Raise InvalidInput for a number of trials at once with which none would be played."""
    if at_once is not None and at_once < 1:
        raise InvalidInput(f"At least 1 trial must be allowed at once, not {at_once}.", field="at_once")


def check_budget(max_cost: float | None) -> None:
    """Raise InvalidInput for a budget that is no amount of money."""
    if max_cost is not None and not (isfinite(max_cost) and max_cost > 0):
        raise InvalidInput(f"A budget must be an amount above 0, not {max_cost:g}.", field="max_cost")
