"""What a suite is likely to cost on a model, before it is played."""

from __future__ import annotations

from sparring.adapters.models import prices
from sparring.adapters.models.catalogue import FAST_TIER, Catalogue, family
from sparring.domain.endpoints import address_of
from sparring.domain.simulation import Simulation, trial_count
from sparring.domain.transcript import Usage

EXCHANGES = 6
"""Of a typical support conversation."""
MESSAGE = 60
"""Tokens of a typical message."""
OVERHEAD = 600
"""Tokens of the simulated user's or the judge's own instructions."""
CHARACTERS = 4
"""Of one token, roughly."""


def estimate(models: Catalogue, simulation: Simulation, now: float) -> float | None:
    """USD for all trials, roughly; None where the price of a model is not known."""
    tested = simulation.agent
    tools = sum(len(str(tool.parameters)) + len(tool.description) for tool in tested.tools)
    agent = (len(tested.instructions) + tools) // CHARACTERS
    talk = EXCHANGES * (EXCHANGES + 1) * MESSAGE
    spoken = EXCHANGES * MESSAGE
    judged = Usage(input=OVERHEAD + agent + 2 * spoken, output=4 * MESSAGE)
    answered = Usage(input=EXCHANGES * agent + talk, output=spoken)
    trials = trial_count(simulation.scenarios)
    parts = [
        *((scenario.model or tested.model, scenario.trials, answered) for scenario in simulation.scenarios),
        (simulation.models.user, trials, Usage(input=EXCHANGES * OVERHEAD + talk, output=spoken)),
        (simulation.models.judge, trials, judged),
    ]
    total = 0.0
    for name, times, usage in parts:
        price = None if name is None else price_of(models, name, usage, now)
        if price is None:
            return None
        total += times * price
    return total


def judging_price(models: Catalogue, judge: str, tokens: int, judgements: int, now: float) -> float | None:
    """USD for judging conversations that are there, roughly; None where the judge's price is not known.

    Args:
        tokens: of all that the judge is shown, instructions of its own left out.
        judgements: how many conversations, times votes.
    """
    shown = Usage(input=tokens + OVERHEAD * judgements, output=4 * MESSAGE * judgements)
    return price_of(models, judge, shown, now)


def budget_warnings(models: Catalogue, simulation: Simulation, now: float) -> tuple[str, ...]:
    """What the budget of a simulation cannot see, a sentence each."""
    if simulation.max_cost is None:
        return ()
    tested, roles = simulation.agent, simulation.models
    agents = (
        [scenario.model or tested.model for scenario in simulation.scenarios] if tested.endpoint is None else []
    )
    names = dict.fromkeys(name for name in (*agents, roles.user, roles.judge) if name is not None)
    unpriced = [name for name in names if price_of(models, name, Usage(input=1, output=1), now) is None]
    found = [f"The budget does not count what {name} costs: no list tells its price." for name in unpriced]
    if tested.endpoint is not None:
        found.append(
            f"The budget does not count what the agent at {address_of(tested.endpoint)} spends by itself."
        )
    return tuple(found)


def price_of(models: Catalogue, name: str, usage: Usage, now: float) -> float | None:
    """USD of that many tokens on a model; None where its price is not known."""
    prefix, colon, model = name.partition(":")
    if not colon:
        prefix, model = family(name) or "", name
    if prefix == "scripted":
        return 0.0
    provider = next((one for one in models.providers if one.name == prefix), None)
    if provider is None or prices.own_server(provider.base_url):
        return None
    tier = "priority" if model.endswith(FAST_TIER) else None
    price = prices.find(provider.base_url, model.removesuffix(FAST_TIER), tier, now)
    return None if price is None else price.of(usage)
