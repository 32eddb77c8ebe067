"""From a vendor's records to suites, and from suites to a vendor's records, without loss."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.adapters.suites.test_suite_round_trip import SUITES
from tests.wire.vendors.records import (
    ACTION,
    AGENT,
    CASE,
    EQHO_AGENT,
    OLDER_AGENT,
    OLDER_CASE,
    SCENARIO,
    SCENARIO_SET,
    found,
)

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.imports.tau2 import import_tau2
from sparring.adapters.moving.sources import SUITE, record_of
from sparring.adapters.moving.suites import document_of, suites_of
from sparring.adapters.moving.vendors import EQHO, SIGMAMIND, VENDORS
from sparring.adapters.suites import Suite, dump_suite, load_suite, parse_suite
from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Expectations, Instructions, Scenario

TAU2 = Path(__file__).resolve().parents[5] / "shared" / "data" / "tau2"
BOTH = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)


def saved(vendor, document):
    """The records of a document, as a file of it holds them."""
    read = json.loads(json.dumps(document))
    records = [
        record_of(vendor, one, f"{name}[{place}]", kind)
        for name, kind in vendor.lists.items()
        for place, one in enumerate(read.get(name, []))
    ]
    said = replace(records[0], record=read["sparring"], kind=SUITE)
    return [said, *records]


async def there_and_back(vendor, suite):
    document, _ = await document_of(vendor, suite)
    suites, _ = await suites_of(vendor, saved(vendor, document), 0.0)
    (back,) = suites
    return document, back


@BOTH
async def test_the_demos_suite_comes_back_as_it_was(vendor):
    suite = load_suite(AIRLINE_SUITE)
    _, back = await there_and_back(vendor, suite)
    assert back == suite
    assert dump_suite(back) == dump_suite(parse_suite(dump_suite(suite)))


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("domain", ["airline", "retail", "mock"])
async def test_tasks_of_tau2_come_back_as_they_were(vendor, domain):
    if not TAU2.exists():
        pytest.skip("tau2-bench's tasks are not beside this repository")
    suite, _ = import_tau2(TAU2 / domain / "tasks.json", TAU2 / domain / "policy.md")
    suite = parse_suite(dump_suite(suite))
    _, back = await there_and_back(vendor, suite)
    assert back == suite


async def test_eqho_says_nearly_all_of_a_suite_in_its_own_fields():
    document, _ = await there_and_back(EQHO, load_suite(AIRLINE_SUITE))
    assert {name for one in document["scenarios"] for name in one["sparring"]} == {"trials"}
    assert "sparring" not in document["agents"][0]


@pytest.mark.slow
@BOTH
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(suite=SUITES)
async def test_any_suite_comes_back_as_it_was_or_is_refused(vendor, suite):
    suite = replace(
        suite,
        agent=replace(suite.agent, extra={}),
        scenarios=tuple(replace(one, extra={}) for one in suite.scenarios),
    )
    try:
        _, back = await there_and_back(vendor, suite)
    except InvalidInput as refusal:
        assert f"does not fit {vendor.name}'s form" in str(refusal)
        return
    assert back == suite


async def test_records_of_eqho_come_back_from_a_suite_as_they_were():
    records = found(EQHO, ACTION, SCENARIO_SET, EQHO_AGENT, SCENARIO)
    (suite,), _ = await suites_of(EQHO, records, 0.0)
    document, back = await there_and_back(EQHO, suite)
    assert back == suite
    assert [one["_id"] for one in document["actions"]] == [ACTION["_id"]]
    assert document["scenario_sets"] == [
        {name: SCENARIO_SET[name] for name in ("_id", "name", "description")},
    ]
    for records, one in ((document["agents"], EQHO_AGENT), (document["scenarios"], SCENARIO)):
        for name, value in one.items():
            if name not in ("account_id", "history", "lead_scenario", "environment_setup", "structured_greetings"):
                assert not value or records[0][name] == value or name == "ai_settings", name
    (scenario,) = document["scenarios"]
    assert scenario["environment_setup"]["mention_mocks"] == SCENARIO["environment_setup"]["mention_mocks"]
    assert scenario["lead_scenario"]["actions"]["terminate_call"]["name"] == "Hang up"
    assert document["agents"][0]["ai_settings"]["max_tokens"] == 500
    assert document["actions"][0]["settings"] == ACTION["settings"]
    assert "sparring" not in scenario


async def test_records_of_sigmamind_come_back_from_a_suite_as_they_were():
    (suite,), _ = await suites_of(SIGMAMIND, found(SIGMAMIND, AGENT, {**CASE, "weight": 3}), 0.0)
    document, back = await there_and_back(SIGMAMIND, suite)
    assert back == suite
    assert document["agents"] == [AGENT]
    told = {name: value for name, value in CASE.items() if name not in ("agent", "workspaceId")}
    assert document["testCases"] == [{**told, "agentId": AGENT["agentId"], "weight": 3}]


async def test_what_was_edited_in_a_suite_wins_over_what_came_from_elsewhere():
    (suite,), _ = await suites_of(SIGMAMIND, found(SIGMAMIND, AGENT, CASE), 0.0)
    edited = replace(suite, agent=replace(suite.agent, instructions="Be brief."))
    document, _ = await document_of(SIGMAMIND, parse_suite(dump_suite(edited)))
    (agent,) = document["agents"]
    assert agent["instructions"] == "Be brief."
    assert agent["agentSettings"]["voiceId"] == "v-1"


async def test_there_is_a_suite_for_each_agent_with_test_cases():
    idle = {**OLDER_AGENT, "agentId": "agent_idle", "agentName": "Idle"}
    records = found(SIGMAMIND, AGENT, OLDER_AGENT, idle, CASE, OLDER_CASE)
    suites, notes = await suites_of(SIGMAMIND, records, 0.0)
    assert [(suite.name, len(suite.scenarios)) for suite in suites] == [("New AI Agent", 1), ("Demo Agent", 1)]
    assert "an agent without any test case has no suite (Idle)." in notes


async def test_scenarios_without_an_agent_are_a_suite_whose_agent_is_still_to_be_written():
    suites, notes = await suites_of(EQHO, found(EQHO, SCENARIO), 0.0)
    assert suites[0].agent.instructions == ""
    assert "no agent is among the records; write the suite's yourself." in notes


async def test_without_a_scenario_there_is_no_suite():
    with pytest.raises(InvalidInput, match="There is no test case among the records"):
        await suites_of(SIGMAMIND, found(SIGMAMIND, AGENT), 0.0)
    with pytest.raises(InvalidInput, match="There is no scenario among the records"):
        await suites_of(EQHO, [], 0.0)


async def test_names_that_are_there_twice_get_numbers():
    cases = [{**CASE, "testCaseId": f"tc_{letter * 16}"} for letter in "abc"]
    (suite,), notes = await suites_of(SIGMAMIND, found(SIGMAMIND, AGENT, *cases), 0.0)
    names = [one.name for one in suite.scenarios]
    assert names == [CASE["label"], f"{CASE['label']} (2)", f"{CASE['label']} (3)"]
    document, back = await there_and_back(SIGMAMIND, suite)
    assert back == suite
    assert [one["label"] for one in document["testCases"]] == [CASE["label"]] * 3
    assert any("a name that is there twice got a number" in line for line in notes)


async def test_a_name_that_nothing_answers_stays_as_it_is_written():
    lacking = {**CASE, "mockData": [], "userPrompt": "You are {{customer_name}}, {{ mood }}."}
    (suite,), notes = await suites_of(SIGMAMIND, found(SIGMAMIND, AGENT, lacking), 0.0)
    assert suite.scenarios[0].variables == {"customer_name": "{{customer_name}}", "mood": "{{mood}}"}
    assert any("no variable answers {{mood}}" in line for line in notes)
    document, _ = await there_and_back(SIGMAMIND, suite)
    assert document["testCases"][0]["mockData"] == []


async def test_mock_data_answers_tools_in_suites_as_it_does_in_batch_runs():
    agent = {**AGENT, "tools": [{"type": "function", "name": "find_order"}]}
    (suite,), _ = await suites_of(SIGMAMIND, found(SIGMAMIND, agent, CASE), 0.0)
    assert suite.scenarios[0].variables_answer_tools
    (suite,), _ = await suites_of(SIGMAMIND, found(SIGMAMIND, AGENT, CASE), 0.0)
    assert not suite.scenarios[0].variables_answer_tools


async def test_what_a_vendor_does_not_know_is_told():
    _, notes = await document_of(EQHO, load_suite(AIRLINE_SUITE))
    assert notes == [
        "environment_setup.action_mocks.rules is this project's own: Eqho passes over it, or refuses it.",
        "evaluation_criteria.forbidden is this project's own: Eqho passes over it, or refuses it.",
        "Eqho cannot say all of trials; the rest is under 'sparring' in 8 of the records.",
    ]


async def test_what_does_not_fit_a_vendors_form_is_refused_with_its_place():
    agent = Agent(id="", workspace="", name="A", instructions="x", tools=(Tool(name="t" * 129),))
    scenario = Scenario(name="s" * 257, instructions=Instructions(task="Ask."), expect=Expectations())
    with pytest.raises(InvalidInput) as refusal:
        await document_of(EQHO, Suite(name="Long", agent=agent, scenarios=(scenario,)))
    told = str(refusal.value)
    assert "'Long' does not fit Eqho's form" in told
    assert "agent 'A': name must be a text of 1 to 128 characters" in told
    assert f"scenario '{'s' * 257}': name must be a text of 1 to 256 characters" in told


@BOTH
async def test_what_stands_beside_a_vendors_form_is_checked(vendor):
    document, _ = await document_of(vendor, load_suite(AIRLINE_SUITE))
    (scenario, *_) = document[vendor.scenarios]
    for wrong in (
        [],
        {"unknown": 1},
        {"id": "x"},
        {"trials": "many", "expect": 3},
        {"without": "trials"},
        {"mocks": {"a": 5}},
    ):
        scenario["sparring"] = wrong
        with pytest.raises(InvalidInput, match=r"sparring (must hold fields|holds what no record can have)"):
            await suites_of(vendor, saved(vendor, document), 0.0)


async def test_what_stands_beside_a_vendors_form_is_believed_in_files_only():
    document, _ = await document_of(EQHO, load_suite(AIRLINE_SUITE))
    records = [replace(one, is_file=False) for one in saved(EQHO, document)]
    (suite,), notes = await suites_of(EQHO, records, 0.0)
    assert {one.trials for one in suite.scenarios} == {1}
    assert any("sparring has no counterpart here" in line for line in notes)
