"""Intervals that hold the true rate in 95 % of all cases, each for a question of its own.

`wilson`: what one scenario passes. `again`: what the mean over these very scenarios would be if they were played
for ever. `alike`: what the mean would be over all the situations of which these scenarios are a sample. The last
two are Wilson intervals as well, with the number of trials that the observed variance is worth; that they hold
what they say was measured by simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, variance

Z = 1.959963984540054
"""The normal quantile of 95 %."""

Interval = tuple[float, float]


def wilson(successes: int, trials: int, z: float = Z) -> Interval:
    """The Wilson score interval of a rate, by default at 95 % (Wilson 1927, JASA 22:209).

    Raises:
        ValueError: there is no trial, or there are more successes than trials.
    """
    if trials < 1:
        raise ValueError("an interval needs at least one trial")
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} trials cannot have passed")
    return _score(successes / trials, trials, z)


def again(counts: Sequence[tuple[int, int]]) -> Interval | None:
    """The interval of the mean rate over these scenarios, each with its own rate; None without a trial.

    Trials within a scenario vary less than trials of a mixed bag, so they are worth more than their number. How
    much more is taken from the unbiased variance within the scenarios, and drawn towards nothing by one trial's
    worth, so that scenarios that always passed or always failed do not count as certain.

    Args:
        counts: of each scenario, how many of how many judged trials passed; those without trials are passed over.
    """
    played = [(passed, judged) for passed, judged in counts if judged]
    if not played:
        return None
    rates = [passed / judged for passed, judged in played]
    mean, trials = fmean(rates), _trials(played)
    spread = mean * (1 - mean)
    within = [
        rate * (1 - rate) / (judged - 1) if judged > 1 else spread
        for rate, (_, judged) in zip(rates, played, strict=True)
    ]
    observed = sum(within) / len(played) ** 2 * trials**2
    gain = min(1.0, (observed + 1) / (spread * trials + 1))
    return _score(mean, trials / gain, Z)


def alike(counts: Sequence[tuple[int, int]]) -> Interval | None:
    """The interval of the mean rate over situations like these; None with less than two scenarios.

    The scenarios are taken as a sample, so what counts is how much their rates differ; more trials of each help
    only a little.

    Args:
        counts: of each scenario, how many of how many judged trials passed; those without trials are passed over.
    """
    played = [(passed, judged) for passed, judged in counts if judged]
    if len(played) < 2:
        return None
    return of_sample([passed / judged for passed, judged in played], _trials(played))


def of_sample(rates: Sequence[float], most: float) -> Interval | None:
    """The interval of the mean of a rate over situations of which these are a sample; None with less than two.

    Args:
        rates: of any figure between 0 and 1, such as pass^k, one for each scenario.
        most: how many trials they are worth at the most.
    """
    if len(rates) < 2:
        return None
    mean, between, worth = fmean(rates), variance(rates) / len(rates), most
    if mean in (0.0, 1.0):
        worth = len(rates)
    elif between > 0:
        worth = min(worth, mean * (1 - mean) / between)
    return _score(mean, worth, student(1.5 * (len(rates) - 1)))


def student(freedom: float) -> float:
    """Student's quantile of 95 %, by the expansion of Abramowitz and Stegun (26.7.5); good to 1 % from 2 on."""
    odd = {power: Z**power for power in (1, 3, 5, 7, 9)}
    terms = (
        (odd[3] + odd[1]) / 4,
        (5 * odd[5] + 16 * odd[3] + 3 * odd[1]) / 96,
        (3 * odd[7] + 19 * odd[5] + 17 * odd[3] - 15 * odd[1]) / 384,
        (79 * odd[9] + 776 * odd[7] + 1482 * odd[5] - 1920 * odd[3] - 945 * odd[1]) / 92160,
    )
    return Z + sum(term / freedom**power for power, term in enumerate(terms, 1))


def _trials(played: Sequence[tuple[int, int]]) -> float:
    """How many trials a mean over scenarios rests on: their number where all have equally many."""
    return len(played) ** 2 / sum(1 / judged for _, judged in played)


def _score(rate: float, trials: float, z: float) -> Interval:
    square = z * z
    centre = (rate + square / (2 * trials)) / (1 + square / trials)
    half = z / (1 + square / trials) * sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    low = 0.0 if rate == 0 else centre - half
    high = 1.0 if rate == 1 else centre + half
    return max(0.0, low), min(1.0, high)
