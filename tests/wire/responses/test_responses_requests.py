"""What goes out on the responses wire, and what comes of what is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from provider_door import KEY, Door, Reply, error, payload, question

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.encoding import OPENING
from sparring.adapters.models.provider import Provider
from sparring.domain.agent import Tool
from sparring.domain.errors import InvalidInput, ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelReply, Prompt, Schema
from sparring.testing.clock import FrozenClock

Ask = Callable[..., Awaitable[ModelReply]]
WIRE = "openai.responses"
MODEL = "gpt-5-mini"
SCHEMA = Schema(name="verdict", body={"type": "object", "properties": {"met": {"type": "boolean"}}})
CANCEL = Tool(
    name="cancel",
    description="Cancels a booking",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
)


def message(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": content,
        **fields,
    }


def said(*output: dict[str, Any], status: str = "completed", **fields: Any) -> Reply:
    """A good answer: its items, or a text."""
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    items = list(output) or [message("Hello.")]
    return payload({"model": MODEL, "status": status, "output": items, "usage": usage, "error": None, **fields})


@pytest.fixture(autouse=True)
def good(door: Door) -> None:
    door.plays(said())


async def test_a_request_is_kept_by_nobody_and_asks_for_sealed_reasoning(door: Door, ask: Ask) -> None:
    await ask(MODEL, question("Hi", "Anyone?", system="Be kind."), wire=WIRE)
    (asked,) = door.asked
    assert asked.path == "/v1/responses"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.json == {
        "model": MODEL,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "instructions": "Be kind.",
        "input": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "Anyone?"}],
    }


async def test_a_model_that_opens_is_told_to(door: Door, ask: Ask) -> None:
    request = question()
    await ask(MODEL, type(request)(system="Be kind.", messages=(), occasion=request.occasion), wire=WIRE)
    assert door.asked[0].json["input"] == [{"role": "user", "content": OPENING}]


async def test_tools_calls_and_results_are_items_of_their_own(door: Door, ask: Ask) -> None:
    calls = (
        ToolCall(id="call_1", name="cancel", arguments={"id": "A"}),
        ToolCall(id="call_2", malformed="{", name="n"),
    )
    prompts = (
        Prompt(role="assistant", text="Hi!"),
        Prompt(role="user", text="Cancel A"),
        Prompt(role="assistant", text=None, calls=calls),
        Prompt(role="tool", text="done", call_id="call_1", name="cancel"),
        Prompt(role="tool", text="no JSON", call_id="call_2", name="n", is_error=True),
    )
    await ask(MODEL, question(prompts=prompts, tools=(CANCEL, Tool(name="now"))), wire=WIRE)
    sent = door.asked[0].json
    assert sent["input"] == [
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": "Cancel A"},
        {"type": "function_call", "call_id": "call_1", "name": "cancel", "arguments": '{"id":"A"}'},
        {"type": "function_call", "call_id": "call_2", "name": "n", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "done"},
        {"type": "function_call_output", "call_id": "call_2", "output": "no JSON"},
    ]
    assert sent["tools"] == [
        {
            "type": "function",
            "name": "cancel",
            "parameters": CANCEL.parameters,
            "strict": False,
            "description": "Cancels a booking",
        },
        {"type": "function", "name": "now", "parameters": {"type": "object", "properties": {}}, "strict": False},
    ]


async def test_a_conversation_that_grows_is_sent_whole_each_time(door: Door, ask: Ask) -> None:
    prompts: list[Prompt] = []
    for turn in range(4):
        prompts += [Prompt(role="user", text=f"question {turn}"), Prompt(role="assistant", text=f"answer {turn}")]
        await ask(MODEL, question(prompts=prompts[:-1]), wire=WIRE)
    for turn, asked in enumerate(door.asked):
        texts = [item["content"] for item in asked.json["input"]]
        assert texts == [prompt.text for prompt in prompts[: 2 * turn + 1]]


async def test_reasoning_goes_back_unchanged_before_what_it_led_to(door: Door, ask: Ask) -> None:
    output: list[dict[str, Any]] = [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
        message("I look.", phase="commentary"),
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "now", "arguments": "{}"},
    ]
    door.plays(said(*output), said())
    reply = await ask(MODEL, question("Hi"), wire=WIRE)
    assert reply.text == "I look."
    prompts = (
        Prompt(role="user", text="Hi"),
        Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque),
        Prompt(role="tool", text="noon", call_id="call_1", name="now"),
    )
    await ask(MODEL, question(prompts=prompts), wire=WIRE)
    assert door.asked[1].json["input"][1:4] == output


async def test_a_structured_answer_is_asked_for_strictly_then_more_simply(door: Door, ask: Ask) -> None:
    unknown = error(
        400, "Invalid parameter: 'text.format' of type 'json_schema' is not supported", param="text.format"
    )
    plain = error(400, "'json_object' is not supported")
    door.plays(unknown, plain, said(message('{"met": true}')))
    reply = await ask(MODEL, question(schema=SCHEMA, role=Role.JUDGE), wire=WIRE)
    strict, simple, worded = (asked.json for asked in door.asked)
    assert strict["text"] == {
        "format": {"type": "json_schema", "name": "verdict", "strict": True, "schema": dict(SCHEMA.body)}
    }
    assert simple["text"] == {"format": {"type": "json_object"}}
    assert "text" not in worded
    assert '"met"' in worded["instructions"]
    assert reply.text == '{"met": true}'


async def test_a_server_that_seals_no_reasoning_is_not_asked_for_it_again(door: Door, ask: Ask) -> None:
    door.plays(error(400, "Encrypted content is not supported with this model.", param="include"), said())
    for _ in range(2):
        await ask("own-model", question(), wire=WIRE)
    assert ["include" in asked.json for asked in door.asked] == [True, False, False]


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-4o-mini", "gpt-5-chat-latest"])
async def test_models_that_do_not_reason_are_not_asked_for_reasoning(door: Door, ask: Ask, model: str) -> None:
    await ask(model, question(temperature=0.2), wire=WIRE)
    assert "include" not in door.asked[0].json
    assert door.asked[0].json["temperature"] == 0.2


async def test_reasoning_that_is_not_taken_back_is_left_out(door: Door, ask: Ask) -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    told = "Item 'rs_1' of type 'reasoning' was provided without its required following item."
    door.plays(said(reasoning, message("Hm.")), error(400, told, param="input"), said())
    reply = await ask(MODEL, question("Hi"), wire=WIRE)
    answered = Prompt(role="assistant", text=reply.text, opaque=reply.generation.opaque)
    await ask(MODEL, question(prompts=(Prompt(role="user", text="Hi"), answered)), wire=WIRE)
    assert [b"rs_1" in asked.raw for asked in door.asked] == [False, True, False]


@pytest.mark.parametrize(
    ("incomplete", "reason", "words"),
    [
        ("max_output_tokens", "length", "reached its limit after 5 tokens (status incomplete: max_output_tokens)"),
        ("content_filter", "content_filter", "content filter (status incomplete: content_filter)"),
    ],
)
async def test_an_incomplete_answer_is_a_fault_with_its_reason(
    door: Door, ask: Ask, incomplete: str, reason: str, words: str
) -> None:
    door.plays(said(status="incomplete", incomplete_details={"reason": incomplete}))
    with pytest.raises(ModelFault) as caught:
        await ask(MODEL, question(role=Role.USER), wire=WIRE)
    assert caught.value.reason == reason
    assert words in str(caught.value)


@pytest.mark.parametrize(("role", "kept"), [(Role.AGENT, True), (Role.USER, False), (Role.JUDGE, False)])
async def test_a_refusal_is_what_the_agent_says_and_what_the_others_may_not(
    door: Door, ask: Ask, role: Role, kept: bool
) -> None:
    part = {"type": "refusal", "refusal": "I can't help with that."}
    door.plays(said({"type": "message", "role": "assistant", "content": [part]}))
    if kept:
        assert (await ask(MODEL, question(role=role), wire=WIRE)).text == "I can't help with that."
    else:
        with pytest.raises(ModelFault, match=r"refused: I can't help with that\.") as caught:
            await ask(MODEL, question(role=role), wire=WIRE)
        assert caught.value.reason == "refusal"


async def test_a_response_that_failed_is_asked_for_again(door: Door, ask: Ask) -> None:
    failed = {"code": "server_error", "message": "The server had an error."}
    door.plays(payload({"status": "failed", "error": failed, "output": []}), said())
    assert (await ask(MODEL, question(), wire=WIRE)).text == "Hello."


async def test_the_fast_tier_asks_for_priority(door: Door, clock: FrozenClock) -> None:
    provider = Provider(name="openai", base_url=door.url, wire="openai", api_key=KEY)
    catalogue = Catalogue([provider], clock=clock)
    await catalogue.model("gpt-5-mini-fast-tier").complete(question())
    await catalogue.close()
    assert door.asked[0].path == "/v1/responses"
    assert (door.asked[0].json["model"], door.asked[0].json["service_tier"]) == ("gpt-5-mini", "priority")


async def test_openai_s_models_are_asked_on_the_wire_of_the_table_or_of_the_configuration(
    door: Door, clock: FrozenClock
) -> None:
    provider = Provider(name="openai", base_url=door.url, wire="openai", api_key=KEY)
    catalogue = Catalogue([provider], clock=clock, wires={"openai:o4-*": "openai.chat", "openai:gpt-4.1": WIRE})
    names = (
        "gpt-5-mini",
        "o3",
        "gpt-5.6",
        "openai:codex-mini",
        "gpt-4.1",
        "o4-mini",
        "gpt-4o",
        "gpt-5-chat-latest",
    )
    paths = []
    for name in names:
        door.plays(said() if name in names[:5] else payload({"choices": [{"message": {"content": "Hello."}}]}))
        await catalogue.model(name).complete(question())
        paths.append(door.asked[-1].path)
    await catalogue.close()
    assert paths == ["/v1/responses"] * 5 + ["/v1/chat/completions"] * 3


def test_a_wire_of_another_family_is_refused_with_what_to_do(clock: FrozenClock) -> None:
    provider = Provider(name="openai", base_url="https://api.openai.com/v1", wire="openai", api_key=KEY)
    catalogue = Catalogue([provider], clock=clock, wires={"openai:*": "anthropic"})
    with pytest.raises(InvalidInput, match=r"Name the provider once more under \[providers.NAME\]"):
        catalogue.model("gpt-4o")


def test_a_wire_that_does_not_exist_is_refused_at_once(clock: FrozenClock) -> None:
    with pytest.raises(InvalidInput, match=r"no wire 'smoke'.*openai.chat, openai.responses"):
        Catalogue([], clock=clock, wires={"openai:*": "smoke"})
