"""Whether a threshold is decided before all planned trials are played: for sure, or by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import fmean

from sparring.domain.metrics import pass_hat
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.sequential import ERROR, evidence, rounds, sequence_at
from sparring.domain.simulation import Threshold

_ENOUGH = -log(ERROR)

DECIDED = "Decided:"
"""How every reason begins."""

_JUDGED = (Outcome.PASSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known before the end."""

    reached: bool
    reason: str
    """In a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """One scenario so far."""

    passed: int
    judged: int
    open: int
    """Trials that are not over."""
    in_order: tuple[bool, ...]
    """Whether judged trials passed, up to the first that is not over: what ended early is no fair sample."""


def decide(outcomes: Iterable[tuple[str, Outcome | None]], threshold: Threshold) -> Decision | None:
    """Whether pass^k reaches its threshold, where that can be told already.

    It is sure where the trials that are left can no longer turn it, if they can all be judged; and it is decided
    where a confidence sequence excludes the threshold, which is wrong in at most 5 % of all simulations however
    often one looks.

    Args:
        outcomes: of every planned trial the scenario, and how it ended; None where it is not over. By number
            within each scenario.
    """
    tallies = list(_tallies(outcomes).values())
    return _sure(tallies, threshold) or _beyond_chance(tallies, threshold)


def undecidable(scenarios: Sequence[Scenario], threshold: Threshold) -> str | None:
    """Why a threshold can never be decided early; None where it can."""
    few = [scenario.name for scenario in scenarios if scenario.trials < threshold.k]
    if not few:
        return None
    return (
        f"pass^{threshold.k} is decided by {threshold.k} trials of each scenario, and {few[0]!r} has fewer; "
        "give it more, or decide by a smaller k."
    )


def _sure(tallies: Sequence[_Tally], threshold: Threshold) -> Decision | None:
    k, rate = threshold.k, threshold.rate
    left = sum(one.open for one in tallies)
    entering = [one for one in tallies if one.judged + one.open >= k]
    if not entering or not left:
        return None
    worst = fmean(pass_hat(one.passed, one.judged + one.open, k) for one in entering)
    best = fmean(pass_hat(one.passed + one.open, one.judged + one.open, k) for one in entering)
    if worst >= rate:
        return Decision(
            True, f"{DECIDED} pass^{k} reaches {rate:g}; with {left} to go it cannot end below {worst:.2f}."
        )
    # A scenario that is not in the rate yet could only lower it, so that the rate would seem to be reached.
    if best < rate and all(one.judged >= k for one in entering):
        return Decision(
            False, f"{DECIDED} pass^{k} cannot reach {rate:g}; with {left} to go it cannot end above {best:.2f}."
        )
    return None


def _beyond_chance(tallies: Sequence[_Tally], threshold: Threshold) -> Decision | None:
    k, rate = threshold.k, threshold.rate
    passed, of = rounds([one.in_order for one in tallies], k)
    if not of or evidence(rate, passed, of) < _ENOUGH:
        return None
    low, high = sequence_at(passed, of)
    reached = passed / of > rate
    side = "above" if reached else "below"
    what = "trials" if k == 1 else f"groups of {k} trials"
    told = (
        f"{DECIDED} pass^{k} is {side} {rate:g}; {passed / of:.2f} in {of} {what}, {low:.2f}–{high:.2f} at 95 %."
    )
    return Decision(reached, told)


def _tallies(outcomes: Iterable[tuple[str, Outcome | None]]) -> Mapping[str, _Tally]:
    by_scenario: dict[str, list[Outcome | None]] = {}
    for scenario, outcome in outcomes:
        by_scenario.setdefault(scenario, []).append(outcome)
    return {scenario: _tally(found) for scenario, found in by_scenario.items()}


def _tally(outcomes: Sequence[Outcome | None]) -> _Tally:
    first_open = outcomes.index(None) if None in outcomes else len(outcomes)
    return _Tally(
        passed=outcomes.count(Outcome.PASSED),
        judged=sum(outcome in _JUDGED for outcome in outcomes),
        open=outcomes.count(None),
        in_order=tuple(outcome is Outcome.PASSED for outcome in outcomes[:first_open] if outcome in _JUDGED),
    )
