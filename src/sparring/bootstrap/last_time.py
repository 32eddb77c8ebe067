"""How the scenarios of a suite did when they were played last, by the ids that they keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparring.adapters.suites.suite import Suite
from sparring.bootstrap.playing import Wishes, chosen
from sparring.bootstrap.services import Services
from sparring.bootstrap.suite_records import agent_id, scenario_id
from sparring.domain.errors import InvalidInput
from sparring.domain.metrics import ScenarioFigures, summarize
from sparring.domain.outcomes import Outcome
from sparring.simulation.store import Page

_AT_ONCE = 20

_UNSETTLED = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTime:
    """The names of a suite's scenarios by how they did, each when it was played last."""

    unsettled: tuple[str, ...]
    """Trials of them failed, at least some, or could not be judged."""
    passed: tuple[str, ...]
    never: tuple[str, ...]
    """They were never played here."""


async def last_time(services: Services, suite: Suite, wishes: Wishes) -> LastTime:
    """How each scenario that is wished for did in the latest simulation that has played it.

    Raises:
        InvalidInput: none of them was ever played in this database, or there is none.
    """
    workspace = await services.store.first_workspace()
    names = {scenario_id(workspace, suite, scenario): scenario.name for scenario in chosen(suite, wishes)}
    found = await _latest(services, workspace, agent_id(workspace, suite), list(names))
    if not found:
        raise InvalidInput(f"{suite.name!r} was never played in this database; play it once without --failed.")
    unsettled = {id for id, figures in found.items() if any(figures.outcomes.get(one) for one in _UNSETTLED)}
    return LastTime(
        unsettled=tuple(name for id, name in names.items() if id in unsettled),
        passed=tuple(name for id, name in names.items() if id in found and id not in unsettled),
        never=tuple(name for id, name in names.items() if id not in found),
    )


async def _latest(
    services: Services, workspace: str, agent: str, scenarios: Sequence[str]
) -> dict[str, ScenarioFigures]:
    """The figures of each scenario in the latest simulation in which a trial of it came to an end."""
    found: dict[str, ScenarioFigures] = {}
    missing, offset = set(scenarios), 0
    while missing:
        page, total = await services.store.simulations(
            workspace, Page(offset=offset, size=_AT_ONCE), agent_id=agent
        )
        for simulation in page:
            if missing.isdisjoint(scenario.id for scenario in simulation.scenarios):
                continue
            for figures in summarize(await services.store.trials(simulation.id)).scenarios:
                if figures.scenario in missing and any(
                    figures.outcomes.get(outcome) for outcome in (Outcome.PASSED, *_UNSETTLED)
                ):
                    found[figures.scenario] = figures
            missing -= found.keys()
        offset += _AT_ONCE
        if offset >= total:
            break
    return found
