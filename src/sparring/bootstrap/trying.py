"""The door of a person who talks to an agent: an agent of a suite or of the database, ready to be played."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.clock import SystemClock
from sparring.adapters.players.callable_agent import AgentContext
from sparring.adapters.suites import Suite, dump_suite, load_suite
from sparring.bootstrap.agents import endpoint_casting
from sparring.bootstrap.playing import anchored, placed
from sparring.bootstrap.providers import catalogue
from sparring.bootstrap.services import open_services
from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import InvalidInput, NotFound
from sparring.domain.outcomes import Role
from sparring.domain.played import as_played
from sparring.domain.recounting import recounted
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.simulation import Limits
from sparring.domain.transcript import Transcript
from sparring.settings import Settings
from sparring.simulation.ports import AgentUnderTest, Clock, Occasion
from sparring.simulation.trial import Stage, set_stage

ENDLESS = 1_000_000
"""Steps of a conversation that a person ends."""

BLANK = Scenario(name="A conversation", instructions=Instructions())


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation, before it begins."""

    stage: Stage
    scenario: Scenario
    """With the variables that were made up for it."""
    agent: AgentUnderTest
    leave: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """An agent that can be talked to again and again."""

    agent: Agent
    scenario: Scenario
    """Whose variables, mocks and state are there; none of them where nothing is named."""
    clock: Clock
    casting: EndpointCasting
    user_model: str | None = None
    judge_model: str | None = None
    """The models that the suite names."""

    def talk(self, on_text: Callable[[str], None]) -> Talk:
        """A new conversation.

        Args:
            on_text: takes the agent's words as they come, where it can stream.

        Raises:
            InvalidInput: the agent cannot be reached.
            ScenarioFault: a variable cannot be made up.
        """
        seed = int.from_bytes(self.clock.entropy(7), "big")
        scenario = as_played(self.scenario, seed)
        limits = Limits(max_steps=ENDLESS, max_errors=ENDLESS, timeout=float(ENDLESS))
        stage = set_stage(self.agent, scenario, limits)
        if self.agent.endpoint is None:
            occasion = Occasion(role=Role.AGENT, scenario=scenario.name, seed=seed)
            agent = self.casting.cast_agent(self.agent, scenario, occasion, on_text=on_text)
            return Talk(stage=stage, scenario=scenario, agent=agent, leave=lambda: None)
        context = AgentContext(
            conversation=f"try-{seed:x}",
            scenario=scenario.name,
            trial=1,
            seed=seed,
            variables=scenario.variables,
        )
        visitor = self.casting.visitor(self.agent, context, stage, on_text=on_text)
        return Talk(stage=stage, scenario=scenario, agent=visitor, leave=visitor.leave)

    def as_suite(self, talk: Talk, transcript: Transcript, path: Path) -> str:
        """A suite file of the conversation as it was held.

        Args:
            path: where it is to stand.

        Raises:
            InvalidInput: the agent's code would not be found from there.
        """
        self._check_place(path)
        told = recounted(transcript, variables=talk.scenario.variables)
        told = replace(told, mocks={**told.mocks, **talk.scenario.mocks}, state=talk.scenario.state)
        suite = Suite(
            name=path.stem,
            agent=self.agent,
            scenarios=(told,),
            user_model=self.user_model,
            judge_model=self.judge_model,
        )
        return dump_suite(suite)

    def _check_place(self, path: Path) -> None:
        endpoint = self.agent.endpoint
        folder = endpoint.folder if isinstance(endpoint, PythonEndpoint) else None
        if folder is not None and Path(folder).resolve() != path.parent.resolve():
            raise InvalidInput(
                f"The agent's code is looked for beside the suite, so name a file there: {Path(folder) / path.name}"
            )


@asynccontextmanager
async def open_trying(
    settings: Settings, target: str, *, only: str | None, model: str | None
) -> AsyncIterator[Trying]:
    """An agent by its suite file, or by its id in the database.

    Args:
        only: part of the name of the scenario whose variables and mocks are there; by default the first.
        model: plays the agent instead of what it names itself.

    Raises:
        InvalidInput, NotFound: there is no such agent or scenario, or the agent cannot be reached.
    """
    path = Path(target)
    async with AsyncExitStack() as opened:
        if path.is_file():  # noqa: ASYNC240
            suite = load_suite(path)
            scenario = _chosen(suite, only)
            clock = SystemClock()
            models = catalogue(settings, clock)
            opened.push_async_callback(models.close)
            casting = endpoint_casting(settings, models, clock)
            opened.push_async_callback(casting.close)
            agent, folder = suite.agent, path.parent
            named = {role: anchored(name, folder) for role, name in _models(suite).items()}
        elif path.suffix in (".yaml", ".yml", ".json"):
            raise InvalidInput(f"{target}: there is no such file.")
        else:
            services = await opened.enter_async_context(open_services(settings))
            workspace = await services.store.first_workspace()
            found = await services.store.find_agent(workspace, ids.read(target, "agent", bare=True) or target)
            if found is None:
                raise NotFound("agent", target)
            agent, scenario, folder, named = found, BLANK, Path(), {}
            clock, casting = SystemClock(), services.casting
        agent = replace(agent, **placed(agent, model, settings.agent_model, folder))
        casting.check(agent)
        yield Trying(agent=agent, scenario=scenario, clock=clock, casting=casting, **named)


def _models(suite: Suite) -> dict[str, str | None]:
    return {"user_model": suite.user_model, "judge_model": suite.judge_model}


def _chosen(suite: Suite, only: str | None) -> Scenario:
    if only is None:
        return suite.scenarios[0]
    found = next((one for one in suite.scenarios if only.lower() in one.name.lower()), None)
    if found is None:
        names = "; ".join(scenario.name for scenario in suite.scenarios)
        raise InvalidInput(f"No scenario of {suite.name!r} has {only!r} in its name: {names}.")
    return found
