"""From a transcript and assessments to a verdict."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.evaluation import (
    Assessment,
    CheckKind,
    Evidence,
    Finding,
    action_matches,
    grade,
    matching_calls,
    needs_judge,
)
from sparring.domain.matching import Matcher
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import Expectations, ExpectedAction
from sparring.domain.transcript import AgentMessage, Side, ToolCall, Transcript, UserMessage
from sparring.domain.turns import END_TOOL

STOPPED = Termination.USER_STOP
TRAJECTORIES = Path(__file__).resolve().parents[4] / "shared" / "data" / "tau2" / "trajectories.jsonl.gz"


def call(arguments=None, name="book", **more):
    return ToolCall(id="c", name=name, arguments=arguments or {}, **more)


def wants(arguments=None, compare=None, rule="exact", **more):
    return ExpectedAction(name="book", arguments=arguments, compare_args=compare, match_rule=rule, **more)


def judged(expect, *messages, termination=STOPPED, findings=()):
    assessments = [Assessment(finding=Finding(f), reason="because") for f in findings]
    return grade(expect, Transcript(messages), termination, assessments, end_tool=END_TOOL)


@pytest.mark.parametrize(
    ("expected", "actual", "exact", "tau2"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, True, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, True),
        ({"a": 1, "b": 2}, {"a": 1}, False, True),
        ({"a": 1}, {"a": 1, "b": 2}, False, False),
        ({"a": 1, "b": 2}, {}, False, True),
        ({}, {"a": 1}, False, False),
        ({}, {}, True, True),
        ({"a": 1}, {"a": 1.0}, True, True),
        ({"a": 1}, {"a": True}, False, True),
        ({"a": {"b": [True]}}, {"a": {"b": [1]}}, False, True),
        ({"a": "1"}, {"a": 1}, False, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False, False),
        ({"a": None}, {}, False, True),
    ],
)
def test_without_compare_args_both_sides_are_compared_or_by_tau2s_rule_the_calls(expected, actual, exact, tau2):
    assert action_matches(wants(expected), call(actual), Side.AGENT) is exact
    assert action_matches(wants(expected, rule="tau2"), call(actual), Side.AGENT) is tau2


@pytest.mark.parametrize("rule", ["exact", "tau2"])
@pytest.mark.parametrize(
    ("compare", "expected", "actual", "match"),
    [
        ((), {"a": 1}, {"b": 2}, True),
        (("a",), {"a": 1, "b": 2}, {"a": 1, "b": 3}, True),
        (("a",), {"a": 1}, {"a": 2}, False),
        (("z",), {"a": 1}, {"a": 2}, True),
        (("a",), {"a": 1}, {}, False),
        (("a",), {}, {"a": 1}, False),
        (("a",), None, {"a": 1}, True),
    ],
)
def test_compare_args_names_what_is_compared(rule, compare, expected, actual, match):
    assert action_matches(wants(expected, compare, rule), call(actual), Side.AGENT) is match


def test_without_arguments_only_the_name_is_compared():
    assert action_matches(wants(), call({"a": 1}), Side.AGENT)
    assert not action_matches(wants(), call({"a": 1}, name="cancel"), Side.AGENT)


def test_matchers_stand_for_arguments():
    expected = wants({"id": Matcher(regex="^X"), "note": Matcher(present=False)})
    assert action_matches(expected, call({"id": "X1"}), Side.AGENT)
    assert not action_matches(expected, call({"id": "Y1"}), Side.AGENT)
    assert not action_matches(expected, call({"id": "X1", "note": ""}), Side.AGENT)
    assert not action_matches(expected, call({}), Side.AGENT)


def test_the_side_is_compared_only_on_request():
    assert action_matches(wants(), call(), Side.USER)
    assert not action_matches(wants(match_side=True), call(), Side.USER)
    assert action_matches(wants(match_side=True, side=Side.USER), call(), Side.USER)


def test_a_call_whose_arguments_could_not_be_read_matches_nothing():
    broken = call(malformed='{"a": ')
    assert not action_matches(wants(compare=()), broken, Side.AGENT)
    assert not action_matches(wants({}), broken, Side.AGENT)


def test_the_users_way_of_hanging_up_is_no_action():
    expected = ExpectedAction(name=END_TOOL)
    hanging_up = call(name=END_TOOL)
    assert matching_calls(expected, Transcript([UserMessage(text=None, calls=(hanging_up,))]), END_TOOL) == []
    by_agent = Transcript([AgentMessage(text=None, calls=(hanging_up,))])
    assert matching_calls(expected, by_agent, END_TOOL) == [(0, hanging_up)]


BOOKED = AgentMessage(text=None, calls=(call({"id": "X"}), call({"id": "Y"}, name="look")))


def test_with_nothing_to_check_a_conversation_that_ended_passes():
    verdict = judged(Expectations(), UserMessage(text="Bye."))
    assert (verdict.outcome, verdict.reward, dict(verdict.breakdown), verdict.checks) == (
        Outcome.PASSED,
        1.0,
        {},
        (),
    )


def test_everything_met_passes_with_a_part_for_each_kind_of_check():
    expect = Expectations(assertions=("A.", "B."), actions=(wants({"id": "X"}),), forbidden=("cancel",))
    verdict = judged(expect, BOOKED, findings=["met", "met"])
    assert (verdict.outcome, verdict.reward) == (Outcome.PASSED, 1.0)
    assert verdict.breakdown == {"ACTION": 1.0, "FORBIDDEN": 1.0, "NL_ASSERTION": 1.0}
    assert [(check.kind, check.index) for check in verdict.checks] == [
        (CheckKind.ACTION, 0), (CheckKind.FORBIDDEN, 0), (CheckKind.ASSERTION, 0), (CheckKind.ASSERTION, 1),
    ]  # fmt: skip
    assert verdict.checks[0].evidence == (Evidence(message=0, quote="book"),)
    assert verdict.unmet == ()
    assert verdict.note is None


def test_one_unmet_assertion_fails():
    verdict = judged(Expectations(assertions=("A.", "B.")), BOOKED, findings=["met", "not_met"])
    assert (verdict.outcome, verdict.reward, verdict.breakdown) == (Outcome.FAILED, 0.0, {"NL_ASSERTION": 0.0})
    assert [check.subject for check in verdict.unmet] == ["B."]


def test_one_inconclusive_assertion_leaves_no_reward():
    verdict = judged(Expectations(assertions=("A.", "B.")), BOOKED, findings=["met", "inconclusive"])
    assert (verdict.outcome, verdict.reward) == (Outcome.INCONCLUSIVE, None)


def test_a_failure_wins_over_what_cannot_be_decided_and_is_told_first():
    expect = Expectations(assertions=("A.", "B."))
    verdict = judged(expect, BOOKED, findings=["inconclusive", "not_met"])
    assert (verdict.outcome, verdict.reward) == (Outcome.FAILED, 0.0)
    assert [check.subject for check in verdict.unmet] == ["B.", "A."]


def test_a_missing_action_fails_and_tells_what_came_instead():
    expect = Expectations(actions=(wants({"id": "Z", "n": Matcher(at_least=2)}), ExpectedAction(name="refund")))
    broken = AgentMessage(text=None, calls=(call(malformed="{oops"),))
    verdict = judged(expect, BOOKED, broken)
    assert (verdict.outcome, verdict.breakdown) == (Outcome.FAILED, {"ACTION": 0.0})
    assert verdict.checks[0].reason == (
        'book was called with other arguments: expected {"id":"Z","n":"at least 2"}, came {"id":"X"}; {oops.'
    )
    assert verdict.checks[0].evidence == (Evidence(message=0, quote="book"), Evidence(message=1, quote="book"))
    assert verdict.checks[1].reason == "refund was never called."
    assert verdict.checks[1].evidence == ()


def test_one_call_may_satisfy_several_expectations_and_further_calls_do_not_matter():
    verdict = judged(Expectations(actions=(wants({"id": "X"}), wants())), BOOKED)
    assert verdict.outcome is Outcome.PASSED


def test_an_action_that_is_not_required_is_checked_and_stays_out_of_the_reward():
    verdict = judged(Expectations(actions=(wants({"id": "Z"}, required=False), wants())), BOOKED)
    assert (verdict.outcome, verdict.reward, verdict.breakdown) == (Outcome.PASSED, 1.0, {"ACTION": 1.0})
    assert [check.finding for check in verdict.checks] == [Finding.NOT_MET, Finding.MET]
    assert verdict.unmet == ()


def test_a_forbidden_tool_fails_when_the_agent_calls_it():
    by_user = UserMessage(text=None, calls=(call(),))
    assert judged(Expectations(forbidden=("book",)), by_user).outcome is Outcome.PASSED
    verdict = judged(Expectations(forbidden=("book", "cancel")), by_user, BOOKED)
    assert (verdict.outcome, verdict.breakdown) == (Outcome.FAILED, {"FORBIDDEN": 0.0})
    assert verdict.checks[0].reason == "book must not be called, and was."
    assert verdict.checks[0].evidence == (Evidence(message=1, quote="book"),)
    assert verdict.checks[1].finding is Finding.MET


@pytest.mark.parametrize("limit", [Termination.MAX_STEPS, Termination.TOO_MANY_ERRORS])
def test_a_limit_fails_without_a_judge_whatever_was_done(limit):
    expect = Expectations(assertions=("A.",), actions=(wants(),))
    assert not needs_judge(expect, limit)
    verdict = judged(expect, BOOKED, termination=limit)
    assert (verdict.outcome, verdict.reward) == (Outcome.FAILED, 0.0)
    assert verdict.breakdown == {"ACTION": 1.0, "NL_ASSERTION": 0.0}
    assert verdict.note
    assert verdict.checks[1].finding is Finding.INCONCLUSIVE
    assert verdict.checks[1].reason == f"Not assessed. {verdict.note}"
    assert judged(Expectations(), termination=limit).reward == 0.0
    assert judged(expect, BOOKED, termination=limit, findings=["met"]).checks[1].finding is Finding.MET


@pytest.mark.parametrize(
    ("assertions", "termination", "needed"),
    [
        (("A.",), Termination.USER_STOP, True),
        (("A.",), Termination.AGENT_STOP, True),
        ((), Termination.USER_STOP, False),
        (("A.",), Termination.CANCELLED, False),
    ],
)
def test_the_judge_is_asked_only_where_there_is_something_to_assess(assertions, termination, needed):
    assert needs_judge(Expectations(assertions=assertions), termination) is needed


def test_a_cancelled_conversation_gets_no_verdict():
    with pytest.raises(ValueError, match="cancelled"):
        judged(Expectations(), termination=Termination.CANCELLED)


@pytest.mark.parametrize("findings", [[], ["met"], ["met", "met", "met"]])
def test_assessments_that_do_not_pair_with_the_assertions_are_never_a_verdict(findings):
    with pytest.raises(ValueError, match=f"2 assertions but {len(findings)} assessments"):
        judged(Expectations(assertions=("A.", "B.")), BOOKED, findings=findings)


FINDINGS = st.sampled_from(list(Finding))


@given(st.lists(FINDINGS, max_size=4), st.lists(st.tuples(st.booleans(), st.booleans()), max_size=4))
def test_the_reward_is_the_product_of_its_parts(findings, actions):
    expect = Expectations(
        assertions=tuple(f"{number}." for number in range(len(findings))),
        actions=tuple(wants({"id": "X" if met else "Z"}, required=required) for met, required in actions),
    )
    verdict = judged(expect, BOOKED, findings=findings)
    required = [*findings, *(Finding.MET if met else Finding.NOT_MET for met, required in actions if required)]
    product = 1.0
    for part in verdict.breakdown.values():
        product *= part
    if Finding.NOT_MET in required:
        assert (verdict.outcome, verdict.reward, product) == (Outcome.FAILED, 0.0, 0.0)
    elif Finding.INCONCLUSIVE in required:
        assert (verdict.outcome, verdict.reward) == (Outcome.INCONCLUSIVE, None)
    else:
        assert (verdict.outcome, verdict.reward, product) == (Outcome.PASSED, 1.0, 1.0)


def test_at_most_three_other_calls_are_told():
    many = [AgentMessage(text=None, calls=(call({"id": number}),)) for number in range(5)]
    (check,) = judged(Expectations(actions=(wants({"id": 9}),)), *many).checks
    assert check.reason.endswith('came {"id":0}; {"id":1}; {"id":2}.')
    assert len(check.evidence) == 5


@pytest.mark.skipif(not TRAJECTORIES.exists(), reason="The recorded conversations of tau2-bench are not here.")
def test_the_rule_tau2_gives_the_recorded_verdict_on_every_recorded_action():
    met = Counter()
    with gzip.open(TRAJECTORIES, "rt", encoding="utf-8") as lines:
        for line in lines:
            recorded = json.loads(line)
            transcript = Transcript(map(_spoken, _speaking(recorded["messages"])))
            for check in recorded["action_checks"] or ():
                action = check["action"]
                compare = action.get("compare_args")
                expected = ExpectedAction(
                    name=action["name"],
                    arguments=action["arguments"],
                    compare_args=None if compare is None else tuple(compare),
                    match_rule="tau2",
                )
                found = bool(matching_calls(expected, transcript, END_TOOL))
                assert found == check["action_match"], (recorded["simulation_id"], action)
                met[found] += 1
    assert (met.total(), met[True]) == (1770, 1472)


def _speaking(messages):
    return (message for message in messages if message["role"] in ("assistant", "user"))


def _spoken(message):
    kind = UserMessage if message["role"] == "user" else AgentMessage
    calls = message.get("tool_calls") or ()
    return kind(
        text=message.get("content"),
        calls=tuple(ToolCall(id="", name=made["name"], arguments=made["arguments"]) for made in calls),
    )
