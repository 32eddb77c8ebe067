"""What somebody chooses to be played: read from an address or a form, and made a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sparring.dialects.sigmamind.translate.test_cases import KEPT as OF_TEST_CASES
from sparring.dialects.snapshots import SCRIPTED, snapshot
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.forecast import TYPICAL_SECONDS, Forecast, by_history, played_alike, wall_seconds
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import (
    MAX_TRIALS,
    MAX_TRIALS_EACH,
    Limits,
    Simulation,
    trial_count,
)
from sparring.domain.warnings import live_warnings, setup_warnings, variable_warnings
from sparring.server.model_names import named_models
from sparring.server.services import Services
from sparring.server.ui.forms import amount, whole
from sparring.server.ui.pages import Fields
from sparring.server.ui.playing_once import usual_models
from sparring.simulation.store import Page

SOURCE = "pages"
LISTED = 1000
"""Scenarios of an agent that can be chosen from, the newest."""
_AGENTS = 200
_SETS = 500
_PAST = 5
"""Simulations of an agent that are looked at for one that was played alike."""
_SAMPLE = 500
"""Trials of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Scenarios that stand together: of one folder, in one set."""

    key: str
    title: str
    scenarios: Sequence[Scenario]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was chosen, as it was written."""

    agent: str = ""
    """The id."""
    scenarios: frozenset[str] | None = None
    """The ids; None for all."""
    trials: str = ""
    model: str = ""
    user_model: str = ""
    judge_model: str = ""
    budget: str = ""
    at_once: str = ""
    text: str = ""
    """What is searched for among the scenarios."""

    @classmethod
    def of(cls, fields: Fields) -> Wanted:
        """From an address or a form; of a form nothing chosen means nothing."""
        chosen = frozenset(fields.all("scenario"))
        given = {name: fields.get(name, "").strip() for name in _WRITTEN}
        return cls(scenarios=chosen if "scenario" in fields else None, **given)

    @property
    def query(self) -> str:
        """The address that shows the same."""
        pairs = [(name, getattr(self, name)) for name in _WRITTEN if getattr(self, name)]
        if self.scenarios is not None:
            pairs += [("scenario", id) for id in sorted(self.scenarios)] or [("scenario", "")]
        return f"?{urlencode(pairs)}" if pairs else ""

    def chosen(self, listed: Sequence[Scenario]) -> list[Scenario]:
        """Those of the listed ones that were chosen."""
        return [one for one in listed if self.scenarios is None or one.id in self.scenarios]


_WRITTEN = ("agent", "trials", "model", "user_model", "judge_model", "budget", "at_once", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What there is to choose from."""

    agents: Sequence[Agent]
    agent: Agent | None
    """The one whose scenarios are listed."""
    groups: Sequence[Group]
    more: int
    """Scenarios that are not listed."""

    @property
    def listed(self) -> list[Scenario]:
        """The scenarios of all groups."""
        return [scenario for group in self.groups for scenario in group.scenarios]


async def offer(services: Services, workspace: str, wanted: Wanted) -> Offer:
    """The agents of a workspace, and what can be played with the one that is wanted, or else the newest.

    Scenarios that belong to no agent can be played with any.
    """
    store = services.store
    agents, _ = await store.agents(workspace, Page(size=_AGENTS))
    agent = await _agent(services, workspace, wanted)
    if agent is None:
        return Offer(agents=agents, agent=None, groups=(), more=0)
    found, total = await store.scenarios(workspace, Page(size=LISTED))
    fitting = [one for one in found if one.agent_id in (None, agent.id)]
    sets, _ = await store.scenario_sets(workspace, Page(size=_SETS))
    return Offer(agents=agents, agent=agent, groups=grouped(fitting, sets), more=max(0, total - len(found)))


def grouped(scenarios: Sequence[Scenario], sets: Sequence[ScenarioSet]) -> list[Group]:
    """By set and folder, those without either last; the oldest of each first."""
    names = {group.id: group.name for group in sets}
    groups: dict[tuple[str, str], list[Scenario]] = {}
    for scenario in reversed(scenarios):
        place = (names.get(scenario.set_id or "", ""), scenario.folder or "")
        groups.setdefault(place, []).append(scenario)
    ordered = sorted(groups.items(), key=lambda item: tuple((not part, part.lower()) for part in item[0]))
    return [
        Group(key=str(place), title=" / ".join(part for part in names if part), scenarios=found)
        for place, (names, found) in enumerate(ordered)
    ]


def planned(services: Services, workspace: str, offered: Offer, wanted: Wanted) -> Simulation:
    """The simulation of what was chosen.

    Raises:
        InvalidInput, NotConfigured: it cannot be played as it was chosen; the message says what to change.
    """
    agent = offered.agent
    if agent is None:
        raise InvalidInput("Choose an agent.", field="agent")
    chosen = wanted.chosen(offered.listed)
    if not chosen:
        raise InvalidInput("Choose at least one scenario.", field="scenario")
    scenarios = [_as_chosen(scenario, wanted) for scenario in chosen]
    count = trial_count(scenarios)
    if count > MAX_TRIALS:
        raise InvalidInput(f"A simulation has at most {MAX_TRIALS:,} trials; these are {count:,}.", field="trials")
    if wanted.model:
        agent = replace(agent, model=wanted.model)
    default = services.defaults.agent
    models = named_models(
        services,
        [scenario.model or agent.model or default for scenario in scenarios] if agent.endpoint is None else (),
        agent_field="The agent's model",
        settings="it here, at the agent, or in SPARRING_AGENT_MODEL",
        user=wanted.user_model or None,
        user_field="The simulated user's model",
        judge=wanted.judge_model or None,
        judge_field="The judge's model",
    )
    played, cases = snapshot(
        agent,
        scenarios,
        model=default,
        scripted=lambda name: name is not None and (services.demo or name.startswith(SCRIPTED)),
    )
    return Simulation(
        id=services.runner.new_id(),
        workspace=workspace,
        agent=played,
        scenarios=cases,
        models=models,
        limits=Limits(timeout=services.trial_timeout),
        seed=int.from_bytes(services.clock.entropy(4), "big"),
        name=agent.name,
        source=SOURCE,
        max_cost=amount({"budget": wanted.budget}, "budget", what="The budget"),
        at_once=_at_once(wanted),
        warnings=_warnings(played, cases, live_allowed=services.runner.web is not None),
        created_at=services.clock.now(),
    )


async def forecast(services: Services, simulation: Simulation) -> tuple[Forecast, str]:
    """What it is likely to cost and how long it is likely to take, and where that comes from."""
    store = services.store
    at_once = min(services.at_once, simulation.at_once or services.at_once)
    past, _ = await store.simulations(simulation.workspace, Page(size=_PAST), agent_id=simulation.agent.id)
    for one in past:
        if played_alike(one, simulation):
            trials, _ = await store.trial_page(one.id, Page(size=_SAMPLE))
            found = by_history(simulation.scenarios, trials, at_once=at_once)
            if found is not None:
                return found, "as the last simulation like this went"
    scripted = services.demo or (simulation.agent.model or "").startswith(SCRIPTED)
    each = 0.0 if scripted else TYPICAL_SECONDS
    lengths = [(each, trial_count(simulation.scenarios))]
    cost = await services.price(simulation)
    seconds = wall_seconds(lengths, at_once=at_once)
    return Forecast(cost=cost, seconds=seconds), "as a typical conversation goes"


async def again(services: Services, workspace: str, id: str) -> Wanted | None:
    """What a simulation was started with, as far as it is still there; None where there is no such simulation."""
    past = await services.store.find_simulation(workspace, id)
    if past is None:
        return None
    trials = {scenario.trials for scenario in past.scenarios}
    agent = await services.store.find_agent(workspace, past.agent.id)
    own = agent.model if agent is not None else None
    defaults = services.defaults
    return Wanted(
        agent=past.agent.id,
        scenarios=frozenset(scenario.id for scenario in past.scenarios),
        trials=str(trials.pop()) if len(trials) == 1 else "",
        model=past.agent.model or "" if past.agent.model not in (own, None, defaults.agent) else "",
        user_model=past.models.user if past.models.user != defaults.user else "",
        judge_model=past.models.judge if past.models.judge != defaults.judge else "",
        budget=f"{past.max_cost:g}" if past.max_cost is not None else "",
        at_once=f"{past.at_once}" if past.at_once is not None else "",
    )


async def as_usual(services: Services, workspace: str, wanted: Wanted) -> Wanted:
    """With the models of user and judge that the agent was last played with, as far as they can be reached now:
    what is played next can be compared then."""
    agent = await _agent(services, workspace, wanted)
    usual = await usual_models(services.store, services, workspace, agent)
    return replace(
        wanted,
        user_model=_if_ready(services, usual.user, services.defaults.user),
        judge_model=_if_ready(services, usual.judge, services.defaults.judge),
    )


def _if_ready(services: Services, model: str, default: str | None) -> str:
    """The model, where it is to be written into a form that means the default when nothing is written."""
    if model == default:
        return ""
    try:
        services.models.model(model)
    except InvalidInput:
        return ""
    return model


async def _agent(services: Services, workspace: str, wanted: Wanted) -> Agent | None:
    """The agent that is wanted, or else the newest."""
    if wanted.agent:
        return await services.store.find_agent(workspace, wanted.agent)
    agents, _ = await services.store.agents(workspace, Page(size=1))
    return next(iter(agents), None)


def _as_chosen(scenario: Scenario, wanted: Wanted) -> Scenario:
    """With the number of trials that was written; a test case's variables answer its tools, as in a batch run."""
    number = scenario.trials
    if wanted.trials:
        number = whole(
            {"trials": wanted.trials}, "trials", what="The number of trials", least=1, most=MAX_TRIALS_EACH
        )
    answers = scenario.variables_answer_tools or OF_TEST_CASES in scenario.extra
    model = None if wanted.model else scenario.model
    return replace(scenario, trials=number, model=model, variables_answer_tools=answers)


def _at_once(wanted: Wanted) -> int | None:
    """How many of its trials may be at play at once, None where nothing was written."""
    if not wanted.at_once:
        return None
    fields = {"at_once": wanted.at_once}
    return whole(fields, "at_once", what="The number of trials at once", least=1, most=MAX_TRIALS)


def _warnings(agent: Agent, scenarios: Sequence[Scenario], *, live_allowed: bool) -> tuple[str, ...]:
    found: list[str] = []
    for scenario in scenarios:
        found += setup_warnings(agent, scenario)
        found += live_warnings(agent, scenario, allowed=live_allowed)
        found += [f"{scenario.name}: {warning}" for warning in variable_warnings(agent, scenario)]
    return tuple(dict.fromkeys(found))
