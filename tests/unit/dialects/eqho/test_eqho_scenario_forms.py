"""Scenarios between the wire and the domain: nothing is lost on the way out and back in."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sparring.dialects.eqho.translate.scenarios import (
    new_scenario,
    new_set,
    replaced_scenario,
    replaced_set,
    scenario_record,
    set_record,
)
from sparring.dialects.eqho.wire.scenarios import ScenarioBody, ScenarioSetBody
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.generation import Generator, NameKind
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock
from sparring.domain.scenario import (
    Direction,
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
    Instructions,
    Medium,
    Scenario,
)
from sparring.domain.transcript import (
    AgentMessage,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)

ID, WORKSPACE, SET = "a" * 24, "b" * 24, "c" * 24

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
names = st.from_regex(r"[A-Za-z_]{1,12}", fullmatch=True)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
matcher_words = st.fixed_dictionaries(
    {},
    optional={
        "regex": st.sampled_from(["^a+$", "b", "[0-9]{2}"]),
        "one_of": st.lists(values, max_size=2).map(tuple),
        "at_least": numbers,
        "at_most": numbers,
        "present": st.booleans(),
        "equal": values,
    },
)
matchers = matcher_words.filter(bool).map(lambda given: Matcher(**given))
conditions = st.dictionaries(names, matchers, max_size=2)
changes = st.builds(
    Changes,
    set=st.dictionaries(names, values, max_size=2),
    append=st.dictionaries(names, values, max_size=2),
    remove=st.lists(names, max_size=2).map(tuple),
)
answers = st.builds(Answer, value=values, is_error=st.booleans(), changes=changes, delay_ms=st.integers(0, 1000))
rules = st.builds(Rule, when=conditions, state=conditions, answer=answers, times=st.none() | st.integers(1, 5))
mocks = st.builds(
    ToolMock,
    rules=st.lists(rules, max_size=2).map(tuple),
    sequence=st.lists(answers, max_size=2).map(tuple),
    then=st.sampled_from(Then),
    otherwise=st.none() | answers,
).filter(lambda mock: mock.rules or mock.sequence or mock.otherwise)
# An argument that only looks like a matcher is one on the way back, so it is written as what it must equal.
arguments = st.dictionaries(names, matchers | values.filter(lambda value: not isinstance(value, dict)), max_size=2)
actions = st.builds(
    ExpectedAction,
    name=names,
    arguments=st.none() | arguments,
    compare_args=st.none() | st.lists(names, max_size=2).map(tuple),
    side=st.sampled_from(Side),
    match_side=st.booleans(),
    match_rule=st.sampled_from(["exact", "tau2"]),
    call_id=st.none() | words,
    info=st.none() | words,
    required=st.booleans(),
)
sentences = st.from_regex(r"[A-Za-z][A-Za-z ]{0,20}\.", fullmatch=True)
said = st.builds(
    ExpectedWords,
    contains=sentences,
    ignore_case=st.none() | st.booleans(),
    absent=st.booleans(),
    required=st.booleans(),
) | st.builds(ExpectedWords, regex=st.just("a|b"), absent=st.booleans())


@st.composite
def expectations(draw):
    assertions = tuple(draw(st.lists(sentences, max_size=3)))
    places = [place for place in range(len(assertions)) if draw(st.booleans())]
    forbidden = st.builds(ForbiddenAction, name=names, arguments=conditions, required=st.booleans())
    state = st.builds(ExpectedState, path=names, matcher=matchers, required=st.booleans())
    return Expectations(
        assertions=assertions,
        optional_assertions=tuple(places),
        actions=tuple(draw(st.lists(actions, max_size=2))),
        forbidden=tuple(draw(st.lists(forbidden, max_size=2))),
        writes=draw(st.none() | st.builds(ExpectedWrites, required=st.booleans())),
        state=tuple(draw(st.lists(state, max_size=2))),
        said=tuple(draw(st.lists(said, max_size=2))),
    )


HISTORY = (
    SystemMessage(text="It is Monday."),
    AgentMessage(text="Hello!", at=1774519200.0),
    UserMessage(text=None, calls=(ToolCall(id="u", name="look", arguments={"q": 1}),)),
    ToolResult(call_id="u", name="look", text="", is_error=True, side=Side.USER),
    AgentMessage(text="", calls=(ToolCall(id="1", name="a"), ToolCall(id="2", name="b"))),
    ToolResult(call_id="1", name="a", text="x"),
    ToolResult(call_id="2", name="b", text="y"),
)
END = Tool(
    name="hang_up",
    description="Hang up.",
    kind=ToolKind.END,
    extra={"eqho": {"name": "H", "slug": "hang_up", "instructions": "Hang up.", "type": "terminate_call"}},
)
scenarios = st.builds(
    Scenario,
    id=st.just(ID),
    workspace=st.just(WORKSPACE),
    name=sentences,
    folder=st.none() | words,
    purpose=st.none() | words,
    notes=st.none() | words,
    persona=st.none() | words,
    instructions=st.builds(
        Instructions,
        task=words,
        reason=st.none() | words,
        known=st.none() | words,
        unknown=st.none() | words,
        language=st.sampled_from(["en", "de"]),
    ),
    variables=st.dictionaries(names, values, max_size=3),
    generated=st.sampled_from(
        [
            {},
            {"1": Generator(pattern="[A-Z]{3}"), "2": Generator(name=NameKind.FULL)},
            {"3": Generator(one_of=(1, "a")), "4": Generator(integer=(1, 5)), "5": Generator(text="{{3}}!")},
        ]
    ),
    state=st.dictionaries(names, values, max_size=2),
    mocks=st.dictionaries(names, mocks, max_size=2),
    user_tools=st.sampled_from([(), (END,), (Tool(name="look", description="Looks.", writes=True), END)]),
    history=st.sampled_from([HISTORY[:at] for at in (0, 2, 4, 5, 7)]),
    medium=st.sampled_from(Medium),
    direction=st.sampled_from(Direction),
    agent_opens=st.none() | st.booleans(),
    stop_tokens=st.none() | st.just(()) | st.just(("###END###",)),
    agent_stop_tokens=st.just(()) | st.just(("###BYE###",)),
    expect=expectations(),
    set_id=st.none() | st.just(SET),
)


@pytest.mark.slow
@given(scenarios)
def test_any_scenario_is_the_same_after_its_own_record_came_back(scenario):
    body = ScenarioBody.model_validate(json.loads(json.dumps(scenario_record(scenario))))
    assert body.scenario_set_id == scenario.set_id
    again = replaced_scenario(scenario, body, set_id=scenario.set_id, now=7.0)
    assert again == replace(scenario, revision=1, updated_at=7.0)


def made(**fields):
    lead = {"instructions": {"task_instructions": "Cancel."}}
    body = ScenarioBody.model_validate({"name": "A", "lead_scenario": lead, **fields})
    return new_scenario(body, id=ID, workspace=WORKSPACE, set_id=None, now=5.0)


def test_what_only_the_other_dialect_can_say_is_kept():
    before = replace(
        made(), label="", trials=5, model="gpt-5", agent_id="d" * 24, alias="tc_x", extra={"sigmamind": {"a": 1}}
    )
    after = replaced_scenario(before, ScenarioBody.model_validate(scenario_record(made())), set_id=None, now=7.0)
    kept = ("label", "trials", "model", "agent_id", "alias", "extra", "id", "workspace", "created_at")
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before, name) for name in kept}
    assert (after.revision, after.updated_at) == (1, 7.0)


def test_what_is_left_out_takes_its_default():
    full = made(
        folder="F",
        description={"purpose": "P"},
        environment_setup={"state": {"a": 1}, "conversation_medium": "sms", "opens": "agent"},
        evaluation_criteria={"nl_assertions": ["It is so."], "forbidden": ["x"]},
    )
    body = ScenarioBody.model_validate(
        {"name": "A", "lead_scenario": {"instructions": {"task_instructions": "Cancel."}}}
    )
    assert replaced_scenario(full, body, set_id=None, now=7.0) == replace(made(), revision=1, updated_at=7.0)


@pytest.mark.parametrize("null", [None, {}])
def test_null_and_an_empty_object_are_the_default(null):
    given = {"description": null, "environment_setup": null, "evaluation_criteria": null, "folder": None}
    assert made(**given) == made()


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("hang_up", "hang_up"),
        ("_bye-2", "_bye-2"),
        ("<string>", "string"),
        ("auf wiedersehen!", "auf_wiedersehen"),
        ("再见", "end_conversation"),
        ("", "end_conversation"),
        ("x" * 80, "x" * 64),
    ],
)
def test_the_lead_hangs_up_with_the_slug_of_its_action_as_far_as_models_take_it(slug, name):
    action = {"name": "Bye", "slug": slug, "instructions": "Hang up politely.", "type": "email"}
    lead = {"instructions": {"task_instructions": "x"}, "actions": {"terminate_call": action}}
    scenario = made(lead_scenario=lead)
    (tool,) = scenario.user_tools
    assert (tool.name, tool.kind, tool.description) == (name, ToolKind.END, "Hang up politely.")
    shown = scenario_record(scenario)["lead_scenario"]["actions"]["terminate_call"]
    assert {key: shown[key] for key in action} == action


def test_a_tool_for_the_end_that_came_from_elsewhere_is_shown_as_an_action():
    scenario = replace(made(), user_tools=(Tool(name="bye", description="Ends.", kind=ToolKind.END),))
    shown = scenario_record(scenario)["lead_scenario"]["actions"]["terminate_call"]
    assert (shown["slug"], shown["instructions"], shown["type"]) == ("bye", "Ends.", "terminate_call")


def test_a_set_is_replaced_and_counts_its_changes():
    group = new_set(ScenarioSetBody(name="A", description="d"), id=SET, workspace=WORKSPACE, now=5.0)
    again = replaced_set(group, ScenarioSetBody(name="B"), now=7.0)
    shown = set_record(again)
    assert (shown["_id"], shown["account_id"], shown["name"], shown["description"]) == (SET, WORKSPACE, "B", None)
    assert shown["history"] == {
        "last_modified_at": "1970-01-01T00:00:07.000Z",
        "revision": 1,
        "created_at": "1970-01-01T00:00:05.000Z",
        "created_by": "unknown",
        "last_modified_by": "unknown",
    }


def test_unknown_fields_of_the_reference_objects_are_passed_over():
    setup = {"unknown": 1, "action_mocks": {"a": {"default_return_value": "x", "unknown": 2}}}
    assert made(later=1, environment_setup=setup).mocks == {"a": ToolMock(otherwise=Answer(value="x"))}


def test_a_mistyped_extension_is_not_lost():
    for setup in ({"sate": {}}, {"action_mocks": {"a": {"default_return_value": "x", "rule": []}}}):
        with pytest.raises(ValidationError, match="means nothing"):
            made(environment_setup=setup)
