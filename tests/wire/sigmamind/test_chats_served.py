"""What the written-down exchanges of chats do not show: events, failures, and test cases made of chats."""

import json

import pytest
from tests.wire.sigmamind.served import Answering, serve

from sparring.domain.errors import ModelFault
from sparring.domain.retelling import Draft
from sparring.simulation.ports import WebAnswer
from sparring.testing import agent_says

AGENT = "D5D0p7TUs66TTAEAx"
DOWN = ModelFault("The provider is down.", provider="p", model="m", reason="unreachable")
TOOL = {
    "type": "webhook",
    "name": "find_order",
    "method": "POST",
    "url": "https://shop.example/orders/{{id}}",
    "bodyParams": {"who": "{{customer_name}}"},
}
STREAM = {"accept": "text/event-stream"}


class Shop:
    def __init__(self):
        self.calls = []

    async def send(self, call):
        self.calls.append(call)
        return WebAnswer(status=200, text='{"state":"shipped"}')


def events_of(text):
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


async def begun(client, **fields):
    agent = {
        "agentName": "A",
        "instructions": "I",
        "agentSettings": {"llmModel": "gpt-4o"},
        "tools": [TOOL],
    }
    owner = (await client.post("/v1/agents", json=agent)).json()["agentId"]
    return await client.post("/v1/chats", json={"agentId": owner, "input": "Where is it?", **fields})


async def test_a_stream_tells_the_chat_the_tool_calls_and_the_answer():
    shop = Shop()
    lines = (agent_says("One moment.", find_order={"id": "7"}), agent_says("It is shipped."))
    served = await serve(agents_casting=Answering(*lines), web=shop)
    async with served.client(**STREAM) as client:
        response = await begun(client, dynamicVariables={"customer_name": "Michael"})
        assert response.status_code == 201
        assert response.headers["content-type"].startswith("text/event-stream")
        events = events_of(response.text)
        chat = (await client.get(f"/v1/chats/{events[0][1]['chatId']}")).json()
    assert [name for name, _ in events] == ["chat", "message", "tool_result", "message", "done"]
    call = {"id": "call_1", "name": "find_order", "arguments": {"id": "7"}}
    assert (events[1][1]["item"]["content"], events[1][1]["toolCalls"]) == (["One moment."], [call])
    assert events[2][1] == {
        "id": "call_1", "name": "find_order", "content": '{"state":"shipped"}', "isError": False, "source": "live",
    }  # fmt: skip
    assert events[4][1]["response"] == chat["response"] == [events[1][1]["item"], events[3][1]["item"]]
    assert [(one.method, one.url, one.body) for one in shop.calls] == [
        ("POST", "https://shop.example/orders/7", {"who": "Michael"})
    ]


async def test_what_is_refused_is_refused_before_the_stream_begins():
    served = await serve()
    async with served.client(**STREAM) as client:
        response = await client.post("/v1/chats", json={"agentId": "nobody", "input": "Hi"})
        ended = await client.post("/v1/chats/response", json={"chatId": "chat-d17T6uReChpyfFeP", "input": "Hi"})
    assert (response.status_code, response.json()["message"]) == (404, "No agent 'nobody' here.")
    assert (ended.status_code, ended.json()["message"]) == (400, "The chat has ended; it takes no more messages.")


@pytest.mark.parametrize("headers", [{}, STREAM])
async def test_a_model_that_fails_is_told_in_the_answer_and_the_message_is_kept(headers):
    served = await serve(agents_casting=Answering(DOWN, agent_says("Here I am.")))
    async with served.client(**headers) as client:
        response = await begun(client)
        answer = events_of(response.text)[-1][1] if headers else response.json()
        chat = (await client.get(f"/v1/chats/{answer['chatId']}")).json()
        listed = (await client.get("/v1/chats?status=error")).json()
    assert response.status_code == 201
    assert (answer["status"], answer["error"], answer["response"]) == ("error", "The provider is down.", [])
    assert (chat["transcript"], chat["error"]) == ("User: Where is it?", "The provider is down.")
    assert listed["data"] == [chat]


async def test_a_test_case_is_made_of_a_chat():
    lines = (agent_says(None, find_order={"id": "7"}), agent_says("It is shipped."))
    served = await serve(agents_casting=Answering(*lines), web=Shop())
    async with served.client() as client:
        chat = (await begun(client, dynamicVariables={"customer_name": "Michael"})).json()
        made = await client.post(f"/v1/chats/{chat['chatId']}/scenario")
        case = made.json()
        read = await client.get(f"/v1/test-cases/{case['testCaseId']}?agentId={chat['agent']['agentId']}")
    assert (made.status_code, read.json()) == (201, case)
    assert case["label"] == "Where is it?"
    assert case["mockData"] == [{"variableName": "customer_name", "value": "Michael"}]
    assert "Where is it?" in case["userPrompt"]
    assert case["successCriteria"].endswith("It is shipped.")


class Drafter:
    def __init__(self, draft):
        self.made = draft
        self.asked = []

    async def draft(self, model, instructions, transcript):
        self.asked.append((model, instructions, len(transcript)))
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


@pytest.mark.parametrize("fails", [False, True])
async def test_the_judge_s_model_drafts_what_is_expected_where_it_can(fails):
    drafter = Drafter(DOWN if fails else Draft(task="You want your order.", assertions=("It is found.",)))
    served = await serve(drafter=drafter)
    async with served.client() as client:
        chat = (await client.post("/v1/chats", json={"agentId": AGENT, "input": "Where is it?"})).json()
        case = (await client.post(f"/v1/chats/{chat['chatId']}/scenario")).json()
    assert [(model, count) for model, _, count in drafter.asked] == [("gpt-4.1", 2)]
    if fails:
        assert case["successCriteria"].endswith("Certainly. Anything else?")
    else:
        assert "You want your order." in case["userPrompt"]
        assert case["successCriteria"] == "It is found."


async def test_a_webhook_action_of_the_other_dialect_is_really_called_too():
    shop = Shop()
    lines = (agent_says(None, find_order={"id": "7"}), agent_says("It is shipped."))
    served = await serve(agents_casting=Answering(*lines), web=shop)
    settings = {
        "method": "POST",
        "url": "https://shop.example/{{id}}",
        "body_params": {"who": "{{customer_name}}"},
    }
    action = {"name": "F", "slug": "find_order", "instructions": "Finds.", "type": "webhook", "settings": settings}
    async with served.client() as client:
        made = (await client.post("/v1/actions", json=action)).json()["_id"]
        agent = {"name": "A", "ai_settings": {"ai_model": "gpt-4o"}, "action_ids": [made]}
        owner = (await client.post("/eqho/v1/agents", json=agent)).json()["_id"]
        body = {"agentId": owner, "input": "Where is it?", "dynamicVariables": {"customer_name": "Michael"}}
        answered = await client.post("/v1/chats", json=body)
    assert answered.status_code == 201
    assert [(one.method, one.url, one.body) for one in shop.calls] == [
        ("POST", "https://shop.example/7", {"who": "Michael"})
    ]
