"""Finding records by whatever id a request gives, and showing them with what only the server knows of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate import agents, test_cases
from sparring.dialects.snapshots import SCRIPTED, is_scripted
from sparring.dialects.spelling import AGENT, BATCH, CASE, CHAT, candidates, means
from sparring.domain.agent import Agent
from sparring.domain.chat import Chat
from sparring.domain.errors import Conflict, InvalidInput, NotFound
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.server.auth import Caller, KnownCaller
from sparring.server.public_address import base_of
from sparring.server.services import Services

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """One caller's view of the records."""

    services: Services
    caller: Caller
    base: str
    """What the addresses of pages begin with."""
    _ready: dict[str, bool] = field(default_factory=dict)

    @property
    def in_turn(self) -> asyncio.Lock:
        """Held from the reading of a record to its storing, so that no change at the same time is lost."""
        return self.services.turns.of(self.caller.workspace)

    async def agent(self, text: str) -> Agent:
        """The agent that a text means. NotFound where there is none."""
        for id in candidates(AGENT, text):
            if agent := await self.services.store.find_agent(self.caller.workspace, id):
                return agent
        raise missing("agent", text)

    async def case(self, text: str, *, agent: str | None = None) -> Scenario:
        """The scenario that a text means, if it belongs to the agent, where one is given."""
        scenario = await self.find_case(text)
        if scenario is None:
            raise missing("test case", text)
        if agent is not None and scenario.agent_id != (await self.agent(agent)).id:
            raise missing("test case of this agent", text)
        return scenario

    async def find_case(self, text: str) -> Scenario | None:
        """The scenario that a text means, or None."""
        for id in candidates(CASE, text):
            if scenario := await self.services.store.find_scenario(self.caller.workspace, id):
                return scenario
        return None

    async def chat(self, text: str) -> Chat:
        """The chat with a person that a text means.

        Raises:
            Conflict: it is the chat of a test run, which is read only.
            NotFound: it is none.
        """
        if chat := await self.find_chat(text):
            return chat
        if await self.find_trial(CHAT, text):
            raise Conflict("This is the chat of a test run; it can be read, and nothing else.")
        raise missing("chat", text)

    async def find_chat(self, text: str) -> Chat | None:
        """The chat with a person that a text means, or None."""
        for id in candidates(CHAT, text):
            if chat := await self.services.store.find_chat(self.caller.workspace, id):
                return chat
        return None

    async def find_trial(self, prefix: str, text: str) -> Trial | None:
        """The trial that a text means, as a job or as a chat, or None."""
        for id in candidates(prefix, text):
            if trial := await self.services.store.find_trial(self.caller.workspace, id):
                return trial
        return None

    async def batch(self, text: str, *, agent: str | None = None) -> Simulation:
        """The simulation that a text means, if it was made with the agent, where one is given."""
        for id in candidates(BATCH, text):
            if simulation := await self.services.store.find_simulation(self.caller.workspace, id):
                self.check_owner(simulation, agent)
                return simulation
        raise missing("batch run", text)

    def check_owner(self, simulation: Simulation, agent: str | None) -> None:
        """NotFound unless the agent, where one is given, is the one that the simulation was made with."""
        owner = simulation.agent
        if agent is not None and not means(AGENT, agent, owner.id, owner.alias):
            raise missing("batch run of agent", agent)

    def show_agent(self, agent: Agent) -> wire.AgentRecord:
        """An agent as it goes out."""
        return agents.agent_record(
            agent, workspace=self.caller.workspace_name, scripted=self.is_scripted(self.model_of(agent))
        )

    def show_case(self, scenario: Scenario, agent: Agent | None) -> wire.TestCase:
        """A test case as it goes out."""
        model = self.model_of(agent)
        return test_cases.case_record(
            scenario,
            workspace=self.caller.workspace_name,
            agent=self.summary(agent, scripted=self.is_scripted(model)) if agent is not None else None,
            model=model,
            scripted=self.is_scripted(scenario.model or model),
        )

    def show_played(self, scenario: Scenario, agent: Agent) -> wire.TestCase:
        """A test case as a batch run plays it."""
        model = self.model_of(agent)
        return test_cases.case_record(
            scenario,
            workspace=self.caller.workspace_name,
            agent=self.played_summary(agent),
            model=model,
            scripted=is_scripted(scenario, scenario.model or model),
        )

    def played_summary(self, agent: Agent) -> wire.AgentSummary:
        """The few facts of an agent as a batch run plays it."""
        return self.summary(agent, scripted=is_scripted(agent, self.model_of(agent)))

    def summary(self, agent: Agent, *, scripted: bool) -> wire.AgentSummary:
        """The few facts of an agent that other records carry."""
        return agents.agent_summary(agent, live=self._is_live(agent), scripted=scripted)

    def model_of(self, agent: Agent | None) -> str | None:
        """The name of the model that an agent answers by, or None."""
        if agent is not None and agent.endpoint is not None:
            return None
        named = agent.model if agent is not None else None
        return named or self.services.defaults.agent

    def is_scripted(self, model: str | None) -> bool:
        """Whether a model would answer from a script now."""
        return model is not None and (self.services.demo or model.startswith(SCRIPTED))

    def _is_live(self, agent: Agent) -> bool:
        return agent.endpoint is not None or self.is_ready(self.model_of(agent))

    def is_ready(self, model: str | None) -> bool:
        """Whether a model can be reached with what is configured."""
        if model is None:
            return False
        if model not in self._ready:
            try:
                self.services.models.model(model)
            except InvalidInput:
                self._ready[model] = False
            else:
                self._ready[model] = True
        return self._ready[model]


def missing(kind: str, text: str) -> NotFound:
    """The refusal of an id that means nothing here."""
    return NotFound(kind, text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


async def _desk(request: Request, caller: KnownCaller) -> Desk:
    return Desk(request.app.state.services, caller, base_of(request))


AtDesk = Annotated[Desk, Depends(_desk)]
