"""Parts of mocks that can never answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.answering import answer
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, Then, ToolMock
from sparring.domain.shadows import unreachable
from sparring.domain.transcript import Side, ToolCall
from sparring.domain.world import World


def rule(times=None, state=None, **when):
    return Rule(when=when, state=state or {}, answer=Answer(value=1), times=times)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (Matcher(equal=1), Matcher(equal=1.0)),
        (Matcher(present=True), Matcher(equal="a")),
        (Matcher(), Matcher(regex="a")),
        (Matcher(regex="a"), Matcher(regex="a")),
        (Matcher(regex="^A"), Matcher(equal="AB")),
        (Matcher(regex="^A"), Matcher(regex="^A", at_least=1)),
        (Matcher(one_of=("a", "b")), Matcher(equal="a")),
        (Matcher(one_of=("a", "b")), Matcher(one_of=("b",))),
        (Matcher(at_least=1), Matcher(at_least=2)),
        (Matcher(at_least=1, at_most=9), Matcher(at_least=2, at_most=3)),
        (Matcher(at_least=1), Matcher(equal=5)),
        (Matcher(present=False), Matcher(present=False)),
        (Matcher(equal="{{x}}"), Matcher(equal="{{x}}")),
    ],
)
def test_a_rule_that_an_earlier_one_covers_can_never_answer(wide, narrow):
    assert unreachable(ToolMock(rules=(rule(a=wide), rule(a=narrow, b=Matcher(equal=1))))) == [
        ("rule 2", "rule 1 before it answers every call that fits.")
    ]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (Matcher(equal=1), Matcher(equal=2)),
        (Matcher(equal=True), Matcher(equal=1)),
        (Matcher(one_of=(True,)), Matcher(one_of=(1,))),
        (Matcher(equal=1), Matcher(present=True)),
        (Matcher(present=True), Matcher(present=False)),
        (Matcher(present=False), Matcher(equal=1)),
        (Matcher(regex="a"), Matcher(regex="b")),
        (Matcher(one_of=("a",)), Matcher(one_of=("a", "b"))),
        (Matcher(one_of=("a",)), Matcher(regex="a")),
        (Matcher(at_least=2), Matcher(at_least=1)),
        (Matcher(at_most=2), Matcher(at_least=1)),
        (Matcher(at_least=1), Matcher(present=True)),
        (Matcher(equal="{{x}}"), Matcher(equal="a")),
        (Matcher(regex="a"), Matcher(equal="{{x}}")),
    ],
)
def test_a_rule_that_may_still_answer_is_left_alone(wide, narrow):
    assert unreachable(ToolMock(rules=(rule(a=wide), rule(a=narrow)))) == []


def test_a_rule_that_steps_aside_or_asks_for_more_shadows_nothing():
    assert unreachable(ToolMock(rules=(rule(times=1), rule()))) == []
    assert (
        unreachable(ToolMock(rules=(rule(a=Matcher(equal=1), b=Matcher(equal=2)), rule(a=Matcher(equal=1))))) == []
    )
    state = {"x": Matcher(equal=1)}
    assert unreachable(ToolMock(rules=(rule(state=state), rule()))) == []
    assert unreachable(ToolMock(rules=(rule(state=state), rule(state={**state, "y": Matcher()})))) == [
        ("rule 2", "rule 1 before it answers every call that fits.")
    ]


def test_behind_a_rule_for_every_call_nothing_answers():
    mock = ToolMock(rules=(rule(), rule(a=Matcher(equal=1))), sequence=(Answer(),), otherwise=Answer())
    assert [part for part, _ in unreachable(mock)] == ["rule 2", "sequence", "otherwise"]
    assert unreachable(mock)[1][1] == "rule 1 answers every call."


def test_behind_a_sequence_without_end_nothing_answers():
    for then in (Then.LAST, Then.AGAIN):
        ((part, why),) = unreachable(ToolMock(sequence=(Answer(),), then=then, otherwise=Answer()))
        assert (part, why) == ("otherwise", f"the sequence goes on for ever (`then: {then}`).")
    assert unreachable(ToolMock(sequence=(Answer(),), otherwise=Answer())) == []
    assert unreachable(ToolMock(sequence=(Answer(),), then=Then.LAST)) == []


@pytest.mark.parametrize(
    "matcher",
    [
        Matcher(at_least=3, at_most=2),
        Matcher(one_of=()),
        Matcher(one_of=("a", "b"), regex="c"),
        Matcher(equal="a", regex="b"),
    ],
)
def test_a_condition_that_nothing_meets_is_told(matcher):
    assert unreachable(ToolMock(rules=(rule(a=matcher),))) == [("rule 1", "nothing meets its condition on 'a'.")]


def test_a_condition_with_a_variable_may_be_met():
    assert unreachable(ToolMock(rules=(rule(a=Matcher(equal="{{x}}", regex="b")),))) == []


MATCHERS = st.one_of(
    st.builds(Matcher, equal=st.sampled_from([0, 1, 2, "a", "b", True, None])),
    st.builds(Matcher, one_of=st.lists(st.sampled_from([0, 1, "a", True]), max_size=3).map(tuple)),
    st.builds(Matcher, at_least=st.integers(0, 2), at_most=st.none() | st.integers(0, 2)),
    st.builds(Matcher, regex=st.sampled_from(["a", "^1$"])),
    st.builds(Matcher, present=st.booleans()),
)
RULES = st.builds(
    Rule,
    when=st.dictionaries(st.sampled_from("xy"), MATCHERS, max_size=2),
    answer=st.just(Answer(value=1)),
    times=st.sampled_from([None, None, 1]),
)
ARGUMENTS = st.dictionaries(st.sampled_from("xy"), st.sampled_from([0, 1, 2, "a", "b", True, None]))


@given(st.lists(RULES, max_size=4).map(tuple), st.lists(ARGUMENTS, max_size=8))
def test_what_is_told_to_never_answer_never_does(rules, calls):
    mock = ToolMock(rules=rules, otherwise=Answer(value="o"))
    idle = {part for part, _ in unreachable(mock)}
    world = World({"t": mock})
    for arguments in calls:
        call = ToolCall(id="c", name="t", arguments=arguments)
        assert answer(call, Side.AGENT, world).result.source not in idle
