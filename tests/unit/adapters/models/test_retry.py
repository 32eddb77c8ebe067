"""Whether and when a provider is asked again."""

from email.utils import formatdate

import pytest

from sparring.adapters.models.retries import Patience, Trouble, retry_after, trouble_of

NOW = 1_700_000_000.0


def pauses(patience: Patience, trouble: Trouble, *, wait: float | None = None, chance: float = 1.0) -> list[float]:
    """The pauses of a call that meets the same trouble each time."""
    found: list[float] = []
    while True:
        pause = patience.pause(trouble, tries=len(found) + 1, elapsed=sum(found), retry_after=wait, chance=chance)
        if pause is None:
            return found
        found.append(pause)


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 529])
def test_asking_again_can_help_when_the_server_fails(status: int) -> None:
    assert trouble_of(status) is Trouble.FAILING


def test_asking_again_can_help_when_the_limit_is_reached() -> None:
    assert trouble_of(429) is Trouble.THROTTLED


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_asking_again_cannot_help_when_the_request_is_wrong(status: int) -> None:
    assert trouble_of(status) is None


def test_a_failing_server_is_asked_five_times_with_growing_pauses() -> None:
    assert pauses(Patience(), Trouble.FAILING) == [0.5, 1.0, 2.0, 4.0]


def test_the_jitter_is_full() -> None:
    assert pauses(Patience(), Trouble.FAILING, chance=0.0) == [0.0, 0.0, 0.0, 0.0]
    assert pauses(Patience(), Trouble.FAILING, chance=0.5) == [0.25, 0.5, 1.0, 2.0]


def test_a_silent_server_is_asked_twice() -> None:
    assert len(pauses(Patience(), Trouble.SILENT)) == 1


def test_429s_are_waited_out_for_more_than_two_minutes() -> None:
    for chance in (0.1, 0.5, 0.999):
        assert sum(pauses(Patience(), Trouble.THROTTLED, chance=chance)) >= 120


def test_a_minute_of_429s_with_retry_after_is_survived() -> None:
    waited = pauses(Patience(), Trouble.THROTTLED, wait=20.0, chance=0.5)
    assert sum(waited) >= 120
    assert all(pause >= 20.0 for pause in waited)


def test_no_pause_grows_beyond_its_bound() -> None:
    patience = Patience(tries=30)
    assert max(pauses(patience, Trouble.FAILING)) == patience.longest_pause


def test_a_retry_after_beyond_all_patience_ends_the_call_at_once() -> None:
    assert pauses(Patience(), Trouble.THROTTLED, wait=3600.0) == []
    assert pauses(Patience(), Trouble.FAILING, wait=3600.0) == []


def test_what_the_provider_asks_for_is_the_least_that_is_waited() -> None:
    pause = Patience().pause(Trouble.FAILING, tries=1, elapsed=0, retry_after=7.0, chance=0.0)
    assert pause == 7.0


def test_those_told_the_same_come_back_at_different_moments() -> None:
    early, late = (
        Patience().pause(Trouble.THROTTLED, tries=1, elapsed=0, retry_after=20.0, chance=chance) or 0.0
        for chance in (0.1, 0.9)
    )
    assert 20.0 < early < late <= 25.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "x", "retry-after": "2"}, 2.0),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds
