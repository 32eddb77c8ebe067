"""What comes of a provider's answers: text, calls, usage, cost, and what cannot be used."""

from collections.abc import Callable

import pytest
from provider_door import Door, Reply, error, payload, question, said

from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall, Usage
from sparring.simulation.ports import ChatModel

Make = Callable[..., ChatModel]


def call(name: str = "cancel", arguments: object = "{}", **fields: object) -> dict[str, object]:
    """A raw tool call."""
    return {"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}} | fields


async def test_a_reply_tells_who_made_it(door: Door, models: Make) -> None:
    door.plays(said("Hello.", model="gpt-4o-mini-2024-07-18"))
    reply = await models("gpt-4o-mini").complete(question())
    assert reply.text == "Hello."
    assert reply.calls == ()
    assert reply.generation.provider == "openai"
    assert reply.generation.model == "gpt-4o-mini-2024-07-18"
    assert reply.generation.finish == "stop"
    assert reply.generation.usage == Usage(input=10, output=5)
    assert reply.generation.seconds == 0.0
    assert reply.generation.opaque is None


async def test_the_cost_of_a_server_of_one_s_own_is_unknown(door: Door, models: Make) -> None:
    assert (await models().complete(question())).generation.cost is None


async def test_a_cost_that_the_provider_reports_is_taken(door: Door, models: Make) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.25}
    door.plays(payload({"choices": [{"message": {"content": "Hi"}}], "usage": usage}))
    assert (await models().complete(question())).generation.cost == 0.25


async def test_without_usage_none_is_made_up(door: Door, models: Make) -> None:
    door.plays(payload({"choices": [{"message": {"content": "Hi"}}]}))
    reply = await models("gpt-4o-mini").complete(question())
    assert reply.generation.usage is None
    assert reply.generation.model == "gpt-4o-mini"


async def test_several_tool_calls_come_in_their_order(door: Door, models: Make) -> None:
    door.plays(said(None, finish="tool_calls", tool_calls=[call("a", '{"n": 1}'), call("b", '{"n": 2}', id="c2")]))
    reply = await models().complete(question())
    assert reply.text is None
    assert reply.calls == (
        ToolCall(id="c1", name="a", arguments={"n": 1}),
        ToolCall(id="c2", name="b", arguments={"n": 2}),
    )


async def test_an_empty_text_beside_calls_is_not_none(door: Door, models: Make) -> None:
    door.plays(said("", tool_calls=[call()]))
    assert (await models().complete(question())).text == ""


@pytest.mark.parametrize("raw", ['{"id": ', "[1]", '"text"', "12", "null", "{'id': 1}"])
async def test_arguments_that_are_no_object_are_kept_as_they_came(door: Door, models: Make, raw: str) -> None:
    door.plays(said(None, tool_calls=[call(arguments=raw)]))
    (made,) = (await models().complete(question())).calls
    assert made.malformed == raw
    assert made.arguments == {}


@pytest.mark.parametrize("raw", ["", "  ", None])
async def test_no_arguments_at_all_are_an_empty_object(door: Door, models: Make, raw: str | None) -> None:
    door.plays(said(None, tool_calls=[call(arguments=raw)]))
    (made,) = (await models().complete(question())).calls
    assert made == ToolCall(id="c1", name="cancel", arguments={})


async def test_arguments_may_come_as_an_object(door: Door, models: Make) -> None:
    door.plays(said(None, tool_calls=[call(arguments={"id": "A1"})]))
    assert (await models().complete(question())).calls[0].arguments == {"id": "A1"}


async def test_missing_empty_and_repeated_ids_are_replaced_by_stable_ones(door: Door, models: Make) -> None:
    nameless = call()
    del nameless["id"]
    door.plays(said(None, tool_calls=[call(), call(), call(id=""), nameless, call(id=7)]))
    model = models()
    ids = [made.id for made in (await model.complete(question())).calls]
    assert ids[0] == "c1"
    assert len(set(ids)) == 5
    assert all(ids)
    assert [made.id for made in (await model.complete(question())).calls] == ids
    later = [made.id for made in (await model.complete(question("Hi", "there"))).calls]
    assert set(later[1:]).isdisjoint(ids)


async def test_what_is_not_understood_is_kept(door: Door, models: Make) -> None:
    door.plays(said("Hi", annotations=[{"type": "url_citation"}], thought_signature="abc", empty=[]))
    opaque = (await models().complete(question())).generation.opaque
    assert opaque is not None
    assert opaque["kept"] == {"annotations": [{"type": "url_citation"}], "thought_signature": "abc"}


async def test_a_lone_surrogate_in_an_answer_is_no_error(door: Door, models: Make) -> None:
    door.plays(Reply(body=b'{"choices": [{"message": {"content": "a\\ud800b"}}]}'))
    assert (await models().complete(question())).text == "a\ud800b"


async def test_an_agent_that_refuses_has_said_so(door: Door, models: Make) -> None:
    door.plays(said(None, refusal="I can't help with that."))
    assert (await models().complete(question(role=Role.AGENT))).text == "I can't help with that."


@pytest.mark.parametrize(
    ("role", "who"), [(Role.USER, "The simulated user's model"), (Role.JUDGE, "The judge's model")]
)
async def test_a_user_or_judge_that_refuses_is_a_fault(door: Door, models: Make, role: Role, who: str) -> None:
    door.plays(said(None, refusal="I can't help with that."))
    with pytest.raises(ModelFault, match=who) as caught:
        await models().complete(question(role=role))
    assert caught.value.reason == "refusal"
    assert "I can't help with that." in str(caught.value)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("finish", ["length", "content_filter"])
async def test_an_answer_that_was_cut_off_is_a_fault_of_its_own(
    door: Door, models: Make, role: Role, finish: str
) -> None:
    door.plays(said("Half of", finish=finish))
    with pytest.raises(ModelFault) as caught:
        await models("gpt-4o").complete(question(role=role))
    assert caught.value.reason == finish
    assert caught.value.provider == "openai"
    assert caught.value.model == "gpt-4o"
    assert "openai:gpt-4o" in str(caught.value)
    assert {"agent": "agent", "user": "simulated user", "judge": "judge"}[role] in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        said(None),
        said(""),
        said(" \n"),
        said(None, reasoning_content="I only thought."),
        payload({"choices": []}),
        payload({"choices": None}),
        payload({"choices": ["?"]}),
        payload({"object": "chat.completion"}),
        payload({}),
    ],
)
async def test_an_answer_without_content_is_a_retryable_fault(door: Door, models: Make, reply: Reply) -> None:
    door.plays(reply)
    with pytest.raises(ModelFault) as caught:
        await models().complete(question())
    assert caught.value.reason == "empty"
    assert caught.value.retryable


async def test_an_upstream_that_fails_in_the_middle_is_a_fault(door: Door, models: Make) -> None:
    choice = {
        "message": {"content": "Half"},
        "finish_reason": "error",
        "error": {"code": 502, "message": "Upstream gone"},
    }
    door.plays(payload({"choices": [choice]}))
    with pytest.raises(ModelFault, match="Upstream gone") as caught:
        await models().complete(question())
    assert caught.value.status == 502
    assert caught.value.retryable


async def test_a_server_that_streams_unasked_is_understood(door: Door, models: Make) -> None:
    events = (
        'data: {"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}\n\n'
        'data: {"model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\n\n'
        "data: [DONE]\n\n"
    )
    door.plays(Reply(body=events.encode(), content_type="text/event-stream; charset=utf-8"))
    reply = await models().complete(question())
    assert reply.text == "Hello"
    assert reply.generation.finish == "stop"


async def test_an_unknown_finish_reason_is_stored_and_harmless(door: Door, models: Make) -> None:
    door.plays(said("Hi", finish="eos"))
    assert (await models().complete(question())).generation.finish == "eos"


async def test_the_time_of_the_last_request_is_what_is_measured(door: Door, models: Make) -> None:
    door.plays(error(500, "oops"), said())
    assert (await models().complete(question())).generation.seconds == 0.0


async def test_a_call_in_the_old_form_is_a_call(door: Door, models: Make) -> None:
    door.plays(said(None, finish="function_call", function_call={"name": "cancel", "arguments": '{"id": "A1"}'}))
    (made,) = (await models().complete(question())).calls
    assert (made.name, made.arguments) == ("cancel", {"id": "A1"})
    assert made.id


async def test_arguments_that_are_nested_beyond_reason_are_malformed(door: Door, models: Make) -> None:
    door.plays(said(None, tool_calls=[call(arguments='{"a":' * 100_000)]))
    assert (await models().complete(question())).calls[0].malformed is not None
