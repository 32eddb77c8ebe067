"""What the server needs, ready to use: it is given, never looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sparring.domain.agent import Agent
from sparring.domain.editing import Composed, Pairs, Reading
from sparring.domain.rejudgement import Rejudged
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation
from sparring.server.installation import Installation
from sparring.server.invitation import Invitation
from sparring.server.turns import Turns
from sparring.simulation.chats import Chats
from sparring.simulation.control import Control
from sparring.simulation.ports import Clock, Engine, Models
from sparring.simulation.runner import Runner
from sparring.simulation.store import ApiKey, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultModels:
    """The names of the models of the three roles where no record names one; None where none is set."""

    user: str | None = None
    judge: str | None = None
    agent: str | None = None


class Editing(Protocol):
    """Scenarios and agents by themselves in the words of a suite: as JSON values, as YAML, as fields of a form."""

    def scenario_document(self, scenario: Scenario) -> Mapping[str, Any]:
        """The scenario as JSON values."""

    def scenario_text(self, scenario: Scenario) -> str:
        """The scenario as YAML."""

    def read_scenario(self, text: str, *, base: Scenario, agent: Agent | None) -> Reading[Scenario]:
        """The scenario of a text; what a suite cannot say, and all that reads as before, stays as in `base`."""

    def agent_document(self, agent: Agent) -> Mapping[str, Any]:
        """The agent as JSON values."""

    def agent_text(self, agent: Agent) -> str:
        """The agent as YAML."""

    def read_agent(self, text: str, *, base: Agent) -> Reading[Agent]:
        """The agent of a text, in the same way; where it lives is not looked at beyond its form."""

    def compose(self, given: Pairs) -> Composed:
        """The YAML of what was typed into a form."""

    def value_text(self, value: Any) -> str:
        """A JSON value as it is typed into a field."""

    def yaml_text(self, value: Mapping[str, Any]) -> str:
        """A JSON object as YAML; nothing for an empty one."""

    def read_object(self, text: str) -> Reading[Mapping[str, Any]]:
        """A JSON object, in JSON or in YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts behind the doors."""

    store: Store
    runner: Runner
    chats: Chats
    engine: Engine
    control: Control
    """Pauses, resumes, cancels, plays again and plays more, and tells what was spent so far."""
    clock: Clock
    models: Models
    """What requests may name: of scripts only those that come with the program, never a path."""
    defaults: DefaultModels
    report: Callable[[Simulation, str, str], Awaitable[str]]
    """A simulation's results in one of the forms html, json, junit, markdown and csv; the last is what the addresses of
    pages begin with."""
    budget_warnings: Callable[[Simulation], Awaitable[Sequence[str]]]
    """What the budget of a simulation cannot see, a sentence each."""
    suite_text: Callable[[Simulation, Scenario], str]
    """A suite file with one scenario as it was played, and its agent."""
    price: Callable[[Simulation], Awaitable[float | None]]
    """USD for all trials of a simulation by the prices of its models, roughly; None where one is not known."""
    editing: Editing
    """Reads and writes what is edited."""
    judge_again: Callable[[Simulation, str | None, int, Callable[[int, int], None]], Awaitable[Rejudged]]
    """Judges the stored conversations of a simulation again: by which model (None for the same), with how many votes;
    tells how many of how many are judged."""
    new_key: Callable[[str, str, str], tuple[str, ApiKey]]
    """Makes an API key of a workspace, with a name and a role: its secret, and its record, which is not stored yet."""
    model_names: Sequence[str] = ()
    """Models that can be offered: those that the settings name, and the listed ones of configured providers."""
    at_once: int = 100
    """Trials that one worker plays at once."""
    installation: Installation = field(default_factory=Installation)
    """What the settings page tells."""
    metrics: Callable[[], Awaitable[bytes]] | None = None
    """What the process has done and is doing, for Prometheus; None where that is not told."""
    turns: Turns = field(default_factory=Turns)
    """One change of an account's records after another."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is told to stop: answers that never end by themselves then end."""
    invitation: Invitation | None = None
    """What signs in to the pages once without a key; None where that is not offered."""
    api_key: str | None = None
    """A secret that always opens the first workspace."""
    public_url: str | None = None
    """Where people reach this server, without a slash at the end; None for wherever a request came to."""
    rate_limit: int | None = None
    """Requests a minute by key; None for as many as there are."""
    trial_timeout: float = 900.0
    """Seconds on the wall for one trial."""
    demo: bool = False
    """Whether every model is answered from a script; what it answers is marked."""
