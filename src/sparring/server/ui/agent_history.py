"""What became of an agent over time: its simulations, the versions that they played, and a plot of the rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sparring.domain.intervals import Interval, wilson
from sparring.domain.outcomes import Outcome
from sparring.domain.setups import Alteration, Setup, alterations, setup_of
from sparring.domain.simulation import Simulation
from sparring.reports import figures, headlines
from sparring.server.ui.playing_once import SOURCE as TRY
from sparring.server.ui.tallies import KnownTallies
from sparring.simulation.store import Page, Store

SHOWN = 50
"""Simulations of one agent on its page."""

WIDTH, HEIGHT = 640, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 18, 8

_TRIALS = 600
"""Trials of which the newest results by scenario are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One simulation of an agent."""

    simulation: Simulation
    title: str
    outcomes: Mapping[Outcome, int]
    version: int
    """Which of the agent's versions it played, from 1, by when each was played first."""
    changed: Sequence[Alteration]
    """What of the agent is another than in the simulation before."""

    @property
    def passed(self) -> int:
        """Trials that passed."""
        return self.outcomes[Outcome.PASSED]

    @property
    def judged(self) -> int:
        """Trials with a verdict that counts."""
        return self.passed + self.outcomes[Outcome.FAILED]

    @property
    def rate(self) -> float | None:
        """The share of the judged trials that passed."""
        return self.passed / self.judged if self.judged else None

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of that share."""
        return wilson(self.passed, self.judged) if self.judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One simulation in the plot, in pixels and in words."""

    x: float
    y: float
    low: float
    high: float
    version: int | None
    """The version that begins here; None where it is the one before."""
    words: str


async def history(
    store: Store, workspace: str, agent_id: str, *, tallies: KnownTallies | None = None
) -> Sequence[Played]:
    """The newest simulations of an agent, newest first; those that were only tried are left out.

    Args:
        tallies: the figures that are known already.
    """
    known = tallies or KnownTallies()
    found, _ = await store.simulations(workspace, Page(size=2 * SHOWN), agent_id=agent_id)
    kept = [simulation for simulation in found if simulation.source != TRY][:SHOWN]
    versions: list[Setup] = []
    lines: list[Played] = []
    before: Setup | None = None
    for simulation in reversed(kept):
        setup = _of_agent(simulation)
        if setup not in versions:
            versions.append(setup)
        lines.append(
            Played(
                simulation=simulation,
                title=headlines.title(simulation),
                outcomes=(await known.of(store, simulation)).outcomes,
                version=versions.index(setup) + 1,
                changed=alterations(before, setup) if before is not None else (),
            )
        )
        before = setup
    return lines[::-1]


async def last_results(store: Store, played: Sequence[Played]) -> Mapping[str, tuple[int, int]]:
    """Of each scenario, how many of how many judged trials passed when it was played last."""
    found: dict[str, tuple[int, int]] = {}
    read = 0
    for line in played:
        read += sum(scenario.trials for scenario in line.simulation.scenarios)
        if read > _TRIALS and found:
            break
        counts: dict[str, tuple[int, int]] = {}
        for scenario, outcome in await store.outcomes(line.simulation.id):
            passed, judged = counts.get(scenario, (0, 0))
            counts[scenario] = (
                passed + (outcome is Outcome.PASSED),
                judged + (outcome in (Outcome.PASSED, Outcome.FAILED)),
            )
        found = {**counts, **found}
    return found


def points(played: Sequence[Played]) -> Sequence[Point]:
    """The rates of the simulations that were judged, oldest first."""
    judged = [line for line in reversed(played) if line.rate is not None]
    room = (WIDTH - LEFT - RIGHT) / max(1, len(judged))
    made = []
    version = None
    for place, line in enumerate(judged):
        low, high = line.interval or (0.0, 1.0)
        told = f"{figures.moment(line.simulation.created_at)}: {figures.rate(line.rate)} of {line.judged}"
        made.append(
            Point(
                x=round(LEFT + room * (place + 0.5), 1),
                y=height(line.rate or 0.0),
                low=height(low),
                high=height(high),
                version=line.version if line.version != version else None,
                words=f"{told}, version {line.version}",
            )
        )
        version = line.version
    return made


def height(value: float) -> float:
    """Where a rate stands."""
    return round(TOP + (1 - value) * (HEIGHT - TOP - BOTTOM), 1)


def _of_agent(simulation: Simulation) -> Setup:
    """What the agent was, without all that is around it."""
    whole = setup_of(replace(simulation, scenarios=()))
    return replace(whole, models={}, limits={})
