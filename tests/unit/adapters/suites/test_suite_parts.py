"""Parts of a suite in other files, what holds for all scenarios, and what must be reached."""

import pytest

from sparring.adapters.suites import load_suite, parse_suite
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Medium
from sparring.domain.simulation import Threshold

AGENT = "agent: {name: A, instructions: Help., tools: [{name: find}]}\n"
ONE = "- name: One\n  instructions: Ask.\n"


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "suite.yaml"

    return write


def mistake(path):
    with pytest.raises(InvalidInput) as caught:
        load_suite(path)
    return str(caught.value)


def test_every_part_may_stand_in_a_file_of_its_own(folder):
    suite = load_suite(
        folder(
            suite_yaml=(
                "agent: {file: parts/agent.yaml}\nvariables: {file: shared.yaml}\nstate: {file: world.yaml}\n"
                "defaults: {file: defaults.yaml}\n"
                "scenarios:\n  - {file: parts/some.yaml}\n  - {file: parts/three.yaml}\n"
            ),
            parts__agent_yaml="instructions: {file: policy.yaml}\nmocks: {file: mocks.yaml}\ntools: [{name: find}]\n",
            parts__policy_yaml="Today is {{today}}.",
            parts__mocks_yaml="find: {returns: 1}\n",
            shared_yaml="today: 2026-11-21\n",
            world_yaml="orders: {}\n",
            defaults_yaml="medium: sms\n",
            parts__some_yaml=(
                "- {name: One, instructions: Ask., mocks: {file: own.yaml}}\n- {name: Two, instructions: Ask.}\n"
            ),
            parts__own_yaml="find: {returns: 2}\n",
            parts__three_yaml="name: Three\ninstructions: Ask.\nexpect: {file: expect.yaml}\n",
            parts__expect_yaml="assertions: [The agent answers.]\n",
        )
    )
    assert [scenario.name for scenario in suite.scenarios] == ["One", "Two", "Three"]
    assert suite.agent.instructions == "Today is {{today}}."
    assert suite.agent.mocks["find"].otherwise.value == 1
    assert suite.scenarios[0].mocks["find"].otherwise.value == 2
    assert suite.scenarios[2].expect.assertions == ("The agent answers.",)
    assert {scenario.medium for scenario in suite.scenarios} == {Medium.SMS}
    assert suite.scenarios[1].variables == {"today": "2026-11-21"}
    assert suite.scenarios[1].state == {"orders": {}}


def test_all_scenarios_may_stand_in_one_file(folder):
    path = folder(suite_yaml=AGENT + "scenarios: {file: all.yaml}\n", all_yaml=ONE)
    assert [scenario.name for scenario in load_suite(path).scenarios] == ["One"]


def test_a_mistake_in_an_included_file_is_told_with_its_place_there(folder):
    path = folder(suite_yaml=AGENT + "scenarios:\n  - {file: some.yaml}\n", some_yaml=ONE + "  personna: X\n")
    told = mistake(path)
    assert "some.yaml:3:3: scenarios[0][0]: there is no field 'personna' here. Did you mean 'persona'?" in told


def test_a_file_that_includes_itself_is_refused(folder):
    path = folder(
        suite_yaml=AGENT + "scenarios:\n  - {file: a.yaml}\n",
        a_yaml="- {file: b.yaml}\n",
        b_yaml="- {file: a.yaml}\n",
    )
    assert "b.yaml:1:3: scenarios[0][0][0]: this file includes itself: " in mistake(path)


def test_a_missing_file_is_told_where_it_is_named(folder):
    path = folder(
        suite_yaml=AGENT + "variables: {file: none.yaml}\nscenarios:\n  - {name: One, instructions: Ask.}\n"
    )
    assert "suite.yaml:2:19: variables.file: " in mistake(path)
    assert "there is no such file" in mistake(path)


def test_a_variable_may_be_called_file():
    suite = parse_suite(
        AGENT + "variables: {file: report.pdf}\nscenarios:\n  - {name: One, instructions: 'Send {{file}}.'}\n"
    )
    assert suite.scenarios[0].variables == {"file": "report.pdf"}


def test_defaults_hold_where_a_scenario_says_nothing():
    suite = parse_suite(
        AGENT
        + "defaults: {folder: All, tags: [smoke], persona: 'Calm on {{day}}.', opens: agent, required: true}\n"
        + "scenarios:\n"
        + "  - {name: One, instructions: Ask., variables: {day: Monday}}\n"
        + "  - {name: Two, instructions: Ask., folder: Own, tags: [], persona: Loud., required: false}\n"
    )
    one, two = suite.scenarios
    assert (one.folder, one.tags, one.persona, one.agent_opens, one.required) == (
        "All", ("smoke",), "Calm on {{day}}.", True, True,
    )  # fmt: skip
    assert (two.folder, two.tags, two.persona, two.required) == ("Own", (), "Loud.", False)
    assert suite.warnings == ()


def test_a_default_that_names_an_unknown_variable_is_a_mistake():
    text = AGENT + "defaults: {persona: 'On {{day}}.'}\nscenarios:\n  - {name: One, instructions: Ask.}\n"
    with pytest.raises(InvalidInput, match=r"defaults\.persona: no variable answers \{\{day\}\}"):
        parse_suite(text)


def test_a_default_may_not_be_what_every_scenario_says_itself():
    with pytest.raises(InvalidInput, match="there is no field 'name' here"):
        parse_suite(AGENT + "defaults: {name: X}\nscenarios:\n  - {name: One, instructions: Ask.}\n")


def test_thresholds_are_rates_by_k():
    assert parse_suite(
        AGENT + "thresholds: {pass^1: 0.9, pass^4: 1}\nscenarios:\n  - {name: One, instructions: Ask.}\n"
    ).thresholds == (Threshold(1, 0.9), Threshold(4, 1))


@pytest.mark.parametrize("text", ["pass^0: 0.5", "pass^1: 1.5", "pass: 1", "pass^1: often"])
def test_a_threshold_that_means_nothing_is_a_mistake(text):
    with pytest.raises(InvalidInput, match="thresholds"):
        parse_suite(AGENT + f"thresholds: {{{text}}}\nscenarios:\n  - {{name: One, instructions: Ask.}}\n")
