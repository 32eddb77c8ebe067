"""A store that forgets: everything in the memory of one process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import TypeVar

from sparring.domain import ids
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import NotFound
from sparring.domain.labels import Label
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message
from sparring.domain.verdict import CheckKind
from sparring.simulation.ports import Clock
from sparring.simulation.refusals import (
    agent_in_use,
    alias_taken,
    already_over,
    idempotency_key_used,
    still_playing,
)
from sparring.simulation.store import ApiKey, Page
from sparring.testing.memory_chats import MemoryChats
from sparring.testing.memory_records import MemoryJournal, check_alias, find, newest

WorkspacedT = TypeVar("WorkspacedT", Action, ScenarioSet)


class MemoryStore(MemoryChats):
    """The whole `Store` port in dictionaries, for `simulate()` and for tests."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty; the clock dates what the store itself begins and ends."""
        super().__init__()
        self._clock = clock
        self._workspaces: dict[str, str | None] = {}
        self._keys: dict[str, ApiKey] = {}
        self._agents: dict[str, Agent] = {}
        self._actions: dict[str, Action] = {}
        self._sets: dict[str, ScenarioSet] = {}
        self._scenarios: dict[str, Scenario] = {}
        self._simulations: dict[str, _Entry] = {}
        self._trials: dict[str, Trial] = {}
        self._labels: dict[tuple[str, CheckKind, int, str], Label] = {}

    def journal(self, trial: Trial) -> MemoryJournal:
        """The journal of the trial's take."""
        return MemoryJournal(self._journals.setdefault((trial.id, trial.take), []))

    async def messages(self, trial_id: str) -> Sequence[Message]:
        """The transcript of the trial's latest take."""
        trial = self._trials.get(trial_id)
        return tuple(self._journals.get((trial_id, trial.take), ())) if trial is not None else ()

    async def first_workspace(self) -> str:
        """The id of the first workspace, made where there is none."""
        if not self._workspaces:
            self._workspaces[ids.mint(int(self._clock.now()), self._clock.entropy(8))] = None
        return next(iter(self._workspaces))

    async def workspaces(self) -> Mapping[str, str | None]:
        """The id of every workspace and its alias."""
        return dict(self._workspaces)

    async def save_workspace(self, id: str, alias: str | None = None) -> None:
        """Insert a workspace or replace its alias. Conflict where the alias is taken."""
        if alias is not None and any(alias == a and id != other for other, a in self._workspaces.items()):
            raise alias_taken("workspace", alias)
        self._workspaces[id] = alias

    async def save_key(self, key: ApiKey) -> None:
        """Insert or replace a key."""
        self._keys[key.id] = key

    async def keys(self, workspace: str | None = None) -> Sequence[ApiKey]:
        """All keys, oldest first."""
        return [key for key in self._keys.values() if workspace in (None, key.workspace)]

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key with that digest."""
        return next((key for key in self._keys.values() if key.digest == digest), None)

    async def save_agent(self, agent: Agent) -> None:
        """Insert or replace an agent."""
        check_alias("agent", self._agents.values(), agent)
        self._agents[agent.id] = agent

    async def find_agent(self, workspace: str, id: str) -> Agent | None:
        """An agent by id or alias."""
        return find(self._agents, workspace, id)

    async def agents(self, workspace: str, page: Page) -> tuple[Sequence[Agent], int]:
        """A page of agents, newest first."""
        return newest([agent for agent in self._agents.values() if agent.workspace == workspace], page)

    async def delete_agent(self, workspace: str, id: str) -> None:
        """Remove an agent."""
        agent = await self.find_agent(workspace, id)
        if agent is None:
            raise NotFound("agent", id)
        for entry in self._simulations.values():
            if entry.simulation.agent.id == agent.id and entry.simulation.completed_at is None:
                raise agent_in_use(agent.name)
        del self._agents[agent.id]

    async def save_action(self, action: Action) -> None:
        """Insert or replace an action."""
        self._actions[action.id] = action

    async def find_action(self, workspace: str, id: str) -> Action | None:
        """An action by id."""
        return _here(self._actions.get(id), workspace)

    async def actions(self, workspace: str, page: Page) -> tuple[Sequence[Action], int]:
        """A page of actions, newest first."""
        return newest([action for action in self._actions.values() if action.workspace == workspace], page)

    async def save_scenario_set(self, group: ScenarioSet) -> None:
        """Insert or replace a set of scenarios."""
        self._sets[group.id] = group

    async def find_scenario_set(self, workspace: str, id: str) -> ScenarioSet | None:
        """A set of scenarios by id."""
        return _here(self._sets.get(id), workspace)

    async def scenario_sets(self, workspace: str, page: Page) -> tuple[Sequence[ScenarioSet], int]:
        """A page of sets of scenarios, newest first."""
        return newest([group for group in self._sets.values() if group.workspace == workspace], page)

    async def delete_scenario_set(self, workspace: str, id: str) -> None:
        """Remove a set of scenarios."""
        if await self.find_scenario_set(workspace, id) is None:
            raise NotFound("scenario set", id)
        del self._sets[id]
        for scenario in [scenario for scenario in self._scenarios.values() if scenario.set_id == id]:
            self._scenarios[scenario.id] = replace(scenario, set_id=None)

    async def save_scenario(self, scenario: Scenario) -> None:
        """Insert or replace a scenario."""
        check_alias("scenario", self._scenarios.values(), scenario)
        self._scenarios[scenario.id] = scenario

    async def find_scenario(self, workspace: str, id: str) -> Scenario | None:
        """A scenario by id or alias."""
        return find(self._scenarios, workspace, id)

    async def scenarios(
        self,
        workspace: str,
        page: Page,
        *,
        agent_id: str | None = None,
        set_id: str | None = None,
        folder: str | None = None,
        name: str | None = None,
    ) -> tuple[Sequence[Scenario], int]:
        """A page of scenarios, newest first."""
        here = [
            scenario
            for scenario in self._scenarios.values()
            if scenario.workspace == workspace
            and agent_id in (None, scenario.agent_id)
            and set_id in (None, scenario.set_id)
            and folder in (None, scenario.folder)
            and name in (None, scenario.name)
        ]
        return newest(here, page)

    async def delete_scenario(self, workspace: str, id: str) -> None:
        """Remove a scenario."""
        scenario = await self.find_scenario(workspace, id)
        if scenario is None:
            raise NotFound("scenario", id)
        del self._scenarios[scenario.id]

    async def save_simulation(self, simulation: Simulation, trials: Sequence[Trial]) -> None:
        """Insert a simulation and all its trials."""
        key = simulation.idempotency_key
        if key is not None and await self.find_by_idempotency_key(simulation.workspace, key) is not None:
            raise idempotency_key_used(key)
        check_alias("simulation", (entry.simulation for entry in self._simulations.values()), simulation)
        place = {scenario.id: index for index, scenario in enumerate(simulation.scenarios)}
        ordered = sorted(trials, key=lambda trial: (trial.number, place[trial.scenario]))
        self._trials.update((trial.id, trial) for trial in ordered)
        listed = [trial.id for trial in ordered]
        waiting = {trial.id: None for trial in ordered if trial.status is Lifecycle.QUEUED}
        open_ids = {trial.id for trial in ordered if not trial.is_over}
        self._simulations[simulation.id] = _Entry(simulation, listed, waiting, open_ids)

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
            raise still_playing()
        gone = set(self._simulations.pop(simulation.id).trials)
        self._trials = {key: trial for key, trial in self._trials.items() if key not in gone}
        self._journals = {key: said for key, said in self._journals.items() if key[0] not in gone}

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

    async def claim(self, count: int, *, simulation: str | None = None) -> Sequence[Trial]:
        """Take queued trials: lower numbers first, then older simulations."""
        now = self._clock.now()
        entries = [entry for id, entry in self._simulations.items() if simulation in (None, id)]
        # Of trials with the same number, merge gives those of the earlier entry first.
        queued = merge(*((self._trials[id] for id in entry.queued) for entry in entries), key=attrgetter("number"))
        claimed = [
            replace(
                trial,
                status=Lifecycle.RUNNING,
                started_at=now if trial.started_at is None else trial.started_at,
            )
            for trial in islice(queued, count)
        ]
        for trial in claimed:
            entry = self._keep(trial)
            if entry.simulation.status is Lifecycle.QUEUED:
                entry.simulation = replace(entry.simulation, status=Lifecycle.RUNNING, started_at=now)
        return claimed

    async def release_running(self) -> int:
        """Put running trials back in the queue; those of a cancelled simulation are cancelled."""
        running = [trial for trial in self._trials.values() if trial.status is Lifecycle.RUNNING]
        for trial in running:
            if await self.is_cancelled(trial.simulation):
                self._cancel_trial(trial)
            else:
                self._keep(replace(trial, status=Lifecycle.QUEUED))
        for entry in [self._simulations[id] for id in {trial.simulation for trial in running}]:
            entry.queued = {id: None for id in entry.trials if id in entry.queued}
            self._complete(entry)
        return len(running)

    async def save_trial(self, trial: Trial) -> Simulation | None:
        """Store what became of a trial; the simulation, if this completed it."""
        stored = self._trials.get(trial.id)
        if stored is None:
            raise NotFound("trial", trial.id)
        if stored.status is Lifecycle.CANCELLED:
            return None
        entry = self._keep(trial)
        return self._complete(entry) if trial.is_over else None

    async def cancel(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Cancel the queued trials at once and mark the simulation."""
        simulation = await self.find_simulation(workspace, simulation_id)
        if simulation is None:
            raise NotFound("simulation", simulation_id)
        if simulation.completed_at is not None:
            raise already_over(simulation.status)
        entry = self._simulations[simulation.id]
        entry.simulation = replace(simulation, status=Lifecycle.CANCELLED)
        for id in list(entry.queued):
            self._cancel_trial(self._trials[id])
        return self._complete(entry) or entry.simulation

    async def is_cancelled(self, simulation_id: str) -> bool:
        """Whether the simulation was cancelled."""
        entry = self._simulations.get(simulation_id)
        return entry is not None and entry.simulation.status is Lifecycle.CANCELLED

    async def save_label(self, label: Label) -> None:
        """Insert or replace a person's label of a check."""
        if label.trial not in self._trials:
            raise NotFound("trial", label.trial)
        self._labels[_label_key(label)] = label

    async def delete_label(self, label: Label) -> None:
        """Take a person's label of a check back."""
        self._labels.pop(_label_key(label), None)

    async def labels(self, simulation_id: str) -> Sequence[Label]:
        """All labels of a simulation's trials."""
        of_it = {trial.id for trial in await self.trials(simulation_id)}
        found = [label for label in self._labels.values() if label.trial in of_it]
        return sorted(found, key=attrgetter("at", "kind", "index", "by"))

    async def close(self) -> None:
        """Nothing to let go of."""

    def _keep(self, trial: Trial) -> _Entry:
        self._trials[trial.id] = trial
        entry = self._simulations[trial.simulation]
        if trial.status is Lifecycle.QUEUED:
            entry.queued[trial.id] = None
        else:
            entry.queued.pop(trial.id, None)
        if trial.is_over:
            entry.open.discard(trial.id)
        return entry

    def _cancel_trial(self, trial: Trial) -> None:
        self._keep(
            replace(trial, status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED, completed_at=self._clock.now())
        )

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
        )
        return entry.simulation


@dataclass(slots=True, eq=False)
class _Entry:
    """A simulation and its trials by id: all, those that wait in their order, those that are not over."""

    simulation: Simulation
    trials: list[str]
    queued: dict[str, None]
    open: set[str]


def _here(record: WorkspacedT | None, workspace: str) -> WorkspacedT | None:
    return record if record is not None and record.workspace == workspace else None


def _label_key(label: Label) -> tuple[str, CheckKind, int, str]:
    return label.trial, label.kind, label.index, label.by
