"""Agents behind chat completions."""

import json

import pytest
from agent_servers import CONTEXT, said, serving, visiting
from aiohttp import web

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.agents.openai_agent import UNREPORTED
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.players.perspective import BEGINNING
from sparring.domain.agent import Agent, Tool
from sparring.domain.endpoints import OpenAIEndpoint
from sparring.domain.errors import AgentFault
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.simulation import Limits
from sparring.domain.transcript import ToolResult, Transcript
from sparring.simulation.trial import set_stage
from sparring.testing import FakeModels, FrozenClock, agent_says, user_says


def answer(content, *calls, **more):
    made = [
        {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": content, "tool_calls": made or None}
    return web.json_response({"model": "m-1", "choices": [{"message": message}], **more})


def elsewhere(url, **fields):
    tools = (Tool(name="find", description="Finds {{name}}."),)
    endpoint = OpenAIEndpoint(base_url=f"{url}/v1/", model="their-agent", **fields)
    return Agent(
        id="a",
        workspace="w",
        name="E",
        endpoint=endpoint,
        instructions="Help {{name}}.",
        tools=tools,
        temperature=0.5,
    )


async def asked(transcript, respond, *, environment=None, **fields):
    scenario = Scenario(name="Refund", instructions=Instructions())
    async with serving(respond) as (url, seen):
        agent = elsewhere(url, **fields)
        async with visiting(agent.endpoint, agent=agent, scenario=scenario, environment=environment) as player:
            messages = await player.reply(transcript)
    return messages, [(http, json.loads(body)) for http, body in seen]


async def test_it_gets_the_conversation_and_our_tools_and_its_calls_wait_for_our_mocks():
    transcript = Transcript(
        [user_says("Hi"), agent_says(None, find={"id": 1}), ToolResult(call_id="call_1", name="find", text="{}")]
    )
    usage = {"prompt_tokens": 12, "completion_tokens": 3}
    (message,), ((http, body),) = await asked(
        transcript,
        lambda http: answer("Look:", ("find", '{"id": 2}'), ("find", "{oops"), usage=usage),
        environment={"KEY": "k-1"},
        api_key_env="KEY",
        body={"user": "{{conversation}}", "seed": "{{seed}}"},
    )
    assert http.path == "/v1/chat/completions"
    assert http.headers["Authorization"] == "Bearer k-1"
    assert "X-Sparring-Mocks" not in http.headers
    assert body == {
        "model": "their-agent",
        "messages": [
            {"role": "system", "content": "Help Ada."},
            {"role": "user", "content": "Hi"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"id":1}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "{}"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "find",
                    "parameters": {"type": "object", "properties": {}},
                    "description": "Finds Ada.",
                },
            }
        ],
        "temperature": 0.5,
        "user": "t-1",
        "seed": 7,
    }
    assert [(call.name, call.arguments, call.malformed) for call in message.calls] == [
        ("find", {"id": 2}, None),
        ("find", {}, "{oops"),
    ]
    made = message.generation
    assert (made.model, made.usage.input, made.usage.output, made.cost) == ("m-1", 12, 3, 0.0)


async def test_one_that_opens_is_told_to():
    _, ((_, body),) = await asked(Transcript(), lambda http: answer("Hi!"))
    assert body["messages"][-1] == {"role": "user", "content": BEGINNING}


async def test_one_with_tools_of_its_own_is_offered_none_and_what_it_reports_has_happened():
    messages, ((http, body),) = await asked(
        said("Hi"), lambda http: answer("Found it.", ("look", '{"id": 2}')), own_tools=True
    )
    assert "tools" not in body
    assert "/mocks/" in http.headers["X-Sparring-Mocks"]
    calls, result, spoken = messages
    assert (calls.calls[0].name, result.text, result.source) == ("look", UNREPORTED, "agent")
    assert (spoken.text, spoken.calls) == ("Found it.", ())


@pytest.mark.parametrize(
    ("respond", "told"),
    [
        (lambda http: web.json_response({"error": "x"}), r"no choices\[0\].message: \{\"error\":\"x\"\}"),
        (lambda http: answer(None), "neither text nor a tool call"),
        (lambda http: web.json_response({"error": "busy"}, status=429), "answered 429"),
    ],
)
async def test_an_answer_of_another_form_is_the_agents_fault(respond, told):
    with pytest.raises(AgentFault, match=told):
        await asked(said("Hi"), respond)


async def streamed(respond):
    heard = []
    async with serving(respond) as (url, seen):
        casting = EndpointCasting(ModelCasting(FakeModels(), FrozenClock()), FrozenClock(), environment={})
        agent = elsewhere(url)
        stage = set_stage(agent, Scenario(name="S", instructions=Instructions()), Limits())
        player = casting.visitor(agent, CONTEXT, stage, on_text=heard.append)
        try:
            (message,) = await player.reply(said("Hi"))
        finally:
            await casting.close()
    return message, heard, [json.loads(body).get("stream") for _, body in seen]


async def test_a_stream_is_heard_as_it_comes_and_put_together():
    async def respond(http):
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(http)
        deltas = [
            {"role": "assistant", "content": ""},
            {"content": "Hel"},
            {"content": "lo."},
            {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "find", "arguments": '{"id"'}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
        ]
        for delta in deltas:
            await stream.write(b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\n")
        await stream.write(b'data: {"choices": [], "usage": {"prompt_tokens": 5}}\n\ndata: [DONE]\n\n')
        return stream

    message, heard, streams = await streamed(respond)
    assert (message.text, heard, streams) == ("Hello.", ["Hel", "lo."], [True])
    assert (message.calls[0].id, message.calls[0].arguments) == ("c1", {"id": 1})
    assert message.generation.usage.input == 5


async def test_a_server_that_does_not_stream_is_asked_without():
    async def respond(http):
        wanted = json.loads(await http.read()).get("stream")
        return web.json_response({"error": "no"}, status=400) if wanted else answer("Hello.")

    message, heard, streams = await streamed(respond)
    assert (message.text, heard, streams) == ("Hello.", [], [True, None])


@pytest.mark.parametrize(
    "data", [b"{broken", b'{"choices": 5}', b'{"choices": ["x"]}', b'{"choices": [{"delta": {"content": 5}}]}']
)
async def test_a_stream_of_nonsense_is_the_agents_fault(data):
    async def respond(http):
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(http)
        await stream.write(b"data: " + data + b"\n\n")
        return stream

    with pytest.raises(AgentFault, match="streamed what are no chunks of chat completions"):
        await streamed(respond)
