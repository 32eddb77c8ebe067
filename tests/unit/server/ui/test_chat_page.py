"""Talking to an agent, as a browser without scripts and as one with them does."""

import json
from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import OTHER_KEY, READ_KEY, WORKSPACE, Answering, serve

from sparring.domain.agent import Agent, Tool
from sparring.domain.chat import ChatStatus, Setting
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import ModelFault
from sparring.domain.generation import Generator
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.retelling import Draft
from sparring.domain.scenario import Instructions, Scenario
from sparring.simulation.store import Page
from sparring.testing import agent_says

from .filling import edit, fields
from .playing import HOSTILE
from .visiting import csrf, visiting

AGENT = Agent(
    id="69c50fbd" + 16 * "7",
    workspace=WORKSPACE,
    name="Shop agent",
    instructions="It is {{today}}.",
    greeting="Welcome to {{shop}}!",
    model="openai:a",
    tools=(Tool(name="look"),),
)
WORLD = Scenario(
    id="69c50fbd" + 16 * "8",
    workspace=WORKSPACE,
    name="A lost parcel",
    instructions=Instructions(task="Ask."),
    variables={"shop": "Tern"},
    generated={"order": Generator(pattern="[A-Z]{4}")},
    mocks={"look": ToolMock(otherwise=Answer(value="lost"))},
    state={"found": False},
    agent_id=AGENT.id,
)
TALK = f"/agents/{AGENT.id}/talk"
STREAM = {"Accept": "text/event-stream"}
DOWN = ModelFault("The provider is down.", provider="p", model="m", reason="unreachable")


async def serve_agent(*lines, agent=AGENT, **options):
    """A server with the agent and its scenario; the lines come after the greeting."""
    casting = Answering(agent_says("Welcome"), *lines) if lines else Answering()
    served = await serve(agents_casting=casting, **options)
    await served.store.save_agent(agent)
    await served.store.save_scenario(WORLD)
    return served


async def begun(client, **given):
    page = (await client.get(TALK)).text
    return await client.post(TALK, data={"csrf": csrf(page), "message": "Hello", **given})


async def newest(served):
    found, _ = await served.store.chats(WORKSPACE, Page(size=1))
    return found[0]


async def test_a_first_message_begins_a_chat_and_leads_to_its_page():
    async with visiting(await serve_agent(agent_says("Hi there."))) as (client, served):
        answer = await begun(client, variables="shop: Tern\ntoday: Monday")
        chat = await newest(served)
        assert answer.headers["location"] == f"/chats/{chat.id}"
        assert chat.variables == {"shop": "Tern", "today": "Monday"}
        page = (await client.get(f"/chats/{chat.id}")).text
        for words in ("Welcome to Tern!", "Hello", "Hi there."):
            assert words in page


async def test_the_next_message_goes_on_and_the_end_takes_no_more():
    async with visiting(await serve_agent(agent_says("Hi."), agent_says("Fine."))) as (client, served):
        await begun(client)
        chat = await newest(served)
        here = f"/chats/{chat.id}"
        page = (await client.get(here)).text
        answer = await client.post(here, data={"csrf": csrf(page), "message": "How\r\nare you?"})
        assert answer.headers["location"] == f"{here}#last"
        page = (await client.get(here)).text
        assert "How\nare you?" in page
        assert "Fine." in page
        assert (await client.post(f"{here}/end", data={"csrf": csrf(page)})).status_code == 303
        assert (await newest(served)).status is ChatStatus.ENDED
        page = (await client.get(here)).text
        assert "The chat has ended." in page
        assert 'name="message"' not in page


async def test_an_answer_comes_in_pieces_where_it_is_asked_for():
    served = await serve_agent(agent_says("Let me look.", look={"id": "7"}), agent_says("Here."))
    async with visiting(served) as (client, _):
        page = (await client.get(TALK)).text
        sent = {"csrf": csrf(page), "message": "Hello", "scenario": WORLD.id}
        answer = await client.post(TALK, data=sent, headers=STREAM)
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = [block.split("\n") for block in answer.text.strip().split("\n\n")]
        assert [name.removeprefix("event: ") for name, _ in told] == [
            "chat",
            "message",
            "tool_result",
            "message",
            "done",
        ]
        done = json.loads(told[-1][1].removeprefix("data: "))
        chat = await newest(served)
        assert done == {"address": f"/chats/{chat.id}"}
        chat_id = json.loads(told[0][1].removeprefix("data: "))["chatId"]
        assert (await client.get(f"/chats/{chat_id}")).status_code == 200
        more = await client.post(f"/chats/{chat_id}", data={"csrf": csrf(page), "message": "And?"}, headers=STREAM)
        assert "event: error" in more.text or "event: done" in more.text


async def test_in_the_world_of_a_scenario_its_mocks_and_variables_are_there():
    async with visiting(await serve_agent(agent_says(None, look={}), agent_says("It is lost."))) as (
        client,
        served,
    ):
        page = (await client.get(f"{TALK}?scenario={WORLD.id}")).text
        sent = fields(page.replace("data-talk", "data-editor"))
        assert sent["scenario"] == WORLD.id
        assert sent["variables"].startswith("today: ''\nshop: Tern\norder: ")
        assert "Welcome to Tern!" in page
        await client.post(TALK, data={**sent, "message": "Where is it?"})
        chat = await newest(served)
        assert chat.setting == Setting(
            scenario=WORLD.id, name=WORLD.name, mocks=WORLD.mocks, state={"found": False}
        )
        shown = (await client.get(f"/chats/{chat.id}")).text
        assert "mocked: static" in shown
        assert f'<a href="/scenarios/{WORLD.id}">A lost parcel</a>' in shown


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"message": "  "}, "Write a message first."),
        ({"variables": "a: ["}, "The variables cannot be read: line"),
        ({"message": "x" * 50_001}, "at most 50,000 characters"),
    ],
)
async def test_what_cannot_be_sent_is_told_and_stays_where_it_was_typed(given, told):
    async with visiting(await serve_agent()) as (client, served):
        answer = await begun(client, **given)
        assert (answer.status_code, told in answer.text) == (422, True)
        _, before = await served.store.chats(WORKSPACE, Page(size=1))
        assert before == 1  # the demo's
        streamed = await client.post(TALK, data={"csrf": csrf(answer.text), **given}, headers=STREAM)
        assert (streamed.status_code, told in streamed.text or "Write" in streamed.text) == (422, True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": None}, "The agent has no model."),
        ({"model": "anthropic:claude"}, "Set ANTHROPIC_API_KEY."),
        ({"model": None, "endpoint": PythonEndpoint(callable="a:b")}, "only the command line talks to"),
    ],
)
async def test_an_agent_that_cannot_be_talked_to_says_why(changes, told):
    async with visiting(await serve_agent(agent=replace(AGENT, **changes))) as (client, _):
        answer = await begun(client)
        assert (answer.status_code, told in answer.text) == (422, True)


async def test_a_failure_of_the_model_stands_beside_the_message_that_it_left_open():
    async with visiting(await serve_agent(DOWN)) as (client, served):
        await begun(client)
        page = (await client.get(f"/chats/{(await newest(served)).id}")).text
        assert "There is no answer to the last message: The provider is down." in page
        assert 'name="message"' in page


class Drafter:
    def __init__(self, made):
        self.made = made

    async def draft(self, model, instructions, transcript):
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


async def test_a_chat_becomes_a_scenario_which_the_judges_model_fills_in():
    drafter = Drafter(
        Draft(task="You want your parcel.", known="Order 7.", assertions=("It is found.", "Politely."))
    )
    async with visiting(await serve_agent(agent_says("It is lost."), drafter=drafter)) as (client, served):
        await begun(client)
        chat = await newest(served)
        here = f"/scenarios/new?chat={chat.id}"
        drafted = await edit(client, here, "draft", s__name="Mine")
        found = fields(drafted.text)
        assert (found["s.name"], found["s.task_instructions"]) == ("Mine", "You want your parcel.")
        assert (found["s.known_info"], found["s.assertions.1.text"]) == ("Order 7.", "Politely.")
        saved = await client.post(here, data={**found, "do": "save"})
        assert saved.status_code == 303
        drafter.made = DOWN
        failed = await edit(client, here, "draft")
        assert (failed.status_code, "gave no draft of this chat" in failed.text) == (502, True)


async def test_hostile_words_are_words():
    hostile = replace(AGENT, name=HOSTILE, greeting=HOSTILE)
    served = await serve_agent(
        agent_says(f"</pre>{HOSTILE}", look={HOSTILE: HOSTILE}), agent_says("x"), agent=hostile
    )
    async with visiting(served) as (client, _):
        await begun(client, message=HOSTILE, variables=json.dumps({HOSTILE: HOSTILE}))
        for path in (TALK, f"/chats/{(await newest(served)).id}"):
            assert "<img" not in (await client.get(path)).text


async def test_a_key_that_may_only_read_can_read_and_not_talk():
    served = await serve_agent()
    async with visiting(served) as (client, _):
        await begun(client)
    here = f"/chats/{(await newest(served)).id}"
    async with visiting(served, key=READ_KEY) as (client, _):
        page = (await client.get(here)).text
        assert "Your key may only read." in page
        assert (await client.post(here, data={"csrf": csrf(page), "message": "x"})).status_code == 403
    async with visiting(served, key=OTHER_KEY) as (client, _):
        assert (await client.get(here)).status_code == 404
        assert (await client.get(TALK)).status_code == 404


async def test_the_agents_page_lists_its_chats():
    async with visiting(await serve_agent()) as (client, served):
        await begun(client)
        assert f'href="/chats/{(await newest(served)).id}"' in (await client.get(f"/agents/{AGENT.id}")).text
