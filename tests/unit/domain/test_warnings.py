"""What a trial warns of."""

from dataclasses import replace

import pytest

from sparring.domain.agent import Agent, Tool
from sparring.domain.generation import Generator
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, ToolMock
from sparring.domain.scenario import (
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
    Instructions,
    Scenario,
)
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.domain.warnings import (
    replacement_warnings,
    setup_warnings,
    trial_warnings,
    unfilled_warnings,
    unmocked_warnings,
    variable_warnings,
)

AGENT = Agent(id="a", workspace="w", name="a")
BAD = "\ufffd"


def unknown(name):
    return f"No variable answers {{{{{name}}}}}; it stays as it is written."


def expecting(**checks):
    return Scenario(expect=Expectations(**checks))


def unused(name):
    return f"The variable {name!r} is named nowhere."


@pytest.mark.parametrize(
    ("agent", "scenario"),
    [
        (replace(AGENT, instructions="{{x}}"), Scenario()),
        (replace(AGENT, greeting="{{ x }}"), Scenario()),
        (replace(AGENT, tools=(Tool(name="t", description="{{x}}"),)), Scenario()),
        (replace(AGENT, tools=(Tool(name="t", parameters={"a": [{"description": "{{x}}"}]}),)), Scenario()),
        (AGENT, Scenario(user_tools=(Tool(name="t", description="{{x}}"),))),
        (AGENT, Scenario(persona="{{x}}")),
        (AGENT, Scenario(instructions=Instructions(task="{{x}}"))),
        (AGENT, Scenario(instructions=Instructions(reason="{{x}}", known="{{x}}", unknown="{{x}}"))),
        (AGENT, Scenario(expect=Expectations(assertions=("{{x}}",)))),
        (AGENT, Scenario(mocks={"t": ToolMock(otherwise=Answer(value={"k": ["{{x}}"]}))})),
        (AGENT, Scenario(mocks={"t": ToolMock(sequence=(Answer(value="{{x}}"),))})),
        (replace(AGENT, mocks={"t": ToolMock(rules=(Rule(answer=Answer(value="{{x}}")),))}), Scenario()),
        (AGENT, Scenario(mocks={"t": ToolMock(rules=(Rule(state={"a.{{x}}": Matcher()}, answer=Answer()),))})),
        (AGENT, Scenario(mocks={"t": ToolMock(otherwise=Answer(changes=Changes(set={"{{x}}": 1})))})),
        (AGENT, Scenario(mocks={"t": ToolMock(otherwise=Answer(changes=Changes(append={"a": ["{{x}}"]})))})),
        (AGENT, Scenario(mocks={"t": ToolMock(otherwise=Answer(changes=Changes(remove=("a.{{x}}",))))})),
        (AGENT, Scenario(state={"orders": {"{{x}}": 1}})),
        (AGENT, expecting(actions=(ExpectedAction(name="t", arguments={"a": "{{x}}"}),))),
        (
            AGENT,
            expecting(forbidden=(ForbiddenAction(name="t", arguments={"{{x}}": Matcher()}),)),
        ),
        (
            AGENT,
            expecting(state=(ExpectedState(path="a", matcher=Matcher(one_of=("{{x}}",))),)),
        ),
        (
            AGENT,
            expecting(said=(ExpectedWords(contains="{{x}}"), ExpectedWords(regex="{{x}}"))),
        ),
    ],
)
def test_a_name_is_known_or_warned_of_wherever_it_stands(agent, scenario):
    assert variable_warnings(agent, scenario) == (unknown("x"),)
    assert variable_warnings(agent, replace(scenario, variables={"x": 1})) == ()
    assert variable_warnings(agent, replace(scenario, variables={"x": 1, "y": 2})) == (unused("y"),)


def test_each_name_is_warned_of_once():
    agent = replace(AGENT, instructions="{{x}} {{y.z}} {{x}}", greeting="{{x}}")
    scenario = Scenario(persona="{{x}}", mocks={"t": ToolMock(otherwise=Answer(value="{{x}}"))})
    assert variable_warnings(agent, scenario) == (unknown("x"), unknown("y.z"))


def test_paths_and_whole_keys_are_known():
    scenario = Scenario(persona="{{lead.name}} {{a.b}}", variables={"lead": {"name": 1}, "a.b": 2})
    assert variable_warnings(AGENT, scenario) == ()


def test_a_mocks_answer_may_name_the_calls_arguments():
    answer = Answer(value=["{{arguments.id}}", {"deep": "{{arguments.a.0.b}}"}])
    scenario = Scenario(mocks={"t": ToolMock(otherwise=answer)})
    assert variable_warnings(AGENT, scenario) == ()
    assert variable_warnings(replace(AGENT, instructions="{{arguments.id}}"), scenario) == (
        unknown("arguments.id"),
    )


def test_a_mock_of_the_scenario_hides_the_agents():
    agent = replace(AGENT, mocks={"t": ToolMock(otherwise=Answer(value="{{x}}"))})
    assert variable_warnings(agent, Scenario(mocks={"t": ToolMock(otherwise=Answer(value="fine"))})) == ()


def test_variables_that_answered_a_tool_are_not_idle():
    scenario = Scenario(variables={"order": "A1"}, variables_answer_tools=True)
    call = ToolCall(id="c", name="look")
    asked = AgentMessage(text=None, calls=(call,))
    answered = ToolResult(call_id="c", name="look", text="{}", source="mockData")
    assert trial_warnings(AGENT, scenario, Transcript([asked, answered])) == ()
    assert trial_warnings(AGENT, scenario, Transcript([])) == (unused("order"),)


def test_every_different_unmocked_call_is_named_once_with_its_mock():
    one, two = (
        ToolCall(id="1", name="look", arguments={"id": 1}),
        ToolCall(id="2", name="look", arguments={"id": 2}),
    )
    by_user = ToolCall(id="3", name="mine")

    def gap(call):
        return ToolResult(call_id=call.id, name=call.name, text="", is_error=True, source="unmocked")

    transcript = Transcript(
        [
            AgentMessage(text=None, calls=(one, ToolCall(id="x", name="fine"), two)),
            gap(one),
            ToolResult(call_id="x", name="fine", text="ok"),
            gap(two),
            AgentMessage(text=None, calls=(one,)),
            gap(one),
            UserMessage(text=None, calls=(by_user,)),
            gap(by_user),
        ]
    )
    found = unmocked_warnings(transcript)
    assert [text.split("answered by: ")[1] for text in found] == [
        "mocks: {look: {rules: [{when: {id: 1}, returns: {}}]}}",
        "mocks: {look: {rules: [{when: {id: 2}, returns: {}}]}}",
        "mocks: {mine: {rules: [{when: {}, returns: {}}]}}",
    ]
    assert found[0].startswith("No mock is defined for this call of 'look'.")
    assert trial_warnings(AGENT, Scenario(), transcript) == found


@pytest.mark.parametrize(
    "message",
    [
        UserMessage(text=f"a{BAD}"),
        AgentMessage(text=BAD),
        AgentMessage(text=None, calls=(ToolCall(id=BAD, name="t"),)),
        AgentMessage(text=None, calls=(ToolCall(id="c", name=f"t{BAD}"),)),
        AgentMessage(text=None, calls=(ToolCall(id="c", name="t", arguments={"a": [{"b": BAD}]}),)),
        AgentMessage(text=None, calls=(ToolCall(id="c", name="t", arguments={BAD: 1}),)),
        AgentMessage(text=None, calls=(ToolCall(id="c", name="t", malformed=BAD),)),
        AgentMessage(text="x", generation=Generation(provider="p", model="m", opaque={"signature": BAD})),
        ToolResult(call_id="c", name="t", text=BAD),
        SystemMessage(text=BAD),
    ],
)
def test_replaced_characters_are_warned_of_wherever_they_stand(message):
    fine = AgentMessage(text="fine", generation=Generation(provider="p", model="m"))
    assert replacement_warnings(Transcript([fine, message])) == (
        "Message 1 holds U+FFFD, which is stored in place of NUL and of lone surrogates.",
    )
    assert replacement_warnings(Transcript([message, fine], history=1)) == ()


def test_several_messages_with_replaced_characters_are_one_warning():
    bad = UserMessage(text=BAD)
    (warning,) = replacement_warnings(Transcript([bad, AgentMessage(text="ok"), bad]))
    assert warning.startswith("Messages 0, 2 hold U+FFFD")


def test_variables_are_named_in_a_mocks_conditions_and_keys_too():
    rule = Rule(when={"id": Matcher(regex="{{x}}")}, answer=Answer(value={"{{key}}": 1}))
    scenario = Scenario(variables={"x": "1"}, mocks={"t": ToolMock(rules=(rule,))})
    assert variable_warnings(AGENT, scenario) == ("No variable answers {{key}}; it stays as it is written.",)


def test_a_variable_may_be_named_only_by_the_history_or_by_one_that_is_made_up():
    scenario = Scenario(
        variables={"today": "2024-05-15", "first": "Bo", "city": "Ulm", "idle": 1},
        generated={"day": Generator(date="+1 day"), "mail": Generator(text="{{first}}@example.com")},
        history=(UserMessage(text="I live in {{city}}."),),
        persona="{{day}} {{mail}}",
    )
    assert variable_warnings(AGENT, replace(scenario, variables={**scenario.variables, "day": 1, "mail": 2})) == (
        unused("idle"),
    )


def test_what_a_mock_asked_of_the_world_in_vain_is_told():
    call = ToolCall(id="c", name="look")
    said = [AgentMessage(text=None, calls=(call,)), ToolResult(call_id="c", name="look", text="{{state.a}} {{x}}")]
    assert unfilled_warnings(Transcript([*said, *said])) == (
        "An answer of 'look' holds {{state.a}}, because neither the call nor the state has it.",
    )
    assert unfilled_warnings(Transcript(said, history=2)) == ()
    assert "{{state.a}}" in trial_warnings(AGENT, Scenario(), Transcript(said))[0]


BOOK = Tool(name="book_flight", writes=True)
TESTED = replace(AGENT, model="m", tools=(BOOK, Tool(name="look_up")))


def test_tools_that_nobody_has_are_told_with_the_name_that_was_meant():
    scenario = Scenario(
        name="Booking",
        mocks={"lookup": ToolMock(otherwise=Answer())},
        expect=Expectations(actions=(ExpectedAction(name="book_fligth"),), forbidden=("pay",)),
        user_tools=(Tool(name="open_app"),),
    )
    assert setup_warnings(TESTED, scenario) == (
        "Booking: 'lookup' is mocked, but nobody has such a tool. Did you mean 'look_up'?",
        "Booking: 'book_fligth' is expected to be called, but nobody has such a tool. Did you mean 'book_flight'?",
        "Booking: 'pay' is forbidden, but nobody has such a tool.",
    )
    code = replace(AGENT, model=None)
    assert setup_warnings(code, replace(scenario, user_tools=())) == ()


def test_parts_of_mocks_that_never_answer_are_told():
    mock = ToolMock(rules=(Rule(answer=Answer()), Rule(answer=Answer())))
    assert setup_warnings(TESTED, Scenario(name="S", mocks={"look_up": mock})) == (
        "S: The mock of 'look_up': rule 2 can never answer: rule 1 before it answers every call that fits.",
    )


def test_exact_writes_need_a_tool_that_writes():
    scenario = Scenario(name="S", expect=Expectations(writes=ExpectedWrites()))
    assert setup_warnings(TESTED, scenario) == ()
    assert setup_warnings(replace(TESTED, tools=()), scenario) == (
        "S: `writes: exact` has nothing to look at: no tool is marked `writes: true`.",
    )
