"""A suite's agent and scenarios as records: which ids they have, and what stays of those that are here already."""

from __future__ import annotations

from dataclasses import replace

from sparring.adapters.suites.origins import origin_of
from sparring.adapters.suites.suite import Suite
from sparring.dialects.spelling import AGENT, CASE, settled
from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.scenario import Scenario
from sparring.simulation.store import Store


def agent_id(workspace: str, suite: Suite) -> str:
    """The id that a suite's agent keeps: the one that it had elsewhere, or one that follows from its name.

    Raises:
        InvalidInput: the one that it had elsewhere can be none here.
    """
    known = origin_of(suite.agent.extra).get("id")
    return settled(workspace, AGENT, known)[0] if known else _named(workspace, "agent", suite, suite.agent.name)


def scenario_id(workspace: str, suite: Suite, scenario: Scenario) -> str:
    """The id that a suite's scenario keeps, in the same way."""
    known = origin_of(scenario.extra).get("id")
    return settled(workspace, CASE, known)[0] if known else _named(workspace, "scenario", suite, scenario.name)


async def placed_agent(store: Store, agent: Agent) -> Agent:
    """An agent of a suite in the place of the one that came from the same elsewhere, if that is here.

    What a suite cannot say of it stays as it is.
    """
    known = origin_of(agent.extra).get("id")
    if not known:
        return agent
    alias = settled(agent.workspace, AGENT, known)[1]
    here = await store.find_agent(agent.workspace, alias or agent.id)
    if here is None:
        return replace(agent, alias=alias)
    return replace(
        agent, id=here.id, alias=here.alias, extra={**here.extra, **agent.extra}, revision=here.revision
    )


async def placed_scenario(store: Store, scenario: Scenario) -> Scenario:
    """A scenario of a suite, in the same way; it stays in its set."""
    known = origin_of(scenario.extra).get("id")
    if not known:
        return scenario
    alias = settled(scenario.workspace, CASE, known)[1]
    here = await store.find_scenario(scenario.workspace, alias or scenario.id)
    if here is None:
        return replace(scenario, alias=alias)
    return replace(
        scenario,
        id=here.id,
        alias=here.alias,
        set_id=here.set_id,
        extra={**here.extra, **scenario.extra},
        revision=here.revision,
    )


def _named(workspace: str, kind: str, suite: Suite, name: str) -> str:
    return ids.derived(workspace, kind, suite.name, name)
