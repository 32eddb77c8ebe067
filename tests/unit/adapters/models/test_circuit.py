"""When a provider is down, and when it is asked again."""

import pytest

from sparring.adapters.models.circuit import (
    FIRST_PAUSE,
    IN_A_ROW,
    LONGEST_ASKED_FOR,
    LONGEST_PAUSE,
    Circuit,
    Closed,
)
from sparring.adapters.models.failures import Failure
from sparring.adapters.models.outages import outage_fault
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.retries import Trouble
from sparring.domain.errors import ProviderDown
from sparring.domain.outcomes import Role

BUSY = Failure(reason="refused", status=503, words="overloaded", trouble=Trouble.FAILING)
BROKEN = Failure(reason="refused", status=500, trouble=Trouble.FAILING)
GONE = Failure(reason="unreachable", words="refused", trouble=Trouble.FAILING)
NOON = 1_700_049_600.0


def fail(circuit: Circuit, times: int = IN_A_ROW, failure: Failure = BUSY, *, now: float = NOON) -> None:
    for caller in range(times):
        circuit.failed(failure, now, caller=caller)


def opened(failure: Failure = BUSY, **limit: float) -> Circuit:
    circuit = Circuit(**limit)
    fail(circuit, failure=failure)
    return circuit


def is_closed_to(circuit: Circuit, now: float) -> bool:
    try:
        circuit.check(now)
    except Closed:
        return True
    return False


def test_ten_failures_in_a_row_open_it_and_nine_do_not() -> None:
    circuit = Circuit()
    fail(circuit, IN_A_ROW - 1)
    assert not is_closed_to(circuit, NOON)
    fail(circuit, 1)
    assert is_closed_to(circuit, NOON)


def test_an_answer_in_between_begins_the_row_anew() -> None:
    circuit = Circuit()
    for _ in range(5):
        fail(circuit, IN_A_ROW - 1)
        circuit.answered(NOON)
    assert circuit.outage is None


def test_a_call_that_gave_up_opens_it_where_nobody_else_was_answered() -> None:
    circuit = Circuit()
    circuit.answered(NOON - 10)
    fail(circuit, 5)
    circuit.gave_up(BUSY, NOON, began=NOON - 5)
    assert is_closed_to(circuit, NOON)


def test_a_call_that_gave_up_does_not_where_somebody_was() -> None:
    circuit = Circuit()
    circuit.answered(NOON - 2)
    fail(circuit, 5)
    circuit.gave_up(BUSY, NOON, began=NOON - 5)
    assert not is_closed_to(circuit, NOON)


def test_a_request_that_always_meets_an_error_of_its_own_opens_nothing() -> None:
    circuit = Circuit()
    for _ in range(3 * IN_A_ROW):
        circuit.failed(BROKEN, NOON, caller=1)
    circuit.gave_up(BROKEN, NOON, began=NOON - 5)
    assert circuit.outage is None
    circuit.failed(BROKEN, NOON, caller=2)
    assert circuit.outage is not None


def test_one_request_looks_after_a_pause_and_the_others_wait_for_it() -> None:
    circuit = opened()
    assert is_closed_to(circuit, NOON + FIRST_PAUSE - 0.1)
    later = NOON + FIRST_PAUSE
    circuit.check(later)
    circuit.sent("the one")
    assert is_closed_to(circuit, later)
    circuit.answered(later)
    assert not is_closed_to(circuit, later)


def test_the_pauses_double_up_to_a_bound() -> None:
    circuit, now, pauses = opened(), NOON, []
    for _ in range(8):
        assert circuit.outage is not None
        pauses.append(circuit.outage.until - now)
        now = circuit.outage.until
        circuit.sent("one")
        circuit.failed(BUSY, now, caller=0)
        circuit.over("one")
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


@pytest.mark.parametrize(("asked", "seconds"), [(0.2, FIRST_PAUSE), (40.0, 40.0), (86400.0, LONGEST_ASKED_FOR)])
def test_the_provider_is_not_asked_before_it_wants_to_be_within_reason(asked: float, seconds: float) -> None:
    circuit = opened(Failure(reason="refused", status=503, trouble=Trouble.FAILING, retry_after=asked))
    assert circuit.outage is not None
    assert circuit.outage.until == NOON + seconds


def test_late_failures_of_requests_from_before_do_not_lengthen_the_pause() -> None:
    circuit = opened()
    fail(circuit, 50, now=NOON + 0.5)
    assert circuit.outage is not None
    assert circuit.outage.until == NOON + FIRST_PAUSE


def test_a_look_that_comes_to_nothing_lets_another_one_look() -> None:
    circuit = opened()
    circuit.sent("cancelled")
    circuit.over("cancelled")
    circuit.check(NOON + FIRST_PAUSE)


def test_with_a_limit_of_nothing_it_never_opens() -> None:
    assert opened(limit=0).outage is None


def fault_of(circuit: Circuit, *, now: float) -> Exception:
    assert circuit.outage is not None
    provider = Provider(name="openai", base_url="https://api.openai.com/v1", url_variable="OPENAI_BASE_URL")
    return outage_fault(Closed(circuit.outage), provider=provider, model="gpt", role=Role.JUDGE, now=now)


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (BUSY, "waiting for openai: 503 since 12:00 UTC"),
        (GONE, "waiting for openai: no connection since 12:00 UTC"),
        (Failure(reason="timeout", trouble=Trouble.SILENT), "waiting for openai: no answer since 12:00 UTC"),
        (
            Failure(reason="unreadable", trouble=Trouble.FAILING),
            "waiting for openai: broken connections since 12:00 UTC",
        ),
    ],
)
def test_what_is_waited_for_is_told_with_the_time_of_the_first_failure(failure: Failure, told: str) -> None:
    fault = fault_of(opened(failure), now=NOON + 60)
    assert isinstance(fault, ProviderDown)
    assert (fault.waiting, fault.until) == (told, NOON + FIRST_PAUSE)


def test_on_another_day_the_day_is_told() -> None:
    fault = fault_of(opened(), now=NOON + 86400)
    assert isinstance(fault, ProviderDown)
    assert fault.waiting == "waiting for openai: 503 since 2023-11-15 12:00 UTC"


def test_an_outage_beyond_the_limit_is_waited_for_no_longer_until_it_is_over() -> None:
    circuit = opened(limit=3600)
    assert circuit.outage is not None
    late = NOON + 3601
    circuit.sent("one")
    circuit.failed(BUSY, late, caller=0)
    circuit.over("one")
    fault = fault_of(circuit, now=late)
    assert not isinstance(fault, ProviderDown)
    assert fault.hopeless
    assert "for longer than SPARRING_OUTAGE_LIMIT allows" in str(fault)
    circuit.check(late + LONGEST_PAUSE)
    circuit.answered(late + LONGEST_PAUSE)
    assert circuit.outage is None
