"""One scenario or one agent by itself, read over what is stored."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.adapters.suites.test_suite_round_trip import AGENT

from sparring.adapters.suites.single import SingleRecords
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.editing import Flaw, How, Items, Pairs, Typed
from sparring.domain.scenario import Instructions, Scenario

RECORDS = SingleRecords()
SCENARIO = Scenario(id="1", workspace="w", name="One", instructions=Instructions(task="Ask."), alias="tc_1")
HOOK = Tool(name="order", kind=ToolKind.WEBHOOK, live=True, extra={"url": "https://shop.example"})
TESTED = Agent(id="2", workspace="w", name="Shop", instructions="Help {{who}}.", tools=(HOOK,), alias="agent_1")


def read(text, base=SCENARIO, agent=None):
    return RECORDS.read_scenario(text, base=base, agent=agent)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(AGENT)
def test_an_agent_that_nobody_touched_is_the_same_after_its_yaml(agent):
    reading = RECORDS.read_agent(RECORDS.agent_text(agent), base=agent)
    assert (reading.flaws, reading.record is agent) == ((), True)


def test_a_text_changes_what_it_says_otherwise_and_nothing_else():
    reading = read("name: Two\ninstructions: Ask.\nfolder: F\n")
    assert reading.record == replace(SCENARIO, name="Two", folder="F")


def test_what_an_import_keeps_is_nobodys_to_edit_and_comes_along_when_it_is_pasted():
    origin = {"origin": {"vendor": "eqho", "id": "7"}}
    kept = replace(SCENARIO, extra=origin)
    assert "origin" not in RECORDS.scenario_text(kept)
    assert read("name: Two\ninstructions: Ask.\n", kept).record.extra == origin
    pasted = read("name: One\ninstructions: Ask.\norigin: {vendor: eqho, id: '7'}\n")
    assert pasted.record == kept


def test_a_tool_keeps_by_its_name_what_a_suite_cannot_say():
    reading = RECORDS.read_agent(
        "name: Shop\ninstructions: Help.\ntools: [{name: order}, {name: new}]", base=TESTED
    )
    assert reading.record.tools == (Tool(name="order", live=True, extra=HOOK.extra), Tool(name="new"))
    base = replace(SCENARIO, user_tools=(HOOK,))
    reading = read("name: One\ninstructions: Ask.\nuser_tools: [{name: order, writes: true}]", base)
    assert reading.record.user_tools == (Tool(name="order", writes=True, live=True, extra=HOOK.extra),)


def test_mistakes_are_told_with_their_lines_and_parts():
    flaws = read("name: One\ninstructions: Ask.\nmocks:\n  look: {rules: [{times: 0, returns: 1}]}").flaws
    assert flaws == (
        Flaw(
            path="mocks.look.rules[0].times",
            message="expected a whole number, at least 1, came '0'.",
            line=4,
            column=26,
        ),
    )
    assert read("- a list").flaws[0].message.startswith("expected a mapping with name,")
    assert read("").flaws[0].message == "the file is empty."
    assert (
        "can only be included from a suite"
        in read("name: x\ninstructions: y\nuser_tools: {file: /etc/passwd}").flaws[0].message
    )


def test_a_variable_that_cannot_be_made_up_is_a_mistake():
    flaws = read("name: One\ninstructions: Ask.\nvariables: {day: {generate: {date: +1 day}}}").flaws
    assert [flaw.path for flaw in flaws] == ["variables.day"]
    assert "relative to the variable 'today'" in flaws[0].message


def test_beside_an_agent_its_texts_and_tools_are_looked_at():
    text = "name: One\ninstructions: Ask.\nmocks: {ordr: {returns: 1}}"
    messages = [flaw.message for flaw in read(text, agent=TESTED).warnings]
    assert messages[0].endswith("Did you mean 'order'?")
    assert messages[1].startswith("no variable answers {{who}} in the scenario 'One'")
    assert read(text).warnings == ()


def test_an_object_is_read_from_json_and_from_yaml():
    assert RECORDS.read_object('{"a": [1, "2"]}').record == {"a": [1, "2"]}
    assert RECORDS.read_object("a: 1\nb: two").record == {"a": 1, "b": "two"}
    assert RECORDS.read_object(" ").record == {}
    assert RECORDS.read_object("words").flaws[0].message.startswith("expected an object")


def test_a_field_that_holds_too_much_is_told():
    many = Typed(f"[{'1,' * 20_001}]", How.VALUE)
    composed = RECORDS.compose(Pairs((("v", many), ("w", Items((Typed("a\nb: [", How.YAML),))))))
    assert [(flaw.path, flaw.message.partition(":")[0]) for flaw in composed.flaws] == [
        ("v", "more than 20,000 values."),
        ("w[0]", "line 2"),
    ]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("", ""),
        ("7", 7),
        (" 7 ", 7),
        ("007", "007"),
        ('"7"', "7"),
        ("a: b", "a: b"),
        ("true", True),
        ("null", None),
    ],
)
def test_a_field_is_what_it_reads_as_and_otherwise_a_text(typed, value):
    text = RECORDS.compose(Pairs((("v", Typed(typed, How.VALUE)),))).text
    assert RECORDS.read_object(text).record == {"v": value}


def test_merged_and_repeated_parts_of_a_fragment_are_written_out():
    typed = Typed("base: &b {x: 1}\none: {<<: *b, y: *b}", How.YAML)
    text = RECORDS.compose(Pairs((("v", typed),))).text
    assert RECORDS.read_object(text).record == {"v": {"base": {"x": 1}, "one": {"x": 1, "y": {"x": 1}}}}
