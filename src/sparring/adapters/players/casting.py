"""Who plays whom: models for the simulated user, the judge and, where it has one, the agent."""

from __future__ import annotations

from collections.abc import Callable

from sparring.adapters.players.filling import filled_agent, filled_scenario
from sparring.adapters.players.judge import ModelJudge
from sparring.adapters.players.model_agent import ModelAgent
from sparring.adapters.players.simulated_user import ModelUser
from sparring.domain import templates
from sparring.domain.agent import Agent
from sparring.domain.errors import NotConfigured
from sparring.domain.outcomes import Role
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation.ports import AgentUnderTest, Cast, Clock, Judge, Models, Occasion


class ModelCasting:
    """Casts models in every role, each trial with fresh players."""

    def __init__(self, models: Models, clock: Clock, *, notices_goodbyes: bool = True) -> None:
        """Take the models that can be reached.

        Args:
            models: by name.
            clock: dates the messages.
            notices_goodbyes: whether a simulated user hangs up by itself once both sides have said goodbye;
                False for the replay of a recorded conversation.
        """
        self._models = models
        self._clock = clock
        self._notices_goodbyes = notices_goodbyes

    def cast(self, simulation: Simulation, scenario: Scenario, trial: Trial) -> Cast:
        """The players for a trial, with the scenario's variables filled in.

        Raises:
            NotConfigured: a model cannot be reached, or the agent has none.
        """
        name = scenario.model or simulation.agent.model
        if name is None:
            raise NotConfigured(
                f"The agent {simulation.agent.name!r} has no model. Give it one, or name one for the scenario "
                f"{scenario.name!r}."
            )
        agent = ModelAgent(
            filled_agent(simulation.agent, scenario.variables),
            scenario,
            model=self._models.model(name),
            clock=self._clock,
            occasion=_occasion(Role.AGENT, scenario, trial),
        )
        return self.cast_beside(agent, simulation, scenario, trial)

    def cast_agent(
        self, agent: Agent, scenario: Scenario, occasion: Occasion, *, on_text: Callable[[str], None] | None = None
    ) -> AgentUnderTest:
        """The agent's player for a conversation with a person.

        Raises:
            NotConfigured: its model cannot be reached, or it has none.
        """
        if agent.model is None:
            raise NotConfigured(f"The agent {agent.name!r} has no model. Give it one.")
        return ModelAgent(
            filled_agent(agent, scenario.variables),
            scenario,
            model=self._models.model(agent.model),
            clock=self._clock,
            occasion=occasion,
            on_text=on_text,
        )

    def cast_beside(self, agent: AgentUnderTest, simulation: Simulation, scenario: Scenario, trial: Trial) -> Cast:
        """The players for a trial with an agent that is there already.

        Raises:
            NotConfigured: the user's or the judge's model cannot be reached.
        """
        user = ModelUser(
            filled_scenario(scenario),
            model=self._models.model(simulation.models.user),
            clock=self._clock,
            occasion=_occasion(Role.USER, scenario, trial),
            temperature=simulation.models.user_temperature,
            notices_goodbyes=self._notices_goodbyes,
        )
        judge = self.cast_judge(
            scenario,
            instructions=simulation.agent.instructions,
            model=simulation.models.judge,
            occasion=_occasion(Role.JUDGE, scenario, trial),
        )
        return Cast(user=user, agent=agent, judge=judge)

    def cast_judge(
        self, scenario: Scenario, *, instructions: str, model: str, occasion: Occasion, temperature: float = 0.0
    ) -> Judge:
        """A judge for a scenario's assertions.

        Raises:
            NotConfigured: its model cannot be reached.
        """
        return ModelJudge(
            filled_scenario(scenario),
            agent_instructions=templates.fill(instructions, scenario.variables),
            model=self._models.model(model),
            occasion=occasion,
            temperature=temperature,
        )


def _occasion(role: Role, scenario: Scenario, trial: Trial) -> Occasion:
    return Occasion(role=role, scenario=scenario.name, trial=trial.number, seed=trial.seed)
