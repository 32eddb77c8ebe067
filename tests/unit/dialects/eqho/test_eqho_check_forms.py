"""Conditions, checks, mocks, variables and histories as they come in."""

import pytest
from pydantic import TypeAdapter, ValidationError

from sparring.dialects.conditions import AnyCondition, written, written_argument
from sparring.dialects.eqho.translate.checks import expectations
from sparring.dialects.eqho.translate.messages import message_history
from sparring.dialects.eqho.translate.variables import split, together
from sparring.dialects.eqho.wire.checks import EvaluationCriteria
from sparring.dialects.eqho.wire.scenarios import HistoryMessage
from sparring.dialects.mock_forms import ActionMock
from sparring.dialects.mock_records import mocks
from sparring.domain.errors import InvalidInput
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, ToolMock
from sparring.domain.transcript import AgentMessage, Side, ToolResult, UserMessage

condition = TypeAdapter(AnyCondition)


@pytest.mark.parametrize(
    ("given", "matcher"),
    [
        (5, Matcher(equal=5)),
        (None, Matcher(equal=None)),
        ([1], Matcher(equal=[1])),
        ({}, Matcher(equal={})),
        ({"city": "X"}, Matcher(equal={"city": "X"})),
        ({"equal": None}, Matcher(equal=None)),
        ({"equal": {"regex": "x"}}, Matcher(equal={"regex": "x"})),
        ({"gte": 1, "lte": 2.5}, Matcher(at_least=1, at_most=2.5)),
        ({"absent": False}, Matcher(present=True)),
        ({"absent": True}, Matcher(present=False)),
        ({"one_of": []}, Matcher(one_of=())),
    ],
)
def test_a_plain_value_must_be_equal_and_an_object_of_matcher_words_is_a_condition(given, matcher):
    assert condition.validate_python(given).matcher == matcher
    assert condition.validate_python(written(matcher)).matcher == matcher


@pytest.mark.parametrize("given", [{"regex": "a", "x": 1}, {"regx": "a"}, {"present": "yes"}, {"at_least": "1"}])
def test_half_a_condition_is_a_mistake(given):
    with pytest.raises(ValidationError):
        condition.validate_python(given)


def test_an_expected_argument_is_a_condition_only_where_all_of_it_is():
    given = {"plain": {"present": "toy", "wrap": True}, "matched": {"regex": "^a"}, "equal": {"equal": {"gte": 1}}}
    (action,) = expectations(
        EvaluationCriteria.model_validate({"actions": [{"name": "send", "arguments": given}]})
    ).actions
    assert action.arguments == {
        "plain": {"present": "toy", "wrap": True},
        "matched": Matcher(regex="^a"),
        "equal": Matcher(equal={"gte": 1}),
    }
    assert {name: written_argument(value) for name, value in action.arguments.items()} == given


def mock(**fields):
    return mocks({"a": ActionMock.model_validate(fields)})["a"]


@pytest.mark.parametrize(
    "fields",
    [
        {"default_return_value": "x", "default_is_error": False},
        {"default_return_value": "x"},
        {"otherwise": {"returns": "x"}},
        {"returns": "x"},
    ],
)
def test_the_default_has_three_spellings(fields):
    assert mock(**fields) == ToolMock(otherwise=Answer(value="x"))


def test_a_default_can_be_an_error_any_value_or_change_the_world():
    assert mock(default_is_error=True) == ToolMock(otherwise=Answer(value="", is_error=True))
    assert mock(default_return_value={"n": [1]}).otherwise == Answer(value={"n": [1]})
    assert mock(returns=None).otherwise == Answer(value=None)
    changing = mock(error="x", set={"a": 1}, append={"b": None}, remove=["c"], delay_ms=5).otherwise
    changes = Changes(set={"a": 1}, append={"b": None}, remove=("c",))
    assert changing == Answer(value="x", is_error=True, changes=changes, delay_ms=5)


def test_only_an_object_with_nothing_but_generate_is_made_up():
    made = {
        "a": {"generate": {"pattern": "x"}},
        "due": {"generate": {"date": "+1 day", "relative_to": "start"}},
        "then": {"generate": {"date": "+1 day"}},
    }
    plain = {"b": {"generate": 1, "c": 2}, "start": "2026-03-26", "today": "2026-03-26"}
    values, generated = split({**made, **plain})
    assert values == plain
    assert together(values, generated) == {**plain, **made}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("x", "must say in an object"),
        ({"zzz": 1}, "'zzz', which means nothing"),
        ({}, "none came"),
        ({"pattern": ""}, "must be a text"),
        ({"one_of": []}, "at least one value"),
        ({"integer": [1, 2.5]}, "two whole numbers"),
        ({"integer": [True, 2]}, "two whole numbers"),
        ({"name": "full", "relative_to": "today"}, "without 'date'"),
        ({"name": "nick"}, "one of full, first, last"),
    ],
)
def test_what_says_not_how_it_is_made_up_is_refused(given, message):
    with pytest.raises(InvalidInput, match=message) as refusal:
        split({"a b": {"generate": given}})
    assert refusal.value.field.startswith('environment_setup.dynamic_variables["a b"].generate')


def history(*messages):
    return message_history([HistoryMessage.model_validate(message) for message in messages])


def test_a_history_may_end_with_calls_that_wait_for_their_results():
    call = {"name": "find", "arguments": {"id": 1}}
    (said,) = history({"role": "assistant", "tool_calls": [call, {**call, "id": ""}]})
    assert isinstance(said, AgentMessage)
    assert [one.id for one in said.calls] == ["call_0_1", ""]


def test_results_belong_to_the_calls_before_them_in_order():
    calls = [{"id": "1", "name": "a", "requestor": "user"}, {"id": "2", "name": "b"}]
    said, first, second = history(
        {"role": "user", "content": "Wait.", "tool_calls": calls, "turn_idx": 7},
        {"role": "tool", "id": "1", "content": "x", "error": True},
        {"role": "tool"},
    )
    assert isinstance(said, UserMessage)
    assert (first.name, first.is_error, first.side) == ("a", True, Side.USER)
    assert second == ToolResult(call_id="2", name="b", text="", side=Side.USER)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2026-03-26T10:00:00Z", 1774519200.0), ("2026-03-26T11:00:00+01:00", 1774519200.0),
     ("2026-03-26T10:00:00", 1774519200.0)],
)  # fmt: skip
def test_a_moment_without_a_zone_is_in_utc(text, seconds):
    (said,) = history({"role": "user", "content": "x", "timestamp": text})
    assert said.at == seconds


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "soon", ""])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(InvalidInput, match="ISO 8601"):
        history({"role": "user", "content": "x", "timestamp": text})


@pytest.mark.parametrize(
    "second",
    [
        {"role": "tool", "id": "1", "tool_calls": [{"name": "b"}]},
        {"role": "tool", "id": "1", "requestor": "user"},
        {"role": "user", "content": "x", "id": "1"},
    ],
)
def test_a_message_that_cannot_be_is_refused_with_its_place(second):
    with pytest.raises(InvalidInput) as refusal:
        history({"role": "assistant", "tool_calls": [{"id": "1", "name": "a"}]}, second)
    assert refusal.value.field == "environment_setup.message_history[1]"
