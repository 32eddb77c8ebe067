"""The simulations and trials of the store that forgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice
from operator import attrgetter

from sparring.domain.costs import add_costs, costs_by_role, known, reaches
from sparring.domain.errors import NotFound, StaleAppend
from sparring.domain.outcomes import Lifecycle, Outcome, Role
from sparring.domain.simulation import Simulation, Trial, budget_spent, cancelled, trial_count
from sparring.domain.transcript import Message
from sparring.simulation import refusals
from sparring.simulation.ports import Clock
from sparring.simulation.store import Page
from sparring.testing.memory_judgements import MemoryJudgements
from sparring.testing.memory_records import MemoryJournal, check_alias, find, newest

_OPEN = (Lifecycle.QUEUED, Lifecycle.RUNNING)


class MemoryPlays(MemoryJudgements):
    """What the `Store` port keeps of simulations, in dictionaries."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty; the clock dates what the store itself begins and ends."""
        super().__init__()
        self._clock = clock
        self._simulations: dict[str, _Entry] = {}

    def journal(self, trial: Trial) -> MemoryJournal:
        """The journal of the trial's take."""
        return MemoryJournal(self._journals.setdefault((trial.id, trial.take), []))

    async def messages(self, trial_id: str) -> Sequence[Message]:
        """The transcript of the trial's latest take."""
        trial = self._trials.get(trial_id)
        return tuple(self._journals.get((trial_id, trial.take), ())) if trial is not None else ()

    async def save_simulation(self, simulation: Simulation, trials: Sequence[Trial]) -> None:
        """Insert a simulation and all its trials."""
        key = simulation.idempotency_key
        if key is not None and await self.find_by_idempotency_key(simulation.workspace, key) is not None:
            raise refusals.idempotency_key_used(key)
        check_alias("simulation", (entry.simulation for entry in self._simulations.values()), simulation)
        ordered = listed(simulation, trials)
        self._trials.update((trial.id, trial) for trial in ordered)
        waiting = {trial.id: None for trial in ordered if trial.status is Lifecycle.QUEUED}
        open_ids = {trial.id for trial in ordered if not trial.is_over}
        self._simulations[simulation.id] = _Entry(simulation, [trial.id for trial in ordered], waiting, open_ids)

    async def find_simulation(self, workspace: str | None, id: str) -> Simulation | None:
        """A simulation by id or alias."""
        return find({key: entry.simulation for key, entry in self._simulations.items()}, workspace, id)

    async def find_by_idempotency_key(self, workspace: str, key: str) -> Simulation | None:
        """The simulation that was made with that key."""
        entries = (entry.simulation for entry in self._simulations.values())
        return next((s for s in entries if (s.workspace, s.idempotency_key) == (workspace, key)), None)

    async def simulations(
        self, workspace: str | None, page: Page, *, agent_id: str | None = None, set_id: str | None = None
    ) -> tuple[Sequence[Simulation], int]:
        """A page of simulations, newest first."""
        here = [
            simulation
            for simulation in (entry.simulation for entry in self._simulations.values())
            if workspace in (None, simulation.workspace)
            and agent_id in (None, simulation.agent.id)
            and set_id in (None, simulation.set_id)
        ]
        return newest(here, page)

    async def delete_simulation(self, workspace: str, id: str) -> None:
        """Remove a simulation with its trials and their messages."""
        simulation = await self.find_simulation(workspace, id)
        if simulation is None:
            raise NotFound("simulation", id)
        if simulation.completed_at is None:
            raise refusals.still_playing()
        gone = set(self._simulations.pop(simulation.id).trials)
        self._trials = {key: trial for key, trial in self._trials.items() if key not in gone}
        self._journals = {key: said for key, said in self._journals.items() if key[0] not in gone}
        self._rejudgements = [found for found in self._rejudgements if found.trial not in gone]

    async def simulations_beginning(self, prefix: str) -> Sequence[str]:
        """The ids that begin so, at most ten."""
        return sorted(id for id in self._simulations if id.startswith(prefix))[:10]

    async def trials(self, simulation_id: str) -> Sequence[Trial]:
        """All trials of a simulation, by number, then in the order of its scenarios."""
        entry = self._simulations.get(simulation_id)
        return [self._trials[id] for id in entry.trials] if entry is not None else []

    async def find_trial(self, workspace: str, id: str) -> Trial | None:
        """A trial by id or alias."""
        trial = self._trials.get(id)
        if trial is None:
            trial = next((t for t in self._trials.values() if t.alias is not None and t.alias == id), None)
        if trial is None or self._simulations[trial.simulation].simulation.workspace != workspace:
            return None
        return trial

    async def trial_page(
        self,
        simulation_id: str,
        page: Page,
        *,
        status: Lifecycle | None = None,
        outcome: Outcome | None = None,
    ) -> tuple[Sequence[Trial], int]:
        """A page of a simulation's trials."""
        fitting = [
            trial
            for trial in await self.trials(simulation_id)
            if status in (None, trial.status) and outcome in (None, trial.outcome)
        ]
        return fitting[page.offset : page.offset + page.size], len(fitting)

    async def progress(self, simulation_id: str) -> Mapping[Lifecycle, int]:
        """How many trials of a simulation are where."""
        return Counter(trial.status for trial in await self.trials(simulation_id))

    async def unfinished(self) -> Mapping[Lifecycle, int]:
        """How many trials of all simulations are queued and running."""
        found = Counter(trial.status for trial in self._trials.values())
        return {status: found[status] for status in _OPEN}

    async def bounded(self) -> Mapping[str, int]:
        """The simulations with something in the queue that say how many trials may be at play, and that number."""
        waiting = (entry for entry in self._simulations.values() if entry.queued)
        found = (entry.simulation for entry in waiting if entry.simulation.status in _OPEN)
        return {simulation.id: simulation.at_once for simulation in found if simulation.at_once is not None}

    async def claim(
        self,
        count: int,
        *,
        simulation: str | None = None,
        without: Collection[str] = (),
        bounded: Collection[str] = (),
    ) -> Sequence[Trial]:
        """Take queued trials: first trials first, then older simulations."""
        now = self._clock.now()
        entries = [
            entry
            for id, entry in self._simulations.items()
            if simulation in (None, id)
            and id not in without
            and (entry.simulation.at_once is None or id in bounded)
        ]
        # Of trials with the same place, merge gives those of the earlier entry first.
        open_entries = [entry for entry in entries if entry.simulation.status is not Lifecycle.PAUSED]
        queued = merge(
            *((self._trials[id] for id in entry.queued) for entry in open_entries), key=attrgetter("place")
        )
        return [self._begin(trial, now) for trial in list(islice(queued, count))]

    async def take(self, trial_id: str) -> Trial | None:
        """Take one trial, queued or left running."""
        trial = self._trials.get(trial_id)
        if trial is None or trial.is_over:
            return None
        status = self._simulations[trial.simulation].simulation.status
        playable = status in (Lifecycle.QUEUED, Lifecycle.RUNNING)
        return self._begin(trial, self._clock.now()) if playable else None

    async def release(self, trial_id: str, claim: int | None = None) -> None:
        """Put one running trial back in the queue, or cancel it where its simulation was."""
        trial = self._trials.get(trial_id)
        if trial is not None and trial.status is Lifecycle.RUNNING and claim in (None, trial.claim):
            await self._release([trial])

    async def release_running(self) -> int:
        """Put running trials back in the queue; those of a cancelled simulation are cancelled."""
        running = [trial for trial in self._trials.values() if trial.status is Lifecycle.RUNNING]
        await self._release(running)
        return len(running)

    def _begin(self, trial: Trial, now: float) -> Trial:
        started = now if trial.started_at is None else trial.started_at
        begun = replace(trial, status=Lifecycle.RUNNING, claim=trial.claim + 1, started_at=started)
        entry = self._keep(begun)
        if entry.simulation.status is Lifecycle.QUEUED:
            entry.simulation = replace(entry.simulation, status=Lifecycle.RUNNING, started_at=now)
        return begun

    async def _release(self, running: Sequence[Trial]) -> None:
        for trial in running:
            if await self.is_cancelled(trial.simulation):
                self._cancel_trial(trial)
            else:
                self._keep(replace(trial, status=Lifecycle.QUEUED))
        for entry in [self._simulations[id] for id in {trial.simulation for trial in running}]:
            self._line_up(entry)
            self._complete(entry)

    async def postpone(self, trial: Trial) -> Simulation | None:
        """Put a running trial back in the queue; the simulation, if it was cancelled and this completed it."""
        self._standing(trial)
        if await self.is_cancelled(trial.simulation):
            self._cancel_trial(trial)
            return self._complete(self._simulations[trial.simulation])
        self._line_up(self._keep(replace(trial, status=Lifecycle.QUEUED)))
        return None

    async def end_queued(self, simulation_id: str, trials: Sequence[Trial]) -> Simulation | None:
        """End trials that wait in the queue; the simulation, if this completed it."""
        entry = self._simulations[simulation_id]
        for trial in trials:
            if self._trials[trial.id].status is Lifecycle.QUEUED:
                self._keep(trial)
        self._keep_to_budget(entry)
        return self._complete(entry)

    async def save_trial(self, trial: Trial) -> Simulation | None:
        """Store what became of a trial; the simulation, if this completed it."""
        if self._standing(trial).status is Lifecycle.CANCELLED:
            return None
        entry = self._keep(trial)
        if not trial.is_over:
            return None
        self._keep_to_budget(entry)
        return self._complete(entry)

    def _standing(self, trial: Trial) -> Trial:
        stored = self._trials.get(trial.id)
        if stored is None:
            raise NotFound("trial", trial.id)
        if stored.claim != trial.claim:
            raise StaleAppend(f"The trial {trial.id} was taken over: another worker plays it.")
        return stored

    async def cancel(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Cancel the queued trials at once and mark the simulation."""
        entry = await self._unfinished(workspace, simulation_id, "cancel")
        entry.simulation = replace(entry.simulation, status=Lifecycle.CANCELLED, status_reason=None)
        for id in list(entry.queued):
            self._cancel_trial(self._trials[id])
        return self._complete(entry) or entry.simulation

    async def is_cancelled(self, simulation_id: str) -> bool:
        """Whether the simulation was cancelled."""
        entry = self._simulations.get(simulation_id)
        return entry is not None and entry.simulation.status is Lifecycle.CANCELLED

    async def pause(self, workspace: str | None, simulation_id: str, reason: str) -> Simulation:
        """Let no further trial of it begin."""
        entry = await self._unfinished(workspace, simulation_id, "pause")
        status = entry.simulation.status
        if status is Lifecycle.PAUSED:
            raise refusals.already_paused()
        if status is Lifecycle.CANCELLED:
            raise refusals.already_over(status, "pause")
        entry.simulation = replace(entry.simulation, status=Lifecycle.PAUSED, status_reason=reason)
        return entry.simulation

    async def resume(
        self, workspace: str | None, simulation_id: str, *, max_cost: float | None = None
    ) -> Simulation:
        """Let trials of a paused simulation begin again."""
        entry = await self._unfinished(workspace, simulation_id, "resume")
        simulation = entry.simulation
        if simulation.status is Lifecycle.CANCELLED:
            raise refusals.cancelled_for_good()
        if simulation.status is not Lifecycle.PAUSED and max_cost is None:
            raise refusals.not_paused(simulation.status)
        budget, spent = simulation.max_cost if max_cost is None else max_cost, known(self._spent(entry))
        if budget is not None and reaches(spent, budget):
            raise refusals.budget_too_small(budget, spent)
        simulation = replace(simulation, max_cost=budget)
        if simulation.status is Lifecycle.PAUSED:
            simulation = replace(_begun(simulation), status_reason=None)
        entry.simulation = simulation
        return simulation

    async def outcomes(self, simulation_id: str) -> Sequence[tuple[str, Outcome | None]]:
        """How the trials of a simulation ended."""
        return [(trial.scenario, trial.outcome) for trial in await self.trials(simulation_id)]

    async def decide(self, simulation_id: str, reason: str) -> Simulation | None:
        """End what waits in the queue, as decided; the simulation, if this completed it."""
        entry = self._simulations.get(simulation_id)
        if entry is None or entry.decision is not None or entry.simulation.completed_at is not None:
            return None
        if entry.simulation.status is Lifecycle.CANCELLED:
            return None
        entry.decision = reason
        entry.simulation = replace(entry.simulation, status_reason=reason)
        for id in list(entry.queued):
            self._cancel_trial(self._trials[id], reason)
        return self._complete(entry)

    async def explain(self, simulation_id: str, reason: str | None) -> None:
        """Say what a queued or running simulation waits for."""
        entry = self._simulations.get(simulation_id)
        if entry is not None and entry.simulation.status in _OPEN:
            entry.simulation = replace(entry.simulation, status_reason=reason)

    async def play_again(self, simulation_id: str, trials: Sequence[Trial]) -> int:
        """Put errored trials back in the queue; how many there were."""
        entry = self._simulations.get(simulation_id)
        if entry is None:
            return 0
        if entry.simulation.status is Lifecycle.CANCELLED:
            raise refusals.cancelled_for_good()
        errored = [trial for trial in trials if self._trials[trial.id].outcome is Outcome.ERROR]
        for trial in errored:
            self._keep(trial)
        if errored:
            self._begin_again(entry)
        return len(errored)

    async def add_trials(self, simulation: Simulation, trials: Sequence[Trial]) -> Simulation:
        """Give a simulation more trials."""
        entry = await self._entry(None, simulation.id)
        if entry.simulation.status is Lifecycle.CANCELLED:
            raise refusals.cancelled_for_good()
        if len(entry.trials) + len(trials) != trial_count(simulation.scenarios):
            raise refusals.changed_meanwhile()
        entry.simulation = replace(entry.simulation, scenarios=simulation.scenarios)
        entry.trials += [trial.id for trial in listed(simulation, trials)]
        for trial in trials:
            self._keep(trial)
        self._begin_again(entry)
        return entry.simulation

    async def spent(self, simulation_id: str) -> Mapping[str, float | None]:
        """USD by role that the trials of a simulation have cost so far."""
        return self._spent(await self._entry(None, simulation_id))

    async def keep_to_budgets(self) -> Sequence[str]:
        """Pause what has reached its budget and has a trial in the queue."""
        limited = [entry for entry in self._simulations.values() if entry.simulation.max_cost is not None]
        return [entry.simulation.id for entry in limited if self._keep_to_budget(entry, known(self._spent(entry)))]

    def _keep(self, trial: Trial) -> _Entry:
        self._trials[trial.id] = trial
        entry = self._simulations[trial.simulation]
        if trial.status is Lifecycle.QUEUED:
            entry.queued[trial.id] = None
        else:
            entry.queued.pop(trial.id, None)
        if trial.is_over:
            entry.open.discard(trial.id)
        else:
            entry.open.add(trial.id)
        return entry

    def _cancel_trial(self, trial: Trial, reason: str | None = None) -> None:
        said = self._journals.get((trial.id, trial.take))
        costs = add_costs(trial.costs, costs_by_role(said)) if said else trial.costs
        self._keep(cancelled(replace(trial, costs=costs), self._clock.now(), reason))

    def _line_up(self, entry: _Entry) -> None:
        in_order = sorted(entry.trials, key=lambda id: self._trials[id].place)
        entry.queued = {id: None for id in in_order if id in entry.queued}

    def _begin_again(self, entry: _Entry) -> None:
        """Something waits again in a simulation that may have been completed."""
        self._line_up(entry)
        simulation = replace(entry.simulation, completed_at=None)
        is_paused = simulation.status is Lifecycle.PAUSED
        entry.simulation = simulation if is_paused else replace(_begun(simulation), status_reason=None)
        self._keep_to_budget(entry)

    def _keep_to_budget(self, entry: _Entry, spent: float | None = None) -> bool:
        """Pause a simulation that has spent its budget and has something in the queue; whether it was this.

        Unless told what was spent, what is over counts.
        """
        simulation = entry.simulation
        if simulation.max_cost is None:
            return False
        spent = self._spent_over(entry) if spent is None else spent
        if not reaches(spent, simulation.max_cost):
            return False
        if simulation.status not in _OPEN or not entry.queued:
            return False
        reason = budget_spent(simulation.max_cost, spent)
        entry.simulation = replace(simulation, status=Lifecycle.PAUSED, status_reason=reason)
        return True

    def _spent_over(self, entry: _Entry) -> float:
        return sum(known(trial.costs) for id in entry.trials if (trial := self._trials[id]).is_over)

    def _spent(self, entry: _Entry) -> dict[str, float | None]:
        spent: dict[str, float | None] = {role.value: 0.0 for role in Role}
        for trial in (self._trials[id] for id in entry.trials):
            spent = add_costs(spent, trial.costs)
            if not trial.is_over:
                spent = add_costs(spent, costs_by_role(self._journals.get((trial.id, trial.take), ())))
        return spent

    async def _unfinished(self, workspace: str | None, simulation_id: str, what: str) -> _Entry:
        entry = await self._entry(workspace, simulation_id)
        if entry.simulation.completed_at is not None:
            raise refusals.already_over(entry.simulation.status, what)
        return entry

    async def _entry(self, workspace: str | None, simulation_id: str) -> _Entry:
        simulation = await self.find_simulation(workspace, simulation_id)
        if simulation is None:
            raise NotFound("simulation", simulation_id)
        return self._simulations[simulation.id]

    def _complete(self, entry: _Entry) -> Simulation | None:
        """The simulation, if its last trial is over and it has just been completed."""
        simulation = entry.simulation
        if simulation.completed_at is not None or entry.open:
            return None
        cancelled = simulation.status is Lifecycle.CANCELLED
        entry.simulation = replace(
            simulation,
            status=Lifecycle.CANCELLED if cancelled else Lifecycle.COMPLETED,
            completed_at=self._clock.now(),
            status_reason=None if cancelled else entry.decision,
        )
        return entry.simulation


@dataclass(slots=True, eq=False)
class _Entry:
    """A simulation and its trials by id: all, those that wait in their order, those that are not over."""

    simulation: Simulation
    trials: list[str]
    queued: dict[str, None]
    open: set[str]
    decision: str | None = None


def listed(simulation: Simulation, trials: Sequence[Trial]) -> Sequence[Trial]:
    """Trials by number, then in the order of their simulation's scenarios."""
    place = {scenario.id: index for index, scenario in enumerate(simulation.scenarios)}
    return sorted(trials, key=lambda trial: (trial.number, place[trial.scenario]))


def _begun(simulation: Simulation) -> Simulation:
    """Where a simulation is that is neither over nor paused."""
    status = Lifecycle.QUEUED if simulation.started_at is None else Lifecycle.RUNNING
    return replace(simulation, status=status)
