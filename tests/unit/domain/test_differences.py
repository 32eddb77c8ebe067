"""Whether a difference is chance: against published figures, enumeration and simulation."""

import random
from itertools import combinations, product
from math import comb
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.differences import (
    SURE,
    Counts,
    by_chance,
    detectable,
    interval,
    moved_by_chance,
    trials_needed,
)


def counts(passed_before, judged_before, passed_after, judged_after):
    return Counts(
        passed_before=passed_before,
        judged_before=judged_before,
        passed_after=passed_after,
        judged_after=judged_after,
    )


GAINED, LOST = counts(0, 1, 1, 1), counts(1, 1, 0, 1)
KEPT, NEVER = counts(1, 1, 1, 1), counts(0, 1, 0, 1)


@st.composite
def small(draw):
    judged = st.integers(1, 3)
    sides = [(draw(judged), draw(judged)) for _ in range(draw(st.integers(1, 3)))]
    return [
        counts(draw(st.integers(0, before)), before, draw(st.integers(0, after)), after) for before, after in sides
    ]


def enumerated(one):
    """Every way in which a scenario's trials could have been dealt out to the two sides."""
    trials = [True] * (one.passed_before + one.passed_after)
    trials += [False] * (one.judged_before + one.judged_after - len(trials))
    for after in combinations(range(len(trials)), one.judged_after):
        passed = sum(trials[place] for place in after)
        yield passed / one.judged_after - (sum(trials) - passed) / one.judged_before


def share(found, enough):
    return sum(map(enough, found)) / len(found)


@given(small())
def test_the_chance_of_a_difference_is_the_share_of_the_permutations_that_differ_as_much(some):
    found = [sum(deal) for deal in product(*map(enumerated, some))]
    seen = abs(sum(one.difference for one in some)) - 1e-9
    assert by_chance(some) == pytest.approx(share(found, lambda total: abs(total) >= seen))


@given(small())
def test_the_chance_of_movement_is_the_share_of_the_permutations_that_move_as_much(some):
    found = [sum(map(abs, deal)) for deal in product(*map(enumerated, some))]
    seen = sum(abs(one.difference) for one in some) - 1e-9
    assert moved_by_chance(some) == pytest.approx(share(found, lambda total: total >= seen))


@pytest.mark.parametrize(
    ("fixed", "broken", "published"),
    [(2, 9, 0.06543), (1, 7, 0.07031), (5, 5, 1.0), (0, 6, 0.03125), (150, 86, 3.716e-05)],
)
def test_with_one_trial_it_is_mcnemars_exact_test(fixed, broken, published):
    found = by_chance([GAINED] * fixed + [LOST] * broken + [KEPT] * 20 + [NEVER] * 3)
    tail = sum(comb(fixed + broken, k) for k in range(min(fixed, broken) + 1)) / 2 ** (fixed + broken)
    assert found == pytest.approx(min(1.0, 2 * tail))
    assert found == pytest.approx(published, rel=1e-3)


@pytest.mark.parametrize(("right", "published"), [(2, 1.0), (3, 0.4857), (4, 0.02857)])
def test_with_one_scenario_it_is_fishers_exact_test_of_the_lady_who_tastes_tea(right, published):
    assert by_chance([counts(4 - right, 4, right, 4)]) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_the_interval_of_one_scenario_is_the_published_one(now, before, low, high):
    assert interval([counts(*before, *now)]) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_single_trials_is_the_published_one_for_pairs():
    found = interval([KEPT] * 36 + [GAINED] * 12 + [LOST] * 2)
    assert found == pytest.approx((0.0569, 0.3404), abs=5e-5)


POPULATIONS = {
    "any rate": lambda chance: chance.betavariate(1, 1),
    "mostly good": lambda chance: chance.betavariate(4, 1),
    "good and bad": lambda chance: chance.betavariate(0.5, 0.5),
    "half never fail": lambda chance: 1.0 if chance.random() < 0.5 else chance.betavariate(1, 1),
}


def passed(chance, rate, trials):
    return sum(chance.random() < rate for _ in range(trials))


def played(chance, before, after, trials):
    return [
        counts(passed(chance, was, trials), trials, passed(chance, now, trials), trials)
        for was, now in zip(before, after, strict=True)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("scenarios", "trials"), [(24, 1), (24, 4), (10, 8)])
@pytest.mark.parametrize("population", POPULATIONS)
def test_where_nothing_changed_chance_is_ruled_out_in_at_most_5_of_100_cases(population, scenarios, trials):
    chance, plays = random.Random(f"{population} {scenarios}"), 300
    wrong = mixed = 0
    for _ in range(plays):
        rates = [POPULATIONS[population](chance) for _ in range(scenarios)]
        some = played(chance, rates, rates, trials)
        wrong += by_chance(some) < SURE
        mixed += moved_by_chance(some) < SURE
    # Both are exact and so on the safe side; 0.07 is 0.05 and what so few plays may add.
    assert wrong / plays <= 0.07
    assert mixed / plays <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize(("scenarios", "trials"), [(24, 1), (24, 4), (10, 8)])
@pytest.mark.parametrize("population", POPULATIONS)
def test_the_interval_holds_the_difference_in_95_of_100_cases(population, scenarios, trials):
    chance, plays, held = random.Random(f"{scenarios} {population}"), 400, 0
    for _ in range(plays):
        before = [POPULATIONS[population](chance) for _ in range(scenarios)]
        after = [max(0.0, rate - 0.3 * chance.random()) for rate in before]
        low, high = interval(played(chance, before, after, trials))
        held += low <= fmean(after) - fmean(before) <= high
    assert held / plays >= 0.925


@pytest.mark.slow
@pytest.mark.parametrize(("scenarios", "drop"), [(10, 0.1), (24, 0.1), (24, 0.05)])
@pytest.mark.parametrize("population", POPULATIONS)
def test_as_many_trials_as_it_names_show_the_difference_in_about_8_of_10_cases(population, scenarios, drop):
    chance, plays = random.Random(f"{population} {scenarios} {drop}"), 100
    before = [POPULATIONS[population](chance) for _ in range(scenarios)]
    after = [max(0.0, rate - 2 * drop * chance.random()) for rate in before]
    known = [
        counts(round(was * 1000), 1000, round(now * 1000), 1000) for was, now in zip(before, after, strict=True)
    ]
    trials = trials_needed(known)
    found = sum(by_chance(played(chance, before, after, trials)) < SURE for _ in range(plays))
    assert 0.65 <= found / plays <= 0.93, trials


def test_what_is_detectable_is_the_difference_that_needs_as_many_trials_as_there_are():
    some = [counts(passed, 8, passed - 1, 8) for passed in (8, 6, 3, 7, 4, 8)]
    shown = fmean(one.difference for one in some)
    assert trials_needed(some) == pytest.approx(8 * (detectable(some) / abs(shown)) ** 2, abs=1)


@pytest.mark.slow
def test_trials_of_different_numbers_are_compared_too_and_quickly():
    chance = random.Random(7)
    many = []
    for _ in range(60):
        before, after = chance.randint(11, 16), chance.randint(11, 16)
        many.append(counts(passed(chance, 0.5, before), before, passed(chance, 0.75, after), after))
    assert by_chance(many) < 1e-6
    assert by_chance([counts(2, 3, 1, 2), counts(3, 4, 4, 5), counts(6, 7, 5, 8)]) > 0.5


def test_nothing_to_compare_has_no_interval_and_no_difference_needs_no_trials():
    assert interval([]) is None
    assert detectable([]) is None
    assert trials_needed([]) is None
    assert trials_needed([counts(3, 4, 2, 4), counts(2, 4, 3, 4)]) is None
    assert by_chance([]) == 1.0


def test_scenarios_that_never_vary_leave_no_doubt_where_all_of_them_turn():
    assert by_chance([counts(4, 4, 0, 4)] * 8) < 1e-9
    assert moved_by_chance([counts(4, 4, 0, 4), counts(0, 4, 4, 4)] * 4) < 1e-9
    assert by_chance([counts(4, 4, 0, 4), counts(0, 4, 4, 4)] * 4) == pytest.approx(1.0)
