"""What the use cases ask of the outside: a few small Protocols and the values that pass through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from sparring.domain.agent import Action, Agent, Tool
from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.evaluation import Assessment
from sparring.domain.labels import Label
from sparring.domain.outcomes import Lifecycle, Outcome, Role
from sparring.domain.retelling import Draft
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Generation, Message, ToolCall, Transcript, UserMessage
from sparring.domain.webhooks import Delivery, WebCall, Webhook


class Clock(Protocol):
    """Time and fresh entropy, so that nothing else reads them."""

    def now(self) -> float:
        """Unix seconds."""

    def entropy(self, size: int) -> bytes:
        """Random bytes."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(slots=True, kw_only=True, eq=False)
class Prompt:
    """One message as a model is shown it, from that model's own point of view.

    `memo` is the wire's: it keeps the encoded form there, so that a message is encoded once in a conversation
    and the cost of a turn does not grow with the turns.
    """

    role: str
    """`user`, `assistant` or `tool`."""
    text: str | None = None
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None
    """Of the call that a `tool` message answers."""
    name: str | None = None
    """Of the tool that a `tool` message answers for."""
    opaque: Mapping[str, Any] | None = None
    """What the provider sent with an assistant message and wants back."""
    is_error: bool = False
    memo: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The form that a structured answer must have."""

    name: str
    body: Mapping[str, Any]
    """JSON Schema, in the strict subset that providers take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Which call of which trial this is: for errors, records, limits and scripted models; no provider sees it."""

    role: Role
    scenario: str = ""
    trial: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One question to a model."""

    system: str
    messages: Sequence[Prompt]
    tools: tuple[Tool, ...] = ()
    schema: Schema | None = None
    temperature: float | None = None
    top_p: float | None = None
    occasion: Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReply:
    """One whole answer of a model."""

    text: str | None
    calls: tuple[ToolCall, ...] = ()
    generation: Generation


class ChatModel(Protocol):
    """A model that answers a conversation."""

    name: str
    """As it was asked for: `provider:model` or a bare name."""

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer once.

        Raises:
            ModelFault: the provider refused, failed, or answered with nothing that can be used. Retries that can
                help have been made by then.
        """


@runtime_checkable
class StreamingModel(Protocol):
    """A model that can also tell its answer while it comes."""

    async def stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        """The same answer as that of `complete`; `on_text` is given its text piece by piece beforehand.

        Raises:
            ModelFault: as `complete` does, perhaps after some pieces.
        """


class Models(Protocol):
    """All models that this installation can reach."""

    def model(self, name: str) -> ChatModel:
        """The model of that name.

        Raises:
            NotConfigured: no such provider or no key; the message names what to set.
        """


class SimulatedUser(Protocol):
    """Who talks to the agent."""

    async def speak(self, transcript: Transcript) -> UserMessage:
        """The user's next message, its calls included."""


class AgentUnderTest(Protocol):
    """Who is tested."""

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """The agent's next messages: one of a model; several of an agent that runs its own tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The judge's answer for all assertions, in their order."""

    assessments: tuple[Assessment, ...]
    generations: tuple[Generation, ...] = ()
    """One for each call that it took."""


class Judge(Protocol):
    """Who assesses the assertions."""

    async def assess(self, transcript: Transcript) -> Judgement:
        """An assessment for every assertion of the scenario that this judge was cast for.

        Raises:
            JudgeFault: asked twice, it gave nothing that can be trusted.
            ModelFault: its model failed.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The players of one trial."""

    user: SimulatedUser
    agent: AgentUnderTest
    judge: Judge
    leave: Callable[[], None] = lambda: None
    """Called once when the trial is over or given up: what was open for it alone is closed."""


class Casting(Protocol):
    """Who plays whom in a trial."""

    def cast(self, simulation: Simulation, scenario: Scenario, trial: Trial) -> Cast:
        """The players for a trial, fresh, with the scenario's variables already filled in.

        Raises:
            NotConfigured: a model that they need cannot be reached.
        """


class AgentCasting(Protocol):
    """Who answers for an agent in a conversation with a person."""

    def cast_agent(
        self, agent: Agent, scenario: Scenario, occasion: Occasion, *, on_text: Callable[[str], None] | None = None
    ) -> AgentUnderTest:
        """The agent's player, fresh, with the scenario's variables filled in.

        Args:
            on_text: is given each piece of a text as it comes, where the agent's model tells it piece by piece.

        Raises:
            NotConfigured: a model that it needs cannot be reached.
        """


class Drafter(Protocol):
    """Who reads a conversation and describes it as a test."""

    async def draft(self, model: str, instructions: str, transcript: Transcript) -> Draft:
        """What a model makes of a conversation.

        Args:
            model: its name.
            instructions: the agent's, filled in.

        Raises:
            NotConfigured: the model cannot be reached.
            TrialFault: it failed, or its answer cannot be used.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """What came back from a web address."""

    status: int
    text: str


class WebCaller(Protocol):
    """Sends requests to addresses that came from outside."""

    async def send(self, call: WebCall) -> WebAnswer:
        """The whole answer, whatever its status.

        Raises:
            WebFault: it may not be sent there, or no answer came that could be read.
        """

    async def check(self, url: str) -> None:
        """Look where an address leads now.

        Raises:
            InvalidInput: nothing may be sent there; the message says why.
        """


class WebFault(Exception):
    """Nothing came back from a web address; the message says why."""


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

    async def due_deliveries(self, now: float, count: int) -> Sequence[Delivery]:
        """Pending deliveries that may be tried, those that are due longest first."""


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
        """All trials of a simulation, by number, then in the order of its scenarios."""

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

    async def claim(self, count: int, *, simulation: str | None = None) -> Sequence[Trial]:
        """Take up to `count` queued trials and mark them running.

        Lower trial numbers first, then older simulations, so that a large simulation does not keep a small one
        waiting. Trials of a cancelled simulation are never taken; with `simulation` only those of that one.
        """

    async def release_running(self) -> int:
        """Put every trial that is marked running back in the queue, for a process that starts alone on this
        database; its journal stays. Returns how many there were."""

    async def save_trial(self, trial: Trial) -> Simulation | None:
        """Store what became of a trial; the simulation, if this completed it.

        A trial that was cancelled in the meantime stays cancelled.
        """

    async def cancel(self, workspace: str | None, simulation_id: str) -> Simulation:
        """Cancel the queued trials at once and mark the simulation, so that running ones stop at their next
        move; Conflict where it is already over."""

    async def is_cancelled(self, simulation_id: str) -> bool:
        """Whether the simulation was cancelled."""

    async def save_label(self, label: Label) -> None:
        """Insert a person's label of a check, or replace it; NotFound where there is no such trial."""

    async def delete_label(self, label: Label) -> None:
        """Take a person's label of a check back, if there is one."""

    async def labels(self, simulation_id: str) -> Sequence[Label]:
        """All labels of a simulation's trials, the oldest first."""

    async def close(self) -> None:
        """Write what is pending and let go of the database."""


class Engine(Protocol):
    """Plays queued trials."""

    async def start(self, *, only: Sequence[str] | None = None) -> None:
        """Begin to claim and play trials, those that a killed process left behind included.

        Args:
            only: the simulations to play; None for all that there are and will be.
        """

    async def stop(self, *, grace: float = 20.0) -> None:
        """Claim nothing more; running trials get `grace` seconds to reach their next stored message."""

    def notice(self) -> None:
        """There may be something new to claim."""

    def changes(self, simulation_id: str) -> AsyncIterator[Simulation]:
        """Yields the simulation each time something in it has changed, until it is over."""
