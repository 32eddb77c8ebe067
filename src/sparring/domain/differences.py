"""Whether two plays of the same scenarios differ by more than chance, and what it takes to find out.

The scenarios are the same on both sides, so each is compared with itself: what differs between scenarios is in
neither figure. Only the trials fall out by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, lcm, sqrt
from statistics import fmean

from sparring.domain.intervals import Interval, Z, again

SURE = 0.05
"""A difference that chance makes less often than this counts as one."""

POWER = 0.8
"""How often a difference that is there is to be found."""

_Z_POWER = 0.8416212335729143
"""The normal quantile of that."""

_GRID = 20_000
"""Steps that the sum of all differences is told apart by, where the numbers of trials have no small multiple."""

_NOTHING = 1e-18
"""A probability that is left out of account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One scenario on both sides: how many of how many judged trials passed."""

    passed_before: int
    judged_before: int
    passed_after: int
    judged_after: int

    @property
    def before(self) -> float:
        """The rate before."""
        return self.passed_before / self.judged_before

    @property
    def after(self) -> float:
        """The rate after."""
        return self.passed_after / self.judged_after

    @property
    def difference(self) -> float:
        """By how much the rate rose; below 0 it fell."""
        return self.after - self.before


def by_chance(counts: Sequence[Counts]) -> float:
    """How often the mean rate would differ at least this much, either way, if nothing had changed.

    Exact, by the permutations within each scenario: if nothing has changed, each trial could as well have been
    one of the other side. With one trial a scenario this is McNemar's exact test (1947), with one scenario
    Fisher's.
    """
    found, chances = _permuted(counts, signed=True)
    return min(1.0, sum(chance for total, chance in chances.items() if abs(total) >= abs(found)))


def moved_by_chance(counts: Sequence[Counts]) -> float:
    """How often the single scenarios would move at least this much in sum, whichever way, if nothing had changed.

    Small where some got better and others worse, so that the mean rate tells nothing. Exact in the same way.
    """
    found, chances = _permuted(counts, signed=False)
    return min(1.0, sum(chance for total, chance in chances.items() if total >= found))


def interval(counts: Sequence[Counts]) -> Interval | None:
    """The 95 % interval of the difference of the mean rates over these very scenarios; None without one.

    The intervals of the two sides are squared and added (Newcombe 1998, Statistics in Medicine 17:873, method 10).
    With one trial a scenario they know nothing of what varies within one, and how the two sides go together is
    taken into account (the same, 17:2635, method 10).
    """
    before = again([(one.passed_before, one.judged_before) for one in counts])
    after = again([(one.passed_after, one.judged_after) for one in counts])
    if before is None or after is None:
        return None
    was, now = fmean(one.before for one in counts), fmean(one.after for one in counts)
    together = _together(counts) if all(one.judged_before == one.judged_after == 1 for one in counts) else 0.0
    low = _hypotenuse(now - after[0], before[1] - was, together)
    high = _hypotenuse(after[1] - now, was - before[0], together)
    return max(-1.0, now - was - low), min(1.0, now - was + high)


def trials_needed(counts: Sequence[Counts]) -> int | None:
    """How many trials a scenario, on both sides, would show a difference as large as the one that was seen.

    In 8 of 10 cases, and at 95 %, if the rates are what they seem to be. None where no difference was seen.
    """
    bounds = interval(counts)
    difference = fmean(one.difference for one in counts) if counts else 0.0
    if bounds is None or abs(difference) < 1e-9:
        return None
    return max(1, round(_trials(counts) * (_reach(bounds) / abs(difference)) ** 2 + 0.5))


def detectable(counts: Sequence[Counts]) -> float | None:
    """The smallest difference that as many trials as these show in 8 of 10 cases; None without a scenario."""
    bounds = interval(counts)
    return None if bounds is None else min(1.0, _reach(bounds))


def _reach(bounds: Interval) -> float:
    return (bounds[1] - bounds[0]) / 2 * (Z + _Z_POWER) / Z


def _together(counts: Sequence[Counts]) -> float:
    """The correlation of single trials of the same scenarios (phi), corrected for their small number."""
    both = sum(one.passed_before and one.passed_after for one in counts)
    was, now, of = sum(one.passed_before for one in counts), sum(one.passed_after for one in counts), len(counts)
    margins = was * (of - was) * now * (of - now)
    product = both * (of - was - now + both) - (was - both) * (now - both)
    corrected = max(product - of / 2, 0.0) if product > 0 else product
    return corrected / sqrt(margins) if margins else 0.0


def _hypotenuse(one: float, other: float, together: float) -> float:
    return sqrt(max(0.0, one * one - 2 * together * one * other + other * other))


def _trials(counts: Sequence[Counts]) -> float:
    """Trials a scenario on one side: their number where all have equally many."""
    return 2 * len(counts) / sum(1 / one.judged_before + 1 / one.judged_after for one in counts)


def _permuted(counts: Sequence[Counts], *, signed: bool) -> tuple[int, dict[int, float]]:
    """The sum of all differences as it is, and the chance of each that could be; in steps."""
    step = _step(counts)
    chances, found = {0: 1.0}, 0
    for one in counts:
        weights = _weights(one, step)
        if not signed:
            weights = {after: (abs(difference), chance) for after, (difference, chance) in weights.items()}
        found += weights[one.passed_after][0]
        chances = _sum(chances, list(weights.values()))
    return found, chances


def _step(counts: Sequence[Counts]) -> int:
    """Into how many parts a rate is divided: so many that none has to be rounded, where that is not too many.

    Rounded differences are still compared exactly by chance; they are only another measure of the same.
    """
    judged = {number for one in counts for number in (one.judged_before, one.judged_after)}
    most = max(_GRID // max(1, len(counts)), 50)
    exact = lcm(*judged) if judged else 1
    return exact if len(judged) <= 2 or exact <= most else most


def _weights(one: Counts, step: int) -> dict[int, tuple[int, float]]:
    """By how many of the trials after would have passed: the difference of the rates, in steps, and its chance."""
    passed = one.passed_before + one.passed_after
    trials = one.judged_before + one.judged_after
    ways = comb(trials, passed)
    fewest, most = max(0, passed - one.judged_before), min(passed, one.judged_after)
    return {
        after: (
            round(step * after / one.judged_after) - round(step * (passed - after) / one.judged_before),
            comb(one.judged_after, after) * comb(one.judged_before, passed - after) / ways,
        )
        for after in range(fewest, most + 1)
    }


def _sum(chances: Mapping[int, float], weights: Sequence[tuple[int, float]]) -> dict[int, float]:
    """The distribution of a sum from those of its parts."""
    summed: dict[int, float] = {}
    for total, chance in chances.items():
        if chance > _NOTHING:
            for difference, weight in weights:
                summed[total + difference] = summed.get(total + difference, 0.0) + chance * weight
    return summed
