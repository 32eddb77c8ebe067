"""SigmaMind's records as records of ours."""

from dataclasses import replace

import pytest
from tests.wire.vendors.records import AGENT, CASE, OLDER_AGENT, OLDER_CASE, arrived

from sparring.adapters.moving.vendors import SIGMAMIND
from sparring.dialects.sigmamind.translate.agents import agent_record
from sparring.dialects.sigmamind.translate.test_cases import case_record
from sparring.domain.agent import Agent, ToolKind
from sparring.domain.errors import InvalidInput
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.scenario import ExpectedWords, Scenario
from sparring.simulation.store import Page


async def the_case(store, id=CASE["testCaseId"]):
    workspace = await store.first_workspace()
    found, _ = await store.scenarios(workspace, Page())
    return next(
        case for case in found if case_record(case, workspace="", agent=None, model=None)["testCaseId"] == id
    )


async def the_agent(store, id="D5D0p7TUs66TTAEAx"):
    return await store.find_agent(await store.first_workspace(), id)


async def test_an_id_of_16_digits_stays_the_same_12_bytes_and_a_longer_one_is_an_alias():
    _, store = await arrived(SIGMAMIND, AGENT, OLDER_AGENT, CASE, OLDER_CASE)
    case, older = await the_case(store), await the_case(store, "tc_xeeXG5hX9dl0VFNt")
    assert (case.id, case.alias) == ("60f08e2435987421703e64dd", None)
    agent = await the_agent(store)
    assert agent_record(agent, workspace="")["agentId"] == "agent_D5D0p7TUs66TTAEAx"
    assert agent.alias == "D5D0p7TUs66TTAEAx"
    assert case.agent_id == agent.id
    older_agent = await store.find_agent(older.workspace, older.agent_id)
    assert (older_agent.alias, agent_record(older_agent, workspace="")["agentId"]) == (
        None,
        "agent_mJzLaPEo425lieb9",
    )


async def test_a_test_case_reads_as_it_did():
    _, store = await arrived(SIGMAMIND, CASE, AGENT)
    case = await the_case(store)
    summary = CASE["agent"]
    shown = case_record(case, workspace=CASE["workspaceId"], agent=summary, model=None)
    assert shown == CASE


async def test_an_agent_reads_as_it_did_and_its_settings_are_acted_on():
    _, store = await arrived(SIGMAMIND, AGENT)
    agent = await the_agent(store)
    shown = agent_record(agent, workspace="")
    assert {name: shown[name] for name in AGENT} == AGENT
    assert (agent.model, agent.temperature, agent.greeting) == ("gpt-4o-mini", 0.5, "Hello! My name is Grace.")
    assert [tool.kind for tool in agent.tools] == [ToolKind.END]
    assert agent.revision == 0


async def test_what_is_only_kept_is_told():
    arrivals, _ = await arrived(SIGMAMIND, AGENT, {**CASE, "status": "ready"})
    assert arrivals.notes.lines() == [
        "agentSettings.voiceId is kept and given back, and acts on nothing (New AI Agent).",
        "tools of the type ivr_navigator are kept and given back, and offered to no model (New AI Agent).",
        "status has no counterpart here; it is kept and acts on nothing (Angry Customer - Cancellation Flow).",
    ]


async def test_what_has_no_counterpart_is_kept_with_its_place():
    odd = {**CASE, "mockData": [{"variableName": "a", "value": "1", "secret": True}], "tags": ["x"]}
    _, store = await arrived(SIGMAMIND, AGENT, odd)
    assert (await the_case(store)).extra["imported"] == [
        {"at": ["mockData", 0, "secret"], "value": True},
        {"at": ["tags"], "value": ["x"]},
    ]


async def test_importing_again_changes_nothing_where_nothing_has_changed():
    first, store = await arrived(SIGMAMIND, AGENT, OLDER_AGENT, CASE, OLDER_CASE)
    before = (await the_agent(store), await the_case(store))
    second, _ = await arrived(SIGMAMIND, CASE, OLDER_CASE, AGENT, OLDER_AGENT, store=store)
    assert (await the_agent(store), await the_case(store)) == before
    assert [
        (first.tally(kind).new, second.tally(kind).new, second.tally(kind).same) for kind in (Agent, Scenario)
    ] == [
        (2, 0, 2),
        (2, 0, 2),
    ]
    assert (await store.scenarios(before[1].workspace, Page()))[1] == 2


async def test_importing_again_changes_what_the_vendor_says_and_keeps_what_only_we_can_say():
    _, store = await arrived(SIGMAMIND, AGENT, CASE)
    case, agent = await the_case(store), await the_agent(store)
    said = (ExpectedWords(contains="cancelled"),)
    mocks = {"find_order": ToolMock(otherwise=Answer(value="none"))}
    await store.save_scenario(replace(case, expect=replace(case.expect, said=said), mocks=mocks))
    await store.save_agent(replace(agent, mocks=mocks))
    arrivals, _ = await arrived(
        SIGMAMIND,
        {**AGENT, "instructions": "Be brief."},
        {**CASE, "attempt": 7, "label": "Calm Customer"},
        store=store,
    )
    changed, changed_agent = await the_case(store), await the_agent(store)
    assert (changed.id, changed.trials, changed.name, changed.revision) == (case.id, 7, "Calm Customer", 1)
    assert (changed.expect.said, changed.mocks) == (said, mocks)
    assert agent_record(changed_agent, workspace="")["instructions"] == "Be brief."
    assert (changed_agent.id, changed_agent.mocks) == (agent.id, mocks)
    assert (arrivals.tally(Agent).changed, arrivals.tally(Scenario).changed) == (1, 1)


async def test_a_test_case_without_its_agent_gets_one_that_has_only_its_name():
    arrivals, store = await arrived(SIGMAMIND, CASE)
    agent = await the_agent(store)
    assert (agent.name, agent.instructions) == ("New AI Agent", "")
    assert (await the_case(store)).agent_id == agent.id
    assert "only the name of an agent came" in arrivals.notes.lines()[0]
    await arrived(SIGMAMIND, AGENT, store=store)
    assert (await the_agent(store)).id == agent.id
    assert (await the_agent(store)).instructions.startswith("You are talking to")


async def test_an_agent_that_is_here_already_under_the_vendors_id_is_the_agent_of_the_test_case():
    _, store = await arrived(SIGMAMIND, AGENT)
    agent = await the_agent(store)
    _, store = await arrived(SIGMAMIND, {**CASE, "agent": None, "agentId": "D5D0p7TUs66TTAEAx"}, store=store)
    assert (await the_case(store)).agent_id == agent.id


async def test_a_record_without_an_id_gets_the_same_one_each_time():
    request = {name: CASE[name] for name in ("label", "userPrompt", "successCriteria", "attempt")}
    first, store = await arrived(SIGMAMIND, {**request, "agentId": "D5D0p7TUs66TTAEAx"})
    second, _ = await arrived(SIGMAMIND, {**request, "agentId": "D5D0p7TUs66TTAEAx", "attempt": 2}, store=store)
    assert (first.tally(Scenario).new, second.tally(Scenario).changed) == (1, 1)
    found, total = await store.scenarios(await store.first_workspace(), Page())
    assert (total, found[0].trials) == (1, 2)


async def test_a_record_that_comes_twice_is_told_where_it_is_not_the_same():
    twice, _ = await arrived(SIGMAMIND, CASE, CASE)
    other, store = await arrived(SIGMAMIND, CASE, {**CASE, "userPrompt": "You are calm."})
    told = f"the same record came twice with different contents, and what came last counts ({CASE['label']})."
    assert (told in twice.notes.lines(), told in other.notes.lines()) == (False, True)
    assert (await the_case(store)).instructions.task == "You are calm."


async def test_lists_have_the_vendors_order():
    cases = [{**CASE, "testCaseId": f"tc_{letter * 16}"} for letter in "abc"]
    _, store = await arrived(SIGMAMIND, *cases)
    found, _ = await store.scenarios(await store.first_workspace(), Page())
    shown = [case_record(case, workspace="", agent=None, model=None)["testCaseId"] for case in found]
    assert shown == [case["testCaseId"] for case in cases]


async def test_one_record_that_cannot_be_used_keeps_all_out_and_every_mistake_is_told():
    with pytest.raises(InvalidInput) as refusal:
        await arrived(
            SIGMAMIND,
            AGENT,
            {**CASE, "attempt": 500},
            {**OLDER_CASE, "userPrompt": None},
            {**CASE, "testCaseId": "x" * 90, "mockData": [{"variableName": "a", "value": 1}]},
            {**OLDER_AGENT, "agentId": "y" * 90},
            {"agentId": OLDER_AGENT["agentId"], "instructions": None},
        )
    assert str(refusal.value).splitlines() == [
        "Nothing was imported, because these records cannot be used:",
        "records[4]: an id must be a text of 1 to 64 characters; '" + "y" * 80 + "' came.",
        "records[5]: agentName is required.",
        "records[1]: attempt must be a whole number from 1 to 100; 500 came.",
        "records[2]: userPrompt must be a text of 1 to 20480 characters, not only blanks; null came.",
        "records[3]: mockData[0].value must be a text of up to 20480 characters; 1 came.",
    ]


async def test_nothing_is_stored_of_an_import_that_is_refused():
    _, store = await arrived(SIGMAMIND, OLDER_AGENT)
    with pytest.raises(InvalidInput):
        await arrived(SIGMAMIND, AGENT, {**CASE, "attempt": 500}, store=store)
    assert await the_agent(store) is None
    assert (await store.agents(await store.first_workspace(), Page()))[1] == 1


async def test_results_stay_where_they_are_and_are_counted():
    run = {"batchId": "batch_s0OJu2JWR8R45Fai", "jobId": "job_ksUu5yRHGTLLrLeM", "testCase": CASE}
    arrivals, _ = await arrived(SIGMAMIND, AGENT, run, run, {"chatId": "chat_d17T6uReChpyfFeP"})
    assert arrivals.notes.lines()[:2] == [
        "2 test runs stayed at SigmaMind: results do not move.",
        "1 chat stayed at SigmaMind: results do not move.",
    ]
