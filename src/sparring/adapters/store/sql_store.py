"""The `Store` port on a database of tables, whichever that is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any

from sparring.adapters.shares import Claim, Share
from sparring.adapters.store import (
    budgets,
    catalogue,
    control,
    conversations,
    labels,
    plays,
    pruning,
    rejudgements,
    shares,
)
from sparring.adapters.store.database import Connection, Database, Row
from sparring.adapters.store.plays import Snapshots
from sparring.adapters.store.sql_journal import SqlJournal
from sparring.domain import ids
from sparring.domain.agent import Action, Agent
from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.errors import NotFound
from sparring.domain.labels import Label
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.rejudgement import Rejudgement
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message
from sparring.domain.webhooks import Delivery, Webhook
from sparring.simulation.ports import Clock
from sparring.simulation.store import ApiKey, Old, Page

_TRIALS_AT_ONCE = 200


class SqlStore:
    """Everything that is kept, for the event loop that opened the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep it there; the clock dates what the store itself begins and ends."""
        self._database = database
        self._clock = clock
        self._snapshots = Snapshots()

    def journal(self, trial: Trial) -> SqlJournal:
        """The journal of the trial's take."""
        return SqlJournal(self._database, trial.id, trial.take, trial.claim or None)

    async def messages(self, trial_id: str) -> Sequence[Message]:
        """The transcript of the trial's latest take."""
        return await self._database.read(lambda db: plays.transcript(db, trial_id))

    async def first_workspace(self) -> str:
        """The id of the first workspace, made where there is none."""
        for id in await self.workspaces():
            return id
        new_id = ids.mint(int(self._clock.now()), self._clock.entropy(8))
        return await self._database.write(lambda db: catalogue.first_workspace(db, new_id), repeatable=True)

    async def workspaces(self) -> Mapping[str, str | None]:
        """The id of every workspace and its alias."""
        return await self._database.read(catalogue.workspaces)

    async def save_workspace(self, id: str, alias: str | None = None) -> None:
        """Insert a workspace or replace its alias."""
        await self._database.write(lambda db: catalogue.save_workspace(db, id, alias), repeatable=True)

    async def save_key(self, key: ApiKey) -> None:
        """Insert or replace a key."""
        await self._database.write(lambda db: catalogue.save_key(db, key), repeatable=True)

    async def keys(self, workspace: str | None = None) -> Sequence[ApiKey]:
        """All keys, oldest first."""
        return await self._database.read(lambda db: catalogue.keys(db, workspace))

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key with that digest."""
        return await self._database.read(lambda db: catalogue.find_key(db, digest))

    async def save_agent(self, agent: Agent) -> None:
        """Insert or replace an agent."""
        await self._database.write(lambda db: catalogue.save_agent(db, agent), repeatable=True)

    async def find_agent(self, workspace: str, id: str) -> Agent | None:
        """An agent by id or alias."""
        return await self._database.read(lambda db: catalogue.find_agent(db, workspace, id))

    async def agents(self, workspace: str, page: Page) -> tuple[Sequence[Agent], int]:
        """A page of agents, newest first."""
        return await self._database.read(lambda db: catalogue.agents(db, workspace, page))

    async def delete_agent(self, workspace: str, id: str) -> None:
        """Remove an agent."""
        await self._database.write(lambda db: catalogue.delete_agent(db, workspace, id))

    async def save_records(self, records: Sequence[Action | Agent | Scenario | ScenarioSet]) -> None:
        """Insert or replace records of any of these kinds in one transaction."""
        await self._database.write(lambda db: catalogue.save_records(db, records), repeatable=True)

    async def replace_record(self, record: Agent | Scenario) -> None:
        """Replace a record of the revision before this one's."""
        await self._database.write(lambda db: catalogue.replace_record(db, record))

    async def save_action(self, action: Action) -> None:
        """Insert or replace an action."""
        await self._database.write(lambda db: catalogue.save_action(db, action), repeatable=True)

    async def find_action(self, workspace: str, id: str) -> Action | None:
        """An action by id."""
        return await self._database.read(lambda db: catalogue.find_action(db, workspace, id))

    async def actions(self, workspace: str, page: Page) -> tuple[Sequence[Action], int]:
        """A page of actions, newest first."""
        return await self._database.read(lambda db: catalogue.actions(db, workspace, page))

    async def save_scenario_set(self, group: ScenarioSet) -> None:
        """Insert or replace a set of scenarios."""
        await self._database.write(lambda db: catalogue.save_scenario_set(db, group), repeatable=True)

    async def find_scenario_set(self, workspace: str, id: str) -> ScenarioSet | None:
        """A set of scenarios by id."""
        return await self._database.read(lambda db: catalogue.find_scenario_set(db, workspace, id))

    async def scenario_sets(self, workspace: str, page: Page) -> tuple[Sequence[ScenarioSet], int]:
        """A page of sets of scenarios, newest first."""
        return await self._database.read(lambda db: catalogue.scenario_sets(db, workspace, page))

    async def delete_scenario_set(self, workspace: str, id: str) -> None:
        """Remove a set of scenarios; they stay."""
        await self._database.write(lambda db: catalogue.delete_scenario_set(db, workspace, id))

    async def save_scenario(self, scenario: Scenario) -> None:
        """Insert or replace a scenario."""
        await self._database.write(lambda db: catalogue.save_scenario(db, scenario), repeatable=True)

    async def find_scenario(self, workspace: str, id: str) -> Scenario | None:
        """A scenario by id or alias."""
        return await self._database.read(lambda db: catalogue.find_scenario(db, workspace, id))

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
        filters = {"agent_id": agent_id, "set_id": set_id, "folder": folder, "name": name}
        return await self._database.read(lambda db: catalogue.scenarios(db, workspace, page, filters))

    async def delete_scenario(self, workspace: str, id: str) -> None:
        """Remove a scenario."""
        await self._database.write(lambda db: catalogue.delete_scenario(db, workspace, id))

    async def save_simulation(self, simulation: Simulation, trials: Sequence[Trial]) -> None:
        """Insert a simulation and all its trials."""
        await self._database.write(lambda db: plays.add_simulation(db, simulation, trials))

    async def find_simulation(self, workspace: str | None, id: str) -> Simulation | None:
        """A simulation by id or alias."""
        return await self._simulation(lambda db: plays.find(db, workspace, id))

    async def find_by_idempotency_key(self, workspace: str, key: str) -> Simulation | None:
        """The simulation that was made with that key."""
        return await self._simulation(lambda db: plays.find_by_key(db, workspace, key))

    async def simulations(
        self, workspace: str | None, page: Page, *, agent_id: str | None = None, set_id: str | None = None
    ) -> tuple[Sequence[Simulation], int]:
        """A page of simulations, newest first."""
        rows, total = await self._database.read(lambda db: plays.page_of(db, workspace, page, agent_id, set_id))
        found = []
        for row in rows:
            simulation = await self._with_snapshot(row)
            if simulation is not None:
                found.append(simulation)
            await asyncio.sleep(0)
        return found, total

    async def delete_simulation(self, workspace: str, id: str) -> None:
        """Remove a simulation with its trials and their messages."""
        self._snapshots.forget(await self._database.write(lambda db: plays.delete(db, workspace, id)))

    async def simulations_beginning(self, prefix: str) -> Sequence[str]:
        """The ids that begin so, at most ten."""
        return await self._database.read(lambda db: plays.beginning(db, prefix))

    async def trials(self, simulation_id: str) -> Sequence[Trial]:
        """All trials of a simulation, by number, then in the order of its scenarios."""
        found: list[Trial] = []
        after = 0
        while True:
            part, after = await self._trials_after(simulation_id, after)
            found += part
            if len(part) < _TRIALS_AT_ONCE:
                return found
            # Thousands of trials take a while, and others wait for this loop.
            await asyncio.sleep(0)

    async def find_trial(self, workspace: str, id: str) -> Trial | None:
        """A trial by id or alias."""
        return await self._database.read(lambda db: plays.find_trial(db, workspace, id))

    async def trial_page(
        self,
        simulation_id: str,
        page: Page,
        *,
        status: Lifecycle | None = None,
        outcome: Outcome | None = None,
    ) -> tuple[Sequence[Trial], int]:
        """A page of a simulation's trials."""
        return await self._database.read(lambda db: plays.trial_page(db, simulation_id, page, status, outcome))

    async def progress(self, simulation_id: str) -> Mapping[Lifecycle, int]:
        """How many trials of a simulation are where."""
        return await self._database.read(lambda db: plays.progress(db, simulation_id))

    async def unfinished(self) -> Mapping[Lifecycle, int]:
        """How many trials of all simulations are queued and running."""
        return await self._database.read(plays.unfinished)

    async def bounded(self) -> Mapping[str, int]:
        """The simulations with something in the queue that say how many trials may be at play, and that number."""
        return await self._database.read(plays.bounded)

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
        return await self._database.write(lambda db: plays.claim(db, count, now, simulation, without, bounded))

    async def take(self, trial_id: str) -> Trial | None:
        """Take one trial, queued or left running."""
        now = self._clock.now()
        return await self._database.write(lambda db: plays.take(db, trial_id, now), repeatable=True)

    async def release(self, trial_id: str, claim: int | None = None) -> None:
        """Put one running trial back in the queue, or cancel it where its simulation was."""
        now = self._clock.now()
        await self._database.write(lambda db: plays.release(db, trial_id, claim, now), repeatable=True)

    async def release_running(self) -> int:
        """Put running trials back in the queue; those of a cancelled simulation are cancelled."""
        now = self._clock.now()
        return await self._database.write(lambda db: plays.release_running(db, now))

    async def postpone(self, trial: Trial) -> Simulation | None:
        """Put a running trial back in the queue; the simulation, if it was cancelled and this completed it."""
        now = self._clock.now()
        completed = await self._database.write(lambda db: plays.postpone(db, trial, now))
        return await self.find_simulation(None, trial.simulation) if completed else None

    async def end_queued(self, simulation_id: str, trials: Sequence[Trial]) -> Simulation | None:
        """End trials that wait in the queue; the simulation, if this completed it."""
        now = self._clock.now()
        completed = await self._database.write(lambda db: plays.end_queued(db, simulation_id, trials, now))
        return await self.find_simulation(None, simulation_id) if completed else None

    async def save_trial(self, trial: Trial) -> Simulation | None:
        """Store what became of a trial; the simulation, if this completed it."""
        now = self._clock.now()
        completed = await self._database.write(lambda db: plays.save_trial(db, trial, now), repeatable=True)
        return await self.find_simulation(None, trial.simulation) if completed else None

    async def cancel(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Cancel the queued trials at once and mark the simulation."""
        now = self._clock.now()
        return await self._changed(lambda db: control.cancel(db, workspace, simulation_id, now))

    async def is_cancelled(self, simulation_id: str) -> bool:
        """Whether the simulation was cancelled."""
        return await self._database.read(lambda db: control.is_cancelled(db, simulation_id))

    async def pause(self, workspace: str | None, simulation_id: str, reason: str) -> Simulation:
        """Let no further trial of it begin."""
        return await self._changed(lambda db: control.pause(db, workspace, simulation_id, reason))

    async def resume(
        self, workspace: str | None, simulation_id: str, *, max_cost: float | None = None
    ) -> Simulation:
        """Let trials of a paused simulation begin again."""
        return await self._changed(lambda db: control.resume(db, workspace, simulation_id, max_cost))

    async def outcomes(self, simulation_id: str) -> Sequence[tuple[str, Outcome | None]]:
        """How the trials of a simulation ended."""
        return await self._database.read(lambda db: plays.outcomes(db, simulation_id))

    async def decide(self, simulation_id: str, reason: str) -> Simulation | None:
        """End what waits in the queue, as decided; the simulation, if this completed it."""
        now = self._clock.now()
        completed = await self._database.write(lambda db: control.decide(db, simulation_id, reason, now))
        return await self.find_simulation(None, simulation_id) if completed else None

    async def explain(self, simulation_id: str, reason: str | None) -> None:
        """Say what a queued or running simulation waits for."""
        await self._database.write(lambda db: control.explain(db, simulation_id, reason), repeatable=True)

    async def play_again(self, simulation_id: str, trials: Sequence[Trial]) -> int:
        """Put errored trials back in the queue; how many there were."""
        return await self._database.write(lambda db: control.play_again(db, simulation_id, trials))

    async def add_trials(self, simulation: Simulation, trials: Sequence[Trial]) -> Simulation:
        """Give a simulation more trials."""
        return await self._changed(lambda db: control.add_trials(db, simulation, trials))

    async def spent(self, simulation_id: str) -> Mapping[str, float | None]:
        """USD by role that the trials of a simulation have cost so far."""
        return await self._database.read(lambda db: budgets.spent(db, simulation_id))

    async def keep_to_budgets(self) -> Sequence[str]:
        """Pause what has reached its budget and has a trial in the queue."""
        if not await self._database.read(budgets.beyond_budget):
            return ()
        return await self._database.write(budgets.keep_to_budgets, repeatable=True)

    def chat_journal(self, chat_id: str) -> SqlJournal:
        """The journal of a chat."""
        return SqlJournal(self._database, chat_id, 1)

    async def save_chat(self, chat: Chat) -> None:
        """Insert or replace a chat."""
        await self._database.write(lambda db: conversations.save_chat(db, chat), repeatable=True)

    async def find_chat(self, workspace: str, id: str) -> Chat | None:
        """A chat by id or alias."""
        return await self._database.read(lambda db: conversations.find_chat(db, workspace, id))

    async def chats(
        self, workspace: str, page: Page, *, status: ChatStatus | None = None
    ) -> tuple[Sequence[Chat], int]:
        """A page of chats, newest first."""
        return await self._database.read(lambda db: conversations.chats(db, workspace, page, status))

    async def save_webhook(self, webhook: Webhook) -> None:
        """Insert or replace a webhook."""
        await self._database.write(lambda db: conversations.save_webhook(db, webhook), repeatable=True)

    async def find_webhook(self, workspace: str | None, id: str) -> Webhook | None:
        """A webhook by id or alias."""
        return await self._database.read(lambda db: conversations.find_webhook(db, workspace, id))

    async def webhooks(
        self, workspace: str, page: Page, *, agent_id: str | None = None, active: bool | None = None
    ) -> tuple[Sequence[Webhook], int]:
        """A page of webhooks, newest first."""
        return await self._database.read(lambda db: conversations.webhooks(db, workspace, page, agent_id, active))

    async def delete_webhook(self, workspace: str, id: str) -> None:
        """Remove a webhook with its deliveries."""
        await self._database.write(lambda db: conversations.delete_webhook(db, workspace, id))

    async def save_delivery(self, delivery: Delivery) -> None:
        """Insert or replace a delivery."""
        await self._database.write(lambda db: conversations.save_delivery(db, delivery), repeatable=True)

    async def deliveries(self, webhook_id: str, page: Page) -> tuple[Sequence[Delivery], int]:
        """A page of a webhook's deliveries, newest first."""
        return await self._database.read(lambda db: conversations.deliveries(db, webhook_id, page))

    async def take_deliveries(self, now: float, count: int, *, until: float) -> Sequence[Delivery]:
        """Take pending deliveries that may be tried, those that are due longest first."""
        return await self._database.write(lambda db: conversations.take_deliveries(db, now, count, until))

    async def divide(self, process: str, claims: Mapping[str, Claim], *, lent_for: float) -> Mapping[str, Share]:
        """A part of each provider's limits, by how much each process has to ask."""
        return await self._database.write(lambda db: shares.divide(db, process, claims, lent_for))

    async def save_label(self, label: Label) -> None:
        """Insert or replace a person's label of a check."""
        await self._database.write(lambda db: labels.save(db, label), repeatable=True)

    async def delete_label(self, label: Label) -> None:
        """Take a person's label of a check back."""
        await self._database.write(lambda db: labels.delete(db, label), repeatable=True)

    async def labels(self, simulation_id: str) -> Sequence[Label]:
        """All labels of a simulation's trials."""
        return await self._database.read(lambda db: labels.of_simulation(db, simulation_id))

    async def save_rejudgement(self, judgement: Rejudgement) -> None:
        """Store a later judgement of a trial."""
        await self._database.write(lambda db: rejudgements.add(db, judgement))

    async def rejudgements(self, simulation_id: str) -> Sequence[Rejudgement]:
        """All later judgements of a simulation's trials."""
        return await self._database.read(lambda db: rejudgements.of_simulation(db, simulation_id))

    async def prunable(self, before: float) -> Old:
        """How much is over since before a time."""
        return await self._database.read(lambda db: pruning.prunable(db, before))

    async def prune(self, before: float, count: int) -> Old:
        """Take out up to so many of each kind that are over since before a time."""
        return await self._database.write(lambda db: pruning.prune(db, before, count))

    async def size(self) -> int | None:
        """Bytes that the database takes."""
        return await self._database.size()

    async def close(self) -> None:
        """Write what is pending and let go of the database."""
        await self._database.close()

    async def _simulation(self, find: Callable[[Connection], Awaitable[Row | None]]) -> Simulation | None:
        async def found(db: Connection) -> Simulation | None:
            row = await find(db)
            return None if row is None else await self._snapshots.simulation(db, row)

        return await self._database.read(found)

    async def _with_snapshot(self, row: Row) -> Simulation | None:
        return await self._database.read(lambda db: self._snapshots.simulation(db, row))

    async def _changed(self, change: Callable[[Connection], Coroutine[Any, Any, str]]) -> Simulation:
        """The simulation whose id a change gives, as it is afterwards."""
        id = await self._database.write(change)
        changed = await self.find_simulation(None, id)
        if changed is None:
            raise NotFound("simulation", id)
        return changed

    async def _trials_after(self, simulation_id: str, seq: int) -> tuple[Sequence[Trial], int]:
        return await self._database.read(lambda db: plays.trials_after(db, simulation_id, seq, _TRIALS_AT_ONCE))
