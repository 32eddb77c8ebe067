"""Looking while the trials come in: wrong at any moment at all in at most 5 of 100 cases."""

import random
from math import exp, log
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.intervals import wilson
from sparring.domain.sequential import ERROR, evidence, rounds, sequence_at

ENOUGH = -log(ERROR)


@given(st.integers(0, 12), st.floats(0.01, 0.99))
def test_the_bet_is_fair_its_mean_over_all_that_can_happen_is_one(trials, rate):
    def stake(successes):
        return exp(evidence(rate, successes, trials))

    def chance(successes):
        from math import comb

        return comb(trials, successes) * rate**successes * (1 - rate) ** (trials - successes)

    assert sum(chance(n) * stake(n) for n in range(trials + 1)) == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_the_true_rate_is_left_out_at_any_moment_in_at_most_5_of_100_cases(rate):
    chance, plays, wrong = random.Random(f"{rate}"), 500, 0
    for _ in range(plays):
        successes = 0
        for trials in range(1, 301):
            successes += chance.random() < rate
            if evidence(rate, successes, trials) >= ENOUGH:
                wrong += 1
                break
    assert wrong / plays <= ERROR


@pytest.mark.slow
@pytest.mark.parametrize("scenarios", [3, 12])
def test_so_it_is_where_each_scenario_has_a_rate_of_its_own(scenarios):
    chance, plays, wrong = random.Random(f"{scenarios}"), 500, 0
    for _ in range(plays):
        rates = [chance.betavariate(0.7, 0.5) for _ in range(scenarios)]
        successes = 0
        for number in range(1, 41):
            successes += sum(chance.random() < rate for rate in rates)
            if evidence(fmean(rates), successes, number * scenarios) >= ENOUGH:
                wrong += 1
                break
    assert wrong / plays <= ERROR


@given(st.integers(0, 60), st.integers(1, 60))
def test_it_holds_what_was_seen_and_is_wider_than_an_interval_for_one_look(successes, trials):
    successes = min(successes, trials)
    low, high = sequence_at(successes, trials)
    once = wilson(successes, trials)
    assert low <= once[0] + 1e-9 or low == 0
    assert high >= once[1] - 1e-9 or high == 1
    assert low <= successes / trials <= high
    for edge, inside in ((low, low + 1e-6), (high, high - 1e-6)):
        if 0 < edge < 1:
            assert evidence(edge, successes, trials) >= ENOUGH - 1e-6
            assert evidence(inside, successes, trials) < ENOUGH + 1e-3


def test_without_a_trial_everything_is_possible_and_what_happened_is_never_impossible():
    assert sequence_at(0, 0) == (0.0, 1.0)
    assert evidence(0.0, 1, 1) == evidence(1.0, 0, 1) == float("inf")
    assert evidence(1.0, 5, 5) < 0 or sequence_at(5, 5)[1] == 1.0


def test_more_trials_close_in_on_the_rate():
    widths = [high - low for low, high in (sequence_at(9 * n, 10 * n) for n in (1, 10, 100, 1000))]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.03


def test_only_whole_rounds_are_counted():
    assert rounds([[True, True, False], [True], [False, True]]) == (2, 3)
    assert rounds([[True, True], []]) == (0, 0)
    assert rounds([]) == (0, 0)


def test_trials_looked_at_several_at_once_pass_together():
    assert rounds([[True, True, True, False, True], [True, True, True, True]], 2) == (3, 4)
