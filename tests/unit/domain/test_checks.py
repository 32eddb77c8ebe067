"""Checks of calls that write, of forbidden calls with conditions, of the final state and of words."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.calls import check_writes, succeeded
from sparring.domain.errors import ScenarioFault
from sparring.domain.evaluation import Assessment, CheckKind, Evidence, Finding, action_matches, grade
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, ToolMock
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import (
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
)
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult, Transcript, UserMessage
from sparring.domain.turns import END_TOOL
from sparring.domain.words import quote
from sparring.domain.world import World

TRAJECTORIES = Path(__file__).resolve().parents[4] / "shared" / "data" / "tau2" / "trajectories.jsonl.gz"
WRITING = {"book", "cancel"}


def talk(*said):
    """Texts of the agent, and calls as (name, arguments) or (name, arguments, result)."""
    messages = []
    for one in said:
        if isinstance(one, str):
            messages.append(AgentMessage(text=one))
            continue
        name, arguments, *result = one
        call = ToolCall(id="c", name=name, arguments=arguments)
        text, is_error = (result or ["ok"])[0], name in (result[1:] or ())
        messages += [
            AgentMessage(text=None, calls=(call,)),
            ToolResult(call_id="c", name=name, text=text, is_error=is_error),
        ]
    return Transcript(messages)


def judged(expect, transcript, *, world=None, findings=()):
    assessments = [Assessment(finding=Finding(f), reason="because") for f in findings]
    return grade(
        expect, transcript, Termination.USER_STOP, assessments, end_tool=END_TOOL, writing=WRITING, world=world
    )


def writes(*expected, required=True):
    actions = tuple(ExpectedAction(name=name, arguments=arguments, required=False) for name, arguments in expected)
    return Expectations(actions=actions, writes=ExpectedWrites(required=required))


def the(kind, verdict):
    return next(check for check in verdict.checks if check.kind is kind)


def test_the_calls_that_write_are_exactly_the_expected_ones_in_any_order():
    transcript = talk(("look", {}), ("cancel", {"id": 2}), ("book", {"id": 1}), ("look", {}))
    verdict = judged(writes(("book", {"id": 1}), ("cancel", {"id": 2}), ("look", {"id": 9})), transcript)
    assert (verdict.outcome, verdict.breakdown) == (Outcome.PASSED, {"ACTION": 1.0, "WRITES": 1.0})
    check = the(CheckKind.WRITES, verdict)
    assert check.reason == "There were 2 calls that write, as expected."
    assert [evidence.message for evidence in check.evidence] == [2, 4]


@pytest.mark.parametrize(
    ("expected", "made", "reason"),
    [
        ([], [], "There was no call that writes, as expected."),
        ([("book", {})], [("book", {})], "There was 1 call that writes, as expected."),
        ([("book", {})], [], "missing: book {}."),
        ([], [("book", {"id": 1})], 'not expected: book {"id":1}.'),
        ([("book", {"id": 1})], [("book", {"id": 1})] * 2, 'not expected: book {"id":1}.'),
        ([("book", {"id": 1})] * 2, [("book", {"id": 1})], 'missing: book {"id":1}.'),
        (
            [("book", {"id": Matcher(at_least=3)})],
            [("book", {"id": 1})],
            'missing: book {"id":"at least 3"}; not expected: book {"id":1}.',
        ),
        ([], [("book", {"id": n}) for n in range(5)], "and 2 more."),
    ],
)
def test_what_is_missing_and_what_was_not_expected_is_told(expected, made, reason):
    check = the(CheckKind.WRITES, judged(writes(*expected), talk(*made)))
    assert check.reason.endswith(reason)
    assert (check.finding is Finding.MET) is ("as expected" in reason)


def test_failed_and_unanswered_calls_have_written_nothing():
    failed = [("book", {}, "Error: full"), ("book", {}, "no", "book")]
    assert judged(writes(), talk(*failed)).outcome is Outcome.PASSED
    call = ToolCall(id="c", name="book", arguments={})
    assert judged(writes(), Transcript([AgentMessage(text=None, calls=(call,))])).outcome is Outcome.PASSED
    assert not succeeded(ToolResult(call_id="c", name="t", text="Error"))
    assert succeeded(ToolResult(call_id="c", name="t", text="An Error"))


def test_several_calls_of_one_message_are_told_apart_by_their_results():
    calls = tuple(ToolCall(id=str(n), name="book", arguments={"id": n}) for n in range(3))
    results = [ToolResult(call_id=str(n), name="book", text="ok", is_error=n == 1) for n in range(3)]
    transcript = Transcript([AgentMessage(text=None, calls=calls), *results])
    assert judged(writes(("book", {"id": 0}), ("book", {"id": 2})), transcript).outcome is Outcome.PASSED
    assert judged(writes(("book", {"id": 1}), ("book", {"id": 2})), transcript).outcome is Outcome.FAILED


def test_writes_that_are_not_required_are_shown_and_do_not_decide():
    verdict = judged(writes(required=False), talk(("book", {})))
    assert (verdict.outcome, verdict.breakdown) == (Outcome.PASSED, {"WRITES": 1.0})
    assert the(CheckKind.WRITES, verdict).finding is Finding.NOT_MET


EXPECTED = st.lists(
    st.builds(
        ExpectedAction,
        name=st.sampled_from(["book", "look"]),
        arguments=st.fixed_dictionaries({"id": st.one_of(st.integers(0, 2), st.just(Matcher(at_least=1)))}),
    ),
    max_size=4,
)


@given(EXPECTED, st.lists(st.tuples(st.sampled_from(["book", "look"]), st.integers(0, 2)), max_size=4))
def test_writes_are_exact_where_a_one_to_one_pairing_exists(expected, made):
    transcript = talk(*((name, {"id": id}) for name, id in made))
    check = check_writes(ExpectedWrites(), expected, transcript, {"book"})
    wanted = [action for action in expected if action.name == "book"]
    calls = [call for _, call, _ in transcript.calls() if call.name == "book"]

    def pairs(left, rest):
        if not left:
            return not rest
        return any(
            action_matches(left[0], call, Side.AGENT) and pairs(left[1:], rest[:n] + rest[n + 1 :])
            for n, call in enumerate(rest)
        )

    assert (check.finding is Finding.MET) is pairs(wanted, calls)


def test_a_forbidden_call_may_be_forbidden_only_with_some_arguments():
    expect = Expectations(forbidden=(ForbiddenAction(name="book", arguments={"price": Matcher(at_least=100)}),))
    assert judged(expect, talk(("book", {"price": 99}), ("book", {}))).outcome is Outcome.PASSED
    verdict = judged(expect, talk(("book", {"price": 100, "x": 1})))
    assert the(CheckKind.FORBIDDEN, verdict).reason == (
        'book must not be called with price at least 100, and was: {"price":100,"x":1}.'
    )
    assert the(CheckKind.FORBIDDEN, verdict).subject == "book with price at least 100"
    met = judged(expect, talk("Hello."))
    assert the(CheckKind.FORBIDDEN, met).reason == "book was not called with price at least 100."


def test_a_forbidden_call_that_is_not_required_to_be_absent_does_not_decide():
    expect = Expectations(forbidden=(ForbiddenAction(name="book", required=False),))
    verdict = judged(expect, talk(("book", {})))
    assert (verdict.outcome, verdict.breakdown) == (Outcome.PASSED, {"FORBIDDEN": 1.0})


def test_a_bare_name_is_a_forbidden_action():
    assert Expectations(forbidden=("book",)) == Expectations(forbidden=(ForbiddenAction(name="book"),))


BOOKED = ToolMock(
    otherwise=Answer(value="ok", changes=Changes(set={"orders.{{arguments.id}}": {"status": "booked"}}))
)


def booked(state=None, variables=None):
    transcript = talk("Hello.", ("book", {"id": "A1"}), "Done.")
    world = World({"book": BOOKED}, variables, state)
    world.follow(transcript)
    return transcript, world


@pytest.mark.parametrize(
    ("path", "matcher", "met", "reason"),
    [
        ("orders.A1.status", Matcher(equal="booked"), True, "orders.A1.status is booked, as expected."),
        ("orders.A1.status", Matcher(equal="x"), False, 'orders.A1.status is booked; it must be equal to "x".'),
        ("orders.B2", Matcher(present=False), True, "orders.B2 is not there, as expected."),
        ("orders.B2", Matcher(equal=1), False, "orders.B2 is not there; it must be equal to 1."),
        (
            "orders.{{id}}.status",
            Matcher(one_of=("{{status}}",)),
            True,
            "orders.{{id}}.status is booked, as expected.",
        ),
    ],
)
def test_the_final_state_is_checked_by_path(path, matcher, met, reason):
    transcript, world = booked(variables={"id": "A1", "status": "booked"})
    verdict = judged(Expectations(state=(ExpectedState(path=path, matcher=matcher),)), transcript, world=world)
    check = the(CheckKind.STATE, verdict)
    assert (check.finding is Finding.MET, check.reason) == (met, reason)
    assert verdict.breakdown == {"STATE": float(met)}


def test_the_evidence_of_a_state_is_the_result_that_changed_it():
    transcript, world = booked({"other": 1})
    expect = Expectations(
        state=(
            ExpectedState(path="orders.A1.status", matcher=Matcher(equal="booked")),
            ExpectedState(path="other", matcher=Matcher(equal=2), required=False),
        )
    )
    first, second = judged(expect, transcript, world=world).checks
    assert (first.evidence, second.evidence) == ((Evidence(message=2),), ())
    assert (second.required, second.subject) == (False, "other equal to 2")


def test_a_large_value_is_told_by_its_beginning():
    transcript, world = booked({"big": "x" * 10_000})
    check = judged(
        Expectations(state=(ExpectedState(path="big", matcher=Matcher(equal=1)),)), transcript, world=world
    ).checks[0]
    assert len(check.reason) < 700


@pytest.mark.parametrize(
    ("words", "text", "met", "found"),
    [
        (ExpectedWords(contains="1,000"), "It costs $1000.", True, "1000"),
        (ExpectedWords(contains="1000"), "It costs $1,000.", True, "1,000"),
        (ExpectedWords(contains="REFUND"), "Your Refund, madam", True, "Refund"),
        (ExpectedWords(contains="REFUND", ignore_case=False), "Your Refund", False, None),
        (ExpectedWords(contains="refund of {{sum}}"), "A refund of 12 dollars.", True, "refund of 12"),
        (ExpectedWords(regex="[A-Z]{3}"), "order ABC.", True, "ABC"),
        (ExpectedWords(regex="[A-Z]{3}"), "order abc.", False, None),
        (ExpectedWords(regex="[A-Z]{3}", ignore_case=True), "order abc.", True, "ord"),
        (ExpectedWords(regex="^{{name}}$"), "A.B", True, "A.B"),
        (ExpectedWords(regex="^{{name}}$"), "AxB", False, None),
        (ExpectedWords(contains="sorry", absent=True), "Fine.", True, None),
        (ExpectedWords(contains="sorry", absent=True), "So Sorry!", False, "Sorry"),
        (ExpectedWords(contains="Größe"), "Die größe, bitte", True, "größe"),
    ],
)
def test_what_the_agent_said_is_found_as_it_stands_there(words, text, met, found):
    world = World({}, {"sum": 12, "name": "A.B"})
    verdict = judged(Expectations(said=(words,)), talk("Hi.", text), world=world)
    (check,) = verdict.checks
    assert (check.finding is Finding.MET, verdict.breakdown) == (met, {"SAID": float(met)})
    assert check.evidence == (() if found is None else (Evidence(message=1, quote=found),))


def test_only_what_the_agent_says_counts_and_each_text_by_itself():
    expect = Expectations(said=(ExpectedWords(contains="one two"),))
    assert judged(expect, Transcript([UserMessage(text="one two")])).outcome is Outcome.FAILED
    assert judged(expect, talk("one", "two")).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("words", "subject", "reason"),
    [
        (ExpectedWords(contains="{{a}}"), "“{{a}}”", "No text of the agent's holds “1”."),
        (ExpectedWords(regex="x{{a}}"), "/x{{a}}/", "No text of the agent's holds /x1/."),
        (ExpectedWords(contains="{{a}}", absent=True), "not “{{a}}”", "The agent did not say “1”."),
        (ExpectedWords(contains="hello"), "“hello”", "The agent said “hello”."),
        (
            ExpectedWords(regex="(?i)HELLO", absent=True),
            "not /(?i)HELLO/",
            "The agent said /(?i)HELLO/, which it must not.",
        ),
    ],
)
def test_words_are_told_with_their_variables_and_named_without(words, subject, reason):
    (check,) = judged(Expectations(said=(words,)), talk("Hello."), world=World({}, {"a": 1})).checks
    assert (check.subject, check.reason) == (subject, reason)


def test_words_that_are_not_required_do_not_decide():
    expect = Expectations(said=(ExpectedWords(contains="x", required=False),))
    assert judged(expect, talk("Hello.")).outcome is Outcome.PASSED


def test_a_pattern_that_its_variables_break_is_the_scenarios_fault():
    with pytest.raises(ScenarioFault, match="does not compile with its variables put in"):
        judged(Expectations(said=(ExpectedWords(regex="[{{a}}-b]"),)), talk("x"), world=World({}, {"a": "z"}))


@given(st.text("aA,1 İß", max_size=12), st.text("aA,1 İß", max_size=4), st.booleans())
def test_a_quote_stands_in_the_text_and_holds_the_words(text, words, ignore_case):
    found = quote(words, text, ignore_case=ignore_case)
    if found is not None:
        assert found in text
        assert quote(words, found, ignore_case=ignore_case) == found


def test_an_assertion_that_is_not_required_is_judged_and_does_not_decide():
    expect = Expectations(assertions=("A.", "B."), optional_assertions=(1,))
    verdict = judged(expect, talk("Hello."), findings=["met", "not_met"])
    assert (verdict.outcome, verdict.breakdown) == (Outcome.PASSED, {"NL_ASSERTION": 1.0})
    assert [check.required for check in verdict.checks] == [True, False]
    assert judged(expect, talk("Hello."), findings=["met", "inconclusive"]).outcome is Outcome.PASSED
    assert judged(expect, talk("Hello."), findings=["not_met", "met"]).outcome is Outcome.FAILED


def test_other_assertions_keep_what_was_not_required():
    expect = Expectations(assertions=("A.", "B."), optional_assertions=(1, 7))
    assert expect.with_assertions(("B.", "C.")) == Expectations(assertions=("B.", "C."), optional_assertions=(0,))


def test_expected_calls_are_compared_with_the_variables_of_the_trial():
    action = ExpectedAction(
        name="book", arguments={"id": "{{order}}", "n": "{{days}}", "to": Matcher(regex="^{{order}}")}
    )
    world = World({}, {"order": "A.1", "days": 2})
    fits = talk(("book", {"id": "A.1", "n": 2, "to": "A.1-x"}))
    assert judged(Expectations(actions=(action,)), fits, world=world).outcome is Outcome.PASSED
    assert judged(Expectations(actions=(action,)), fits).outcome is Outcome.FAILED
    other = talk(("book", {"id": "A.1", "n": 2, "to": "Ax1-x"}))
    assert judged(Expectations(actions=(action,)), other, world=world).outcome is Outcome.FAILED


def test_every_kind_of_check_is_a_part_of_the_reward():
    expect = Expectations(
        assertions=("A.",),
        actions=(ExpectedAction(name="book"),),
        forbidden=("cancel",),
        writes=ExpectedWrites(),
        state=(ExpectedState(path="orders.A1.status", matcher=Matcher(equal="booked")),),
        said=(ExpectedWords(contains="done"),),
    )
    transcript, world = booked()
    verdict = judged(expect, transcript, world=world, findings=["met"])
    parts = dict.fromkeys(["ACTION", "FORBIDDEN", "WRITES", "STATE", "SAID", "NL_ASSERTION"], 1.0)
    assert (verdict.reward, verdict.breakdown) == (1.0, parts)
    assert [check.kind.value for check in verdict.checks] == list(parts)


AIRLINE = (
    "book_reservation cancel_reservation send_certificate update_reservation_baggages update_reservation_flights "
    "update_reservation_passengers"
)
RETAIL = (
    "cancel_pending_order exchange_delivered_order_items modify_pending_order_address modify_pending_order_items "
    "modify_pending_order_payment modify_user_address return_delivered_order_items"
)


@pytest.mark.skipif(not TRAJECTORIES.exists(), reason="The recorded conversations of tau2-bench are not here.")
def test_writes_agree_with_the_recorded_databases_and_never_pass_what_failed():
    writing = {*AIRLINE.split(), *RETAIL.split()}
    found = Counter()
    with gzip.open(TRAJECTORIES, "rt", encoding="utf-8") as lines:
        for line in lines:
            recorded = json.loads(line)
            database = (recorded["reward_breakdown"] or {}).get("DB")
            if database is None or recorded["domain"] not in ("airline", "retail"):
                continue
            expected = [
                ExpectedAction(
                    name=action["name"],
                    arguments=action["arguments"],
                    compare_args=None if action.get("compare_args") is None else tuple(action["compare_args"]),
                )
                for action in (check["action"] for check in recorded["action_checks"] or ())
            ]
            transcript = Transcript(map(_message, recorded["messages"]))
            check = check_writes(ExpectedWrites(), expected, transcript, writing)
            found[check.finding is Finding.MET, database == 1.0] += 1
    assert found[True, False] == 0
    assert (found[True, True] + found[False, False]) / found.total() >= 0.96
    assert found.total() > 300


def _message(message):
    if message["role"] == "tool":
        return ToolResult(call_id="", name="", text=message["content"] or "", is_error=bool(message.get("error")))
    kind = UserMessage if message["role"] == "user" else AgentMessage
    calls = message.get("tool_calls") or ()
    return kind(
        text=message.get("content"),
        calls=tuple(ToolCall(id="", name=made["name"], arguments=made["arguments"]) for made in calls),
    )
