"""The tree of errors."""

import pytest

from sparring.domain import errors
from sparring.domain.errors import (
    AgentFault,
    InvalidInput,
    JudgeFault,
    LimitReached,
    MockGap,
    ModelFault,
    NotConfigured,
    NotFound,
    SparringError,
    TrialFault,
    UserFault,
)
from sparring.domain.outcomes import Cause

MODEL = ModelFault("m", provider="p", model="m", reason="timeout", status=504, retry_after=2.0)


def tree(kind):
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


@pytest.mark.parametrize(
    ("fault", "cause", "retryable", "replay"),
    [
        (MODEL, Cause.PROVIDER, True, False),
        (UserFault("m"), Cause.SIMULATED_USER, True, False),
        (AgentFault("m"), Cause.AGENT, True, False),
        (AgentFault("m", retryable=False), Cause.AGENT, False, False),
        (JudgeFault("m"), Cause.JUDGE, True, False),
        (MockGap("m"), Cause.MOCK_GAP, True, True),
        (LimitReached("m"), Cause.LIMIT, False, False),
    ],
)
def test_a_fault_tells_its_cause_and_whether_playing_again_can_help(fault, cause, retryable, replay):
    assert isinstance(fault, TrialFault)
    assert (fault.cause, fault.retryable, fault.replay, str(fault)) == (cause, retryable, replay, "m")


def test_a_models_fault_keeps_the_facts():
    assert (MODEL.provider, MODEL.model, MODEL.reason, MODEL.status, MODEL.retry_after) == (
        "p",
        "m",
        "timeout",
        504,
        2.0,
    )


def test_every_cause_of_an_error_has_a_kind_that_tells_it():
    causes = {kind.cause for kind in tree(TrialFault)}
    assert causes == set(Cause)


def test_bad_input_may_name_its_field():
    assert InvalidInput("m").field is None
    assert NotConfigured("m", field="model").field == "model"


def test_what_is_not_found_is_named():
    missing = NotFound("scenario", "tc_1")
    assert (str(missing), missing.kind, missing.id) == ("No scenario 'tc_1' here.", "scenario", "tc_1")


def test_every_error_has_a_code_and_stands_in_the_printed_tree():
    for kind in tree(SparringError):
        if kind.__module__ == errors.__name__:
            assert kind.code
            assert kind.__name__ in errors.__doc__
