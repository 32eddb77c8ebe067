"""A rate that is looked at while the trials come in, as often as one likes.

An ordinary interval holds the true rate in 95 % of all cases if one looks once. Whoever looks after each trial and
stops at the first good moment is wrong far more often. A confidence sequence holds the true rate at all moments at
once, in at least 95 % of all cases, so that one may stop at any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, lgamma, log

from sparring.domain.intervals import Interval

ERROR = 0.05
"""How often a sequence may leave out the true rate at any moment at all."""

_HALVINGS = 50


def evidence(rate: float, successes: int, trials: int) -> float:
    """How much the trials speak against a rate: the logarithm of what a bet against it has made of 1.

    The bet is spread over all rates as Jeffreys does, by Beta(1/2, 1/2). If the rate is the true one, it is a
    martingale, and ever reaches 1/e with a chance of at most e (Ville 1939, Robbins 1970). That stays so where each
    trial has a rate of its own, at every moment at which their mean is this rate: such a sum of trials
    varies less than one of equal trials (Hoeffding 1956).
    """
    failures = trials - successes
    if (rate <= 0 and successes) or (rate >= 1 and failures):
        return inf
    likelihood = (successes * log(rate) if successes else 0.0) + (failures * log(1 - rate) if failures else 0.0)
    return _log_beta(successes + 0.5, failures + 0.5) - _log_beta(0.5, 0.5) - likelihood


def sequence_at(successes: int, trials: int, error: float = ERROR) -> Interval:
    """The confidence sequence after so many trials: the rates that they do not speak against enough."""
    if not trials:
        return 0.0, 1.0
    seen, enough = successes / trials, -log(error)
    return (
        _edge(successes, trials, seen, 0.0, enough) if successes else 0.0,
        _edge(successes, trials, seen, 1.0, enough) if successes < trials else 1.0,
    )


def rounds(outcomes: Sequence[Sequence[bool]], size: int = 1) -> tuple[int, int]:
    """Successes and trials of the rounds that every scenario has played.

    Only after whole rounds is the mean rate of what was played that of the scenarios; what some have played
    beyond them waits. Where trials are looked at several at once, a group passes if each of them does.

    Args:
        outcomes: of each scenario, whether its trials passed, in the order in which they were planned.
        size: how many trials make one group.
    """
    whole = min((len(passed) // size for passed in outcomes), default=0)
    groups = [all(passed[at * size : (at + 1) * size]) for passed in outcomes for at in range(whole)]
    return sum(groups), len(groups)


def _edge(successes: int, trials: int, inside: float, outside: float, enough: float) -> float:
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if evidence(middle, successes, trials) < enough:
            inside = middle
        else:
            outside = middle
    return outside


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
