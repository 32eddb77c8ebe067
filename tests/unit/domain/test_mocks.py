"""What a tool answers in a trial."""

from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.answering import answer, mock_to_paste
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.transcript import AgentMessage, Side, ToolCall, Transcript
from sparring.domain.world import World


def call(arguments=None, name="look", malformed=None):
    return ToolCall(id="c", name=name, arguments=arguments or {}, malformed=malformed)


def answers(mock, *calls, variables=None, **more):
    """What a mock says to calls that come one after the other, as (source, text, is_error)."""
    transcript = Transcript()
    world = World({"look": mock} if mock else {}, variables)
    said = []
    for one in calls:
        result = answer(one, Side.AGENT, world, **more).result
        transcript.extend([AgentMessage(text=None, calls=(one,)), result])
        world.follow(transcript)
        said.append((result.source, result.text, result.is_error))
    return said


def test_a_result_names_its_call_and_its_side():
    world = World({"look": ToolMock(otherwise=Answer(value="x"))})
    result = answer(ToolCall(id="c7", name="look"), Side.USER, world).result
    assert (result.call_id, result.name, result.side, result.text) == ("c7", "look", Side.USER, "x")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("False", "False"),
        ("", ""),
        (False, "false"),
        (None, "null"),
        (2, "2"),
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        ("for {{name}} of {{arguments.id}}", "for Bo of X1"),
        ({"who": "{{name}}", "deep": [{"id": "{{arguments.id}}"}], "n": 3}, None),
        ("{{unknown}}", "{{unknown}}"),
    ],
)
def test_an_answer_is_text_or_compact_json_with_its_variables(value, text):
    expected = text if text is not None else '{"who":"Bo","deep":[{"id":"X1"}],"n":3}'
    mock = ToolMock(otherwise=Answer(value=value))
    assert answers(mock, call({"id": "X1"}), variables={"name": "Bo"}) == [("static", expected, False)]


def test_an_error_is_answered_as_one():
    assert answers(ToolMock(otherwise=Answer(value="no", is_error=True)), call()) == [("static", "no", True)]


def test_the_first_fitting_rule_answers():
    mock = ToolMock(
        rules=(
            Rule(when={"id": Matcher(equal=1), "to.city": Matcher(regex="^N")}, answer=Answer(value="both")),
            Rule(when={"id": Matcher(equal=1)}, answer=Answer(value="id", is_error=True)),
            Rule(when={"gone": Matcher(present=False)}, answer=Answer(value="absent")),
        ),
        otherwise=Answer(value="else"),
    )
    said = answers(
        mock,
        call({"id": 1, "to": {"city": "NYC"}}),
        call({"id": 1, "to": {"city": "LA"}}),
        call({"id": 1}),
        call({"id": True}),
        call({"gone": 0}),
    )
    assert said == [
        ("rule 1", "both", False),
        ("rule 2", "id", True),
        ("rule 2", "id", True),
        ("rule 3", "absent", False),
        ("otherwise", "else", False),
    ]


def test_a_rule_steps_aside_after_its_times():
    mock = ToolMock(
        rules=(
            Rule(when={"id": Matcher(equal=1)}, answer=Answer(value="once"), times=1),
            Rule(answer=Answer(value="twice"), times=2),
        )
    )
    one, other = call({"id": 1}), call({"id": 2})
    said = answers(mock, other, one, one, one, other)
    assert [source for source, _, _ in said] == ["rule 2", "rule 1", "rule 2", "unmocked", "unmocked"]


def test_a_sequence_answers_call_by_call_and_then_otherwise():
    mock = ToolMock(sequence=(Answer(value=1), Answer(value=2, is_error=True)), otherwise=Answer(value="used up"))
    assert answers(mock, call(), call(), call(), call()) == [
        ("sequence 1", "1", False),
        ("sequence 2", "2", True),
        ("otherwise", "used up", False),
        ("otherwise", "used up", False),
    ]


def test_rules_come_before_the_sequence_and_do_not_use_it_up():
    mock = ToolMock(
        rules=(Rule(when={"id": Matcher(equal=1)}, answer=Answer(value="rule")),),
        sequence=(Answer(value="first"),),
    )
    said = answers(mock, call({"id": 1}), call(), call({"id": 1}), call())
    assert [source for source, _, _ in said] == ["rule 1", "sequence 1", "rule 1", "unmocked"]


def test_what_another_tool_was_answered_uses_nothing_up():
    transcript = Transcript()
    world = World(
        {"look": ToolMock(sequence=(Answer(value="a"),)), "find": ToolMock(sequence=(Answer(value="b"),))}
    )
    for name, text in [("look", "a"), ("find", "b")]:
        world.follow(transcript)
        result = answer(call(name=name), Side.AGENT, world).result
        transcript.extend([AgentMessage(text=None, calls=(call(name=name),)), result])
        assert (result.text, result.source) == (text, "sequence 1")


def test_a_call_without_a_mock_gets_an_error_that_says_so():
    (said,) = answers(None, call({"id": 1}))
    assert said == ("unmocked", "No mock is defined for this call of 'look'.", True)


def test_variables_answer_only_the_calls_that_have_no_mock():
    data = {"order": "A1", "days": 2}
    assert answers(None, call(), fallback=data) == [("mockData", '{"order":"A1","days":2}', False)]
    assert answers(None, call(), fallback={})[0][0] == "unmocked"
    assert answers(None, call(), fallback=None)[0][0] == "unmocked"
    assert answers(ToolMock(rules=(Rule(when={"x": Matcher()}, answer=Answer()),)), call(), fallback=data)[0][
        0
    ] == ("unmocked")


def test_malformed_arguments_are_an_error_even_where_a_mock_would_answer():
    mock = ToolMock(sequence=(Answer(value="first"),))
    said = answers(mock, call(malformed='{"id": '), call())
    assert said[0] == ("malformed", "The arguments of 'look' are not a JSON object: '{\"id\": '", True)
    assert said[1][0] == "sequence 1"


def test_only_the_beginning_of_malformed_arguments_is_told():
    ((_, text, _),) = answers(None, call(malformed="x" * 500))
    assert text.endswith(f"{'x' * 200!r}")


@pytest.mark.parametrize(
    ("mock", "static"),
    [
        (ToolMock(otherwise=Answer()), True),
        (ToolMock(), False),
        (ToolMock(otherwise=Answer(), sequence=(Answer(),)), False),
        (ToolMock(otherwise=Answer(), rules=(Rule(answer=Answer()),)), False),
    ],
)
def test_a_mock_is_static_where_every_call_gets_the_same(mock, static):
    assert mock.is_static is static


@pytest.mark.parametrize(
    ("one", "when"),
    [
        (call({"id": "X 1", "n": 2, "ok": True, "gone": None}), {"id": "X 1", "n": 2, "ok": True, "gone": None}),
        (call({"two words": 1, "no": 2, "a:b": "c: d"}), {"two words": 1, "no": 2, "a:b": "c: d"}),
        (call({"deep": {"id": 1}, "list": ["a", {"b": 1}]}), {"list": ["a", {"b": 1}]}),
        (call({}, name="off"), {}),
        (call({}, name="book-flight"), {}),
    ],
)
def test_the_mock_to_paste_is_yaml_for_that_very_call(one, when):
    parsed = yaml.safe_load(mock_to_paste(one))
    assert parsed == {"mocks": {one.name: {"rules": [{"when": when, "returns": {}}]}}}


@given(
    st.lists(st.integers(1, 3), max_size=3),
    st.integers(0, 3),
    st.booleans(),
    st.lists(st.integers(0, 3), max_size=12),
)
def test_every_call_is_answered_by_the_first_source_that_is_not_used_up(times, sequence, otherwise, ids):
    mock = ToolMock(
        rules=tuple(
            Rule(when={"id": Matcher(equal=number)}, answer=Answer(value=number), times=limit)
            for number, limit in enumerate(times)
        ),
        sequence=tuple(Answer(value="s") for _ in range(sequence)),
        otherwise=Answer(value="o") if otherwise else None,
    )
    left = {f"rule {number}": limit for number, limit in enumerate(times, 1)}
    used = Counter(source for source, _, _ in answers(mock, *(call({"id": id}) for id in ids)))
    asked = Counter(ids)
    for number, limit in enumerate(times):
        assert used[f"rule {number + 1}"] == min(limit, asked[number])
    rest = len(ids) - sum(used[rule] for rule in left)
    assert sum(used[f"sequence {n}"] for n in range(1, sequence + 1)) == min(sequence, rest)
    last = "unmocked" if not otherwise else "otherwise" if times or sequence else "static"
    assert used[last] == max(0, rest - sequence)
