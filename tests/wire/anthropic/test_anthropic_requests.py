"""What goes out to Anthropic, and what comes of what it refuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from provider_door import KEY, Door, Reply, error, payload, question

from sparring.adapters.models.encoding import OPENING
from sparring.domain.agent import Tool
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelReply, Prompt, Schema

Ask = Callable[..., Awaitable[ModelReply]]
WIRE = "anthropic.messages"
MODEL = "claude-sonnet-4-5"
CACHED = {"type": "ephemeral"}
SCHEMA = Schema(name="verdict", body={"type": "object", "properties": {"met": {"type": "boolean"}}})
CANCEL = Tool(
    name="cancel",
    description="Cancels a booking",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
)


def said(*content: dict[str, Any], stop: str = "end_turn", **fields: Any) -> Reply:
    """A good answer: its blocks, or a text."""
    blocks = list(content) or [{"type": "text", "text": "Hello."}]
    usage = {"input_tokens": 10, "output_tokens": 5}
    return payload({"model": MODEL, "content": blocks, "stop_reason": stop, "usage": usage, **fields})


def refused(message: str, *, status: int = 400, kind: str = "invalid_request_error") -> Reply:
    return error(status, message, type=kind)


@pytest.fixture(autouse=True)
def good(door: Door) -> None:
    door.plays(said())


async def test_a_request_holds_model_limit_system_text_and_messages(door: Door, ask: Ask) -> None:
    await ask(MODEL, question("Hi", "Anyone?", system="Be kind."), wire=WIRE)
    (asked,) = door.asked
    assert asked.path == "/v1/messages"
    assert asked.json == {
        "model": MODEL,
        "max_tokens": 16384,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": CACHED}],
        "cache_control": CACHED,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "Anyone?"}]}
        ],
    }


async def test_the_key_goes_in_its_own_header_and_nowhere_else(door: Door, ask: Ask) -> None:
    await ask(MODEL, question(), wire=WIRE)
    (asked,) = door.asked
    assert asked.headers["x-api-key"] == KEY
    assert asked.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in asked.headers
    assert KEY not in asked.path


async def test_a_proxy_may_want_a_bearer_token_instead(door: Door, ask: Ask) -> None:
    await ask(
        MODEL, question(), wire=WIRE, api_key=None, needs_key=False, headers={"Authorization": "Bearer t0ken"}
    )
    assert door.asked[0].headers["authorization"] == "Bearer t0ken"
    assert "x-api-key" not in door.asked[0].headers


@pytest.mark.parametrize(("base", "path"), [("", "/v1/messages"), ("/anthropic/v1", "/anthropic/v1/messages")])
async def test_an_address_with_a_version_is_taken_as_it_is(door: Door, ask: Ask, base: str, path: str) -> None:
    await ask(MODEL, question(), wire=WIRE, base_url=door.host + base)
    assert door.asked[0].path == path


async def test_tools_calls_and_results_are_sent_in_the_wire_s_form(door: Door, ask: Ask) -> None:
    calls = (ToolCall(id="call_1", name="cancel", arguments={"id": "A"}), ToolCall(id="call_2", name="now"))
    prompts = (
        Prompt(role="user", text="Cancel A"),
        Prompt(role="assistant", text="Let me see.", calls=calls),
        Prompt(role="tool", text="done", call_id="call_1", name="cancel"),
        Prompt(role="tool", text="no clock", call_id="call_2", name="now", is_error=True),
    )
    await ask(MODEL, question(prompts=prompts, tools=(CANCEL, Tool(name="now")), system=""), wire=WIRE)
    sent = door.asked[0].json
    assert sent["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "call_1", "name": "cancel", "input": {"id": "A"}},
                {"type": "tool_use", "id": "call_2", "name": "now", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": "done"},
                {"type": "tool_result", "tool_use_id": "call_2", "content": "no clock", "is_error": True},
            ],
        },
    ]
    assert sent["tools"] == [
        {"name": "cancel", "input_schema": CANCEL.parameters, "description": "Cancels a booking"},
        {"name": "now", "input_schema": {"type": "object", "properties": {}}, "cache_control": CACHED},
    ]


async def test_ids_that_the_wire_does_not_take_are_spelt_so_that_it_does(door: Door, ask: Ask) -> None:
    calls = (ToolCall(id="call.1/a", name="now"), ToolCall(id="", name="now"))
    results = [Prompt(role="tool", text="x", call_id=call.id, name="now") for call in calls]
    prompts = (Prompt(role="user", text="x"), Prompt(role="assistant", calls=calls), *results)
    await ask(MODEL, question(prompts=prompts), wire=WIRE)
    _, made, answered = door.asked[0].json["messages"]
    assert [block["id"] for block in made["content"]] == ["call_1_a", "call"]
    assert [block["tool_use_id"] for block in answered["content"]] == ["call_1_a", "call"]


async def test_a_greeting_has_a_stage_direction_before_it(door: Door, ask: Ask) -> None:
    greeting = Prompt(role="assistant", text="Hi! How can I help?")
    await ask(MODEL, question(prompts=(greeting, Prompt(role="user", text="Cancel"))), wire=WIRE)
    messages = door.asked[0].json["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[0]["content"] == [{"type": "text", "text": OPENING}]


async def test_messages_of_one_side_are_one_message(door: Door, ask: Ask) -> None:
    roles = ("user", "user", "assistant", "assistant", "user")
    prompts = [Prompt(role=role, text=str(number)) for number, role in enumerate(roles)]
    await ask(MODEL, question(prompts=prompts), wire=WIRE)
    turns = [
        (message["role"], [block["text"] for block in message["content"]])
        for message in door.asked[0].json["messages"]
    ]
    assert turns == [("user", ["0", "1"]), ("assistant", ["2", "3"]), ("user", ["4"])]


async def test_messages_without_words_are_left_out(door: Door, ask: Ask) -> None:
    prompts = [Prompt(role="user", text="Hi"), Prompt(role="assistant", text=" "), Prompt(role="user", text="Hey")]
    await ask(MODEL, question(prompts=prompts), wire=WIRE)
    await ask(MODEL, question(prompts=[Prompt(role="user", text="")]), wire=WIRE)
    first, second = (asked.json["messages"] for asked in door.asked)
    assert [block["text"] for block in first[0]["content"]] == ["Hi", "Hey"]
    assert [block["text"] for block in second[0]["content"]] == [OPENING]


async def test_a_conversation_that_grows_is_sent_whole_each_time(door: Door, ask: Ask) -> None:
    prompts: list[Prompt] = []
    for turn in range(4):
        prompts += [Prompt(role="user", text=f"question {turn}"), Prompt(role="assistant", text=f"answer {turn}")]
        await ask(MODEL, question(prompts=prompts[:-1]), wire=WIRE)
    for turn, asked in enumerate(door.asked):
        texts = [message["content"][0]["text"] for message in asked.json["messages"]]
        assert texts == [prompt.text for prompt in prompts[: 2 * turn + 1]]


async def test_a_judge_s_conversation_is_not_cached_for_it_does_not_go_on(door: Door, ask: Ask) -> None:
    await ask(MODEL, question(role=Role.JUDGE), wire=WIRE)
    assert "cache_control" not in door.asked[0].json
    assert door.asked[0].json["system"][0]["cache_control"] == CACHED


@pytest.mark.parametrize(
    ("temperature", "top_p", "sent"),
    [
        (0.5, None, {"temperature": 0.5}),
        (None, 0.9, {"top_p": 0.9}),
        (0.5, 0.9, {"temperature": 0.5}),
        (1.5, None, {"temperature": 1.0}),
    ],
)
async def test_one_sampling_parameter_is_sent_within_its_range(
    door: Door, ask: Ask, temperature: float | None, top_p: float | None, sent: dict[str, float]
) -> None:
    await ask(MODEL, question(temperature=temperature, top_p=top_p), wire=WIRE)
    assert {name: value for name, value in door.asked[0].json.items() if name in ("temperature", "top_p")} == sent


@pytest.mark.parametrize("model", ["claude-opus-4-8", "claude-sonnet-5", "claude-haiku-5-5", "claude-fable-5-2"])
async def test_models_known_to_refuse_sampling_are_not_sent_any(door: Door, ask: Ask, model: str) -> None:
    await ask(model, question(temperature=0.5, top_p=0.9), wire=WIRE)
    assert {"temperature", "top_p"}.isdisjoint(door.asked[0].json)


async def test_a_refused_temperature_is_left_out_at_once_and_remembered(door: Door, ask: Ask) -> None:
    door.plays(refused("`temperature` is deprecated for this model."), said())
    for _ in range(2):
        await ask("claude-next", question(temperature=0.5), wire=WIRE)
    assert ["temperature" in asked.json for asked in door.asked] == [True, False, False]


async def test_a_structured_answer_is_asked_for_by_its_schema(door: Door, ask: Ask) -> None:
    door.plays(said({"type": "text", "text": '{"met": true}'}))
    reply = await ask(MODEL, question(schema=SCHEMA, role=Role.JUDGE), wire=WIRE)
    assert door.asked[0].json["output_config"] == {"format": {"type": "json_schema", "schema": dict(SCHEMA.body)}}
    assert reply.text == '{"met": true}'


async def test_a_model_without_structured_answers_is_asked_through_a_tool_then_in_words(
    door: Door, ask: Ask
) -> None:
    door.plays(
        refused("output_config.format: Extra inputs are not permitted"),
        said({"type": "tool_use", "id": "t", "name": "verdict", "input": {"met": True}}, stop="tool_use"),
        refused("tool_choice: forcing a tool is not supported with thinking"),
        said({"type": "text", "text": '```json\n{"met": true}\n```'}),
    )
    first = await ask("claude-next", question(schema=SCHEMA, role=Role.JUDGE), wire=WIRE)
    second = await ask("claude-next", question(schema=SCHEMA, role=Role.JUDGE), wire=WIRE)
    assert (first.text, first.calls, second.text) == ('{"met":true}', (), '{"met": true}')
    _, forced, _, worded = (asked.json for asked in door.asked)
    assert forced["tool_choice"] == {"type": "tool", "name": "verdict"}
    assert forced["tools"][-1]["input_schema"] == dict(SCHEMA.body)
    assert "tool_choice" not in worded
    assert '"met"' in worded["system"][0]["text"]


@pytest.mark.parametrize(
    ("model", "limit"), [("claude-3-haiku-20240307", 4096), ("claude-3-5-haiku-latest", 8192)]
)
async def test_older_models_are_asked_for_as_many_tokens_as_they_have(
    door: Door, ask: Ask, model: str, limit: int
) -> None:
    await ask(model, question(), wire=WIRE)
    assert door.asked[0].json["max_tokens"] == limit


async def test_a_limit_that_is_too_high_is_lowered_to_what_the_provider_names(door: Door, ask: Ask) -> None:
    told = "max_tokens: 16384 > 8000, which is the maximum allowed number of output tokens for claude-odd"
    door.plays(refused(told), said())
    for _ in range(2):
        await ask("claude-odd", question(), wire=WIRE)
    assert [asked.json["max_tokens"] for asked in door.asked] == [16384, 8000, 8000]


async def test_a_server_without_a_cache_is_not_told_of_it_again(door: Door, ask: Ask) -> None:
    door.plays(refused("cache_control: Extra inputs are not permitted"), said())
    for _ in range(2):
        await ask(MODEL, question(), wire=WIRE)
    assert [b"cache_control" in asked.raw for asked in door.asked] == [True, False, False]


async def test_thinking_goes_back_unchanged_before_its_calls(door: Door, ask: Ask) -> None:
    content: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "Hm.", "signature": "EqQB"},
        {"type": "redacted_thinking", "data": "EvgF"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}},
    ]
    door.plays(said(*content, stop="tool_use"), said())
    reply = await ask(MODEL, question("Hi"), wire=WIRE)
    assert reply.text == "I look."
    prompts = (
        Prompt(role="user", text="Hi"),
        Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque),
        Prompt(role="tool", text="noon", call_id="toolu_1", name="now"),
    )
    await ask(MODEL, question(prompts=prompts), wire=WIRE)
    assert door.asked[1].json["messages"][1] == {"role": "assistant", "content": content}


async def test_text_and_calls_alone_are_not_kept_twice(door: Door, ask: Ask) -> None:
    direct = {"type": "tool_use", "id": "t", "name": "now", "input": {}, "caller": {"type": "direct"}}
    door.plays(said({"type": "text", "text": "I look."}, direct, stop="tool_use"))
    assert (await ask(MODEL, question(), wire=WIRE)).generation.opaque is None


async def test_a_refusal_names_its_category_and_the_role(door: Door, ask: Ask) -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "This could enable harm."}
    door.plays(payload({"content": [], "stop_reason": "refusal", "stop_details": details}))
    with pytest.raises(ModelFault) as caught:
        await ask(MODEL, question(), wire=WIRE)
    assert caught.value.reason == "refusal"
    assert str(caught.value).startswith(
        "The agent's model it:claude-sonnet-4-5 refused: cyber: This could enable harm."
    )


@pytest.mark.parametrize("stop", ["max_tokens", "model_context_window_exceeded"])
async def test_an_answer_that_is_cut_off_is_a_fault_with_its_stop_reason(door: Door, ask: Ask, stop: str) -> None:
    door.plays(said(stop=stop))
    with pytest.raises(ModelFault, match=rf"after 5 tokens \(stop_reason {stop}\)") as caught:
        await ask(MODEL, question(role=Role.USER), wire=WIRE)
    assert caught.value.reason == "length"


async def test_an_overloaded_provider_is_asked_again(door: Door, ask: Ask) -> None:
    door.plays(refused("Overloaded", status=529, kind="overloaded_error"), said())
    assert (await ask(MODEL, question(), wire=WIRE)).text == "Hello."


async def test_an_account_without_credit_says_where_to_add_some(door: Door, ask: Ask) -> None:
    door.plays(refused("Your credit balance is too low to access the Anthropic API."))
    with pytest.raises(ModelFault, match="Add credit to the account behind IT_API_KEY") as caught:
        await ask(MODEL, question(), wire=WIRE)
    assert not caught.value.retryable


async def test_a_retired_model_names_its_successor(door: Door, ask: Ask) -> None:
    door.plays(refused("model: claude-3-opus-20240229", status=404, kind="not_found_error"))
    with pytest.raises(ModelFault) as caught:
        await ask(
            "claude-3-opus-20240229",
            question(),
            wire=WIRE,
            successors={"claude-3-opus-20240229": "anthropic:claude-opus-4-8"},
        )
    assert "answered 404: model: claude-3-opus-20240229." in str(caught.value)
    assert str(caught.value).endswith(
        "Its configured successor is 'anthropic:claude-opus-4-8': name that instead."
    )


async def test_usage_counts_what_is_read_from_and_written_to_the_cache(door: Door, ask: Ask) -> None:
    usage = {
        "input_tokens": 7,
        "cache_read_input_tokens": 900,
        "cache_creation_input_tokens": 93,
        "output_tokens": 5,
    }
    door.plays(said(usage=usage))
    made = (await ask(MODEL, question(), wire=WIRE)).generation.usage
    assert made is not None
    assert (made.input, made.cached, made.written, made.output) == (1000, 900, 93, 5)
