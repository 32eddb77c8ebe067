"""The door of HTTP: the server over the services, and what a demo server holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.models.catalogue import family
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.suites import Suite, dump_suite, load_suite
from sparring.adapters.suites.single import SingleRecords
from sparring.bootstrap import playing
from sparring.bootstrap.estimates import budget_warnings, estimate
from sparring.bootstrap.installation import installation
from sparring.bootstrap.judging import judge_again, terms_of
from sparring.bootstrap.keys import make_key
from sparring.bootstrap.live import configured
from sparring.bootstrap.providers import providers
from sparring.bootstrap.services import Services
from sparring.dialects.sigmamind import demo
from sparring.dialects.sigmamind.translate.webhooks import SigmaMindWording
from sparring.domain.outcomes import Role
from sparring.domain.rejudgement import Rejudged
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation
from sparring.reports.csv import render_csv
from sparring.reports.html import render_html
from sparring.reports.json import render_json
from sparring.reports.junit import render_junit
from sparring.reports.markdown import render_markdown
from sparring.reports.result import Result
from sparring.server.app import create_app as create_server
from sparring.server.invitation import Invitation
from sparring.server.services import DefaultModels
from sparring.server.services import Services as ServerServices
from sparring.settings import Settings
from sparring.simulation.ports import ChatModel, Models
from sparring.simulation.store import Page

WORDING = SigmaMindWording()
"""What webhooks are told."""

DEMO_SCRIPT = "scripted:subscription"


@dataclass(frozen=True, slots=True)
class HttpModels:
    """The models that a request may name: of scripts only the bundled ones, never a path."""

    models: Models

    def model(self, name: str) -> ChatModel:
        """The model of that name. InvalidInput where there is none, or where it may not be named here."""
        if name.startswith(playing.SCRIPTED):
            return scripted_model(name, bundled_only=True)
        return self.models.model(name)


def create_app(
    services: Services,
    stopping: asyncio.Event,
    *,
    demo: bool = False,
    invitation: Invitation | None = None,
    watched_only: bool = False,
) -> Any:
    """The server over services that are open, as an ASGI application.

    Args:
        stopping: set when the server is told to stop.
        invitation: what signs in to the pages once without a key.
        watched_only: whether it tells how the process does, and nothing else.
    """
    settings, models = services.settings, services.models

    async def report(simulation: Simulation, form: str, base: str) -> str:
        return await asyncio.to_thread(_FORMS[form], await playing.result(services, simulation, base=base))

    async def price(simulation: Simulation) -> float | None:
        return await asyncio.to_thread(estimate, models, simulation, services.clock.now())

    async def unseen(simulation: Simulation) -> Sequence[str]:
        return await asyncio.to_thread(budget_warnings, models, simulation, services.clock.now())

    async def again(
        simulation: Simulation, model: str | None, votes: int, on_judged: Callable[[int, int], None]
    ) -> Rejudged:
        terms = terms_of(services, simulation, None, model=model, votes=votes)
        return await judge_again(
            services, simulation, terms, on_judged=on_judged, proceed=lambda: not stopping.is_set()
        )

    key = settings.api_key
    return create_server(
        ServerServices(
            store=services.store,
            runner=services.runner,
            chats=services.chats,
            engine=services.engine,
            control=services.control,
            clock=services.clock,
            models=HttpModels(models),
            defaults=DefaultModels(
                user=settings.user_model or (DEMO_SCRIPT if demo else models.default_model(Role.USER)),
                judge=settings.judge_model or (DEMO_SCRIPT if demo else models.default_model(Role.JUDGE)),
                agent=settings.agent_model,
            ),
            report=report,
            budget_warnings=unseen,
            suite_text=suite_text,
            price=price,
            judge_again=again,
            new_key=lambda workspace, name, role: make_key(services.clock, workspace, name=name, role=role),
            installation=installation(settings, models),
            model_names=[DEMO_SCRIPT, *configured(settings, models)] if demo else configured(settings, models),
            at_once=settings.concurrency,
            editing=SingleRecords(),
            stopping=stopping,
            metrics=services.metrics.render,
            invitation=invitation,
            api_key=key.get_secret_value() if key is not None else None,
            public_url=settings.public_url.rstrip("/") if settings.public_url else None,
            rate_limit=settings.rate_limit,
            trial_timeout=settings.trial_timeout,
            demo=demo,
        ),
        watched_only=watched_only,
    )


def suite_text(simulation: Simulation, scenario: Scenario) -> str:
    """A suite file with one scenario as it was played, its agent and the models, ready to be played again."""
    models, limits = simulation.models, simulation.limits
    agent = replace(simulation.agent, model=scenario.model or simulation.agent.model)
    return dump_suite(
        Suite(
            name=simulation.name or simulation.agent.name,
            agent=agent,
            scenarios=(replace(scenario, model=None),),
            user_model=models.user,
            judge_model=models.judge,
            trials=scenario.trials,
            seed=simulation.seed,
            max_steps=limits.max_steps,
            max_errors=limits.max_errors,
            timeout=limits.timeout,
        )
    )


_FORMS: Mapping[str, Callable[[Result], str]] = {
    "html": render_html,
    "json": render_json,
    "junit": render_junit,
    "markdown": render_markdown,
    "csv": render_csv,
}


def answers_from_script(settings: Settings) -> Callable[[str], ChatModel | None]:
    """On a demo server every provider's models, configured or not, are answered from the demo's script."""
    known = {provider.name for provider in providers(settings)}

    def answered(name: str) -> ChatModel | None:
        prefix, colon, model = name.partition(":")
        is_known = prefix in known and bool(model) if colon else family(name) is not None
        return scripted_model(DEMO_SCRIPT) if is_known else None

    return answered


async def ensure_key(services: Services) -> str | None:
    """Make a first key where there is none and none is set; gives its secret, which is not kept."""
    if services.settings.api_key is not None or await services.store.keys():
        return None
    secret, key = make_key(services.clock, await services.store.first_workspace(), name="first")
    await services.store.save_key(key)
    return secret


async def fill_with_demo(services: Services) -> str | None:
    """Fill an empty database with the pages' records and the demo's suite; the id of a simulation of that."""
    store = services.store
    workspace = await store.first_workspace()
    _, agents = await store.agents(workspace, Page(size=1))
    _, simulations = await store.simulations(workspace, Page(size=1))
    if agents or simulations:
        return None
    await store.save_workspace(workspace, demo.WORKSPACE)
    made = demo.demo_records(workspace, services.clock.now(), services.runner.new_id)
    for agent in made[0]:
        await store.save_agent(agent)
    for scenario in made[1]:
        await store.save_scenario(scenario)
    chat, said = demo.demo_chat(workspace, made[0])
    await store.save_chat(chat)
    await store.chat_journal(chat.id).append(0, said)
    simulation = await playing.prepare(
        services, load_suite(AIRLINE_SUITE), playing.Wishes(), source="demo", folder=AIRLINE_SUITE.parent
    )
    await playing.submit(services, [simulation])
    return simulation.id


async def wait_for(services: Services, simulation_id: str) -> None:
    """Wait until a simulation is over."""
    async for _ in services.engine.changes(simulation_id):
        pass
