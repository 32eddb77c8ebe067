"""Two simulations beside each other: what was changed, scenario by scenario what came of it, and if that is chance.

Only scenarios that both have judged are compared, each with itself; they are paired by id, and by name where the
ids come from different databases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from statistics import fmean

from sparring.domain import differences
from sparring.domain.differences import Counts
from sparring.domain.intervals import Interval
from sparring.domain.metrics import Summary, pass_hat
from sparring.domain.setups import Alteration, Facet, Setup, alterations, setup_of
from sparring.domain.simulation import Simulation

_HALF = 0.5 - 1e-9


class Change(StrEnum):
    """What became of a scenario; the order is that in which it matters."""

    BROKEN = "broken"
    """It always passed and now at most half of the time, or it passed at least half of the time and now never."""
    FIXED = "fixed"
    """It never passed and now at least half of the time, or it passed at most half of the time and now always."""
    FLAKY = "flaky"
    """It passes sometimes, before or now, and changed less than that."""
    SAME = "same"
    """It always passes, as before, or it never does, as before."""
    ADDED = "added"
    """Only the second simulation has played it."""
    REMOVED = "removed"
    """Only the first simulation has played it."""
    UNJUDGED = "unjudged"
    """Both have played it, and one of them has judged no trial of it."""


class Conclusion(StrEnum):
    """What the difference of the rates says."""

    WORSE = "worse"
    BETTER = "better"
    MIXED = "mixed"
    """Some scenarios got worse and others better, by more than chance, and the mean rate tells nothing."""
    CHANCE = "chance"
    """There is a difference, and chance alone makes one as large too often."""
    EQUAL = "equal"
    """Each scenario passed as often as before."""
    NOTHING = "nothing"
    """No scenario was judged on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often a scenario passed."""

    id: str
    name: str
    passed: int
    judged: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One simulation, as far as it can be compared."""

    id: str
    name: str
    created_at: float
    """Unix seconds."""
    setup: Setup
    tallies: tuple[Tally, ...]
    cost: float | None = None
    """USD of one judged trial, on average; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One scenario in both simulations."""

    name: str
    before: Tally | None
    after: Tally | None
    change: Change
    is_altered: bool = False
    """Whether the scenario itself is another one now, so that the agent alone does not account for the change."""

    @property
    def counts(self) -> Counts | None:
        """What is compared; None where one side has judged nothing."""
        before, after = self.before, self.after
        if before is None or after is None or not before.judged or not after.judged:
            return None
        return Counts(
            passed_before=before.passed,
            judged_before=before.judged,
            passed_after=after.passed,
            judged_after=after.judged,
        )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything that a comparison says; what takes time is found out when it is asked for, once."""

    before: Side
    after: Side
    alterations: tuple[Alteration, ...]
    pairs: tuple[Pair, ...]
    """In the order of the second simulation, then those that only the first has played."""

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Why the two should not be compared, in sentences: whoever measures is not the same."""
        return tuple(
            f"The {altered.title} is another one: {altered.before or 'unset'} before, {altered.after or 'unset'} now."
            for altered in self.alterations
            if altered.facet is Facet.MODEL
        )

    @cached_property
    def counts(self) -> tuple[Counts, ...]:
        """Of the scenarios that are compared."""
        return tuple(counts for pair in self.pairs if (counts := pair.counts) is not None)

    @property
    def worse(self) -> int:
        """Scenarios that passed less often than before."""
        return sum(one.difference < 0 for one in self.counts)

    @property
    def better(self) -> int:
        """Scenarios that passed more often than before."""
        return sum(one.difference > 0 for one in self.counts)

    def count(self, change: Change) -> int:
        """Scenarios with that change."""
        return sum(pair.change is change for pair in self.pairs)

    @property
    def rates(self) -> tuple[float, float] | None:
        """pass^1 before and after, over the scenarios that are compared."""
        return self.pass_hat(1)

    @property
    def difference(self) -> float:
        """By how much pass^1 rose; below 0 it fell."""
        was, now = self.rates or (0.0, 0.0)
        return now - was

    @property
    def most(self) -> int:
        """The largest k for which pass^k is known of every scenario that is compared; 0 without one."""
        return min((min(one.judged_before, one.judged_after) for one in self.counts), default=0)

    def pass_hat(self, k: int) -> tuple[float, float] | None:
        """pass^k before and after, over the scenarios that are compared; None where one has too few trials."""
        if not 1 <= k <= self.most:
            return None
        return (
            fmean(pass_hat(one.passed_before, one.judged_before, k) for one in self.counts),
            fmean(pass_hat(one.passed_after, one.judged_after, k) for one in self.counts),
        )

    @cached_property
    def interval(self) -> Interval | None:
        """95 % interval of the difference of pass^1, if both were played again and again."""
        return differences.interval(self.counts)

    @cached_property
    def chance(self) -> float | None:
        """How often a difference at least as large would appear if nothing had changed."""
        return differences.by_chance(self.counts) if self.counts else None

    @cached_property
    def moved_by_chance(self) -> float:
        """How often the scenarios would move at least this much, whichever way, if nothing had changed."""
        return differences.moved_by_chance(self.counts)

    @property
    def conclusion(self) -> Conclusion:
        """What it comes to."""
        if self.chance is None:
            return Conclusion.NOTHING
        if not self.worse and not self.better:
            return Conclusion.EQUAL
        if self.chance < differences.SURE:
            return Conclusion.WORSE if self.difference < 0 else Conclusion.BETTER
        both = self.worse and self.better
        return Conclusion.MIXED if both and self.moved_by_chance < differences.SURE else Conclusion.CHANCE

    @property
    def trials(self) -> int:
        """Judged trials of a scenario, of the side that has less: the middle one over the scenarios."""
        least = sorted(min(one.judged_before, one.judged_after) for one in self.counts)
        return least[len(least) // 2] if least else 0

    @cached_property
    def trials_needed(self) -> int | None:
        """Trials of a scenario, on both sides, that would tell a difference this large from chance."""
        return differences.trials_needed(self.counts) if self.conclusion is Conclusion.CHANCE else None

    @cached_property
    def detectable(self) -> float | None:
        """The smallest difference of pass^1 that these trials tell from chance in 8 of 10 cases."""
        return differences.detectable(self.counts)


def side_of(simulation: Simulation, summary: Summary) -> Side:
    """A stored simulation as one side."""
    figures = {found.scenario: found for found in summary.scenarios}
    cost = summary.cost
    return Side(
        id=simulation.id,
        name=simulation.name or simulation.agent.name,
        created_at=simulation.created_at,
        setup=setup_of(simulation),
        tallies=tuple(
            Tally(
                id=scenario.id,
                name=scenario.name,
                passed=figures[scenario.id].passed,
                judged=figures[scenario.id].judged,
                planned=figures[scenario.id].planned,
            )
            for scenario in simulation.scenarios
            if scenario.id in figures
        ),
        cost=None if cost is None or not summary.judged else cost / summary.judged,
    )


def compare(before: Side, after: Side) -> Comparison:
    """Pair two simulations by scenario."""
    altered = alterations(before.setup, after.setup)
    changed = {one.name for one in altered if one.facet is Facet.SCENARIO}
    partners = _partners(before.tallies, after.tallies)
    pairs = [_pair(partners.get(now.id), now, changed) for now in after.tallies]
    taken = {was.id for was in partners.values()}
    pairs += [_pair(was, None, changed) for was in before.tallies if was.id not in taken]
    return Comparison(before=before, after=after, alterations=altered, pairs=tuple(pairs))


def _partners(before: Sequence[Tally], after: Sequence[Tally]) -> dict[str, Tally]:
    """The tallies before, by the id of the one after."""
    by_id = {tally.id: tally for tally in before}
    partners = {now.id: by_id[now.id] for now in after if now.id in by_id}
    taken = {was.id for was in partners.values()}
    by_name = {tally.name: tally for tally in before if tally.id not in taken}
    for now in after:
        if now.id not in partners and now.name in by_name:
            partners[now.id] = by_name.pop(now.name)
    return partners


def _pair(before: Tally | None, after: Tally | None, changed: set[str]) -> Pair:
    one = after or before
    assert one is not None
    return Pair(
        name=one.name, before=before, after=after, change=_change(before, after), is_altered=one.name in changed
    )


def _change(before: Tally | None, after: Tally | None) -> Change:
    if before is None or after is None:
        return Change.ADDED if before is None else Change.REMOVED
    if not before.judged or not after.judged:
        return Change.UNJUDGED
    was, now = before.passed / before.judged, after.passed / after.judged
    if abs(now - was) > _HALF and {was, now} & {0.0, 1.0}:
        return Change.BROKEN if now < was else Change.FIXED
    return Change.SAME if was == now and was in (0.0, 1.0) else Change.FLAKY
