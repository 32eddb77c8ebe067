"""A provider's limits, kept so that it is used to the full and hardly ever refuses. Minutes pass in no time."""

import pytest
from limited_provider import play

pytestmark = pytest.mark.slow
COUNTINGS = ("bucket", "sliding", "aligned")


@pytest.mark.parametrize("counting", COUNTINGS)
@pytest.mark.parametrize("tokens", [200, 750], ids=["requests bind", "tokens bind"])
def test_a_configured_limit_is_used_to_the_full_and_hardly_ever_exceeded(counting: str, tokens: int) -> None:
    played = play(counting, tokens=tokens)
    assert played.seconds <= 1.1 * played.least
    assert played.refused <= 0.02


@pytest.mark.parametrize("counting", COUNTINGS)
@pytest.mark.parametrize("tokens", [200, 750], ids=["requests bind", "tokens bind"])
def test_a_limit_that_only_the_headers_tell_is_kept_as_well(counting: str, tokens: int) -> None:
    played = play(counting, tokens=tokens, headers=True, configured=False)
    assert played.seconds <= 1.1 * played.least
    assert played.refused <= 0.02


def test_models_that_share_a_limit_are_found_out_from_the_headers() -> None:
    played = play("bucket", headers=True, configured=False, models=3, tokens=750)
    assert played.seconds <= 1.1 * played.least
    assert played.refused <= 0.02


def test_slow_answers_do_not_keep_a_limit_from_being_used() -> None:
    played = play("bucket", calls=30, latency=4.0, tokens=300)
    assert played.seconds <= 1.1 * played.least
    assert played.refused <= 0.02


def test_a_minutes_limit_that_is_enforced_by_the_second_is_kept() -> None:
    played = play("bucket", depth=1 / 60)
    assert played.seconds <= 1.1 * played.least
    assert played.refused <= 0.02


@pytest.mark.parametrize("counting", COUNTINGS)
def test_a_limit_that_nobody_tells_is_learnt_from_the_refusals(counting: str) -> None:
    played = play(counting, configured=False)
    assert played.seconds <= 1.1 * played.least
    assert played.refused <= 0.04


def test_refusals_without_a_reason_do_not_slow_everything_down() -> None:
    played = play("bucket", configured=False, random_refusals=0.3, generous=1e6)
    assert played.seconds < 300


@pytest.mark.parametrize("counting", COUNTINGS)
def test_models_that_share_a_window_are_found_out_however_many_are_asked_at_once(counting: str) -> None:
    played = play(counting, headers=True, configured=False, models=3, tokens=750, calls=12)
    assert played.refused <= 0.02
