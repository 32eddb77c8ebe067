"""Answers that are told while they come."""

import json

import pytest
from provider_door import KEY, Reply, error, question, said

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.domain.errors import ModelFault


def chunks(*deltas, usage=None):
    lines = [{"model": "gpt-4o-mini-2024", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    lines.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    lines.append({"choices": [], "usage": usage or {"prompt_tokens": 5, "completion_tokens": 2}})
    text = "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n"
    return Reply(body=text.encode(), content_type="text/event-stream")


@pytest.fixture
async def stream(door, clock):
    """Streams an answer of the door's, and gives it with its pieces."""
    catalogue = Catalogue([Provider(name="it", base_url=door.url, api_key=KEY, key_variable="K")], clock=clock)

    async def streamed(*replies):
        door.plays(*replies)
        pieces = []
        reply = await catalogue.model("it:gpt-4o-mini").stream(question("Hi"), pieces.append)
        return reply, pieces

    yield streamed
    await catalogue.close()


async def test_pieces_come_before_the_whole_answer_with_its_usage(door, stream):
    reply, pieces = await stream(
        chunks({"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo ä."})
    )
    assert pieces == ["Hel", "lo ä."]
    assert (reply.text, reply.generation.usage.input, reply.generation.finish) == ("Hello ä.", 5, "stop")
    asked = door.asked[0].json
    assert (asked["stream"], asked["stream_options"]) == (True, {"include_usage": True})


async def test_tool_calls_are_in_the_answer_and_not_among_the_pieces(stream):
    call = {"index": 0, "id": "c1", "function": {"name": "look", "arguments": '{"a":1}'}}
    reply, pieces = await stream(chunks({"content": "One moment."}, {"tool_calls": [call]}))
    assert pieces == ["One moment."]
    assert [(made.name, made.arguments) for made in reply.calls] == [("look", {"a": 1})]


async def test_a_server_that_does_not_stream_answers_in_one_piece(stream):
    reply, pieces = await stream(said("Hello."))
    assert (reply.text, pieces) == ("Hello.", [])


async def test_a_server_that_refuses_to_stream_is_asked_the_other_way(door, stream):
    reply, _ = await stream(error(400, "stream is not supported here"), said("Hello."))
    assert reply.text == "Hello."
    assert ["stream" in asked.json for asked in door.asked] == [True, False]


async def test_a_refusal_is_the_same_fault_as_without_a_stream(stream):
    with pytest.raises(ModelFault, match="key"):
        await stream(error(401, "bad key"), error(401, "bad key"))
