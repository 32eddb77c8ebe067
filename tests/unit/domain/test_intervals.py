"""Intervals of a suite: that they hold what they say, by simulation."""

import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.intervals import again, alike, student, wilson

COUNTS = st.lists(
    st.integers(1, 12).flatmap(lambda judged: st.tuples(st.integers(0, judged), st.just(judged))),
    min_size=1,
    max_size=12,
)
PLAYS = 1500
DESIGNS = [(24, 4), (50, 4), (10, 8)]
POPULATIONS = {
    "any rate": lambda chance: chance.betavariate(1, 1),
    "mostly good": lambda chance: chance.betavariate(4, 1),
    "good and bad": lambda chance: chance.betavariate(0.5, 0.5),
    "middling": lambda chance: chance.betavariate(8, 2),
    "half never fail": lambda chance: 1.0 if chance.random() < 0.5 else chance.betavariate(1, 1),
}
MEANS = {"any rate": 0.5, "mostly good": 0.8, "good and bad": 0.5, "middling": 0.8, "half never fail": 0.75}


def holds(interval, rate):
    return interval[0] <= rate <= interval[1]


def played(chance, rates, trials):
    return [(sum(chance.random() < rate for _ in range(trials)), trials) for rate in rates]


@pytest.mark.slow
@pytest.mark.parametrize(("scenarios", "trials"), DESIGNS)
@pytest.mark.parametrize("population", POPULATIONS)
def test_each_interval_holds_what_it_is_of_in_95_of_100_cases(population, scenarios, trials):
    chance = random.Random(f"{population}, {scenarios}")
    held = {"again": 0, "alike": 0}
    for _ in range(PLAYS):
        rates = [POPULATIONS[population](chance) for _ in range(scenarios)]
        counts = played(chance, rates, trials)
        held["again"] += holds(again(counts), fmean(rates))
        held["alike"] += holds(alike(counts), MEANS[population])
    assert all(0.93 <= times / PLAYS <= 0.97 for times in held.values()), held


@given(COUNTS)
def test_both_hold_the_mean_and_the_wider_question_has_the_wider_answer(counts):
    mean = fmean(passed / judged for passed, judged in counts)
    low, high = again(counts)
    assert 0 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= 1
    if len(counts) > 1:
        lower, higher = alike(counts)
        assert 0 <= lower <= low + 1e-12
        assert high - 1e-12 <= higher <= 1


@given(COUNTS)
def test_an_agent_that_fails_where_another_passes_has_the_mirrored_interval(counts):
    mirrored = [(judged - passed, judged) for passed, judged in counts]
    for interval in (again, alike):
        found, other = interval(counts), interval(mirrored)
        if found is not None:
            assert other == pytest.approx((1 - found[1], 1 - found[0]))


@given(st.integers(0, 20), st.integers(1, 20))
def test_one_scenario_again_has_the_interval_of_the_scenario(passed, judged):
    passed = min(passed, judged)
    assert again([(passed, judged)]) == pytest.approx(wilson(passed, judged))


def test_scenarios_that_always_pass_are_as_good_as_one_that_was_played_as_often():
    assert again([(4, 4)] * 24) == pytest.approx(wilson(96, 96))


def test_scenarios_that_always_pass_say_of_others_only_what_their_number_says():
    low, high = alike([(4, 4)] * 24)
    assert high == 1.0
    assert wilson(24, 24)[0] - 0.02 < low < wilson(24, 24)[0]
    assert alike([(40, 40)] * 24) == (low, high)


def test_more_trials_of_the_same_scenarios_narrow_the_first_interval_and_hardly_the_second():
    few = [(passed, 4) for passed in (4, 2, 0, 4, 3, 4, 1, 4)]
    many = [(25 * passed, 100) for passed, _ in few]

    def width(bounds):
        return bounds[1] - bounds[0]

    assert width(again(many)) < width(again(few)) / 3
    assert width(alike(many)) > width(alike(few)) * 0.9


def test_without_a_judged_trial_there_is_no_interval_and_with_one_scenario_none_of_others():
    assert again([]) is None
    assert again([(0, 0)]) is None
    assert alike([(3, 4)]) is None
    assert alike([(3, 4), (0, 0)]) is None


def test_scenarios_without_a_judged_trial_are_passed_over():
    counts = [(3, 4), (1, 4), (4, 4)]
    assert again([*counts, (0, 0)]) == again(counts)
    assert alike([(0, 0), *counts]) == alike(counts)


def test_single_trials_tell_nothing_of_what_varies_within_a_scenario():
    assert again([(1, 1)] * 7 + [(0, 1)] * 3) == pytest.approx(wilson(7, 10), abs=0.02)


@pytest.mark.parametrize(
    ("freedom", "published"), [(2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)]
)
def test_students_quantile_is_the_published_one(freedom, published):
    assert student(freedom) == pytest.approx(published, rel=0.01 if freedom < 3 else 0.002)
