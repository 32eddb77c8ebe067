"""Agents, between the wire and the domain."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.agents import agent_record, agent_summary, changed_agent, new_agent
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock

FULL = {
    "agentName": "Support",
    "instructions": "You help.",
    "welcomeMessageType": "prompt",
    "welcomeMessage": "Greet the caller by name.",
    "agentSettings": {
        "llmModel": "gpt-4o",
        "llmTemperature": 0.5,
        "llmTopP": 1,
        "language": "de_DE",
        "globalPrompt": "Be brief.",
        "voiceId": "v",
        "ttsSpeed": None,
    },
    "tools": [
        {"type": "ivr_navigator"},
        {"type": "voice_end_call"},
        {"type": "voice_end_call", "description": "Ends it rudely."},
        {"type": "function", "name": "find", "parameters": {"properties": {"id": {"type": "string"}}}},
        {"type": "webhook", "name": "refund", "method": "POST", "url": "https://shop.example/{{order}}/{{item}}"},
    ],
    "mocks": {"find": {"default_return_value": "found", "default_is_error": False}},
}


def made(**fields):
    body = wire.CreateAgent.model_validate({"agentName": "A", "instructions": "I", **fields})
    return new_agent(body, id="0" * 24, workspace="w", now=1.0)


def changed(agent, **fields):
    return changed_agent(agent, wire.UpdateAgent.model_validate(fields), now=2.0)


def record(agent):
    return agent_record(agent, workspace="org_w")


def test_everything_comes_back_as_it_came():
    told = record(made(**FULL))
    assert {name: told[name] for name in FULL} == FULL
    assert told["notCallableTools"] == ["ivr_navigator"]


def test_sending_back_what_was_read_changes_nothing():
    agent = made(**FULL)
    assert changed(agent, **record(agent)) is agent
    assert changed(agent) is agent


def test_all_that_is_told_to_the_model_is_one_system_prompt():
    agent = made(**FULL)
    assert agent.instructions.split("\n\n") == [
        "Be brief.",
        "You help.",
        "Speak the language of the locale de_DE.",
        "You speak first. For your first message: Greet the caller by name.",
    ]
    assert (agent.opens, agent.greeting) == (True, None)
    assert (agent.model, agent.temperature, agent.top_p, agent.language) == ("gpt-4o", 0.5, 1, "de_DE")


@pytest.mark.parametrize(
    ("fields", "greeting", "opens"),
    [
        ({}, None, None),
        ({"welcomeMessageType": "static", "welcomeMessage": "Hi!"}, "Hi!", None),
        ({"welcomeMessage": "Hi!"}, "Hi!", None),
        ({"welcomeMessageType": "static", "welcomeMessage": ""}, None, None),
        ({"welcomeMessageType": "prompt"}, None, None),
        ({"welcomeMessageType": "prompt", "welcomeMessage": "Greet."}, None, True),
        ({"agentSettings": {"aiStartsConversation": True}}, None, True),
        ({"agentSettings": {"aiStartsConversation": False}}, None, False),
    ],
)
def test_who_speaks_first_follows_from_welcome_message_and_setting(fields, greeting, opens):
    agent = made(**fields)
    assert (agent.greeting, agent.opens) == (greeting, opens)


def test_tools_become_what_a_model_can_be_offered():
    tools = {tool.name: tool for tool in made(**FULL).tools}
    assert [(tool.name, tool.kind) for tool in tools.values()] == [
        ("voice_end_call", ToolKind.END),
        ("voice_end_call_2", ToolKind.END),
        ("find", ToolKind.FUNCTION),
        ("refund", ToolKind.WEBHOOK),
    ]
    assert tools["find"].parameters == {"type": "object", "properties": {"id": {"type": "string"}}}
    assert tools["refund"].parameters == {
        "type": "object",
        "properties": {"order": {"type": "string"}, "item": {"type": "string"}},
        "required": ["order", "item"],
    }
    assert (tools["refund"].writes, tools["find"].writes) == (True, False)


def test_settings_change_one_by_one_and_null_clears_one():
    agent = changed(made(**FULL), agentSettings={"llmModel": "gpt-5", "language": None})
    assert agent.model == "gpt-5"
    assert "locale" not in agent.instructions
    assert record(agent)["agentSettings"] == {**FULL["agentSettings"], "llmModel": "gpt-5", "language": None}


def test_a_change_keeps_what_it_does_not_name():
    before = made(**FULL)
    after = changed(before, agentName="B")
    assert after == replace(before, name="B", updated_at=2.0, revision=1)


def test_what_was_changed_elsewhere_is_what_is_read():
    agent = replace(
        made(**FULL), instructions="Rewritten.", model="gpt-5", greeting="Hello.", opens=None, mocks={}, tools=()
    )
    told = record(agent)
    assert told["instructions"] == "Rewritten."
    assert "globalPrompt" not in told["agentSettings"]
    assert told["agentSettings"]["llmModel"] == "gpt-5"
    assert (told["welcomeMessageType"], told["welcomeMessage"]) == ("static", "Hello.")
    assert told["tools"] == [{"type": "ivr_navigator"}]


def test_an_agent_of_a_suite_can_be_read_and_sent_back():
    agent = Agent(
        id="0" * 24,
        workspace="w",
        name="A",
        instructions="I",
        model="gpt-4o",
        greeting="Hi!",
        opens=True,
        tools=(Tool(name="find", derived=True), Tool(name="bye", kind=ToolKind.END)),
        mocks={
            "find": ToolMock(otherwise=Answer(value={"n": 1})),
            "ruled": ToolMock(rules=(Rule(when={"id": Matcher(equal=1)}, answer=Answer(value=1)),)),
        },
    )
    told = record(agent)
    assert told["mocks"] == {
        "find": {"default_return_value": {"n": 1}, "default_is_error": False},
        "ruled": {"rules": [{"when": {"id": 1}, "returns": 1}]},
    }
    assert [tool["type"] for tool in told["tools"]] == ["function", "voice_end_call"]
    assert changed(agent, **told) is agent
    renamed = changed(agent, agentName="B", instructions="J")
    assert (renamed.tools, renamed.mocks, renamed.greeting) == (agent.tools, agent.mocks, "Hi!")


def test_mocks_have_the_form_of_the_other_dialect_and_are_replaced_as_a_whole():
    rule = {"when": {"id": {"regex": "^A"}}, "returns": {"n": 1}, "set": {"seen": True}, "times": 1}
    agent = made(mocks={"a": {"rules": [rule], "otherwise": {"error": "unknown"}}, "gone": {"returns": 1}})
    assert agent.mocks["a"].rules[0].when == {"id": Matcher(regex="^A")}
    told = record(agent)["mocks"]
    assert told["a"] == {"default_return_value": "unknown", "default_is_error": True, "rules": [rule]}
    assert changed(agent, mocks=told) is agent
    after = changed(agent, mocks={"a": told["a"], "b": {"default_is_error": True}})
    assert after.mocks == {"a": agent.mocks["a"], "b": ToolMock(otherwise=Answer(value="", is_error=True))}


@pytest.mark.parametrize(
    ("mock", "told"),
    [
        ({}, "must answer something"),
        ({"rulez": []}, "must not have the field 'rulez', which means nothing; 'rules' would"),
        ({"rules": [{"wen": {}, "returns": 1}]}, "must not have the field 'wen'"),
        ({"rules": [{"when": {"a": {"regex": "("}}, "returns": 1}]}, "must be a regular expression"),
        ({"default_return_value": "a", "otherwise": {"returns": 1}}, "must have one default"),
    ],
)
def test_a_mock_that_would_answer_otherwise_than_it_is_meant_is_refused(mock, told):
    with pytest.raises(ValidationError, match=told):
        made(mocks={"a": mock})


def test_placeholders_may_stand_at_the_beginning_of_an_address_and_in_the_name_of_a_header():
    headers = [{"key": "X-{{kind of}}-Key", "value": "{{key}}"}]
    tool = {"type": "webhook", "name": "a", "url": "{{base}}/orders/{{order id}}", "headers": headers}
    assert record(made(tools=[tool]))["tools"] == [tool]


def test_an_agent_that_lives_elsewhere_needs_no_instructions():
    endpoint = {"kind": "http", "url": "https://agent.example.com/chat"}
    body = wire.CreateAgent.model_validate({"agentName": "A", "endpoint": endpoint})
    agent = new_agent(body, id="0" * 24, workspace="w", now=1.0)
    assert (agent.instructions, record(agent)["instructions"]) == ("", "")
    assert changed(agent, agentName="B").instructions == ""
    for missing in ({"agentName": "A"}, {"agentName": "A", "instructions": None, "endpoint": None}):
        with pytest.raises(ValidationError) as refused:
            wire.CreateAgent.model_validate(missing)
        assert [(one["loc"], one["type"]) for one in refused.value.errors()] == [(("instructions",), "missing")]


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function", "name": "a b"}]},
        {"tools": [{"type": "function", "name": "a\n"}]},
        {"tools": [{"type": "webhook", "name": "a", "url": ""}]},
        {"tools": [{"type": "webhook", "name": "a", "url": "ftp://shop.example/x"}]},
        {
            "tools": [
                {"type": "webhook", "name": "a", "url": "https://a/", "headers": [{"key": "a b", "value": ""}]}
            ]
        },
        {"tools": [{"type": 5}]},
        {"agentSettings": {"aiStartsConversation": "yes"}},
        {"agentSettings": {"llmTemperature": True}},
        {"tools": [{"type": "function", "name": "a", "parameters": {"type": "array"}}]},
    ],
)
def test_what_cannot_be_acted_on_is_refused(fields):
    with pytest.raises(ValidationError):
        made(**fields)


def test_a_summary_says_whether_the_agent_can_be_talked_to():
    agent = replace(made(), alias="D5D0p7TUs66TTAEAx")
    assert agent_summary(agent, live=True) == {
        "name": "A",
        "agentId": "agent_D5D0p7TUs66TTAEAx",
        "status": "Live",
    }
    assert agent_summary(agent, live=False, scripted=True)["status"] == "Testing"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(settings=st.dictionaries(st.sampled_from(["voiceId", "webhooks", "llmTopK", "model_config"]), json_values))
def test_settings_that_are_not_acted_on_come_back_unchanged(settings):
    assert record(made(agentSettings=settings))["agentSettings"] == settings
