"""Casts agents that live elsewhere, and everybody else as before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sparring.adapters.agents.door import AgentDoor
from sparring.adapters.agents.environment import Environment
from sparring.adapters.agents.http_agent import HttpAgent
from sparring.adapters.agents.knocking import knock
from sparring.adapters.agents.mock_worlds import MockWorlds
from sparring.adapters.agents.openai_agent import OpenAIAgent
from sparring.adapters.agents.python_agent import load_callable
from sparring.adapters.agents.visiting import VisitingAgent
from sparring.adapters.players.callable_agent import AgentContext, AgentFunction, CallableAgent, count_arguments
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.players.filling import filled_agent
from sparring.domain.agent import Agent
from sparring.domain.endpoints import Endpoint, HttpEndpoint, OpenAIEndpoint, PythonEndpoint, ReplyLimits
from sparring.domain.errors import NotConfigured
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits, Simulation, Trial
from sparring.simulation.ports import AgentUnderTest, Cast, Clock, Judge, Occasion
from sparring.simulation.trial import Stage, set_stage

OnText = Callable[[str], None]


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
        function: AgentFunction | None = None,
    ) -> None:
        """Take the casting of models.

        Args:
            environment: the variables that endpoints may name.
            allow_private: whether agents that came through the API may be at private addresses.
            worlds: serves the mocks of agents that run their own tools; by default on the loopback.
            function: plays every agent that has neither a model nor an endpoint.

        Raises:
            InvalidInput: the function cannot be called with one to three positional arguments.
        """
        if function is not None:
            count_arguments(function)
        self._casting = casting
        self._clock = clock
        self._environment = Environment(environment)
        self._door = AgentDoor(clock, allow_private=allow_private)
        self._worlds = worlds or MockWorlds(clock)
        self._function = function

    @property
    def has_function(self) -> bool:
        """Whether a function plays agents that have neither a model nor an endpoint."""
        return self._function is not None

    def cast(self, simulation: Simulation, scenario: Scenario, trial: Trial) -> Cast:
        """The players for a trial.

        Raises:
            NotConfigured: a model cannot be reached, or an environment variable is not set.
            InvalidInput: the agent's code cannot be loaded.
        """
        if not self._visits(simulation.agent):
            return self._casting.cast(simulation, scenario, trial)
        context = AgentContext(
            conversation=f"{trial.id}-{trial.take}",
            scenario=scenario.name,
            trial=trial.number,
            seed=trial.seed,
            variables=scenario.variables,
        )
        stage = set_stage(simulation.agent, scenario, simulation.limits)
        agent = self.visitor(simulation.agent, context, stage)
        return replace(self._casting.cast_beside(agent, simulation, scenario, trial), leave=agent.leave)

    def cast_agent(
        self, agent: Agent, scenario: Scenario, occasion: Occasion, *, on_text: OnText | None = None
    ) -> AgentUnderTest:
        """The agent's player for a conversation with a person; one that runs its own tools runs the real ones.

        Raises:
            NotConfigured: its model cannot be reached, it has none, or it is Python code.
        """
        if isinstance(agent.endpoint, PythonEndpoint):
            raise NotConfigured(
                f"The agent {agent.name!r} is Python code, which only the command line and the library play."
            )
        if not self._visits(agent):
            return self._casting.cast_agent(agent, scenario, occasion, on_text=on_text)
        context = AgentContext(
            conversation=f"chat-{occasion.seed:x}",
            scenario=scenario.name,
            trial=occasion.trial,
            seed=occasion.seed,
            variables=scenario.variables,
        )
        stage = set_stage(agent, scenario, Limits())
        return self.visitor(agent, context, stage, on_text=on_text, mocked=False)

    def cast_judge(
        self, scenario: Scenario, *, instructions: str, model: str, occasion: Occasion, temperature: float = 0.0
    ) -> Judge:
        """A judge for a scenario's assertions.

        Raises:
            NotConfigured: its model cannot be reached.
        """
        return self._casting.cast_judge(
            scenario, instructions=instructions, model=model, occasion=occasion, temperature=temperature
        )

    def visitor(
        self,
        agent: Agent,
        context: AgentContext,
        stage: Stage,
        *,
        on_text: OnText | None = None,
        mocked: bool = True,
    ) -> VisitingAgent:
        """An agent that lives elsewhere.

        Args:
            on_text: takes the agent's words as they come, where it can stream.
            mocked: whether mocks are served for the tools that it runs itself.

        Raises:
            NotConfigured: an environment variable is not set.
            InvalidInput: its code cannot be loaded.
        """
        self.check(agent)
        filled = filled_agent(agent, context.variables)
        limits = agent.endpoint.limits if agent.endpoint is not None else ReplyLimits(timeout=stage.timeout)
        worlds = self._worlds if mocked and _runs_own_tools(agent.endpoint) else None

        def make(told: AgentContext) -> AgentUnderTest:
            return self._agent(filled, told, on_text)

        return VisitingAgent(make, context, stage, limits, worlds)

    def check(self, agent: Agent) -> None:
        """Raise InvalidInput where what an agent that lives elsewhere needs is not there."""
        if agent.endpoint is not None:
            self._environment.check(agent.endpoint)
        if isinstance(agent.endpoint, PythonEndpoint):
            load_callable(agent.endpoint)

    async def knock(self, endpoint: Endpoint) -> str:
        """What is found where an agent lives.

        Raises:
            InvalidInput, AgentFault: it cannot be asked; the message says why.
        """
        return await knock(endpoint, self._door, self._environment)

    async def serve_mocks(self) -> str:
        """Begin to serve mocks, and give the address that agents are told.

        Raises:
            InvalidInput: they cannot be served.
        """
        return await self._worlds.start()

    async def close(self) -> None:
        """Stop serving mocks, and let go of all connections."""
        await self._door.close()
        await self._worlds.close()

    def _visits(self, agent: Agent) -> bool:
        return agent.endpoint is not None or (agent.model is None and self._function is not None)

    def _agent(self, agent: Agent, context: AgentContext, on_text: OnText | None) -> AgentUnderTest:
        match agent.endpoint:
            case OpenAIEndpoint() as endpoint:
                return OpenAIAgent(
                    endpoint,
                    agent,
                    context,
                    door=self._door,
                    clock=self._clock,
                    environment=self._environment,
                    on_text=on_text,
                )
            case HttpEndpoint() as endpoint:
                return HttpAgent(
                    endpoint, context, door=self._door, clock=self._clock, environment=self._environment
                )
            case PythonEndpoint() as endpoint:
                return CallableAgent(load_callable(endpoint), context, self._clock)
        assert self._function is not None
        return CallableAgent(self._function, context, self._clock)


def _runs_own_tools(endpoint: Endpoint | None) -> bool:
    """Whether its calls are its own affair, so that it has to be told where the mocks are."""
    return not isinstance(endpoint, OpenAIEndpoint) or endpoint.own_tools
