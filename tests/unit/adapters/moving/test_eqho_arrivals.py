"""Eqho's records as records of ours."""

import json
from dataclasses import replace

import pytest
from tests.wire.vendors.records import (
    ACTION,
    ACTION_ID,
    EQHO_AGENT,
    EQHO_AGENT_ID,
    SCENARIO,
    SCENARIO_ID,
    SCENARIO_SET,
    SET_ID,
    arrived,
    write,
)

from sparring.adapters.moving.arrivals import kept_parts
from sparring.adapters.moving.sources import read_files
from sparring.adapters.moving.vendors import EQHO
from sparring.dialects.eqho.translate.actions import action_record
from sparring.dialects.eqho.translate.agents import agent_record
from sparring.dialects.eqho.translate.scenarios import scenario_record, set_record
from sparring.domain.agent import Action, Agent, Opening
from sparring.domain.errors import InvalidInput
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import ExpectedWords, ForbiddenAction, Scenario, ScenarioSet
from sparring.simulation.store import Page

EVERYTHING = (SCENARIO, EQHO_AGENT, SCENARIO_SET, ACTION)


async def the_scenario(store, id=SCENARIO_ID):
    return await store.find_scenario(await store.first_workspace(), id)


async def the_agent(store, id=EQHO_AGENT_ID):
    return await store.find_agent(await store.first_workspace(), id)


def parts(extra):
    """What an import kept."""
    return [(part.at, part.value) for part in kept_parts(extra)]


def assert_says(shown, told, *, but=()):
    """Every value that came is there, at its place."""
    for name, value in told.items():
        if name in but or value is None:
            continue
        if isinstance(value, dict):
            assert_says(shown[name], value, but=but)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for one, other in zip(shown[name], value, strict=True):
                assert_says(one, other, but=but)
        else:
            assert shown[name] == value, name


async def test_every_record_keeps_its_id_and_reads_as_it_did():
    _, store = await arrived(EQHO, *EVERYTHING)
    workspace = await store.first_workspace()
    other = ("account_id", "mention_mocks")
    assert_says(scenario_record(await the_scenario(store)), SCENARIO, but=(*other, "timestamp", "history"))
    assert_says(agent_record(await the_agent(store), scripted=False), EQHO_AGENT, but=(*other, "history"))
    assert_says(action_record(await store.find_action(workspace, ACTION_ID)), ACTION, but=(*other, "history"))
    assert_says(
        set_record(await store.find_scenario_set(workspace, SET_ID)), SCENARIO_SET, but=(*other, "history")
    )


async def test_references_between_records_hold():
    _, store = await arrived(EQHO, *EVERYTHING)
    agent = await the_agent(store)
    assert [tool.name for tool in agent.tools] == ["check_refund_eligibility"]
    assert agent.outbound == Opening(opens=True)
    found, total = await store.scenarios(agent.workspace, Page(), set_id=SET_ID)
    assert ([one.id for one in found], total) == ([SCENARIO_ID], 1)


async def test_a_record_keeps_its_history():
    _, store = await arrived(EQHO, *EVERYTHING)
    history = scenario_record(await the_scenario(store))["history"]
    assert history == {
        **SCENARIO["history"],
        "created_at": "2023-11-07T05:31:56.000Z",
        "last_modified_at": "2023-11-08T05:31:56.000Z",
    }


async def test_an_id_that_is_no_24_hex_digits_is_an_alias_where_there_can_be_one():
    _, store = await arrived(
        EQHO, {**EQHO_AGENT, "_id": "a-1", "action_ids": []}, {**SCENARIO, "_id": "s-1"}, SCENARIO_SET
    )
    assert (await the_agent(store, "a-1")).alias == "a-1"
    assert (await the_scenario(store, "s-1")).alias == "s-1"
    with pytest.raises(InvalidInput, match="_id must be an id of 24 hex digits; 'set-1' came"):
        await arrived(EQHO, {**SCENARIO_SET, "_id": "set-1"})
    with pytest.raises(InvalidInput, match="scenario_set_id must be an id of 24 hex digits; 'set-1' came"):
        await arrived(EQHO, {**SCENARIO, "scenario_set_id": "set-1"})


async def test_what_is_only_kept_is_told():
    arrivals, _ = await arrived(EQHO, *EVERYTHING)
    assert arrivals.notes.lines() == [
        "account_id is kept, and answered as this installation's own.",
        "voice_audio_id is kept and given back, and acts on nothing (Airline agent).",
        "personality is kept and given back, and acts on nothing (Airline agent).",
        "language is kept and given back, and acts on nothing (Airline agent).",
        "ai_settings.max_tokens is kept and given back, and acts on nothing (Airline agent).",
        "environment_setup.mention_mocks has no counterpart here; it is kept and acts on nothing "
        "(Agent refuses cancellation with refund if criteria are not met).",
    ]


async def test_what_has_no_counterpart_is_kept_whatever_the_record():
    _, store = await arrived(
        EQHO,
        SCENARIO,
        {**EQHO_AGENT, "roles": [{"name": "clerk"}]},
        {**ACTION, "enabled": False, "messages": {"start": "Hm", "retry": "Again"}},
    )
    workspace = await store.first_workspace()
    account = (("account_id",), "64b7f0c2e4b0a1a2b3c4d500")
    assert parts((await the_scenario(store)).extra) == [
        (("environment_setup", "mention_mocks"), {"@order": "12"}),
        account,
    ]
    assert parts((await the_agent(store)).extra) == [(("roles",), [{"name": "clerk"}]), account]
    action = await store.find_action(workspace, ACTION_ID)
    assert parts(action.tool.extra) == [(("messages", "retry"), "Again"), (("enabled",), False), account]


async def test_importing_again_changes_nothing_where_nothing_has_changed():
    first, store = await arrived(EQHO, *EVERYTHING)
    before = (await the_agent(store), await the_scenario(store))
    second, _ = await arrived(EQHO, *EVERYTHING, store=store)
    assert (await the_agent(store), await the_scenario(store)) == before
    kinds = (Action, Agent, Scenario, ScenarioSet)
    assert [(first.tally(kind).new, second.tally(kind).same) for kind in kinds] == [(1, 1)] * 4


async def test_importing_again_replaces_what_the_vendor_says_and_keeps_what_only_we_can_say():
    _, store = await arrived(EQHO, *EVERYTHING)
    scenario = await the_scenario(store)
    rule = Rule(when={"id": Matcher(equal=1)}, answer=Answer(value="rule"))
    mock = scenario.mocks["check_refund_eligibility"]
    ours = replace(
        scenario,
        tags=("smoke",),
        state={"a": 1},
        stop_tokens=("BYE",),
        mocks={"check_refund_eligibility": replace(mock, rules=(rule,)), "gone": ToolMock(otherwise=Answer())},
        expect=replace(
            scenario.expect,
            forbidden=(ForbiddenAction(name="issue_refund"),),
            said=(ExpectedWords(contains="sorry"),),
        ),
    )
    await store.save_scenario(ours)
    changed = {**SCENARIO, "name": "Renamed", "evaluation_criteria": {"nl_assertions": ["It says no."]}}
    arrivals, _ = await arrived(EQHO, changed, {**ACTION, "slug": "check_it"}, EQHO_AGENT, store=store)
    after = await the_scenario(store)
    assert (after.name, after.revision, after.expect.assertions, after.expect.actions) == (
        "Renamed",
        scenario.revision + 1,
        ("It says no.",),
        (),
    )
    assert (after.tags, after.state, after.stop_tokens) == (("smoke",), {"a": 1}, ("BYE",))
    assert (after.expect.forbidden, after.expect.said) == (ours.expect.forbidden, ours.expect.said)
    assert after.mocks == {"check_refund_eligibility": replace(mock, rules=(rule,))}
    assert [tool.name for tool in (await the_agent(store)).tools] == ["check_it"]
    assert [arrivals.tally(kind).changed for kind in (Scenario, Action, Agent)] == [1, 1, 1]


async def test_the_details_of_an_agent_bring_its_actions():
    details = {**EQHO_AGENT, "actions": [ACTION], "roles": [], "scripts": [], "greetings": []}
    del details["action_ids"]
    arrivals, store = await arrived(EQHO, details)
    assert [tool.name for tool in (await the_agent(store)).tools] == ["check_refund_eligibility"]
    assert (await store.find_action(await store.first_workspace(), ACTION_ID)).name == "Refund check"
    assert arrivals.tally(Action).new == 1


async def test_who_made_a_record_is_kept():
    made = {**SCENARIO, "history": {**SCENARIO["history"], "created_by": "u-7"}}
    arrivals, store = await arrived(EQHO, made)
    assert (("history", "created_by"), "u-7") in parts((await the_scenario(store)).extra)
    assert "history.created_by is kept, and answered as this installation's own." in arrivals.notes.lines()


async def test_an_action_is_taken_from_the_list_of_actions_where_it_is_in_both():
    details = {**EQHO_AGENT, "actions": [{**ACTION, "name": "Short"}]}
    for records in ((details, ACTION), (ACTION, details)):
        arrivals, store = await arrived(EQHO, *records)
        assert (await store.find_action(await store.first_workspace(), ACTION_ID)).name == "Refund check"
        assert (arrivals.tally(Action).new, arrivals.tally(Action).changed) == (1, 0)


async def test_what_was_said_of_an_action_here_stays_and_what_follows_from_its_settings_does_not():
    _, store = await arrived(EQHO, ACTION)
    workspace = await store.first_workspace()
    action = await store.find_action(workspace, ACTION_ID)
    assert list(action.tool.parameters["properties"]) == ["reservation_id"]
    await store.save_action(replace(action, tool=replace(action.tool, writes=True)))
    settings = {"url": "https://example.com/{{order_id}}", "method": "GET"}
    await arrived(EQHO, {**ACTION, "settings": settings}, store=store)
    changed = await store.find_action(workspace, ACTION_ID)
    assert changed.tool.writes
    assert list(changed.tool.parameters["properties"]) == ["order_id"]
    await arrived(EQHO, {**ACTION, "settings": settings, "writes": False}, store=store)
    assert not (await store.find_action(workspace, ACTION_ID)).tool.writes


async def test_a_set_keeps_what_has_no_counterpart(tmp_path):
    saved = write(tmp_path, "sets.json", json.dumps({"scenario_sets": [{**SCENARIO_SET, "color": "red"}]}))
    (found,) = read_files(EQHO, [saved])
    arrivals, store = await arrived(EQHO)
    await EQHO.arrive([found], arrivals)
    await arrivals.save()
    group = await store.find_scenario_set(await store.first_workspace(), SET_ID)
    assert parts(group.extra)[0] == (("color",), "red")


async def test_an_action_that_is_nowhere_is_told_and_its_id_kept():
    arrivals, store = await arrived(EQHO, EQHO_AGENT)
    agent = await the_agent(store)
    assert agent.tools == ()
    assert (("action_ids",), [ACTION_ID]) in parts(agent.extra)
    assert f"the action {ACTION_ID} is not among the records" in "\n".join(arrivals.notes.lines())
    await arrived(EQHO, ACTION, EQHO_AGENT, store=store)
    agent = await the_agent(store)
    assert [tool.name for tool in agent.tools] == ["check_refund_eligibility"]
    assert [at for at, _ in parts(agent.extra)] == [("account_id",)]


async def test_a_set_of_which_only_the_id_came_is_there_all_the_same():
    arrivals, store = await arrived(EQHO, SCENARIO)
    group = await store.find_scenario_set(await store.first_workspace(), SET_ID)
    assert group.name == f"Set {SET_ID}"
    assert "only the id of a set came" in "\n".join(arrivals.notes.lines())
    await arrived(EQHO, SCENARIO_SET, store=store)
    assert (await store.find_scenario_set(group.workspace, SET_ID)).name == "Cancellations"


async def test_every_mistake_is_told_and_nothing_is_stored():
    with pytest.raises(InvalidInput) as refusal:
        await arrived(
            EQHO,
            {**SCENARIO, "name": ""},
            {**SCENARIO, "environment_setup": {"conversation_medium": "fax"}},
            {**SCENARIO, "environment_setup": {"message_history": [{"role": "tool", "content": "x"}]}},
            {**ACTION, "slug": "two words"},
            {**EQHO_AGENT, "action_ids": "none"},
        )
    told = str(refusal.value)
    for words in (
        "records[0]: name must be a text of 1 to 256 characters, not only blanks",
        "records[1]: environment_setup.conversation_medium must be one of web_voice",
        "records[2]: environment_setup.message_history[0] is the result of a call, and none is waiting",
        "records[3]: slug must be a text of 1 to 64 characters",
        "records[4]: action_ids must be a list",
    ):
        assert words in told


async def test_results_stay_where_they_are_and_are_counted():
    arrivals, _ = await arrived(EQHO, {"_id": "1", "total_runs": 4}, {"_id": "2", "simulation_results_id": "1"})
    assert arrivals.notes.lines() == [
        "1 simulation result stayed at Eqho: results do not move.",
        "1 simulation run stayed at Eqho: results do not move.",
    ]
