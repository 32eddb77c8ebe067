"""Agents and actions between the wire and the domain."""

import json
from dataclasses import replace

import pytest

from sparring.dialects.eqho.translate.actions import action_id, action_record, new_action
from sparring.dialects.eqho.translate.agents import agent_details, agent_record, new_agent, replaced_agent
from sparring.dialects.eqho.wire.actions import CreateAction
from sparring.dialects.eqho.wire.agents import AgentBody
from sparring.dialects.sigmamind.translate.tools import tool_items, tools
from sparring.domain.agent import Agent, Opening, Tool, ToolKind

WORKSPACE = "b" * 24
INBOUND = {"call_type": "inbound", "greeting_type": "static", "text": "Hello!"}
OUTBOUND = {"call_type": "outbound", "greeting_type": "ai", "communication_tone": "warm"}


def action(slug="find", id="1" * 24, **fields):
    body = {"name": slug.title(), "slug": slug, "instructions": f"{slug}.", "type": "webhook", **fields}
    return new_action(CreateAction.model_validate(body), id=id, workspace=WORKSPACE, now=5.0)


def made(actions=(), **fields):
    body = AgentBody.model_validate({"name": "A", **fields})
    return new_agent(body, actions, id="a" * 24, workspace=WORKSPACE, now=5.0)


def replaced(agent, actions=(), **fields):
    return replaced_agent(agent, AgentBody.model_validate({"name": "A", **fields}), actions, now=7.0)


def record(agent):
    return json.loads(json.dumps(agent_record(agent, scripted=False)))


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("terminate_call", ToolKind.END),
        ("call_transfer", ToolKind.END),
        ("webhook", ToolKind.WEBHOOK),
        ("in_call_data_webhook", ToolKind.FUNCTION),
        ("anything at all", ToolKind.FUNCTION),
    ],
)
def test_the_type_of_an_action_says_what_its_call_means(type, kind):
    made_of_it = action(type=type)
    assert made_of_it.tool.kind is kind
    assert action_record(made_of_it)["type"] == type


@pytest.mark.parametrize(
    ("fields", "writes"),
    [
        ({}, False),
        ({"settings": {"method": "GET"}}, False),
        ({"settings": {"method": "post"}}, True),
        ({"settings": {"method": 1}}, False),
        ({"settings": {"method": "POST"}, "writes": False}, False),
        ({"settings": {"method": "POST"}, "type": "email"}, False),
        ({"type": "email", "writes": True}, True),
    ],
)
def test_a_webhook_that_does_not_only_read_writes_unless_it_says_otherwise(fields, writes):
    assert action(**fields).tool.writes is writes


def test_the_placeholders_of_the_settings_are_the_arguments_unless_a_schema_is_given():
    settings = {"url": "https://x.example/{{id}}", "body": {"to": ["{{name}}", "{{ id }}"]}}
    text = {"type": "string"}
    assert action(settings=settings).tool.parameters == {
        "type": "object",
        "properties": {"id": text, "name": text},
        "required": ["id", "name"],
    }
    schema = {"properties": {"n": {"type": "integer"}}, "required": ["n"]}
    assert action(settings=settings, parameters=schema).tool.parameters == {"type": "object", **schema}


def test_the_actions_of_an_agent_are_its_tools_in_their_order():
    find, bye = action("find", "1" * 24), action("bye", "2" * 24, type="terminate_call")
    agent = made((bye, find))
    assert [tool.name for tool in agent.tools] == ["bye", "find"]
    assert [action_id(tool) for tool in agent.tools] == ["2" * 24, "1" * 24]
    assert record(agent)["action_ids"] == ["2" * 24, "1" * 24]


def test_an_agent_sent_back_as_it_was_read_is_the_same():
    find = action()
    agent = made(
        (find,),
        system_prompt="Help.",
        ai_settings={"ai_model": "gpt-4o", "temperature": 0.5, "max_tokens": 10},
        structured_greetings=[INBOUND, OUTBOUND],
        language="en",
        role_ids=["r"],
    )
    again = replaced_agent(agent, AgentBody.model_validate(record(agent)), (find,), now=7.0)
    assert record(again) == {**record(agent), "history": record(again)["history"]}
    for name in ("instructions", "model", "temperature", "tools", "greeting", "opens", "outbound"):
        assert getattr(again, name) == getattr(agent, name)
    assert (again.revision, again.updated_at, again.created_at) == (1, 7.0, 5.0)


@pytest.mark.parametrize(
    ("fields", "inbound", "outbound"),
    [
        ({}, Opening(), Opening()),
        ({"structured_greetings": [INBOUND]}, Opening(greeting="Hello!"), Opening()),
        ({"structured_greetings": [OUTBOUND]}, Opening(), Opening(opens=True)),
        ({"structured_greetings": [INBOUND, OUTBOUND]}, Opening(greeting="Hello!"), Opening(opens=True)),
        (
            {"structured_greetings": [INBOUND, {**INBOUND, "text": "Second"}]},
            Opening(greeting="Hello!"),
            Opening(),
        ),
        ({"structured_greetings": [{**INBOUND, "text": ""}]}, Opening(), Opening()),
        ({"structured_greetings": [INBOUND], "disable_greeting": True}, Opening(), Opening()),
    ],
)
def test_a_greeting_is_that_of_its_direction(fields, inbound, outbound):
    agent = made(**fields)
    assert agent.opening(outbound=False) == inbound
    assert agent.opening(outbound=True) == outbound
    assert record(agent)["structured_greetings"] == fields.get("structured_greetings", [])


def test_a_disabled_greeting_that_is_enabled_again_is_said():
    agent = made(structured_greetings=[INBOUND], disable_greeting=True)
    assert (agent.greeting, record(agent)["structured_greetings"]) == (None, [INBOUND])
    again = replaced(agent, structured_greetings=[INBOUND], disable_greeting=False)
    assert again.greeting == "Hello!"


def test_an_agent_of_the_other_dialect_is_shown_and_kept():
    agent = Agent(
        id="a" * 24,
        workspace=WORKSPACE,
        name="A",
        instructions="Help.",
        model="gpt-4o",
        greeting="Hi!",
        opens=False,
        top_p=0.5,
        language="de",
        tools=(Tool(name="find"), Tool(name="look", derived=True)),
        alias="agent_x",
        extra={"sigmamind": {"instructions": "Help."}},
    )
    shown = record(agent)
    assert shown["structured_greetings"] == [
        {"call_type": "inbound", "greeting_type": "static", "text": "Hi!"},
        {"call_type": "outbound", "greeting_type": "static", "text": "Hi!"},
    ]
    assert (shown["system_prompt"], shown["action_ids"], shown["ai_settings"]["ai_model"]) == (
        "Help.",
        [],
        "gpt-4o",
    )
    again = replaced_agent(agent, AgentBody.model_validate(shown), (action("find"),), now=7.0)
    assert [tool.name for tool in again.tools] == ["find", "look"]
    assert action_id(again.tools[0]) == "1" * 24
    kept = ("greeting", "opens", "outbound", "top_p", "language", "alias")
    assert {name: getattr(again, name) for name in kept} == {name: getattr(agent, name) for name in kept}
    assert again.extra["sigmamind"] == agent.extra["sigmamind"]


def test_what_the_other_dialect_changed_is_what_is_read():
    agent = made(structured_greetings=[INBOUND, OUTBOUND], ai_settings={"ai_model": "gpt-4o", "max_tokens": 5})
    changed = replace(agent, greeting="Good day!", model="gpt-5")
    assert record(changed)["structured_greetings"] == [
        {"call_type": "inbound", "greeting_type": "static", "text": "Good day!"},
        {"call_type": "outbound", "greeting_type": "ai"},
    ]
    assert record(changed)["ai_settings"]["ai_model"] == "gpt-5"
    assert record(changed)["ai_settings"]["max_tokens"] == 5


def test_details_hold_the_actions_and_the_tools_that_are_none():
    find = action()
    agent = replace(made((find,)), tools=(find.tool, Tool(name="look", description="Looks.")))
    details = agent_details(agent, {find.id: find}, scripted=True)
    one, other = details["actions"]
    assert one == action_record(find)
    assert (other["_id"], other["slug"], other["instructions"], other["history"]) == (None, "look", "Looks.", None)
    assert (details["roles"], details["scripts"], details["data_stores"]) == ([], [], [])
    assert details["scripted"] is True
    (gone, _) = agent_details(agent, {}, scripted=False)["actions"]
    assert (gone["_id"], gone["slug"], gone["type"]) == (None, "find", "webhook")


URL = "https://shop.example/{{id}}"


@pytest.mark.parametrize(
    ("settings", "request_told"),
    [
        ({"url": URL}, {"url": URL}),
        (
            {"url": URL, "method": "post", "headers": [{"key": "X", "value": "{{y}}", "note": 1}], "other": 1},
            {"url": URL, "method": "POST", "headers": [{"key": "X", "value": "{{y}}"}]},
        ),
        (
            {"url": URL, "query_params": {"n": 5, "t": "x"}, "body_params": {"a": {"b": "{{c}}"}}},
            {
                "url": URL,
                "queryParams": [{"key": "n", "value": "5"}, {"key": "t", "value": "x"}],
                "bodyParams": {"a": {"b": "{{c}}"}},
            },
        ),
        ({"url": URL, "queryParams": [], "bodyParams": {}}, {"url": URL, "queryParams": [], "bodyParams": {}}),
        ({"url": URL, "method": None, "headers": None}, {"url": URL}),
    ],
)
def test_the_settings_of_a_webhook_are_a_request(settings, request_told):
    made_of_it = action(settings=settings)
    assert {name: value for name, value in made_of_it.tool.extra.items() if name != "eqho"} == request_told
    assert made_of_it.tool.live
    assert action_record(made_of_it)["settings"] == settings


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"url": ""},
        {"url": "https://x.example/" + "a" * 1024},
        {"url": 7},
        {"url": URL, "method": "TRACE"},
        {"url": URL, "headers": "X: y"},
        {"url": URL, "headers": ["X"]},
        {"url": URL, "queryParams": [{"key": "a"}]},
        {"url": URL, "bodyParams": "text"},
    ],
)
def test_settings_that_no_request_can_be_made_of_are_stored_and_never_called(settings):
    made_of_it = action(settings=settings)
    assert (list(made_of_it.tool.extra), made_of_it.tool.live) == (["eqho"], False)
    assert action_record(made_of_it)["settings"] == settings


@pytest.mark.parametrize(
    ("fields", "live"),
    [
        ({}, True),
        ({"execution_type": "live"}, True),
        ({"execution_type": "non_live"}, False),
        ({"type": "in_call_data_webhook"}, False),
    ],
)
def test_only_a_webhook_is_live_unless_it_says_otherwise(fields, live):
    assert action(settings={"url": URL}, **fields).tool.live is live


def test_the_other_dialect_sees_the_action_as_a_webhook_and_its_changes_are_what_is_read():
    find = action(settings={"url": URL, "timeout": 3})
    (shown,) = tool_items((find.tool,), ())
    assert (shown["type"], shown["url"], shown["live"]) == ("webhook", URL, True)
    assert tools([shown], (find.tool,)) == (find.tool,)
    (changed,) = tools([{**shown, "url": f"{URL}/now", "description": "Looks."}], (find.tool,))
    assert (changed.live, changed.kind) == (True, ToolKind.WEBHOOK)
    (read,) = agent_details(replace(made((find,)), tools=(changed,)), {find.id: find}, scripted=False)["actions"]
    assert (read["_id"], read["instructions"]) == (find.id, "Looks.")
    assert read["settings"] == {"timeout": 3, "url": f"{URL}/now"}
