"""Casts agents that live elsewhere, and everybody else as before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sparring.adapters.agents.door import AgentDoor
from sparring.adapters.agents.environment import Environment
from sparring.adapters.agents.http_agent import HttpAgent
from sparring.adapters.agents.mock_worlds import MockWorlds
from sparring.adapters.agents.openai_agent import Heard, OpenAIAgent
from sparring.adapters.agents.python_agent import load_callable
from sparring.adapters.agents.visiting import VisitingAgent
from sparring.adapters.players.callable_agent import AgentContext, CallableAgent
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.players.filling import filled_agent
from sparring.domain.agent import Agent
from sparring.domain.endpoints import Endpoint, HttpEndpoint, OpenAIEndpoint, PythonEndpoint
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation.ports import AgentUnderTest, Cast, Clock
from sparring.simulation.trial import set_stage


class EndpointCasting:
    """Casts each agent where it lives, with models beside it."""

    def __init__(
        self,
        casting: ModelCasting,
        clock: Clock,
        *,
        environment: Mapping[str, str],
        allow_private: bool = False,
        worlds: MockWorlds | None = None,
    ) -> None:
        """Take the casting of models.

        Args:
            environment: the variables that endpoints may name.
            allow_private: whether agents that came through the API may be at private addresses.
            worlds: serves the mocks of agents that run their own tools; by default on the loopback.
        """
        self._casting = casting
        self._clock = clock
        self._environment = Environment(environment)
        self._door = AgentDoor(clock, allow_private=allow_private)
        self._worlds = worlds or MockWorlds(clock)

    def cast(self, simulation: Simulation, scenario: Scenario, trial: Trial) -> Cast:
        """The players for a trial.

        Raises:
            NotConfigured: a model cannot be reached, or an environment variable is not set.
        """
        if simulation.agent.endpoint is None:
            return self._casting.cast(simulation, scenario, trial)
        agent = self.visitor(simulation, scenario, trial)
        return replace(self._casting.cast_beside(agent, simulation, scenario, trial), leave=agent.leave)

    def visitor(
        self, simulation: Simulation, scenario: Scenario, trial: Trial, *, heard: Heard | None = None
    ) -> VisitingAgent:
        """The agent of a simulation, where it lives elsewhere.

        Args:
            heard: takes the agent's words as they come, where it can stream.

        Raises:
            NotConfigured: an environment variable is not set.
        """
        endpoint = simulation.agent.endpoint
        assert endpoint is not None
        self.check(simulation.agent)
        filled = filled_agent(simulation.agent, scenario.variables)

        def make(context: AgentContext) -> AgentUnderTest:
            return self._agent(endpoint, filled, context, heard)

        context = AgentContext(
            conversation=f"{trial.id}-{trial.take}",
            scenario=scenario.name,
            trial=trial.number,
            seed=trial.seed,
            variables=scenario.variables,
        )
        stage = set_stage(simulation.agent, scenario, simulation.limits)
        worlds = self._worlds if runs_own_tools(endpoint) else None
        return VisitingAgent(make, context, stage, endpoint.limits, worlds)

    def check(self, agent: Agent) -> None:
        """Raise InvalidInput where what an agent that lives elsewhere needs is not there."""
        if agent.endpoint is not None:
            self._environment.check(agent.endpoint)
        if isinstance(agent.endpoint, PythonEndpoint):
            load_callable(agent.endpoint)

    async def close(self) -> None:
        """Stop serving mocks, and let go of all connections."""
        await self._door.close()
        await self._worlds.close()

    def _agent(
        self, endpoint: Endpoint, agent: Agent, context: AgentContext, heard: Heard | None
    ) -> AgentUnderTest:
        match endpoint:
            case OpenAIEndpoint():
                return OpenAIAgent(
                    endpoint,
                    agent,
                    context,
                    door=self._door,
                    clock=self._clock,
                    environment=self._environment,
                    heard=heard,
                )
            case HttpEndpoint():
                return HttpAgent(
                    endpoint, context, door=self._door, clock=self._clock, environment=self._environment
                )
            case PythonEndpoint():
                return CallableAgent(load_callable(endpoint), context, self._clock)


def runs_own_tools(endpoint: Endpoint) -> bool:
    """Whether its calls are its own affair, so that it has to be told where the mocks are."""
    return not isinstance(endpoint, OpenAIEndpoint) or endpoint.own_tools
