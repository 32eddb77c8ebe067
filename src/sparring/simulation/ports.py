"""What the use cases ask of the outside: a few small Protocols and the values that pass through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from sparring.domain.agent import Agent, Tool
from sparring.domain.evaluation import Assessment
from sparring.domain.outcomes import Role
from sparring.domain.retelling import Draft
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Generation, Message, ToolCall, Transcript, UserMessage
from sparring.domain.webhooks import WebCall


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


class JudgeCasting(Protocol):
    """Who judges conversations that are over already."""

    def cast_judge(
        self, scenario: Scenario, *, instructions: str, model: str, occasion: Occasion, temperature: float = 0.0
    ) -> Judge:
        """A judge for a scenario's assertions, fresh, with its variables filled in.

        Args:
            instructions: the agent's, as they were written.
            model: the judge's.

        Raises:
            NotConfigured: its model cannot be reached.
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
