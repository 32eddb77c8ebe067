"""The door of suites: from a suite to a stored simulation, and playing it here or by whoever holds the lock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparring.adapters.players.judge import same_model_warning
from sparring.adapters.suites.suite import Suite
from sparring.bootstrap.estimates import budget_warnings
from sparring.bootstrap.providers import default_models
from sparring.bootstrap.services import Services
from sparring.bootstrap.suite_records import agent_id, placed_agent, placed_scenario, scenario_id
from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import Conflict, InvalidInput, NotConfigured, NotFound
from sparring.domain.metrics import Summary, summarize
from sparring.domain.outcomes import Lifecycle, Role
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation, Threshold
from sparring.reports.figures import count
from sparring.reports.result import Result
from sparring.server.ui import addresses
from sparring.simulation.store import Page

SCRIPTED = "scripted:"

LOOK = 0.1
"""Seconds between two looks at a simulation; changes in between are seen together."""

LOOK_FOR_TURN = 0.5
"""Seconds between two looks at whether another process still plays on the database."""

LOOK_AT_SPENDING = 1.0
"""Seconds between two looks at what running trials have spent."""

OVER = (Lifecycle.COMPLETED, Lifecycle.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a command says over a suite's own words; None leaves the suite's."""

    trials: int | None = None
    only: Sequence[str] = ()
    names: frozenset[str] | None = None
    """The scenarios to play, by their whole names; None for all that `only` leaves."""
    model: str | None = None
    user_model: str | None = None
    judge_model: str | None = None
    seed: int | None = None
    budget: float | None = None
    """USD."""
    thresholds: Sequence[Threshold] = ()
    until: Threshold | None = None
    """Ends it once it is decided; it is a threshold as well."""


def check_agent(services: Services, agent: Agent, scenarios: Sequence[Scenario]) -> None:
    """Raise NotConfigured or InvalidInput where a model of the agent's cannot be reached."""
    services.casting.check(agent)
    if agent.endpoint is not None or (agent.model is None and services.casting.has_function):
        return
    for name in dict.fromkeys(scenario.model or agent.model for scenario in scenarios):
        if name is None:
            raise NotConfigured(
                f"The agent {agent.name!r} has no model. Name one in the suite (agent: model: ...), with --model, "
                "or in SPARRING_AGENT_MODEL."
            )
        services.models.model(name)


def real_models(services: Services, model: str | None) -> tuple[str | None, str | None]:
    """The user's and the judge's models for a suite on scripted models that is played on a real one.

    They are those that the installation has set or lists, and the model itself where it has none.
    """
    if model is None:
        return None, None
    settings, models = services.settings, services.models
    return (
        settings.user_model or models.default_model(Role.USER) or model,
        settings.judge_model or models.default_model(Role.JUDGE) or model,
    )


async def submit(services: Services, simulations: Sequence[Simulation]) -> None:
    """Store simulations with their agents and scenarios, ready to be played."""
    for simulation in simulations:
        await services.store.save_agent(simulation.agent)
        for scenario in simulation.scenarios:
            await services.store.save_scenario(scenario)
        await services.runner.submit(simulation)


async def prepare(services: Services, suite: Suite, wishes: Wishes, *, source: str, folder: Path) -> Simulation:
    """A simulation of a suite that can be submitted: everything that it needs can be reached.

    Args:
        folder: the suite's; `scripted:FILE` in the suite is taken from there, on the command line from here.

    Raises:
        InvalidInput: `only` names no scenario, or a model cannot be reached.
    """
    workspace = await services.store.first_workspace()
    now = services.clock.now()
    default = None if services.casting.has_function else services.settings.agent_model
    agent = replace(
        suite.agent,
        id=agent_id(workspace, suite),
        workspace=workspace,
        **placed(suite.agent, wishes.model, default, folder),
        created_at=now,
        updated_at=now,
    )
    agent = await placed_agent(services.store, agent)
    named = [
        replace(
            scenario,
            id=scenario_id(workspace, suite, scenario),
            workspace=workspace,
            agent_id=agent.id,
            model=None if wishes.model else anchored(scenario.model, folder),
            trials=wishes.trials or scenario.trials,
            created_at=now,
            updated_at=now,
        )
        for scenario in chosen(suite, wishes)
    ]
    scenarios = tuple([await placed_scenario(services.store, scenario) for scenario in named])
    check_agent(services, agent, scenarios)
    models = default_models(
        services.settings,
        services.models,
        user=anchored(wishes.user_model, Path()) or anchored(suite.user_model, folder),
        judge=anchored(wishes.judge_model, Path()) or anchored(suite.judge_model, folder),
    )
    for name in (models.user, models.judge):
        services.models.model(name)
    bars = _thresholds(suite, wishes)
    simulation = Simulation(
        id=services.runner.new_id(),
        workspace=workspace,
        agent=agent,
        scenarios=scenarios,
        models=models,
        limits=suite.limits(services.settings.trial_timeout),
        seed=suite.seed if wishes.seed is None else wishes.seed,
        name=suite.name,
        source=source,
        thresholds=bars,
        until=wishes.until,
        max_cost=wishes.budget,
        warnings=(
            *suite.warnings,
            *_unchecked(scenarios),
            *_out_of_reach(scenarios, bars),
            *_model_warnings(agent, scenarios, models),
        ),
        created_at=now,
    )
    unseen = budget_warnings(services.models, simulation, now)
    return replace(simulation, warnings=(*simulation.warnings, *unseen))


async def find(services: Services, text: str | None, *, unfinished: bool = False) -> Simulation:
    """A simulation by either spelling of its id or its unique beginning; the latest where none is named.

    Args:
        unfinished: whether the latest is looked for among those that are not over.

    Raises:
        NotFound, Conflict: there is none, or several begin so.
    """
    store = services.store
    if text is None:
        latest, _ = await store.simulations(None, Page(size=100 if unfinished else 1))
        wanted = [one for one in latest if not (unfinished and one.status in OVER)]
        if not wanted:
            raise Conflict(f"There is no {'unfinished ' if unfinished else ''}simulation in this database.")
        return wanted[0]
    from_digits = ids.read(text, "batch", bare=True)
    found = await store.find_simulation(None, from_digits or text)
    if found is not None:
        return found
    beginning = await store.simulations_beginning(text.lower())
    if len(beginning) > 1:
        raise Conflict(f"{len(beginning)} simulations begin with {text!r}: {', '.join(beginning)}.")
    found = await store.find_simulation(None, beginning[0]) if beginning else None
    if found is None:
        raise NotFound("simulation", text)
    return found


async def play_here(services: Services, simulation_ids: Sequence[str]) -> bool:
    """Begin to play simulations in this process; False where another one plays on the database."""
    if not services.lock.acquire():
        return False
    await services.engine.start(only=simulation_ids)
    return True


async def play_when_free(services: Services, simulation_ids: Sequence[str]) -> None:
    """Begin to play simulations here as soon as no other process plays on the database any more."""
    while not await play_here(services, simulation_ids):
        await services.clock.sleep(LOOK_FOR_TURN)


async def follow(
    services: Services, simulation_id: str, on_change: Callable[[Simulation, Summary], Awaitable[None]]
) -> None:
    """Tell of each change of a simulation until it is over, or paused with nothing at play; whoever plays it."""
    async for simulation in services.engine.changes(simulation_id):
        await services.clock.sleep(LOOK)
        trials = await services.store.trials(simulation_id)
        summary = summarize(trials, [s.id for s in simulation.scenarios])
        await on_change(simulation, summary)
        if simulation.status is Lifecycle.PAUSED and not summary.running:
            return


async def follow_spending(
    services: Services, simulation_id: str, on_look: Callable[[Mapping[str, float | None]], None]
) -> None:
    """Tell every second what a simulation has spent, by role and running trials included; until cancelled."""
    while True:
        on_look(await services.control.spent(simulation_id))
        await services.clock.sleep(LOOK_AT_SPENDING)


async def result(
    services: Services, simulation: Simulation, *, transcripts: bool = True, base: str | None = None
) -> Result:
    """A simulation with its trials, figures and, where wanted, its conversations.

    Args:
        base: what the addresses of pages begin with; without it the one that is set, where one is.
    """
    begin = base or services.settings.public_url
    fresh = await services.store.find_simulation(None, simulation.id) or simulation
    trials = await services.store.trials(simulation.id)
    spent = await services.control.spent(simulation.id) if fresh.completed_at is None else None
    return Result(
        simulation=fresh,
        trials=trials,
        summary=summarize(trials, [scenario.id for scenario in fresh.scenarios], spent=spent),
        transcripts={trial.id: await services.store.messages(trial.id) for trial in trials} if transcripts else {},
        address=begin.rstrip("/") + addresses.simulation(simulation.id) if begin else None,
    )


def _thresholds(suite: Suite, wishes: Wishes) -> tuple[Threshold, ...]:
    asked = tuple(wishes.thresholds) or suite.thresholds
    return asked if wishes.until is None or wishes.until in asked else (*asked, wishes.until)


def chosen(suite: Suite, wishes: Wishes) -> Sequence[Scenario]:
    """The scenarios of a suite that are wished for.

    Raises:
        InvalidInput: there is none.
    """
    only = wishes.only
    wanted = [name.lower() for name in only] or [""]
    found = [
        s
        for s in suite.scenarios
        if (wishes.names is None or s.name in wishes.names)
        and any(name in s.name.lower() or name in _tags(s) for name in wanted)
    ]
    if not found:
        names = "; ".join(scenario.name for scenario in suite.scenarios)
        tags = ", ".join(dict.fromkeys(tag for scenario in suite.scenarios for tag in scenario.tags))
        raise InvalidInput(
            f"No scenario of {suite.name!r} has {' or '.join(map(repr, only))} in its name"
            f"{f' or as a tag: {names} (tags: {tags})' if tags else f': {names}'}."
        )
    return found


def _tags(scenario: Scenario) -> list[str]:
    return [tag.lower() for tag in scenario.tags]


def anchored(name: str | None, folder: Path) -> str | None:
    """A model's name; the path of a script made absolute, so that any process that plays it finds it."""
    if name is None or not name.startswith(SCRIPTED):
        return name
    path = folder / name.removeprefix(SCRIPTED)
    return f"{SCRIPTED}{path.resolve()}" if path.is_file() else name


def placed(agent: Agent, wished: str | None, default: str | None, folder: Path) -> dict[str, Any]:
    """Where the agent is to be found: a model that is wished for comes before everything that the suite says."""
    endpoint = agent.endpoint
    if wished is not None or endpoint is None:
        return {"model": anchored(wished, Path()) or anchored(agent.model, folder) or default, "endpoint": None}
    if isinstance(endpoint, PythonEndpoint) and endpoint.folder is None:
        endpoint = replace(endpoint, folder=str(folder.resolve()))
    return {"model": None, "endpoint": endpoint}


def _unchecked(scenarios: Sequence[Scenario]) -> list[str]:
    return [
        f"{scenario.name}: Nothing is expected of the agent, so that every trial passes."
        for scenario in scenarios
        if scenario.expect == Expectations()
    ]


def _out_of_reach(scenarios: Sequence[Scenario], bars: Sequence[Threshold]) -> list[str]:
    most = max(scenario.trials for scenario in scenarios)
    return [
        f"pass^{bar.k} stays open: it needs {bar.k} trials of a scenario, and {count(most, 'trial')} of each "
        f"{'is' if most == 1 else 'are'} played."
        for bar in sorted(bars)
        if bar.k > most
    ]


def _model_warnings(agent: Agent, scenarios: Sequence[Scenario], models: Models) -> list[str]:
    agents = dict.fromkeys(scenario.model or agent.model for scenario in scenarios)
    told = [same_model_warning(name, models.judge) for name in agents if name is not None]
    return [warning for warning in told if warning is not None]
