"""The door of Python code: play a scenario against a callable, without server, file or database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeGuard

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.clock import SystemClock
from sparring.adapters.engine import InProcessEngine
from sparring.adapters.suites import Suite, load_suite
from sparring.adapters.web_calls import GuardedWebCaller
from sparring.bootstrap import playing
from sparring.bootstrap.agents import endpoint_casting
from sparring.bootstrap.playing import Wishes
from sparring.bootstrap.providers import catalogue, default_models
from sparring.bootstrap.services import assemble
from sparring.bootstrap.taping import Taping, taped
from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.gates import Gate, gate
from sparring.domain.metrics import Summary, summarize
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import MAX_TRIALS_EACH, Limits, Simulation, Threshold, Trial
from sparring.domain.transcript import Message
from sparring.domain.warnings import setup_warnings
from sparring.reports.result import Result
from sparring.reports.table import render_table
from sparring.settings import Settings, read_settings
from sparring.simulation.ports import Clock, Engine, Models
from sparring.simulation.runner import Runner
from sparring.simulation.store import Store
from sparring.testing.memory import MemoryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """What came of `simulate`."""

    simulation: Simulation
    trials: Sequence[Trial]
    summary: Summary
    transcripts: Mapping[str, Sequence[Message]]
    """By trial id."""

    def pass_hat(self, k: int) -> float:
        """The chance that k trials in a row all pass, over the judged trials (mean over scenarios).

        Raises:
            InvalidInput: no scenario has k judged trials.
        """
        if k not in self.summary.pass_hat:
            raise InvalidInput(
                f"pass^{k} needs {k} judged trials of a scenario; {self.summary.judged} were judged."
            )
        return self.summary.pass_hat[k]

    @property
    def passed(self) -> int:
        """Trials that passed."""
        return self.summary.count(Outcome.PASSED)

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return self.summary.count(Outcome.FAILED)

    @property
    def gate(self) -> Gate:
        """Whether the thresholds were reached: without any, whether no trial failed."""
        simulation = self.simulation
        return gate(self.summary, simulation.scenarios, simulation.thresholds, is_decided=simulation.is_decided)

    @property
    def result(self) -> Result:
        """The same for reports."""
        return Result(
            simulation=self.simulation, trials=self.trials, summary=self.summary, transcripts=self.transcripts
        )

    def __str__(self) -> str:
        """The same table that `sparring run` prints."""
        return render_table(self.result)


async def simulate(
    scenario: Scenario | Sequence[Scenario],
    agent: Agent | Callable[..., Any],
    *,
    trials: int = 1,
    user_model: str | None = None,
    judge_model: str | None = None,
    limits: Limits | None = None,
    concurrency: int = 100,
    seed: int = 0,
) -> SimulationResult:
    """Play scenarios against an agent and judge the conversations.

    Args:
        scenario: one, or several.
        agent: an Agent with a model or an endpoint, or a callable, sync or async, that takes the user's message
            (and, if it wants them, the history and a context) and returns the agent's answer.
        trials: how often each scenario is played, 1 to 100.
        user_model: the simulated user's model, such as `openai:gpt-5-mini`; by default the installation's.
        judge_model: the judge's model; by default the installation's.
        limits: of each trial; by default 100 steps, 5 tool errors in a row, the installation's timeout.
        concurrency: trials at once.
        seed: what chance there is follows from it.

    Raises:
        InvalidInput: an argument cannot be used, or a model is not configured.
    """
    asked = _asked(scenario)
    _check_numbers(trials, concurrency)
    settings, clock = read_settings(), SystemClock()
    async with AsyncExitStack() as opened:
        models = catalogue(settings, clock)
        opened.push_async_callback(models.close)
        chosen = default_models(settings, models, user=user_model, judge=judge_model)
        for name in (chosen.user, chosen.judge):
            models.model(name)
        casting, tested = _cast(settings, models, clock, agent)
        opened.push_async_callback(casting.close)
        store = MemoryStore(clock)
        workspace = await store.first_workspace()
        runner = Runner(store, casting, clock)
        simulation = Simulation(
            id=runner.new_id(),
            workspace=workspace,
            agent=replace(tested, workspace=workspace),
            scenarios=tuple(replace(one, id=runner.new_id(), workspace=workspace, trials=trials) for one in asked),
            models=chosen,
            limits=limits or Limits(timeout=settings.trial_timeout),
            seed=seed,
            name=asked[0].name if len(asked) == 1 else f"{len(asked)} scenarios",
            warnings=tuple(warning for one in asked for warning in setup_warnings(tested, one)),
            created_at=clock.now(),
        )
        await runner.submit(simulation)
        return await _played(store, InProcessEngine(runner, store, concurrency=concurrency), simulation)


async def simulate_suite(
    suite: Suite | str | PathLike[str],
    *,
    agent: Callable[..., Any] | None = None,
    trials: int | None = None,
    only: str | Sequence[str] = (),
    model: str | None = None,
    user_model: str | None = None,
    judge_model: str | None = None,
    thresholds: Sequence[Threshold] = (),
    seed: int | None = None,
    concurrency: int = 100,
    taping: Taping | None = None,
) -> SimulationResult:
    """Play a suite, without a database.

    Args:
        suite: a suite file, YAML or JSON, or what was read from one.
        agent: a callable, as for `simulate`, in place of the suite's agent; its tools and instructions stay.
        trials: how often each scenario is played, instead of as often as the suite says.
        only: a part of scenarios' names, or a tag, of those that are played, or several.
        model: the agent's model, instead of the suite's.
        user_model: the simulated user's.
        judge_model: the judge's.
        thresholds: what must be reached, instead of the suite's.
        seed: what chance there is follows from it, instead of from the suite's.
        concurrency: trials at once.
        taping: whether the models' answers are recorded or replayed, and where.

    Raises:
        InvalidInput: the suite or an argument cannot be used, or a model is not configured.
    """
    _check_numbers(1 if trials is None else trials, concurrency)
    if agent is not None and not callable(agent):
        raise InvalidInput(f"agent takes a callable, not {type(agent).__name__}.", field="agent")
    read, folder = (suite, Path()) if isinstance(suite, Suite) else (load_suite(Path(suite)), Path(suite).parent)
    settings, clock = read_settings(concurrency=concurrency), SystemClock()
    wishes = Wishes(
        trials=trials,
        only=[only] if isinstance(only, str) else only,
        model=model,
        user_model=user_model,
        judge_model=judge_model,
        seed=seed,
        thresholds=thresholds,
    )
    if agent is not None:
        read = replace(read, agent=replace(read.agent, model=None, endpoint=None))
    async with AsyncExitStack() as opened:
        tapes = await opened.enter_async_context(taped(settings, taping))
        models = catalogue(settings, clock, override=tapes.override)
        opened.push_async_callback(models.close)
        casting = endpoint_casting(settings, models, clock, function=agent)
        opened.push_async_callback(casting.close)
        web = GuardedWebCaller(allow_private=settings.allow_private_networks)
        opened.push_async_callback(web.close)
        services = assemble(settings, clock, MemoryStore(clock), models, casting, web)
        simulation = await playing.prepare(
            services, read, tapes.wishes(wishes, read), source="library", folder=folder
        )
        tapes.begin(simulation)
        await playing.submit(services, [simulation])
        result = await _played(services.store, services.engine, simulation)
        tapes.end(result.simulation, result.trials)
        return result


async def _played(store: Store, engine: Engine, simulation: Simulation) -> SimulationResult:
    await engine.start()
    try:
        async for changed in engine.changes(simulation.id):
            simulation = changed
    finally:
        await engine.stop(grace=0)
    played = await store.trials(simulation.id)
    return SimulationResult(
        simulation=simulation,
        trials=played,
        summary=summarize(played, [one.id for one in simulation.scenarios]),
        transcripts={trial.id: await store.messages(trial.id) for trial in played},
    )


def _asked(scenario: Any) -> Sequence[Scenario]:
    several = isinstance(scenario, Sequence) and not isinstance(scenario, str)
    asked = list(scenario) if several else [scenario]
    for one in asked:
        if not isinstance(one, Scenario):
            raise InvalidInput(f"scenario takes a Scenario or several, not {one!r}.", field="scenario")
    if not asked:
        raise InvalidInput("scenario takes at least one Scenario; the list is empty.", field="scenario")
    return asked


def _check_numbers(trials: object, concurrency: object) -> None:
    if not (_is_whole(trials) and 1 <= trials <= MAX_TRIALS_EACH):
        raise InvalidInput(f"trials takes 1 to {MAX_TRIALS_EACH}, not {trials!r}.", field="trials")
    if not (_is_whole(concurrency) and concurrency >= 1):
        raise InvalidInput(f"concurrency takes 1 or more, not {concurrency!r}.", field="concurrency")


def _is_whole(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool)


def _cast(
    settings: Settings, models: Models, clock: Clock, agent: Agent | Callable[..., Any]
) -> tuple[EndpointCasting, Agent]:
    function = None
    if isinstance(agent, Agent):
        tested = agent
        if agent.model is not None:
            models.model(agent.model)
    elif callable(agent):
        function = agent
        tested = Agent(id="", workspace="", name=getattr(agent, "__name__", type(agent).__name__))
    else:
        raise InvalidInput(f"agent takes an Agent or a callable, not {type(agent).__name__}.", field="agent")
    casting = endpoint_casting(settings, models, clock, function=function)
    casting.check(tested)
    return casting, replace(tested, id=tested.id or ids.mint(0, bytes(8)))
