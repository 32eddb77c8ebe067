"""A threshold that is decided early: for sure, or by more than chance."""

import random
from itertools import product
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.deciding import decide
from sparring.domain.metrics import pass_hat
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Threshold

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR
LETTERS = {"+": PASSED, "-": FAILED, "!": ERROR, "?": Outcome.INCONCLUSIVE, "x": Outcome.CANCELLED, ".": None}


def decided(rate, *scenarios, k=1):
    """Whether it is reached, by scenarios such as `++-..`; None where that is open."""
    outcomes = [(str(place), LETTERS[one]) for place, told in enumerate(scenarios) for one in told]
    found = decide(outcomes, Threshold(k, rate))
    return None if found is None else found.reached


@pytest.mark.parametrize(
    ("rate", "scenarios", "reached"),
    [
        (0.5, ["++.."], True),
        (0.5, ["+..."], None),
        (0.5, ["---."], False),
        (0.5, ["--.."], None),
        (1.0, ["+++-...."], False),
        (1.0, ["+++....."], None),
        (0.9, ["+" * 9 + ".", "+" * 9 + "."], True),
        (0.9, ["+" * 9 + ".", "+" * 8 + "--"], None),
        (0.9, ["+" * 8 + "-.", "+" * 8 + "--"], False),
        (0.5, ["++", "++", "...", "..."], True),
        (0.6, ["++", "++", "...", "..."], None),
        (0.5, ["+!+.", "+!+."], True),
        (0.5, ["!!!.", "!!!."], None),
        (0.9, ["!!!", "!!!"], None),
        (0.5, ["++--"], None),
    ],
)
def test_it_is_sure_where_the_trials_that_are_left_cannot_turn_it(rate, scenarios, reached):
    assert decided(rate, *scenarios) is reached


@pytest.mark.parametrize(
    ("k", "rate", "scenarios", "reached"),
    [
        (2, 0.5, ["++++++++.", "++++++++."], True),
        (2, 0.9, ["+-......"], False),
        (4, 0.6, ["-...", "++++"], None),
        (4, 0.8, ["-+++", "+++."], None),
        (4, 0.8, ["-+++", "++++."], False),
        (3, 0.5, ["++", "++"], None),
    ],
)
def test_of_several_trials_in_a_row_nothing_is_missed_before_each_scenario_has_as_many(
    k, rate, scenarios, reached
):
    assert decided(rate, *scenarios, k=k) is reached


@given(
    st.lists(st.text("+-!.", min_size=2, max_size=5), min_size=1, max_size=3), st.sampled_from([0.3, 0.5, 0.75])
)
def test_what_is_sure_is_what_comes_of_it_however_the_rest_falls_out(scenarios, rate):
    found = decide(
        [(str(place), LETTERS[one]) for place, told in enumerate(scenarios) for one in told], Threshold(1, rate)
    )
    if found is None or "to go" not in found.reason:
        return
    rest = sum(told.count(".") for told in scenarios)
    for ends in product("+-", repeat=rest):
        ending = iter(ends)
        full = ["".join(next(ending) if one == "." else one for one in told) for told in scenarios]
        rates = [told.count("+") / (told.count("+") + told.count("-")) for told in full if set(told) & set("+-")]
        assert (fmean(rates) >= rate) is found.reached


def test_a_rate_far_from_the_threshold_is_decided_long_before_the_end():
    assert decided(0.5, *["+" * 8 + "." * 92] * 4) is True
    assert decided(0.9, *["+-+-+-+-" + "." * 92] * 4) is False
    assert decided(0.9, *["+" * 8 + "." * 92] * 4) is None


def test_what_ended_early_out_of_turn_waits_for_those_before_it():
    early = "." + "+" * 40 + "." * 59
    assert decided(0.5, early) is None
    assert decided(0.5, early.replace(".", "!", 1)) is True


def test_the_reason_says_what_is_known_and_why():
    def reason(rate, *scenarios, k=1):
        outcomes = [(str(place), LETTERS[one]) for place, told in enumerate(scenarios) for one in told]
        return decide(outcomes, Threshold(k, rate)).reason

    assert reason(0.5, "+++.") == "Decided: pass^1 reaches 0.5; with 1 to go it cannot end below 0.75."
    assert reason(0.9, "--..") == "Decided: pass^1 cannot reach 0.9; with 2 to go it cannot end above 0.50."
    assert reason(0.5, "+" * 20 + "." * 80) == (
        "Decided: pass^1 is above 0.5; 1.00 in 20 trials, 0.78–1.00 at 95 %."
    )
    assert reason(0.7, "+-" * 8 + "." * 140, k=2) == (
        "Decided: pass^2 is below 0.7; 0.00 in 8 groups of 2 trials, 0.00–0.44 at 95 %."
    )


def one_play(chance, rates, trials, threshold):
    """The decision of a play that is looked at after each trial, and how many trials it took."""
    played = [[chance.random() < rate for _ in range(trials)] for rate in rates]
    for done in range(1, trials * len(rates) + 1):
        outcomes = [
            (str(scenario), (PASSED if played[scenario][number] else FAILED) if at < done else None)
            for at, (number, scenario) in enumerate(product(range(trials), range(len(rates))))
        ]
        found = decide(outcomes, threshold)
        if found is not None:
            return found, done
    final = fmean(pass_hat(sum(one), trials, threshold.k) for one in played)
    return final >= threshold.rate, trials * len(rates)


@pytest.mark.slow
@pytest.mark.parametrize("bar", [0.5, 0.8])
def test_a_decision_by_chance_is_wrong_in_at_most_5_of_100_simulations(bar):
    """At the bar itself, where every decision but that of the last trial is one too many."""
    chance, plays, wrong = random.Random(f"{bar}"), 120, 0
    for _ in range(plays):
        spread = [chance.uniform(-0.2, 0.2) for _ in range(2)]
        rates = [min(1.0, max(0.0, bar + off)) for pair in ((s, -s) for s in spread) for off in pair]
        found, _ = one_play(chance, rates, 16, Threshold(1, bar))
        wrong += not isinstance(found, bool) and "to go" not in found.reason
    assert wrong / plays <= 0.05


def test_a_clear_case_takes_a_part_of_the_trials_and_is_decided_rightly():
    chance, plays, right, taken = random.Random("clear"), 40, 0, 0
    for _ in range(plays):
        found, done = one_play(chance, [0.97, 0.99, 0.95, 1.0], 24, Threshold(1, 0.7))
        right += found if isinstance(found, bool) else found.reached
        taken += done
    assert right / plays >= 0.95
    assert taken / plays < 0.5 * 96
