"""The editor of scenarios, as a browser without scripts uses it."""

import re
from dataclasses import replace
from html import unescape

import pytest
from tests.wire.sigmamind.served import NOW, OTHER_KEY, READ_KEY, WORKSPACE, serve

from sparring.domain.agent import Agent, Tool
from sparring.domain.chat import Chat
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, ToolMock
from sparring.domain.scenario import Expectations, Instructions, Scenario, ScenarioSet
from sparring.domain.transcript import AgentMessage, UserMessage
from sparring.testing import FrozenClock, MemoryStore

from .filling import edit, fields
from .playing import HOSTILE, judged, simulation, store
from .visiting import csrf, visiting

AGENT = Agent(
    id="69c50fbd" + 16 * "7",
    workspace=WORKSPACE,
    name="Airline agent",
    instructions="Help.",
    model="openai:a",
    tools=(
        Tool(name="look", parameters={"type": "object", "properties": {"id": {"type": "string"}}}),
        Tool(name="refund", writes=True),
    ),
    mocks={"refund": ToolMock(otherwise=Answer(value="refunded"))},
)
STORED = Scenario(
    id="69c50fbd" + 16 * "8",
    workspace=WORKSPACE,
    name="Refund refused",
    folder="Cancellation",
    instructions=Instructions(task="Ask for a refund.", known="Your id is X1."),
    variables={"days": 2},
    state={"orders": {"X1": "open"}},
    mocks={
        "look": ToolMock(
            rules=(
                Rule(
                    when={"id": Matcher(equal="X1")},
                    answer=Answer(value={"found": True}, changes=Changes(set={"orders.X1": "seen"})),
                    times=1,
                ),
            ),
            otherwise=Answer(value="unknown", is_error=True),
        )
    },
    expect=Expectations(assertions=("The agent refuses.",)),
    agent_id=AGENT.id,
    alias="tc_kept",
    extra={"sigmamind": {"successCriteria": "The agent refuses."}},
    created_at=NOW,
    updated_at=NOW,
    revision=3,
)
HERE = f"/scenarios/{STORED.id}"


async def serve_stored(*more, **options):
    served = await serve(**options)
    await served.store.save_agent(AGENT)
    for scenario in (STORED, *more):
        await served.store.save_scenario(scenario)
    return served


async def edited(client, path=HERE, do="save", **changes):
    """Open the editor, change some fields, press a button."""
    return await edit(client, path, do, **changes)


async def test_saving_what_nobody_touched_changes_nothing():
    async with visiting(await serve_stored()) as (client, served):
        answer = await edited(client)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{HERE}?done=same"
        assert await served.store.find_scenario(WORKSPACE, STORED.id) == STORED


async def test_an_edit_keeps_what_the_form_cannot_say_and_counts_the_revision():
    async with visiting(await serve_stored()) as (client, served):
        answer = await edited(client, s__name="Refund granted", s__assertions__0__text="The agent grants it.")
        assert answer.headers["location"] == f"{HERE}?done=saved"
        found = await served.store.find_scenario(WORKSPACE, STORED.id)
        assert found == replace(
            STORED,
            name="Refund granted",
            expect=Expectations(assertions=("The agent grants it.",)),
            revision=4,
            updated_at=served.clock.now(),
        )
        assert "Saved." in (await client.get(answer.headers["location"])).text


async def test_the_yaml_is_one_scenario_of_a_suite_and_is_saved_the_same_way():
    async with visiting(await serve_stored()) as (client, served):
        page = await client.get(f"{HERE}?tab=yaml")
        sent = fields(page.text)
        assert sent["text"].startswith("name: Refund refused\nfolder: Cancellation\n")
        assert "s.name" not in sent
        text = sent["text"].replace("Refund refused", "Other").replace("\n", "\r\n")
        answer = await client.post(HERE, data={**sent, "text": text, "do": "save"})
        assert answer.headers["location"] == f"{HERE}?tab=yaml&done=saved"
        found = await served.store.find_scenario(WORKSPACE, STORED.id)
        assert found == replace(STORED, name="Other", revision=4, updated_at=served.clock.now())


async def test_fields_become_yaml_and_yaml_fields_without_being_saved():
    async with visiting(await serve_stored()) as (client, served):
        as_yaml = await edited(client, do="yaml", s__name="Typed")
        assert fields(as_yaml.text)["text"].startswith("name: Typed\n")
        sent = fields(as_yaml.text)
        text = sent["text"].replace("name: Typed", "name: Typed again\nstop_tokens: [BYE]")
        as_form = await client.post(HERE, data={**sent, "text": text, "do": "form"})
        assert fields(as_form.text)["s.name"] == "Typed again"
        assert "stop_tokens: BYE" in as_form.text
        back = await client.post(HERE, data={**fields(as_form.text), "do": "yaml"})
        assert "stop_tokens: [BYE]" in fields(back.text)["text"]
        assert await served.store.find_scenario(WORKSPACE, STORED.id) == STORED


async def test_yaml_with_mistakes_stays_yaml_and_names_the_lines():
    async with visiting(await serve_stored()) as (client, _):
        sent = fields((await client.get(f"{HERE}?tab=yaml")).text)
        for order, status in (("form", 200), ("save", 422), ("look", 200)):
            answer = await client.post(
                HERE, data={**sent, "text": "name: x\ninstructions: y\ntrials: many", "do": order}
            )
            assert answer.status_code == status
            assert "line 3: trials: expected a whole number from 1 to 100, came &#39;many&#39;." in answer.text
            assert fields(answer.text)["text"].endswith("trials: many")


async def test_half_a_form_can_be_looked_at_as_yaml_too():
    async with visiting(await serve_stored()) as (client, _):
        answer = await edited(client, do="yaml", s__name="", s__trials="many")
        assert "trials: many" in fields(answer.text)["text"]
        assert "2 mistakes" in answer.text


async def test_a_mistake_stands_beside_its_field_and_nothing_is_saved():
    async with visiting(await serve_stored()) as (client, served):
        answer = await edited(client, s__trials="many")
        assert answer.status_code == 422
        assert fields(answer.text)["s.trials"] == "many"
        field = re.search(
            r'<input type="text" id="s.trials"[^>]*>\s*<div[^>]*>\s*<p class="flaw[^>]*>([^<]*)', answer.text
        )
        assert unescape(field[1]) == "expected a whole number from 1 to 100, came 'many'."
        assert 'aria-invalid="true"' in field[0]
        assert '<a class="text" href="#s.trials">' in answer.text
        assert await served.store.find_scenario(WORKSPACE, STORED.id) == STORED


async def test_a_mock_with_a_mistake_is_unfolded():
    async with visiting(await serve_stored()) as (client, _):
        folded = '<details class="mock" id="s.mocks.0-mock" data-stays="s.mocks.0">'
        assert folded in (await client.get(HERE)).text
        answer = await edited(client, s__mocks__0__rules__0__times="often")
        assert folded.replace(">", " open>") in answer.text


async def test_an_edit_of_what_changed_meanwhile_is_told_and_saved_only_when_asked_again():
    async with visiting(await serve_stored()) as (client, served):
        sent = {**fields((await client.get(HERE)).text), "s.name": "Mine", "do": "save"}
        theirs = replace(STORED, name="Theirs", notes="Of somebody else", revision=4)
        await served.store.save_scenario(theirs)
        told = await client.post(HERE, data=sent)
        assert told.status_code == 409
        assert "changed while you edited it" in told.text
        assert '<span class="taken">-name: Theirs</span>' in told.text
        assert '<span class="added">+name: Mine</span>' in told.text
        assert await served.store.find_scenario(WORKSPACE, STORED.id) == theirs
        again = await client.post(HERE, data={**fields(told.text), "do": "save"})
        assert again.status_code == 303
        found = await served.store.find_scenario(WORKSPACE, STORED.id)
        assert (found.name, found.notes, found.revision) == ("Mine", None, 5)


class Hasty(MemoryStore):
    """Somebody else stores something between the look and the save."""

    async def replace_record(self, record):
        await self.save_records([replace(STORED, name="Theirs", revision=4)])
        await super().replace_record(record)


async def test_an_edit_that_is_overtaken_at_the_last_moment_is_told_too():
    async with visiting(await serve_stored(store=Hasty(FrozenClock(NOW)))) as (client, served):
        told = await edited(client, s__name="Mine")
        assert told.status_code == 409
        assert '<span class="taken">-name: Theirs</span>' in told.text
        assert (await served.store.find_scenario(WORKSPACE, STORED.id)).name == "Theirs"


async def test_an_edit_is_the_same_record_in_both_dialects():
    async with visiting(await serve_stored()) as (client, served):
        await edited(
            client, s__name="Refund granted", s__assertions__0__text="The agent grants it.", s__trials="3"
        )
        async with served.client() as api:
            case = (await api.get(f"/v1/test-cases/{STORED.alias}")).json()
            scenario = (await api.get(f"/v1/simulation/scenarios/{STORED.id}")).json()
        assert (case["label"], case["attempt"], case["successCriteria"]) == (
            "Refund granted",
            3,
            "The agent grants it.",
        )
        assert scenario["evaluation_criteria"]["nl_assertions"] == ["The agent grants it."]


async def test_a_new_scenario_begins_blank_without_complaints_and_gets_an_id():
    async with visiting(await serve_stored()) as (client, served):
        page = await client.get(f"/scenarios/new?agent={AGENT.id}")
        assert 'class="flaw' not in page.text
        path = f"/scenarios/new?agent={AGENT.id}"
        answer = await edited(client, path, s__name="New one", s__task_instructions="Ask.")
        made = await served.store.find_scenario(
            WORKSPACE, answer.headers["location"].split("/")[2].partition("?")[0]
        )
        assert (made.name, made.agent_id, made.instructions.task) == ("New one", AGENT.id, "Ask.")
        assert made.created_at == served.clock.now()


async def test_a_blank_one_cannot_be_saved():
    async with visiting(await serve_stored()) as (client, _):
        answer = await edited(client, "/scenarios/new")
        assert answer.status_code == 422
        assert "expected a text, came an empty one." in answer.text
        assert "the simulated user is told nothing" in answer.text


async def test_a_copy_keeps_everything_but_who_it_is():
    async with visiting(await serve_stored()) as (client, served):
        answer = await edited(client, f"/scenarios/new?copy={STORED.id}")
        id = answer.headers["location"].split("/")[2].partition("?")[0]
        made = await served.store.find_scenario(WORKSPACE, id)
        now = served.clock.now()
        assert made == replace(
            STORED, id=id, name="Refund refused (copy)", alias=None, revision=0, created_at=now, updated_at=now
        )


async def test_deleting_leads_back_to_the_agent():
    async with visiting(await serve_stored()) as (client, served):
        page = (await client.get(HERE)).text
        answer = await client.post(f"{HERE}/delete", data={"csrf": csrf(page)})
        assert answer.headers["location"] == f"/agents/{AGENT.id}"
        assert await served.store.find_scenario(WORKSPACE, STORED.id) is None
        assert (await client.get(HERE)).status_code == 404


async def test_agent_and_set_are_chosen_beside_both_spellings():
    group = ScenarioSet(id="69c50fbd" + 16 * "9", workspace=WORKSPACE, name="Nightly")
    served = await serve_stored(replace(STORED, id="69c50fbd" + 16 * "6", alias=None))
    await served.store.save_scenario_set(group)
    async with visiting(served) as (client, _):
        await edited(client, f"{HERE}?tab=yaml", agent="", set=group.id)
        found = await served.store.find_scenario(WORKSPACE, STORED.id)
        assert (found.agent_id, found.set_id, found.revision) == (None, group.id, 4)
        await edited(client, agent="69c50fbd" + 16 * "0", set="69c50fbd" + 16 * "0")
        found = await served.store.find_scenario(WORKSPACE, STORED.id)
        assert (found.agent_id, found.set_id) == (None, None)


async def test_rows_come_and_go_without_scripts():
    async with visiting(await serve_stored()) as (client, _):
        answer = await edited(client, do="add s.mocks.0.rules")
        assert "s.mocks.0.rules.1.kind" in fields(answer.text)
        assert '<details class="mock" id="s.mocks.0-mock" data-stays="s.mocks.0" open>' in answer.text
        answer = await client.post(HERE, data={**fields(answer.text), "do": "drop s.mocks.0"})
        assert "s.mocks.0.tool" not in fields(answer.text)
        answer = await client.post(HERE, data={**fields(answer.text), "do": "add s.assertions"})
        assert re.search(r'id="s.assertions.1.text"[^>]* autofocus', answer.text)


@pytest.mark.parametrize(
    ("arguments", "nth", "told"),
    [
        (
            '{"id": "X1"}',
            "",
            ['<span class="badge">rule 1</span>', "{&#34;found&#34;:true}", "orders.X1 → &#34;seen&#34;"],
        ),
        ("id: X1", "2", ['<span class="badge failed">otherwise</span>', "<pre>unknown</pre>"]),
        ("{id: ", "", ["no answer", "not valid JSON"]),
        ("just words", "", ["no answer", "expected an object"]),
    ],
)
async def test_a_call_is_answered_as_in_a_trial(arguments, nth, told):
    async with visiting(await serve_stored()) as (client, _):
        changes = {"s__mocks__0__ask__arguments": arguments, "s__mocks__0__ask__nth": nth}
        asked = await edited(client, do="ask s.mocks.0", **changes)
        linked = await client.get(HERE, params={"mock": "look", "arguments": arguments, "nth": nth})
        for page in (asked.text, linked.text):
            for words in told:
                assert words in page


async def test_a_call_is_answered_although_the_rest_has_mistakes():
    async with visiting(await serve_stored()) as (client, _):
        asked = await edited(client, do="ask s.mocks.0", s__name="", s__mocks__0__ask__arguments='{"id": "X1"}')
        assert '<span class="badge">rule 1</span>' in asked.text
        broken = await edited(client, do="ask s.mocks.0", s__state="- a list", s__mocks__0__ask__arguments="{}")
        assert "mend them first" in broken.text


async def test_the_box_begins_with_arguments_that_the_mock_asks_for():
    async with visiting(await serve_stored()) as (client, _):
        assert fields((await client.get(HERE)).text)["s.mocks.0.ask.arguments"] == '{"id": "X1"}'


async def test_tools_of_the_agent_are_offered_and_its_own_mocks_named():
    async with visiting(await serve_stored()) as (client, _):
        page = (await edited(client, do="add s.forbidden")).text
        assert '<option value="refund">refund</option>' in page
        assert (
            "By the agent&#39;s own mocks: <code>refund</code>" in page or "own mocks: <code>refund</code>" in page
        )
        assert '<datalist id="arguments-look"><option value="id"></option></datalist>' in page


async def test_played_once_it_is_a_simulation_of_one_trial_and_nothing_else_is_stored():
    async with visiting(await serve_stored()) as (client, served):
        answer = await edited(client, do="play", s__name="Tried", user_model="openai:u", judge_model="openai:j")
        assert answer.status_code == 303
        trial = await served.store.find_trial(WORKSPACE, answer.headers["location"].removeprefix("/trials/"))
        shown = (await client.get(answer.headers["location"])).text
        assert f'href="{HERE}?trial={trial.id}" data-key="e">Back to editing</a>' in shown
        assert "Played once from the editor" in shown
        played = await served.store.find_simulation(WORKSPACE, trial.simulation)
        assert (played.source, played.name, len(await served.store.trials(played.id))) == ("try", "Try: Tried", 1)
        assert (played.models.user, played.models.judge) == ("openai:u", "openai:j")
        assert played.scenarios[0].name == "Tried"
        assert served.engine.notices == 1
        assert await served.store.find_scenario(WORKSPACE, STORED.id) == STORED


async def test_what_cannot_be_played_is_told():
    async with visiting(await serve_stored()) as (client, served):
        without = await edited(client, do="play", agent="")
        assert (without.status_code, "Choose the agent" in without.text) == (422, True)
        unreachable = await edited(client, do="play", judge_model="anthropic:claude")
        assert unreachable.status_code == 422
        assert "Set ANTHROPIC_API_KEY" in unreachable.text
        assert served.engine.notices == 0


async def test_a_trial_opens_as_a_new_scenario_and_over_the_one_it_played():
    served = await serve_stored()
    one = simulation(replace(STORED, name="As it was played", trials=2), agent=AGENT)
    trials = await store(served, one, [judged])
    async with visiting(served) as (client, _):
        new = await client.get(f"/scenarios/new?trial={trials[0].id}")
        assert fields(new.text)["s.name"] == "As it was played"
        over = await client.get(f"{HERE}?trial={trials[0].id}")
        assert fields(over.text)["s.name"] == "As it was played"
        await edited(client, f"{HERE}?trial={trials[0].id}")
        assert (await served.store.find_scenario(WORKSPACE, STORED.id)).name == "As it was played"


async def test_a_chat_opens_as_a_scenario_in_its_own_words():
    served = await serve_stored()
    chat = Chat(id="69c50fbd" + 16 * "5", workspace=WORKSPACE, agent=AGENT)
    await served.store.save_chat(chat)
    await served.store.chat_journal(chat.id).append(
        0, [UserMessage(text="I want a refund."), AgentMessage(text="No.")]
    )
    async with visiting(served) as (client, _):
        found = fields((await client.get(f"/scenarios/new?chat={chat.id}")).text)
        assert found["s.reason_for_call"] == "I want a refund."
        assert found["agent"] == AGENT.id


@pytest.mark.parametrize("query", ["copy", "trial", "chat"])
async def test_what_is_not_there_cannot_be_taken_from(query):
    async with visiting(await serve_stored()) as (client, _):
        assert (await client.get(f"/scenarios/new?{query}={'0' * 24}")).status_code == 404


async def test_another_workspace_sees_nothing():
    async with visiting(await serve_stored(), key=OTHER_KEY) as (client, _):
        assert (await client.get(HERE)).status_code == 404
        assert (await client.get(f"/scenarios/new?copy={STORED.id}")).status_code == 404


async def test_a_key_that_may_only_read_sees_and_changes_nothing():
    async with visiting(await serve_stored(), key=READ_KEY) as (client, _):
        page = await client.get(HERE)
        assert fields(page.text)["s.name"] == STORED.name
        assert 'value="save"' not in page.text
        assert (await client.post(HERE, data={**fields(page.text), "do": "save"})).status_code == 403
        linked = await client.get(HERE, params={"mock": "look", "arguments": '{"id": "X1"}'})
        assert '<span class="badge">rule 1</span>' in linked.text


async def test_hostile_words_are_words_everywhere():
    hostile = replace(
        STORED,
        name=HOSTILE,
        folder=HOSTILE,
        persona=f"</textarea>{HOSTILE}",
        variables={HOSTILE: HOSTILE},
        mocks={HOSTILE: ToolMock(otherwise=Answer(value=HOSTILE))},
        expect=Expectations(assertions=(HOSTILE,)),
    )
    async with visiting(await serve_stored(hostile)) as (client, _):
        for path in (HERE, f"{HERE}?tab=yaml", f"{HERE}?mock={HOSTILE}&arguments={HOSTILE}"):
            page = await client.get(path)
            assert page.status_code == 200
            assert "<img" not in page.text
        assert fields((await client.get(HERE)).text)["s.persona"] == hostile.persona
