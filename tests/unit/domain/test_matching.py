"""Equality by value, and matchers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import patterns
from sparring.domain.errors import ScenarioFault
from sparring.domain.matching import ABSENT, Matcher, at, filled, filled_pattern, fits, matches, same

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab1", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (1, 2, False),
        (True, True, True),
        (True, 1, False),
        (0, False, False),
        (1.0, True, False),
        ([True], [1], False),
        ({"a": {"b": [1, True]}}, {"a": {"b": [1.0, True]}}, True),
        ({"a": {"b": [1, True]}}, {"a": {"b": [1.0, 1]}}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        ([1, 2], [1], False),
        ([1], (1,), True),
        ("1", 1, False),
        (None, False, False),
        (None, None, True),
        ({}, [], False),
        (2**53 + 1, float(2**53), False),
    ],
)
def test_values_are_the_same_by_value(a, b, equal):
    assert same(a, b) is equal
    assert same(b, a) is equal


@given(JSON, JSON)
def test_sameness_is_symmetric_and_stricter_than_equality(a, b):
    assert same(a, a)
    assert same(a, b) == same(b, a)
    assert not same(a, b) or a == b


@pytest.mark.parametrize(
    ("matcher", "value", "fits"),
    [
        (Matcher(), "anything", True),
        (Matcher(equal=1), 1.0, True),
        (Matcher(equal=1), True, False),
        (Matcher(equal=None), None, True),
        (Matcher(regex="^[A-Z0-9]{6}$"), "XEHM4B", True),
        (Matcher(regex="^[A-Z0-9]{6}$"), "XEHM4", False),
        (Matcher(regex="b"), "abc", True),
        (Matcher(regex="^true$"), True, True),
        (Matcher(regex="^12$"), 12, True),
        (Matcher(regex='"a":1'), {"a": 1}, True),
        (Matcher(one_of=("a", 1)), 1.0, True),
        (Matcher(one_of=("a", 1)), True, False),
        (Matcher(one_of=()), "a", False),
        (Matcher(at_least=2), 2, True),
        (Matcher(at_least=2), 1.9, False),
        (Matcher(at_most=2), 2.1, False),
        (Matcher(at_most=2), 2.0, True),
        (Matcher(at_least=1, at_most=3), 2, True),
        (Matcher(at_least=0), True, False),
        (Matcher(at_least=0), "1", False),
        (Matcher(at_least=1, regex="^1"), 21, False),
        (Matcher(present=True), None, True),
        (Matcher(present=False), None, False),
    ],
)
def test_every_part_of_a_matcher_must_hold(matcher, value, fits):
    assert matches(matcher, value) is fits


@pytest.mark.parametrize(
    ("matcher", "fits"),
    [
        (Matcher(present=False), True),
        (Matcher(present=True), False),
        (Matcher(), False),
        (Matcher(equal=1), False),
    ],
)
def test_an_absent_argument_meets_only_a_matcher_that_wants_it_absent(matcher, fits):
    assert matches(matcher) is fits


@pytest.mark.parametrize(
    ("matcher", "words"),
    [
        (Matcher(), "present"),
        (Matcher(present=True), "present"),
        (Matcher(present=False), "absent"),
        (Matcher(equal={"a": 1}), 'equal to {"a":1}'),
        (Matcher(regex="^x$"), "matching /^x$/"),
        (Matcher(one_of=(1, "b")), 'one of [1,"b"]'),
        (Matcher(at_least=1, at_most=2.5), "at least 1 and at most 2.5"),
    ],
)
def test_a_matcher_is_told_in_words(matcher, words):
    assert str(matcher) == words


def test_a_pattern_that_does_not_compile_is_told_by_its_engine():
    with pytest.raises(ValueError, match="missing"):
        patterns.compiled("(unclosed")


def test_no_pattern_can_be_made_to_explode():
    assert not patterns.found("(a+)+$", "a" * 50_000 + "b")


TREE = {"order": {"id": "A.1", "items": [{"n": 2}]}, "order.id": "whole"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("order.items.0.n", 2),
        ("order.id", "whole"),
        ("order", TREE["order"]),
        ("{{what}}.items.0.n", 2),
        ("order.gone", ABSENT),
    ],
)
def test_a_path_is_looked_up_whole_and_then_by_its_dots(path, value):
    assert at(path, TREE, {"what": "order"}) == value


def test_conditions_take_variables():
    scope = {"id": "A.1", "n": 2, "ids": ["x", "A.1"]}
    assert fits("order.items.0.n", Matcher(equal="{{n}}"), TREE, scope)
    assert fits("order.id", Matcher(one_of=("{{id}}", "whole")), TREE, scope)
    assert filled(Matcher(one_of=("{{id}}", "b")), scope) == Matcher(one_of=("A.1", "b"))
    assert filled(Matcher(regex="^{{id}}$"), scope).regex == "^A\\.1$"
    plain = Matcher(equal={"a": ["b"]}, one_of=("x",), regex="y")
    assert filled(plain, scope) is plain


def test_a_variable_stands_for_itself_in_a_pattern_and_may_break_it():
    assert patterns.found(filled_pattern("^{{x}}$", {"x": "a.(b"}), "a.(b")
    with pytest.raises(ScenarioFault, match=r"'\[\{\{x\}\}-b\]' does not compile with its variables put in"):
        filled_pattern("[{{x}}-b]", {"x": "z"})


def test_a_span_is_counted_in_characters():
    assert patterns.span("ü.", "aé ü😀x") == (3, 5)
    assert patterns.span("z", "a") is None


def test_a_lone_surrogate_is_looked_at_as_what_takes_its_place():
    assert patterns.found("^a.$", "a\ud800")
    assert patterns.span("b", "\ud800b") == (1, 2)
    assert patterns.found(patterns.literal("\ud800"), "\ud800")
