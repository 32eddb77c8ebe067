"""What the use cases ask of whatever keeps things: journals, records and their lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparring.domain.agent import Action, Agent
from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.labels import Label
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.rejudgement import Rejudgement
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message
from sparring.domain.webhooks import Delivery, Webhook


class Journal(Protocol):
    """The stored transcript of one trial."""

    async def load(self) -> Sequence[Message]:
        """What was stored, from the first message on (the scenario's history included)."""

    async def append(self, position: int, messages: Sequence[Message]) -> None:
        """Store messages at a position; they are durable when this returns.

        Raises:
            StaleAppend: something is stored there already: this worker has lost the trial.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a workspace; the secret itself is not kept."""

    id: str
    workspace: str
    name: str
    digest: str
    """SHA-256 of the secret, in hex."""
    hint: str
    """Its last four characters."""
    role: str = "write"
    """`write`, or `read` for one that may not change anything."""
    created_at: float = 0.0
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, newest first: `size` records after the first `offset`."""

    offset: int = 0
    size: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """How much of each kind is old, or was taken out."""

    simulations: int = 0
    chats: int = 0
    deliveries: int = 0

    def __add__(self, other: Old) -> Old:
        return Old(
            simulations=self.simulations + other.simulations,
            chats=self.chats + other.chats,
            deliveries=self.deliveries + other.deliveries,
        )


class ChatStore(Protocol):
    """The chats that are kept, and the webhooks that are told of them."""

    def chat_journal(self, chat_id: str) -> Journal:
        """The journal of a chat."""

    async def save_chat(self, chat: Chat) -> None:
        """Insert or replace a chat. Conflict where its alias is taken."""

    async def find_chat(self, workspace: str, id: str) -> Chat | None:
        """A chat by id or alias."""

    async def chats(
        self, workspace: str, page: Page, *, status: ChatStatus | None = None
    ) -> tuple[Sequence[Chat], int]:
        """A page of chats."""

    async def save_webhook(self, webhook: Webhook) -> None:
        """Insert or replace a webhook."""

    async def find_webhook(self, workspace: str | None, id: str) -> Webhook | None:
        """A webhook by id or alias; any workspace's where `workspace` is None."""

    async def webhooks(
        self, workspace: str, page: Page, *, agent_id: str | None = None, active: bool | None = None
    ) -> tuple[Sequence[Webhook], int]:
        """A page of webhooks."""

    async def delete_webhook(self, workspace: str, id: str) -> None:
        """Remove a webhook with its deliveries."""

    async def save_delivery(self, delivery: Delivery) -> None:
        """Insert or replace a delivery; one whose webhook is gone is dropped."""

    async def deliveries(self, webhook_id: str, page: Page) -> tuple[Sequence[Delivery], int]:
        """A page of a webhook's deliveries."""

    async def take_deliveries(self, now: float, count: int, *, until: float) -> Sequence[Delivery]:
        """Take pending deliveries that may be tried, those that are due longest first, as they were.

        Nobody gets them again before the moment `until`, unless they are saved as due before.
        """


class Store(ChatStore, Protocol):
    """Everything that is kept. Records of another workspace do not exist for the caller.

    Lists come newest first, by order of creation, with the number of all that match. `find` methods take an id
    or an alias and return None where there is nothing.
    """

    def journal(self, trial: Trial) -> Journal:
        """The journal of a trial's current attempt."""

    async def messages(self, trial_id: str) -> Sequence[Message]:
        """The stored transcript of a trial's latest attempt."""

    async def first_workspace(self) -> str:
        """The id of the first workspace, made where there is none."""

    async def workspaces(self) -> Mapping[str, str | None]:
        """The id of every workspace and its alias."""

    async def save_workspace(self, id: str, alias: str | None = None) -> None:
        """Insert a workspace, or replace the alias of one. Conflict where the alias is taken."""

    async def save_key(self, key: ApiKey) -> None:
        """Insert or replace a key."""

    async def keys(self, workspace: str | None = None) -> Sequence[ApiKey]:
        """All keys, oldest first, revoked ones included."""

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key with that digest, revoked or not."""

    async def save_agent(self, agent: Agent) -> None:
        """Insert or replace an agent. Conflict where its alias is taken."""

    async def find_agent(self, workspace: str, id: str) -> Agent | None:
        """An agent by id or alias."""

    async def agents(self, workspace: str, page: Page) -> tuple[Sequence[Agent], int]:
        """A page of agents."""

    async def delete_agent(self, workspace: str, id: str) -> None:
        """Remove an agent, its scenarios stay; Conflict while a simulation of it is not finished."""

    async def save_records(self, records: Sequence[Action | Agent | Scenario | ScenarioSet]) -> None:
        """Insert or replace records of any of these kinds, in their order and in one transaction.

        Raises:
            Conflict: an alias is taken; none of them is stored then.
        """

    async def replace_record(self, record: Agent | Scenario) -> None:
        """Replace a record of the revision before this one's, and no other.

        Raises:
            NotFound: it is gone.
            NotNow: it has another revision, because somebody has changed it in the meantime.
        """

    async def save_action(self, action: Action) -> None:
        """Insert or replace an action."""

    async def find_action(self, workspace: str, id: str) -> Action | None:
        """An action by id."""

    async def actions(self, workspace: str, page: Page) -> tuple[Sequence[Action], int]:
        """A page of actions."""

    async def save_scenario_set(self, group: ScenarioSet) -> None:
        """Insert or replace a set of scenarios."""

    async def find_scenario_set(self, workspace: str, id: str) -> ScenarioSet | None:
        """A set of scenarios by id."""

    async def scenario_sets(self, workspace: str, page: Page) -> tuple[Sequence[ScenarioSet], int]:
        """A page of sets of scenarios."""

    async def delete_scenario_set(self, workspace: str, id: str) -> None:
        """Remove a set; its scenarios stay, in no set."""

    async def save_scenario(self, scenario: Scenario) -> None:
        """Insert or replace a scenario. Conflict where its alias is taken."""

    async def find_scenario(self, workspace: str, id: str) -> Scenario | None:
        """A scenario by id or alias."""

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
        """A page of scenarios, those of one agent, set, folder or name where it is given."""

    async def delete_scenario(self, workspace: str, id: str) -> None:
        """Remove a scenario; simulations keep their snapshot."""

    async def save_simulation(self, simulation: Simulation, trials: Sequence[Trial]) -> None:
        """Insert a simulation and all its trials in one transaction.

        Raises:
            Conflict: its idempotency key was used in this workspace already.
        """

    async def find_simulation(self, workspace: str | None, id: str) -> Simulation | None:
        """A simulation by id or alias; any workspace's where `workspace` is None."""

    async def find_by_idempotency_key(self, workspace: str, key: str) -> Simulation | None:
        """The simulation that was made with that key."""

    async def simulations(
        self, workspace: str | None, page: Page, *, agent_id: str | None = None, set_id: str | None = None
    ) -> tuple[Sequence[Simulation], int]:
        """A page of simulations, those of one agent or set of scenarios where it is given."""

    async def delete_simulation(self, workspace: str, id: str) -> None:
        """Remove a simulation with its trials and their messages; Conflict while one of them is not over."""

    async def simulations_beginning(self, prefix: str) -> Sequence[str]:
        """The ids that begin so, in hex, at most ten."""

    async def trials(self, simulation_id: str) -> Sequence[Trial]:
        """All trials of a simulation as they were planned: by number, then in the order of its scenarios; those
        that were added later come after."""

    async def find_trial(self, workspace: str, id: str) -> Trial | None:
        """A trial by id or alias."""

    async def trial_page(
        self,
        simulation_id: str,
        page: Page,
        *,
        status: Lifecycle | None = None,
        outcome: Outcome | None = None,
    ) -> tuple[Sequence[Trial], int]:
        """A page of a simulation's trials, in the order of `trials`."""

    async def progress(self, simulation_id: str) -> Mapping[Lifecycle, int]:
        """How many trials of a simulation are where."""

    async def unfinished(self) -> Mapping[Lifecycle, int]:
        """How many trials of all simulations are queued and running. Takes no longer with many that are over."""

    async def bounded(self) -> Mapping[str, int]:
        """The ids of the simulations that have `at_once` and trials in the queue, and are neither paused nor over,
        each with that number. Takes no longer with many that are over."""

    async def claim(
        self,
        count: int,
        *,
        simulation: str | None = None,
        without: Collection[str] = (),
        bounded: Collection[str] = (),
    ) -> Sequence[Trial]:
        """Take up to `count` queued trials and mark them running.

        First trials first, then older simulations, so that a large simulation does not keep a small one
        waiting; with `simulation` only those of that one, and none of the simulations `without`; of those that
        have `at_once`, only of the ones that are `bounded`, which the caller sees to. None is taken of a
        simulation that is paused or cancelled: once `pause` has returned, or `save_trial` or `keep_to_budgets` has
        paused it, no claim of any process takes one.
        """

    async def take(self, trial_id: str) -> Trial | None:
        """Take one trial, queued or left running by a worker that is gone, and mark it running.

        None where it is over, or its simulation paused or cancelled.
        """

    async def release(self, trial_id: str, claim: int | None = None) -> None:
        """Put one trial that is marked running back in the queue, or cancel it where its simulation was; with
        `claim` only if nobody has taken it over since."""

    async def release_running(self) -> int:
        """Put every trial that is marked running back in the queue, for a process that starts alone on this
        database; its journal stays. Returns how many there were."""

    async def postpone(self, trial: Trial) -> Simulation | None:
        """Put a running trial back in the queue, with its costs so far; its journal stays.

        One whose simulation was cancelled meanwhile is cancelled; returns the simulation if that completed it.
        """

    async def end_queued(self, simulation_id: str, trials: Sequence[Trial]) -> Simulation | None:
        """End trials that wait in the queue, as they are given, in one transaction; the simulation, if this
        completed it. One that does not wait any more is left as it is. Costs count as in `save_trial`."""

    async def save_trial(self, trial: Trial) -> Simulation | None:
        """Store what became of a trial; the simulation, if this completed it.

        A trial that was cancelled in the meantime stays cancelled. In the same transaction the known costs of a
        trial that is over are added to what its simulation has spent, and a simulation that has reached its
        budget so, and has a trial in the queue, is paused with `budget_spent` as its reason. A paused simulation
        whose last trial ends is completed like any other.
        """

    async def cancel(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Cancel the queued trials at once and mark the simulation, so that running ones stop at their next
        move; Conflict where it is already over."""

    async def is_cancelled(self, simulation_id: str) -> bool:
        """Whether the simulation was cancelled."""

    async def pause(self, workspace: str | None, simulation_id: str, reason: str) -> Simulation:
        """Let no further trial of it begin; those that run go on to their end.

        Raises:
            NotFound: there is no such simulation.
            NotNow: it is paused already, or over.
        """

    async def resume(
        self, workspace: str | None, simulation_id: str, *, max_cost: float | None = None
    ) -> Simulation:
        """Let trials of a paused simulation begin again. Its reason is gone; one that never began is queued.

        With `max_cost` that is its budget from now on, also where it is not paused.

        Raises:
            NotFound: there is no such simulation.
            NotNow: it is over; it is not paused, and no budget is given; or what it has spent, running trials
                included, has reached its budget.
        """

    async def outcomes(self, simulation_id: str) -> Sequence[tuple[str, Outcome | None]]:
        """The scenario of every trial of a simulation, and how it ended, None where it is not over; in the order
        of `trials`, and quicker."""

    async def decide(self, simulation_id: str, reason: str) -> Simulation | None:
        """End the queued trials as cancelled, with the reason as their error, because more would tell no more.

        Running ones go on to their end. The simulation is then completed, with the reason as its own; it is
        returned if this completed it. One that is decided already, cancelled or over is left as it is.
        """

    async def explain(self, simulation_id: str, reason: str | None) -> None:
        """Say what a queued or running simulation waits for, or nothing any more. One that is paused or over
        keeps its own reason."""

    async def play_again(self, simulation_id: str, trials: Sequence[Trial]) -> int:
        """Put errored trials back in the queue, as they are given, in one transaction; how many there were.

        One that is not errored any more (another was quicker) is left as it is. With the first one its simulation
        is not completed any more: it is running, or stays paused.

        Raises:
            NotNow: the simulation was cancelled.
        """

    async def add_trials(self, simulation: Simulation, trials: Sequence[Trial]) -> Simulation:
        """Give a simulation the numbers of trials that its scenarios have here, and the trials that it lacks for
        that, in one transaction. It is not completed any more: it is running, stays queued or stays paused.

        Raises:
            NotFound: it is gone.
            NotNow: it was cancelled, or has got other trials since it was read.
        """

    async def spent(self, simulation_id: str) -> Mapping[str, float | None]:
        """USD by role, all three, that the trials of a simulation have cost so far: their costs, and of those that
        are not over what the messages of their current take cost as well. A role with a message of unknown price
        is None. What a judge costs is known when its trial ends."""

    async def keep_to_budgets(self) -> Sequence[str]:
        """Pause every simulation that has reached its budget, running trials included, and has a trial in the
        queue; the ids of those that this paused. A look costs next to nothing where nobody has a budget."""

    async def save_label(self, label: Label) -> None:
        """Insert a person's label of a check, or replace it; NotFound where there is no such trial."""

    async def delete_label(self, label: Label) -> None:
        """Take a person's label of a check back, if there is one."""

    async def labels(self, simulation_id: str) -> Sequence[Label]:
        """All labels of a simulation's trials, the oldest first."""

    async def save_rejudgement(self, judgement: Rejudgement) -> None:
        """Store a later judgement of a trial beside its verdict; NotFound where there is no such trial."""

    async def rejudgements(self, simulation_id: str) -> Sequence[Rejudgement]:
        """All later judgements of a simulation's trials, the oldest first. They are gone with the simulation."""

    async def prunable(self, before: float) -> Old:
        """How many simulations, chats and deliveries are over since before a time (unix seconds)."""

    async def prune(self, before: float, count: int) -> Old:
        """Take out up to `count` of each that are over since before a time, with all that belongs to them, the
        oldest first; how many there were. What is not over stays, however old."""

    async def size(self) -> int | None:
        """Bytes that everything takes together; None where it is not kept on a disk."""

    async def close(self) -> None:
        """Write what is pending and let go of the database."""
