"""Playing a scenario once as it stands in the editor, without storing it: a simulation of one trial."""

from __future__ import annotations

from dataclasses import replace

from sparring.dialects.snapshots import SCRIPTED, snapshot
from sparring.domain.agent import Agent
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits, Models, Simulation, Trial
from sparring.domain.warnings import setup_warnings
from sparring.server.model_names import named_models
from sparring.server.services import Services
from sparring.simulation.store import Page, Store

SOURCE = "try"
"""Marks simulations that are in no history of an agent."""

_LOOKED_AT = 20


async def play_once(
    services: Services, scenario: Scenario, agent: Agent, *, user: str | None, judge: str | None
) -> Trial:
    """Submit one trial of a scenario.

    Args:
        user, judge: the models of these roles; None for the installation's.

    Raises:
        InvalidInput: the scenario cannot be played.
        NotConfigured: a model cannot be reached; the message tells what to set.
    """
    model = scenario.model or agent.model or services.defaults.agent
    models = named_models(
        services,
        [model] if agent.endpoint is None else (),
        agent_field="The agent's model",
        settings="the agent's model, the scenario's model or SPARRING_AGENT_MODEL",
        user=user,
        judge=judge,
    )
    played, scenarios = snapshot(
        agent,
        [replace(scenario, id=scenario.id or services.runner.new_id(), trials=1)],
        model=services.defaults.agent,
        scripted=lambda name: name is not None and (services.demo or name.startswith(SCRIPTED)),
    )
    simulation = Simulation(
        id=services.runner.new_id(),
        workspace=scenario.workspace,
        agent=played,
        scenarios=scenarios,
        models=models,
        limits=Limits(timeout=services.trial_timeout),
        seed=int.from_bytes(services.clock.entropy(4), "big"),
        name=f"Try: {scenario.name}",
        source=SOURCE,
        warnings=setup_warnings(played, scenarios[0]),
        created_at=services.clock.now(),
    )
    (trial,) = await services.runner.submit(simulation)
    services.engine.notice()
    return trial


async def usual_models(store: Store, services: Services, workspace: str, agent: Agent | None) -> Models:
    """The models of user and judge that an agent was last played with; else the installation's."""
    latest = None
    if agent is not None:
        found, _ = await store.simulations(workspace, Page(size=_LOOKED_AT), agent_id=agent.id)
        latest = next(iter(found), None)
    if latest is not None:
        return latest.models
    return Models(user=services.defaults.user or "", judge=services.defaults.judge or "")
