"""Verdicts on conversations written for the purpose, and the bars that figures have to reach."""

import gzip
import json

import pytest

from .actions import compare_actions
from .bars import Figures
from .recordings import read_recordings
from .writes import compare_writes
from .written import agent, call, recording, result, user

ALL_WELL = Figures(
    checks=10,
    checks_equal=10,
    writes=1000,
    writes_equal=960,
    false_passes=5,
    replayed=1000,
    identical=980,
    not_representable=20,
)


def check(name, arguments, *, match, **more):
    return {"action": {"name": name, "arguments": arguments, **more}, "action_match": match}


def cancelling(*checks, database=None, answer="done", **more):
    """A conversation in which reservation A is cancelled."""
    return recording(
        agent("Hi"),
        user("Cancel A."),
        agent(None, call("cancel_reservation", "x", reservation_id="A")),
        result(answer, "x"),
        user("###STOP###"),
        action_checks=list(checks),
        reward_breakdown=None if database is None else {"DB": database},
        **more,
    )


def test_a_recorded_verdict_that_is_not_the_evaluators_is_listed():
    wrong = cancelling(check("cancel_reservation", {"reservation_id": "A"}, match=False))
    found = compare_actions([wrong], "tau2")
    assert (found.checks, found.equal) == (1, 0)
    assert "recorded as no match, but cancel_reservation was called as expected" in found.differing[0]


@pytest.mark.parametrize(("rule", "equal"), [("tau2", 1), ("exact", 0)])
def test_only_the_original_rule_passes_over_a_missing_argument(rule, equal):
    lax = cancelling(check("cancel_reservation", {"reservation_id": "A", "why": "ill"}, match=True))
    assert compare_actions([lax], rule).equal == equal


def test_compared_arguments_are_heeded():
    named = cancelling(check("cancel_reservation", {"reservation_id": "B"}, match=True, compare_args=[]))
    assert compare_actions([named], "tau2").equal == 1


@pytest.mark.parametrize(
    ("database", "expected", "answer", "false_passes", "agrees"),
    [
        (1.0, "A", "done", 0, True),
        (0.0, "B", "done", 0, True),
        (0.0, "A", "done", 1, False),
        (1.0, "B", "done", 0, False),
        (0.0, "A", "Error: flown already", 0, True),
    ],
)
def test_what_was_written_is_compared_with_the_database(database, expected, answer, false_passes, agrees):
    one = cancelling(
        check("cancel_reservation", {"reservation_id": expected}, match=True), database=database, answer=answer
    )
    found = compare_writes([one])
    assert (found.verdicts, found.equal, found.false_passes) == (1, int(agrees), false_passes)


def test_a_disagreement_says_what_differed():
    one = cancelling(check("cancel_reservation", {"reservation_id": "B"}, match=False), database=1.0)
    (found,) = compare_writes([one]).disagreements
    assert "line 1" in str(found)
    assert 'missing: cancel_reservation {"reservation_id":"B"}' in str(found)
    assert 'not expected: cancel_reservation {"reservation_id":"A"}' in str(found)


def test_only_airline_and_retail_are_compared_by_what_they_write():
    silent = [user("Hi"), agent("Yes?"), user("###STOP###")]
    verdict = {"reward_breakdown": {"DB": 1.0}, "action_checks": []}
    assert compare_writes([recording(*silent, **verdict)]).verdicts == 0
    assert compare_writes([recording(*silent, domain="telecom", **verdict)]).verdicts == 0
    assert compare_writes([recording(*silent, domain="retail", **verdict)]).verdicts == 1
    assert compare_writes([cancelling(database=None, domain="airline")]).verdicts == 0


@pytest.mark.parametrize(
    "change",
    [
        {"checks_equal": 9},
        {"writes_equal": 959},
        {"false_passes": 6},
        {"identical": 979},
        {"identical": 979, "not_representable": 21},
        {"replayed": 0, "identical": 0, "not_representable": 0},
    ],
)
def test_a_figure_that_falls_short_is_told(change):
    assert ALL_WELL.shortcomings() == []
    told = json.loads(ALL_WELL.as_json()) | change
    assert len(Figures(**told).shortcomings()) == 1


def test_packed_and_plain_files_are_read_alike(tmp_path):
    lines = "".join(json.dumps(cancelling(line=number).record) + "\n" for number in (1, 2)).encode()
    (tmp_path / "plain").write_bytes(lines)
    (tmp_path / "packed").write_bytes(gzip.compress(lines))
    plain, packed = (list(read_recordings(tmp_path / name)) for name in ("plain", "packed"))
    assert plain == packed
    assert [one.line for one in plain] == [1, 2]
