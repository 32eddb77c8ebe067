"""Figures over trials, checked against published ones and against brute force."""

from itertools import combinations, pairwise
from math import comb
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.evaluation import Verdict
from sparring.domain.metrics import pass_at, pass_hat, summarize, wilson
from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.domain.simulation import Trial

REWARDS = {Outcome.PASSED: 1.0, Outcome.FAILED: 0.0, Outcome.INCONCLUSIVE: None}


def trial(scenario, outcome=None, *, status=None, costs=None, seconds=None, cause=None):
    verdict = None
    if outcome in REWARDS:
        verdict = Verdict(outcome=outcome, reward=REWARDS[outcome], breakdown={}, checks=())
    if status is None:
        status = Lifecycle.QUEUED if outcome is None else Lifecycle.COMPLETED
    return Trial(
        id="t", simulation="s", scenario=scenario, number=1, seed=0, status=status, outcome=outcome, cause=cause,
        verdict=verdict, costs=costs or {}, started_at=None if seconds is None else 100.0,
        completed_at=None if seconds is None else 100.0 + seconds,
    )  # fmt: skip


def passed_of(scenario, successes, count):
    return [trial(scenario, Outcome.PASSED if n < successes else Outcome.FAILED) for n in range(count)]


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_pass_hat_k_is_the_share_of_the_choices_of_k_trials_that_all_passed(outcomes, data):
    k = data.draw(st.integers(1, len(outcomes)))
    chosen = list(combinations(outcomes, k))
    assert pass_hat(sum(outcomes), len(outcomes), k) == pytest.approx(sum(map(all, chosen)) / len(chosen))


@given(st.integers(1, 100), st.data())
def test_pass_hat_k_never_rises_with_k(trials, data):
    successes = data.draw(st.integers(0, trials))
    rates = [pass_hat(successes, trials, k) for k in range(1, trials + 1)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == successes / trials
    assert all(0 <= rate <= 1 for rate in rates)


def test_pass_hat_k_of_four_trials_with_two_successes():
    assert [pass_hat(2, 4, k) for k in (1, 2, 3, 4)] == [0.5, pytest.approx(1 / 6), 0.0, 0.0]


@pytest.mark.parametrize(("successes", "trials", "k"), [(1, 4, 5), (1, 4, 0), (0, 0, 1), (5, 4, 1), (-1, 4, 1)])
def test_pass_hat_k_refuses_what_cannot_be(successes, trials, k):
    with pytest.raises(ValueError, match="trials"):
        pass_hat(successes, trials, k)


def test_the_airline_row_of_tau_bench_comes_out_of_its_trials():
    distribution = {0: 14, 1: 12, 2: 10, 3: 4, 4: 10}
    trials = [
        one
        for successes, tasks in distribution.items()
        for task in range(tasks)
        for one in passed_of(f"{successes}/{task}", successes, 4)
    ]
    summary = summarize(trials)
    assert len(trials) == 200
    assert len(summary.scenarios) == 50
    assert {k: round(rate, 3) for k, rate in summary.pass_hat.items()} == {1: 0.420, 2: 0.273, 3: 0.220, 4: 0.200}
    assert summary.pass_hat_scenarios == {1: 50, 2: 50, 3: 50, 4: 50}
    assert summary.mean_reward == pytest.approx(0.42)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # by hand: with no success the upper end is z^2 / (n + z^2)
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (8, 10, 0.4902, 0.9433),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_wilson_gives_the_published_figures(successes, trials, low, high):
    assert wilson(successes, trials) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_its_rate_and_mirrors_with_the_failures(trials, data):
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert wilson(trials - successes, trials) == (pytest.approx(1 - high), pytest.approx(1 - low))


@pytest.mark.parametrize("trials", [4, 10, 20, 50])
def test_wilson_covers_the_true_rate_about_as_often_as_it_says(trials):
    intervals = [wilson(successes, trials) for successes in range(trials + 1)]

    def coverage(rate):
        return sum(
            comb(trials, successes) * rate**successes * (1 - rate) ** (trials - successes)
            for successes, (low, high) in enumerate(intervals)
            if low <= rate <= high
        )

    coverages = [coverage(step / 100) for step in range(1, 100)]
    assert 0.94 < fmean(coverages) < 0.97
    assert min(coverages) > 0.82


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_an_interval_refuses_what_cannot_be(successes, trials):
    with pytest.raises(ValueError, match="trial"):
        wilson(successes, trials)


def test_only_passed_and_failed_trials_enter_a_rate():
    trials = [
        trial("a", Outcome.PASSED),
        trial("a", Outcome.FAILED),
        trial("a", Outcome.ERROR, cause=Cause.PROVIDER),
        trial("a", Outcome.INCONCLUSIVE),
        trial("a", Outcome.CANCELLED, status=Lifecycle.CANCELLED),
        trial("a", status=Lifecycle.RUNNING),
        trial("a"),
    ]
    summary = summarize(trials)
    (figures,) = summary.scenarios
    assert (figures.planned, figures.judged, figures.passed, figures.is_flaky) == (7, 2, 1, True)
    assert figures.pass_hat == {1: 0.5, 2: 0.0}
    assert figures.interval == wilson(1, 2)
    assert (summary.planned, summary.finished, summary.running, summary.judged) == (7, 5, 1, 2)
    assert summary.mean_reward == 0.5
    assert summary.causes == {Cause.PROVIDER: 1}
    assert [summary.count(outcome) for outcome in Outcome] == [1, 1, 1, 1, 1]


def test_a_scenario_with_fewer_judged_trials_does_not_enter_the_mean_for_more():
    trials = [*passed_of("a", 4, 4), *passed_of("b", 1, 2), trial("b", Outcome.ERROR), trial("b")]
    summary = summarize(trials)
    assert summary.pass_hat == {1: 0.75, 2: 0.5, 3: 1.0, 4: 1.0}
    assert summary.pass_hat_scenarios == {1: 2, 2: 2, 3: 1, 4: 1}


def test_without_a_judged_trial_there_is_no_rate():
    summary = summarize([trial("a", Outcome.ERROR), trial("a")])
    assert (summary.pass_hat, summary.pass_hat_scenarios, summary.mean_reward) == ({}, {}, None)
    (figures,) = summary.scenarios
    assert (figures.interval, figures.pass_hat, figures.seconds, figures.is_flaky) == (None, {}, None, False)
    empty = summarize([])
    assert (empty.planned, empty.scenarios, empty.pass_hat, empty.cost) == (0, (), {}, 0.0)


def test_scenarios_come_in_the_given_order_and_the_others_after_them():
    trials = [trial("c"), trial("b"), trial("a")]
    assert [f.scenario for f in summarize(trials, ["a", "unplayed", "b"]).scenarios] == ["a", "b", "c"]


def test_costs_add_up_by_role_and_are_unknown_as_soon_as_one_is():
    known = trial("a", Outcome.PASSED, costs={"agent": 0.5, "user": 0.25, "judge": 0.0})
    unknown = trial("b", Outcome.PASSED, costs={"agent": None, "user": 0.25})
    assert known.cost == 0.75
    assert unknown.cost is None
    summary = summarize([known, unknown, trial("a")])
    assert summary.costs == {"agent": None, "user": 0.5, "judge": 0.0}
    assert summary.cost is None
    assert [figures.cost for figures in summary.scenarios] == [0.75, None]
    assert summarize([known, known]).cost == 1.5


def test_the_duration_is_the_median_of_the_finished_trials():
    trials = [trial("a", Outcome.PASSED, seconds=s) for s in (1, 2, 30)]
    (figures,) = summarize([*trials, trial("a")]).scenarios
    assert figures.seconds == 2


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.booleans(), min_size=4, max_size=4), min_size=1))
def test_the_pass_hats_of_a_simulation_never_rise_where_every_scenario_enters(outcomes):
    trials = [one for name, results in outcomes.items() for one in passed_of(name, sum(results), len(results))]
    rates = list(summarize(trials).pass_hat.values())
    assert len(rates) == 4
    assert all(a >= b - 1e-12 for a, b in pairwise(rates))


@pytest.mark.parametrize(("passed", "flaky"), [(0, False), (1, True), (2, True), (3, False)])
def test_a_scenario_is_flaky_where_some_trials_passed_and_some_failed(passed, flaky):
    (figures,) = summarize(passed_of("a", passed, 3)).scenarios
    assert (figures.is_flaky, figures.passed, figures.judged) == (flaky, passed, 3)


def test_what_did_not_happen_counts_as_none():
    summary = summarize([trial("a")])
    (figures,) = summary.scenarios
    assert (figures.passed, figures.judged, summary.judged) == (0, 0, 0)
    assert [summary.count(outcome) for outcome in Outcome] == [0] * 5


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_pass_at_k_is_the_share_of_the_choices_of_k_trials_of_which_one_passed(outcomes, data):
    k = data.draw(st.integers(1, len(outcomes)))
    chosen = list(combinations(outcomes, k))
    assert pass_at(sum(outcomes), len(outcomes), k) == pytest.approx(sum(map(any, chosen)) / len(chosen))


def test_pass_at_1_is_pass_hat_1_and_both_are_means_over_the_same_scenarios():
    summary = summarize([*passed_of("a", 3, 4), *passed_of("b", 1, 2), *passed_of("c", 4, 4)])
    assert summary.pass_at[1] == summary.pass_hat[1] == 0.75
    assert summary.pass_at == {1: 0.75, 2: 1.0, 3: 1.0, 4: 1.0}
    assert summary.scenarios[1].pass_at == {1: 0.5, 2: 1.0}
    assert summary.flaky == 2


@pytest.mark.parametrize("k", [0, 5])
def test_pass_at_k_needs_k_trials(k):
    with pytest.raises(ValueError, match="needs k from 1"):
        pass_at(1, 4, k)
