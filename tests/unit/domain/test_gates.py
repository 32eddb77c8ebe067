"""Whether what was played is good enough, and why not."""

import pytest

from sparring.domain.gates import Standing, gate
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Threshold, Trial

P, F, U, E = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR


def gated(outcomes, *bars, required=(), **how):
    scenarios = [Scenario(id=name, name=name, required=name in required) for name in outcomes]
    trials = [
        Trial(
            id=f"{name}{n}", simulation="s", scenario=name, number=n, seed=n, status=Lifecycle.COMPLETED, outcome=o
        )
        for name, ended in outcomes.items()
        for n, o in enumerate(ended, 1)
    ]
    found = gate(summarize(trials, list(outcomes)), scenarios, [Threshold(*bar) for bar in bars], **how)
    return found.standing, found.reasons


def test_without_a_threshold_no_trial_may_fail():
    assert gated({"a": [P, P]}) == (Standing.CLEARED, ())
    assert gated({"a": [P, F, U]}) == (Standing.SHORT, ("Of 3 trials 1 failed and 1 inconclusive.",))
    assert gated({"a": [P, E]}) == (Standing.UNDECIDED, ("1 of 2 trials could not be judged.",))


def test_a_rate_below_its_threshold_is_told_with_both_figures():
    assert gated({"a": [P, P, F, F]}, (1, 0.5)) == (Standing.CLEARED, ())
    assert gated({"a": [P, P, F, F]}, (1, 0.9), (2, 0.25)) == (
        Standing.SHORT,
        ("pass^1 is 0.50, below 0.90.", "pass^2 is 0.1667, below 0.25."),
    )


def test_a_required_scenario_fails_whatever_the_thresholds_say():
    standing, reasons = gated({"a": [P, F], "b": [P, P]}, (1, 0.5), required={"a"})
    assert (standing, reasons) == (Standing.SHORT, ("'a' is required and passed 1 of 2 trials.",))
    assert gated({"a": [P, F], "b": [P, P]}, (1, 0.5), required={"b"})[0] is Standing.CLEARED


def test_a_required_scenario_that_could_not_be_judged_leaves_it_open():
    standing, reasons = gated({"a": [P] * 20, "b": [E]}, (1, 0.5), required={"b"})
    assert standing is Standing.UNDECIDED
    assert reasons == ("'b' is required, and only 0 of 1 trials could be judged.",)


@pytest.mark.parametrize(
    ("outcomes", "bar", "reason"),
    [
        ([P, P], (3, 0.5), "pass^3 needs 3 judged trials of a scenario, and none has as many."),
        ([P] * 8 + [E] * 2, (1, 0.5), "Only 8 of 10 trials could be judged, fewer than 90 %."),
    ],
)
def test_a_threshold_that_cannot_be_decided_says_why(outcomes, bar, reason):
    assert gated({"a": outcomes}, bar) == (Standing.UNDECIDED, (reason,))


def test_nine_judged_trials_of_ten_decide():
    assert gated({"a": [P] * 9 + [E]}, (1, 0.5)) == (Standing.CLEARED, ())


def test_falling_short_comes_before_what_cannot_be_decided():
    assert gated({"a": [F, E, E]}, (1, 0.5))[0] is Standing.SHORT


def test_what_was_cancelled_because_all_is_decided_is_not_missing():
    cancelled = [Outcome.CANCELLED] * 20
    ended = {"a": [P] * 9 + cancelled, "b": [P] * 8 + [F] + cancelled}
    assert gated(ended, (1, 0.9), required={"a"})[0] is Standing.UNDECIDED
    assert gated(ended, (1, 0.9), required={"a"}, is_decided=True) == (Standing.CLEARED, ())
    assert gated({"a": [P, *[E] * 5, *cancelled]}, (1, 0.9), is_decided=True)[0] is Standing.UNDECIDED
