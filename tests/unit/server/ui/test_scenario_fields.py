"""A scenario as the fields of a form: whatever it holds comes back as it was."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.adapters.suites.test_suite_round_trip import AWKWARD, JSON, SCENARIO

from sparring.adapters.suites.single import SingleRecords
from sparring.domain.agent import Agent, Tool
from sparring.domain.editing import How, Items, Pairs, Typed, fields_by_path, nearest
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import Expectations, ExpectedAction, Instructions, Scenario
from sparring.server.ui.form_tree import Cursor, ordered, restored, tree_of
from sparring.server.ui.mock_fields import Shown
from sparring.server.ui.scenario_fields import kept_words, scenario_given, scenario_tree

RECORDS = SingleRecords()
SHOWN = Shown(RECORDS.value_text, RECORDS.yaml_text)
PLAIN = Scenario(id="1", name="One", instructions=Instructions(task="Ask."))


def tree(scenario):
    return scenario_tree(RECORDS.scenario_document(scenario), SHOWN)


def flat(part, name="s"):
    """The fields as a browser sends them."""
    if isinstance(part, str):
        return {name: part.replace("\n", "\r\n")}
    items = enumerate(part) if isinstance(part, list) else part.items()
    return {key: text for key, inner in items for key, text in flat(inner, f"{name}.{key}").items()}


def has_blank_names(scenario):
    """Whether a key of a mapping is blank, which a form takes for a row that was not filled in."""

    def blank(part):
        if isinstance(part, list):
            return any(map(blank, part))
        rows = part.items() if isinstance(part, dict) else ()
        return any((key == "path" and not value.strip()) or blank(value) for key, value in rows)

    return blank(tree(scenario))


@pytest.mark.slow
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(SCENARIO.filter(lambda scenario: not has_blank_names(scenario)))
def test_a_scenario_that_nobody_touched_is_the_same_after_its_form(scenario):
    sent = restored(tree_of(flat(tree(scenario)), "s"), tree(scenario))
    composed = RECORDS.compose(scenario_given(sent))
    assert composed.flaws == ()
    reading = RECORDS.read_scenario(composed.text, base=scenario, agent=None)
    assert (reading.flaws, reading.record) == ((), scenario)
    assert reading.record is scenario


@pytest.mark.slow
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(SCENARIO)
def test_a_scenario_that_nobody_touched_is_the_same_after_its_yaml(scenario):
    reading = RECORDS.read_scenario(RECORDS.scenario_text(scenario), base=scenario, agent=None)
    assert (reading.flaws, reading.record is scenario) == ((), True)


@settings(deadline=None, max_examples=150)
@given(JSON | AWKWARD)
def test_any_value_survives_a_field(value):
    composed = RECORDS.compose(Pairs((("v", Typed(RECORDS.value_text(value), How.VALUE)),)))
    assert composed.flaws == ()
    assert RECORDS.read_object(composed.text).record == {"v": value}


def read(scenario=PLAIN, agent=None, **fields):
    """What the form comes to with other texts in some fields, and where its flaws are."""
    sent = {**flat(tree(scenario)), **{f"s.{name.replace('__', '.')}": text for name, text in fields.items()}}
    typed = scenario_given(tree_of(sent, "s"))
    composed = RECORDS.compose(typed)
    reading = RECORDS.read_scenario(composed.text, base=scenario, agent=agent)
    places = dict(fields_by_path(typed))
    flaws = [(nearest(flaw.path, places), flaw.message) for flaw in (*composed.flaws, *reading.flaws)]
    return reading, flaws, [(nearest(flaw.path, places), flaw.message) for flaw in reading.warnings]


def test_what_is_typed_becomes_the_scenario():
    reading, flaws, _ = read(
        name="Two",
        persona="Somebody: new",
        variables__0__name="days",
        variables__0__value="2",
        mocks__0__tool="look",
        mocks__0__rules__0__when__0__path="id",
        mocks__0__rules__0__when__0__is="regex",
        mocks__0__rules__0__when__0__value="^[A-Z]{6}$",
        mocks__0__rules__0__value='{"found": true}',
        mocks__0__rules__0__times="2",
        mocks__0__otherwise__kind="error",
        mocks__0__otherwise__value="unknown id",
        assertions__0__text="The agent is polite.",
        actions__0__name="look",
        actions__0__compare="name",
        forbidden__0__name="refund",
        forbidden__0__arguments__0__path="amount",
        forbidden__0__arguments__0__is="between",
        forbidden__0__arguments__0__value="10 to 20",
    )
    assert flaws == []
    look = ToolMock(
        rules=(Rule(when={"id": Matcher(regex="^[A-Z]{6}$")}, answer=Answer(value={"found": True}), times=2),),
        otherwise=Answer(value="unknown id", is_error=True),
    )
    record = reading.record
    assert (record.id, record.name, record.persona, record.variables) == ("1", "Two", "Somebody: new", {"days": 2})
    assert record.mocks == {"look": look}
    assert record.expect.assertions == ("The agent is polite.",)
    assert record.expect.actions == (ExpectedAction(name="look", compare_args=()),)
    assert record.expect.forbidden[0].arguments == {"amount": Matcher(at_least=10, at_most=20)}


def test_mistakes_are_told_at_the_field_in_the_words_of_the_suite_reader():
    _, flaws, _ = read(
        name="",
        trials="0",
        mocks__0__tool="look",
        mocks__0__rules__0__when__0__path="id",
        mocks__0__rules__0__when__0__is="regex",
        mocks__0__rules__0__when__0__value="(",
        mocks__0__rules__0__value='{"a": ',
        mocks__0__rules__0__times="often",
    )
    assert [place for place, _ in flaws] == [
        "s.mocks.0.rules.0.value",
        "s.name",
        "s.mocks.0.rules.0.when.0.value",
        "s.mocks.0.rules.0.times",
        "s.trials",
    ]
    told = dict(flaws)
    assert told["s.name"] == "expected a text, came an empty one."
    assert told["s.trials"] == "expected a whole number from 1 to 100, came '0'."
    assert "does not compile" in told["s.mocks.0.rules.0.when.0.value"]


def test_a_name_that_is_there_twice_is_told():
    _, flaws, _ = read(
        variables__0__name="a", variables__0__value="1", variables__1__name="a", variables__1__value="2"
    )
    assert len(flaws) == 1
    assert "'a' stands here twice" in flaws[0][1]


def test_a_value_without_its_name_is_told_beside_it():
    _, flaws, _ = read(variables__0__value="2")
    assert ("s.variables.0.value", "expected a name, came none.") in flaws


def test_tools_that_nobody_has_are_doubted_with_the_closest_name():
    agent = Agent(id="a", workspace="", name="A", instructions="Hi {{today}}", tools=(Tool(name="issue_refund"),))
    _, flaws, doubts = read(
        agent=agent, forbidden__0__name="isue_refund", task_instructions="Ask {{whom}}.", notes="Well"
    )
    assert flaws == []
    told = dict(doubts)
    assert told["s.forbidden.0.name"].endswith("Did you mean 'issue_refund'?")
    assert told["s.task_instructions"].startswith("no variable answers {{whom}}")
    assert told[None].startswith("no variable answers {{today}} in the scenario 'One'")


def test_a_rule_that_can_never_answer_is_doubted_at_its_row():
    _, _, doubts = read(
        mocks__0__tool="look",
        mocks__0__rules__0__value="first",
        mocks__0__rules__1__value="second",
    )
    shadowed = [place for place, message in doubts if "can never answer" in message]
    assert shadowed == ["s.mocks.0.rules.1.value"]


def test_what_the_form_has_no_field_for_is_kept_and_said():
    kept = replace(
        PLAIN,
        stop_tokens=("###STOP###",),
        user_tools=(Tool(name="pay", extra={"strict": True}),),
        expect=Expectations(actions=(ExpectedAction(name="look", info="why", match_rule="tau2"),)),
        extra={"sigmamind": {"successCriteria": "x"}},
        alias="tc_1",
    )
    assert kept_words(tree(kept)) == ["stop_tokens: ###STOP###", "1 tools of the simulated user"]
    reading, _, _ = read(kept, name="Other")
    assert reading.record == replace(kept, name="Other")


def test_a_tampered_hidden_field_is_passed_over():
    reading, flaws, _ = read(rest="[[[", actions__0__name="look", actions__0__rest="{")
    assert flaws == []
    assert reading.record.expect.actions[0].name == "look"


def test_rows_are_added_dropped_and_moved():
    rows = {"mocks": [{"tool": "a"}, {"tool": "b"}]}
    tree, place = ordered(rows, "add s.mocks.1.rules", "s")
    assert (tree["mocks"][1], place) == ({"tool": "b", "rules": [{}]}, "s.mocks.1.rules.0")
    tree, place = ordered(tree, "up s.mocks.1", "s")
    assert ([one["tool"] for one in tree["mocks"]], place) == (["b", "a"], "s.mocks.0")
    tree, place = ordered(tree, "drop s.mocks.0", "s")
    assert (tree, place) == ({"mocks": [{"tool": "a"}]}, None)


def test_orders_about_what_is_not_there_change_nothing():
    for order in (
        "drop s.mocks.7",
        "up s.mocks.0",
        "add t.mocks",
        "drop s",
        "add s.mocks.x.rules",
        "fly s.mocks.0",
        "",
    ):
        rows = {"mocks": [{"tool": "a"}]}
        assert ordered(rows, order, "s") == ({"mocks": [{"tool": "a"}]}, None), order


def test_strange_names_of_fields_make_no_trouble():
    found = tree_of(
        {"s.a": "1", "s.a.b": "2", "s.0": "3", "s.": "4", "s": "5", "s.r.10.x": "b", "s.r.9.x": "a"}, "s"
    )
    assert (found["a"], found["r"]) == ("1", [{"x": "a"}, {"x": "b"}])
    assert tree_of({f"s{'.a' * 40}": "deep"}, "s") == {}
    assert Cursor("text", "s").rows("a") == []


def test_the_field_of_a_part_is_that_of_the_smallest_part_around_it():
    typed = Pairs(
        (("a", Items((Pairs((("b", Typed("x", field="f.b")),), "f.0"),))), ("c", Typed("y", field="f.c")))
    )
    places = dict(fields_by_path(typed))
    assert nearest("a[0].b.deep[3]", places) == "f.b"
    assert nearest("a[0].other", places) == "f.0"
    assert nearest("a", places) is None
    assert nearest("", places) is None
