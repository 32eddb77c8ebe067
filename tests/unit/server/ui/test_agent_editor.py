"""The editor of agents, as a browser without scripts uses it."""

import json
from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import NOW, READ_KEY, WORKSPACE, serve

from sparring.domain.agent import Agent, Opening, Tool, ToolKind
from sparring.domain.endpoints import HttpEndpoint, OpenAIEndpoint, PythonEndpoint
from sparring.domain.mocks import Answer, ToolMock

from .filling import edit, fields
from .playing import HOSTILE, scenario, simulation, store
from .visiting import csrf, visiting

HOOK = Tool(
    name="order",
    description="Finds an order.",
    kind=ToolKind.WEBHOOK,
    live=True,
    extra={"url": "https://shop.example/orders", "headers": []},
)
AGENT = Agent(
    id="69c50fbd" + 16 * "7",
    workspace=WORKSPACE,
    name="Shop agent",
    instructions="Help.",
    greeting="Hi!",
    model="openai:a",
    temperature=0.5,
    outbound=Opening(greeting="We call you."),
    tools=(HOOK, Tool(name="refund", writes=True)),
    mocks={"refund": ToolMock(otherwise=Answer(value={"paid": True}))},
    alias="kept",
    extra={"sigmamind": {"instructions": "Help."}},
    created_at=NOW,
    updated_at=NOW,
    revision=2,
)
HERE = f"/agents/{AGENT.id}/edit"


async def serve_agent(agent=AGENT):
    served = await serve()
    await served.store.save_agent(agent)
    return served


async def stored(served, id=AGENT.id):
    return await served.store.find_agent(WORKSPACE, id)


async def test_saving_what_nobody_touched_changes_nothing():
    async with visiting(await serve_agent()) as (client, served):
        answer = await edit(client, HERE, "save")
        assert answer.headers["location"] == f"{HERE}?done=same"
        assert await stored(served) == AGENT


async def test_an_edit_keeps_what_the_form_does_not_show_and_says_so():
    async with visiting(await serve_agent()) as (client, served):
        page = (await client.get(HERE)).text
        assert "how it begins where it gets in touch itself; what calls of order are sent to" in page
        await edit(client, HERE, "save", a__name="Other", a__temperature="", a__greeting="")
        assert await stored(served) == replace(
            AGENT, name="Other", temperature=None, greeting=None, revision=3, updated_at=served.clock.now()
        )


async def test_tools_are_json_and_keep_what_they_had_by_their_name():
    async with visiting(await serve_agent()) as (client, served):
        tools = json.loads(fields((await client.get(HERE)).text)["a.tools"])
        assert tools[1] == {"name": "refund", "writes": True}
        tools[0]["description"] = "Finds it — “now”."
        tools[1] = {"type": "function", "function": {"name": "cancel", "parameters": {"type": "object"}}}
        await edit(client, HERE, "save", a__tools=json.dumps(tools))
        found = await stored(served)
        assert found.tools == (
            replace(HOOK, description="Finds it — “now”."),
            Tool(name="cancel", parameters={"type": "object"}),
        )


@pytest.mark.parametrize(
    ("tools", "told"),
    [
        ('[{"name": "a"}, {"name": "a"}]', "a second tool of the name &#39;a&#39;"),
        ('[{"nam": "a"}]', "tools[0]: there is no field &#39;nam&#39; here. Did you mean &#39;name&#39;?"),
        ('[{"name": "a", "parameters": []}]', "tools[0].parameters: expected a JSON Schema"),
        ("[{", "this is not valid JSON"),
        ("none", "expected a list of tools"),
    ],
)
async def test_mistakes_in_tools_stand_beside_them(tools, told):
    async with visiting(await serve_agent()) as (client, served):
        answer = await edit(client, HERE, "save", a__tools=tools)
        beside = answer.text.partition('id="a.tools-told"')[2].partition("</div>")[0]
        assert (answer.status_code, told in beside) == (422, True), beside
        assert await stored(served) == AGENT


async def test_a_model_that_nobody_has_is_told_beside_it():
    async with visiting(await serve_agent()) as (client, _):
        answer = await edit(client, HERE, "save", a__model="nowhere:x", a__temperature="0.2")
        assert answer.status_code == 422
        beside = answer.text.partition('id="a.model-told"')[2].partition("</div>")[0]
        assert "There is no provider for" in beside
        answer = await edit(client, HERE, "save", a__temperature="hot")
        assert "expected a number from 0 to 2" in answer.text


async def test_mocks_of_the_agent_are_rows_that_answer_at_once():
    async with visiting(await serve_agent()) as (client, served):
        asked = await edit(client, HERE, "ask a.mocks.0", a__mocks__0__ask__arguments="{}")
        assert '<span class="badge">static</span>' in asked.text
        assert "{&#34;paid&#34;:true}" in asked.text
        linked = await client.get(HERE, params={"mock": "refund", "arguments": "{}"})
        assert "{&#34;paid&#34;:true}" in linked.text
        broken = await edit(client, HERE, "ask a.mocks.0", a__mocks__0__ask__arguments="{}", a__temperature="hot")
        assert '<span class="badge">static</span>' in broken.text
        added = await edit(client, HERE, "add a.mocks")
        changed = {
            "a.mocks.1.tool": "order",
            "a.mocks.1.otherwise.kind": "error",
            "a.mocks.1.otherwise.value": "x",
        }
        await client.post(HERE, data={**fields(added.text), **changed, "do": "save"})
        found = await stored(served)
        assert found.mocks["order"] == ToolMock(otherwise=Answer(value="x", is_error=True))


async def test_an_edit_of_what_changed_meanwhile_is_told():
    async with visiting(await serve_agent()) as (client, served):
        sent = {**fields((await client.get(HERE)).text), "a.name": "Mine", "do": "save"}
        await served.store.save_agent(replace(AGENT, name="Theirs", revision=3))
        told = await client.post(HERE, data=sent)
        assert told.status_code == 409
        assert '<span class="taken">-name: Theirs</span>' in told.text
        assert (await stored(served)).name == "Theirs"
        await client.post(HERE, data={**fields(told.text), "do": "save"})
        assert (await stored(served)).name == "Mine"


OPENAI = "kind: openai\nbase_url: https://bot.example/v1\nheaders: {X-Key: '${SPARRING_AGENT_KEY}'}\n"


async def test_an_agent_moves_elsewhere_and_back_to_its_model():
    async with visiting(await serve_agent()) as (client, served):
        await edit(client, HERE, "save", a__endpoint=OPENAI, a__instructions="")
        moved = await stored(served)
        assert moved.endpoint == OpenAIEndpoint(
            base_url="https://bot.example/v1", headers={"X-Key": "${SPARRING_AGENT_KEY}"}, guarded=True
        )
        page = (await client.get(HERE)).text
        assert fields(page)["a.endpoint"].startswith("kind: openai\nbase_url: https://bot.example/v1\n")
        await edit(client, HERE, "save", a__endpoint="", a__instructions="Help.")
        assert (await stored(served)).endpoint is None


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("kind: http", "endpoint: the field &#39;url&#39; is missing"),
        ("kind: htp", "endpoint.kind: expected one of openai, http, python, came &#39;htp&#39;."),
        ("kind: http\nurl: ftp://x", "endpoint.url: expected an address that begins with http:// or https://"),
        ("https://bot.example", "endpoint: the field &#39;kind&#39; is missing: one of openai, http"),
        ("kind: python\ncallable: os:system", "endpoint: kind must be one of"),
        ("kind: openai\nbase_url: https://x.test\napi_key_env: OPENAI_API_KEY", "that begin with SPARRING_AGENT_"),
        ("kind: http\nurl: https://x.test\nlimits: {timeout: 5000}", "endpoint: limits.timeout must be"),
        ("kind: [", "endpoint: this is not valid YAML"),
    ],
)
async def test_mistakes_in_an_address_stand_beside_it_and_nothing_is_lost(address, told):
    async with visiting(await serve_agent()) as (client, served):
        answer = await edit(client, HERE, "save", a__endpoint=address, a__name="Other")
        beside = answer.text.partition('id="a.endpoint-told"')[2].partition("</div>")[0]
        assert (answer.status_code, told in beside) == (422, True), beside
        assert (fields(answer.text)["a.endpoint"], fields(answer.text)["a.name"]) == (address, "Other")
        assert await stored(served) == AGENT


async def test_python_code_that_a_suite_has_named_stays():
    code = replace(AGENT, endpoint=PythonEndpoint(callable="my_agent:reply", folder="/suites"))
    async with visiting(await serve_agent(code)) as (client, served):
        await edit(client, HERE, "save", a__name="Other")
        assert (await stored(served)).endpoint == code.endpoint


async def test_where_an_agent_lives_is_kept_and_it_needs_no_instructions():
    elsewhere = replace(
        AGENT, model=None, instructions="", endpoint=HttpEndpoint(url="https://bot.example/{{id}}")
    )
    async with visiting(await serve_agent(elsewhere)) as (client, served):
        assert "https://bot.example/{{id}}" in (await client.get(HERE)).text
        await edit(client, HERE, "save", a__name="Other")
        found = await stored(served)
        assert (found.name, found.endpoint, found.instructions) == ("Other", elsewhere.endpoint, "")


async def test_a_new_agent_is_made_without_complaints_before_it_is_filled_in():
    async with visiting(await serve_agent()) as (client, served):
        assert 'class="flaw' not in (await client.get("/agents/new")).text
        blank = await edit(client, "/agents/new", "save")
        assert (blank.status_code, "expected a text" in blank.text) == (422, True)
        answer = await edit(
            client, "/agents/new", "save", a__name="New", a__instructions="Be kind.", a__model="openai:b"
        )
        made = await stored(served, answer.headers["location"].removeprefix("/agents/"))
        assert (made.name, made.instructions, made.model, made.tools) == ("New", "Be kind.", "openai:b", ())


async def test_deleting_waits_for_what_is_played():
    served = await serve_agent()
    await store(served, simulation(scenario(1), agent=AGENT))
    async with visiting(served) as (client, _):
        token = csrf((await client.get(HERE)).text)
        refused = await client.post(f"/agents/{AGENT.id}/delete", data={"csrf": token})
        assert refused.status_code == 409
        assert await stored(served) is not None
    async with visiting(await serve_agent()) as (client, served):
        token = csrf((await client.get(HERE)).text)
        done = await client.post(f"/agents/{AGENT.id}/delete", data={"csrf": token})
        assert done.headers["location"] == "/agents"
        assert await stored(served) is None


async def test_hostile_words_are_words():
    hostile = replace(
        AGENT,
        name=HOSTILE,
        instructions=f"</textarea>{HOSTILE}",
        tools=(Tool(name=HOSTILE, parameters={"properties": {HOSTILE: {}}}),),
    )
    async with visiting(await serve_agent(hostile)) as (client, _):
        page = (await client.get(HERE)).text
        assert "<img" not in page
        assert fields(page)["a.instructions"] == hostile.instructions


async def test_a_key_that_may_only_read_changes_nothing():
    async with visiting(await serve_agent(), key=READ_KEY) as (client, _):
        page = (await client.get(HERE)).text
        assert 'value="save"' not in page
        assert (await client.post(HERE, data={**fields(page), "do": "save"})).status_code == 403
