"""A store that forgets: everything in the memory of one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sparring.domain import ids
from sparring.domain.agent import Action, Agent
from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.errors import Conflict, NotFound
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import Simulation
from sparring.domain.webhooks import Delivery, DeliveryStatus
from sparring.simulation.ports import Clock
from sparring.simulation.refusals import (
    agent_in_use,
    alias_taken,
    overtaken,
)
from sparring.simulation.store import ApiKey, Old, Page
from sparring.testing.memory_plays import MemoryPlays
from sparring.testing.memory_records import check_alias, find, newest

WorkspacedT = TypeVar("WorkspacedT", Action, ScenarioSet)


class MemoryStore(MemoryPlays):
    """The whole `Store` port in dictionaries, for `simulate()` and for tests."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty; the clock dates what the store itself begins and ends."""
        super().__init__(clock)
        self._workspaces: dict[str, str | None] = {}
        self._keys: dict[str, ApiKey] = {}
        self._agents: dict[str, Agent] = {}
        self._actions: dict[str, Action] = {}
        self._sets: dict[str, ScenarioSet] = {}
        self._scenarios: dict[str, Scenario] = {}

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

    async def save_records(self, records: Sequence[Action | Agent | Scenario | ScenarioSet]) -> None:
        """Insert or replace records of any of these kinds, all or none."""
        before = (dict(self._agents), dict(self._actions), dict(self._scenarios), dict(self._sets))
        try:
            for record in records:
                await self._save_record(record)
        except Conflict:
            self._agents, self._actions, self._scenarios, self._sets = before
            raise

    async def _save_record(self, record: Action | Agent | Scenario | ScenarioSet) -> None:
        match record:
            case Action():
                await self.save_action(record)
            case Agent():
                await self.save_agent(record)
            case Scenario():
                await self.save_scenario(record)
            case ScenarioSet():
                await self.save_scenario_set(record)

    async def replace_record(self, record: Agent | Scenario) -> None:
        """Replace a record of the revision before this one's."""
        kind = "agent" if isinstance(record, Agent) else "scenario"
        kept: Mapping[str, Agent | Scenario] = self._agents if isinstance(record, Agent) else self._scenarios
        stored = find(kept, record.workspace, record.id)
        if stored is None:
            raise NotFound(kind, record.id)
        if stored.revision != record.revision - 1:
            raise overtaken(kind)
        await self._save_record(record)

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

    async def prunable(self, before: float) -> Old:
        """How much is over since before a time."""
        simulations, chats, deliveries = self._old(before)
        return Old(simulations=len(simulations), chats=len(chats), deliveries=len(deliveries))

    async def prune(self, before: float, count: int) -> Old:
        """Take out up to so many of each kind that are over since before a time."""
        simulations, chats, deliveries = self._old(before)
        for simulation in simulations[:count]:
            await self.delete_simulation(simulation.workspace, simulation.id)
        for chat in chats[:count]:
            del self._chats[chat.id]
            self._journals.pop((chat.id, 1), None)
        for delivery in deliveries[:count]:
            del self._deliveries[delivery.id]
        taken = [min(len(found), count) for found in (simulations, chats, deliveries)]
        return Old(simulations=taken[0], chats=taken[1], deliveries=taken[2])

    def _old(self, before: float) -> tuple[list[Simulation], list[Chat], list[Delivery]]:
        simulations = [entry.simulation for entry in self._simulations.values()]
        chats = [chat for chat in self._chats.values() if chat.status is ChatStatus.ENDED]
        deliveries = [one for one in self._deliveries.values() if one.status is not DeliveryStatus.PENDING]
        return (
            [one for one in simulations if one.completed_at is not None and one.completed_at < before],
            [chat for chat in chats if chat.updated_at < before],
            [one for one in deliveries if one.updated_at < before],
        )

    async def size(self) -> int | None:
        """Nothing is on a disk."""
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


def _here(record: WorkspacedT | None, workspace: str) -> WorkspacedT | None:
    return record if record is not None and record.workspace == workspace else None
