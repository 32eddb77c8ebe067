"""What is stored comes back as it was, to the last `null`."""

import json
import math
from dataclasses import make_dataclass

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.adapters.store import codec
from sparring.adapters.store.records import Record
from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.evaluation import Verdict
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import Expectations, ExpectedAction, Scenario
from sparring.domain.simulation import Limits, Models, Simulation
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Usage,
    UserMessage,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=3)
TIMES = st.none() | st.floats(min_value=0, max_value=1e11)
TEXTS = st.text(st.characters())
CALLS = st.builds(ToolCall, id=TEXTS, name=TEXTS, arguments=OBJECTS, malformed=st.none() | TEXTS)
GENERATIONS = st.builds(
    Generation,
    provider=TEXTS,
    model=TEXTS,
    cost=st.none() | st.floats(min_value=0, max_value=1e6),
    usage=st.none()
    | st.builds(Usage, input=st.integers(0), output=st.integers(0), cached=st.integers(0), written=st.integers(0)),
    seconds=TIMES,
    finish=st.none() | TEXTS,
    opaque=st.none() | OBJECTS,
)
SPOKEN = {
    "text": st.none() | TEXTS,
    "calls": st.lists(CALLS, max_size=3).map(tuple),
    "at": TIMES,
    "generation": st.none() | GENERATIONS,
}
MESSAGES = st.one_of(
    st.builds(SystemMessage, text=TEXTS, at=TIMES),
    st.builds(UserMessage, **SPOKEN),
    st.builds(AgentMessage, **SPOKEN),
    st.builds(
        ToolResult,
        call_id=TEXTS,
        name=TEXTS,
        text=TEXTS,
        is_error=st.booleans(),
        side=st.sampled_from(Side),
        source=TEXTS,
        at=TIMES,
    ),
)
MATCHERS = st.one_of(
    st.just(Matcher()),
    st.builds(
        Matcher,
        equal=VALUES,
        regex=st.none() | TEXTS,
        one_of=st.none() | st.lists(VALUES, max_size=3).map(tuple),
        at_least=st.none() | st.floats(-9, 9),
        present=st.none() | st.booleans(),
    ),
)


@given(MESSAGES)
def test_every_message_comes_back_as_it_was(message):
    assert codec.decode(codec.encode(message)) == message


@given(MESSAGES)
def test_every_message_survives_its_stay_as_text(message):
    assert codec.decode(codec.encode(message).decode()) == message


@given(MATCHERS, VALUES)
def test_an_argument_is_never_taken_for_a_matcher_nor_a_matcher_for_an_argument(matcher, value):
    actions = (ExpectedAction(name="x", arguments={"matched": matcher, "plain": value, "is": {"match": value}}),)
    mocks = {"x": ToolMock(rules=(Rule(when={"a.b": matcher}, answer=Answer(value=value)),))}
    scenario = Scenario(name="s", mocks=mocks, expect=Expectations(actions=actions))
    record = Record(Scenario)
    assert record.load(record.dump(scenario)) == scenario


def test_an_equal_to_null_is_not_an_equal_to_nothing():
    record = Record(Matcher)
    assert record.load(record.dump(Matcher(equal=None))).equal is None
    assert record.load(record.dump(Matcher())).equal is Matcher().equal


def test_zero_false_and_empty_come_back_where_they_are_not_the_default():
    agent = Agent(id="a", workspace="w", name="n", temperature=0.0, opens=False, greeting="", model="")
    record = Record(Agent)
    assert record.load(record.dump(agent)) == agent


def test_columns_are_not_in_the_body_and_are_given_when_it_is_read():
    record = Record(Agent, columns=("id", "workspace"))
    body = record.dump(Agent(id="a", workspace="w", name="n", tools=(Tool(name="t"),)))
    assert json.loads(body) == {"name": "n", "tools": [{"name": "t"}]}
    assert record.load(body, id="b", workspace="v").id == "b"


def test_fields_of_another_time_are_passed_over_and_new_ones_have_their_default():
    limits = Record(Limits).load('{"max_steps": 3, "max_tokens": 9}')
    assert limits == Limits(max_steps=3)


def test_every_record_of_the_domain_has_a_form():
    for kind in (Agent, Scenario, Simulation, Verdict, Models, Limits):
        assert Record(kind)


def test_a_type_without_a_form_is_refused_when_the_program_starts():
    with pytest.raises(TypeError, match="no JSON form"):
        Record(make_dataclass("Odd", [("members", set)]))


@pytest.mark.parametrize("number", [2**64, -(2**70), 10**30])
def test_integers_of_any_size_are_kept(number):
    call = ToolCall(id="1", name="x", arguments={"n": number})
    (kept,) = codec.decode(codec.encode(AgentMessage(text=None, calls=(call,)))).calls
    assert kept.arguments == {"n": number}


def test_what_orjson_carries_is_written_by_it():
    assert orjson.loads(codec.encode(UserMessage(text="é"))) == {"role": "user", "text": "é"}


def test_a_value_that_is_no_json_is_refused_with_its_type():
    call = ToolCall(id="1", name="x", arguments={"now": object()})
    with pytest.raises(InvalidInput, match="object"):
        codec.encode(AgentMessage(text=None, calls=(call,)))


def test_a_mapping_of_any_kind_is_an_object():
    class Frozen(dict):
        pass

    call = ToolCall(id="1", name="x", arguments=Frozen(a=1))
    assert b'"arguments":{"a":1}' in codec.encode(AgentMessage(text=None, calls=(call,)))


def test_numbers_keep_their_kind():
    call = ToolCall(id="1", name="x", arguments={"whole": 1, "real": 1.0, "tiny": 5e-324})
    (kept,) = codec.decode(codec.encode(AgentMessage(text=None, calls=(call,)))).calls
    assert [type(value) for value in kept.arguments.values()] == [int, float, float]
    assert math.isclose(kept.arguments["tiny"], 5e-324)
