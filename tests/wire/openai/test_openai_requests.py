"""What goes out to a provider."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from provider_door import KEY, Door, error, payload, question, said

from sparring.domain.agent import Tool
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ChatModel, Prompt, Schema

Make = Callable[..., ChatModel]

SCHEMA = Schema(name="verdict", body={"type": "object", "properties": {"met": {"type": "boolean"}}})
CANCEL = Tool(
    name="cancel",
    description="Cancels a booking",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
)


async def test_a_request_holds_the_model_the_system_text_and_the_messages(door: Door, models: Make) -> None:
    await models("openai:gpt-4o-mini").complete(question("Hi", "Anyone?", system="Be kind."))
    (asked,) = door.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hi"},
            {"role": "user", "content": "Anyone?"},
        ],
    }


async def test_without_a_system_text_there_is_no_system_message(door: Door, models: Make) -> None:
    await models().complete(question("Hi", system=""))
    assert door.asked[0].json["messages"] == [{"role": "user", "content": "Hi"}]


async def test_without_a_key_no_authorization_is_sent(door: Door, models: Make) -> None:
    await models(api_key=None).complete(question())
    assert "authorization" not in door.asked[0].headers


async def test_the_headers_of_a_provider_are_sent(door: Door, models: Make) -> None:
    await models(headers={"api-key": "azure", "X-Title": "Sparring"}).complete(question())
    assert door.asked[0].headers["api-key"] == "azure"
    assert door.asked[0].headers["x-title"] == "Sparring"


async def test_the_fast_tier_asks_for_priority_and_leaves_the_name(door: Door, models: Make) -> None:
    await models("gpt-4.1-fast-tier").complete(question())
    assert door.asked[0].json["service_tier"] == "priority"
    assert door.asked[0].json["model"] == "gpt-4.1"


async def test_tools_calls_and_results_are_sent_in_the_wire_s_form(door: Door, models: Make) -> None:
    call = ToolCall(id="call_1", name="cancel", arguments={"id": "A1", "süß": 1})
    prompts = (
        Prompt(role="user", text="Cancel A1"),
        Prompt(role="assistant", text=None, calls=(call,)),
        Prompt(role="tool", text='{"ok":true}', call_id="call_1", name="cancel"),
    )
    await models().complete(question(prompts=prompts, tools=(CANCEL, Tool(name="bare"))))
    sent = door.asked[0].json
    assert sent["messages"][2:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "cancel", "arguments": '{"id":"A1","süß":1}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '{"ok":true}'},
    ]
    assert sent["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "cancel",
                "description": "Cancels a booking",
                "parameters": CANCEL.parameters,
            },
        },
        {"type": "function", "function": {"name": "bare", "parameters": {"type": "object", "properties": {}}}},
    ]


async def test_arguments_that_were_no_object_go_back_as_an_empty_one(door: Door, models: Make) -> None:
    call = ToolCall(id="c", name="cancel", malformed='{"id": ')
    prompts = (Prompt(role="user", text="x"), Prompt(role="assistant", text="", calls=(call,)))
    await models().complete(question(prompts=prompts))
    assert door.asked[0].json["messages"][2]["tool_calls"][0]["function"]["arguments"] == "{}"


async def test_a_conversation_that_grows_is_sent_whole_each_time(door: Door, models: Make) -> None:
    model = models()
    prompts: list[Prompt] = []
    for turn in range(4):
        prompts += [Prompt(role="user", text=f"question {turn}"), Prompt(role="assistant", text=f"answer {turn}")]
        await model.complete(question(prompts=prompts[:-1]))
    texts = [[message["content"] for message in asked.json["messages"][1:]] for asked in door.asked]
    assert texts == [[prompt.text for prompt in prompts[: 2 * turn + 1]] for turn in range(4)]


async def test_another_conversation_with_the_same_beginning_is_not_mixed_up(door: Door, models: Make) -> None:
    model = models()
    first, second, third, fourth = (Prompt(role="user", text=text) for text in "abcd")
    for prompts in ((first, second, third), (first, fourth, third), (first,), (first, third)):
        await model.complete(question(prompts=prompts, system=""))
    texts = ["".join(message["content"] for message in asked.json["messages"]) for asked in door.asked]
    assert texts == ["abc", "adc", "a", "ac"]


async def test_two_models_of_one_provider_share_what_was_encoded(door: Door, models: Make) -> None:
    prompts = (Prompt(role="user", text="Hi"),)
    await models("gpt-4o").complete(question(prompts=prompts))
    await models("gpt-4o-mini").complete(question(prompts=prompts, system="Other."))
    assert [asked.json["messages"][0]["content"] for asked in door.asked] == ["Be kind.", "Other."]
    assert [asked.json["model"] for asked in door.asked] == ["gpt-4o", "gpt-4o-mini"]


async def test_text_that_no_encoding_holds_is_sent_with_a_question_mark(door: Door, models: Make) -> None:
    await models().complete(question("broken \ud800 text", system="also \udfff"))
    assert [message["content"] for message in door.asked[0].json["messages"]] == ["also ?", "broken ? text"]


async def test_sampling_parameters_are_sent(door: Door, models: Make) -> None:
    await models().complete(question(temperature=0.0, top_p=0.5))
    assert door.asked[0].json["temperature"] == 0.0
    assert door.asked[0].json["top_p"] == 0.5


@pytest.mark.parametrize("name", ["o4-mini", "o3", "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-2025-08-07"])
async def test_models_known_to_refuse_sampling_are_not_sent_any(door: Door, models: Make, name: str) -> None:
    await models(name).complete(question(temperature=0.0, top_p=0.5))
    assert {"temperature", "top_p"}.isdisjoint(door.asked[0].json)


@pytest.mark.parametrize("name", ["gpt-5.2", "gpt-5-chat-latest", "gpt-4o", "claude-3", "o-mega"])
async def test_other_models_are_asked_with_temperature_first(door: Door, models: Make, name: str) -> None:
    await models(f"openai:{name}").complete(question(temperature=0.0))
    assert "temperature" in door.asked[0].json


async def test_a_refused_temperature_is_left_out_at_once_and_remembered(door: Door, models: Make) -> None:
    refusal = error(
        400,
        "Unsupported value: 'temperature' does not support 0 with this model. "
        "Only the default (1) value is supported.",
        param="temperature",
        code="unsupported_value",
    )
    door.plays(refusal, said())
    model = models("gpt-5.2")
    await model.complete(question(temperature=0.0, top_p=0.5))
    await model.complete(question(temperature=0.0, top_p=0.5))
    assert ["temperature" in asked.json for asked in door.asked] == [True, False, False]
    assert all("top_p" in asked.json for asked in door.asked)


async def test_a_parameter_that_was_not_sent_is_not_taken_back(door: Door, models: Make) -> None:
    door.plays(error(400, "temperature is wrong", param="temperature"))
    with pytest.raises(ModelFault):
        await models().complete(question())
    assert len(door.asked) == 1


async def test_a_structured_answer_is_asked_for_strictly(door: Door, models: Make) -> None:
    await models().complete(question(schema=SCHEMA))
    sent = door.asked[0].json
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "verdict", "strict": True, "schema": dict(SCHEMA.body)},
    }
    assert sent["messages"][0]["content"] == "Be kind."


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "This model does not support response format `json_schema`."),
        (400, "'response_format.type' must be 'json_schema' or 'text'"),
        (422, "Extra inputs are not permitted: response_format"),
    ],
)
async def test_a_server_without_structured_answers_is_asked_more_simply_and_remembered(
    door: Door, models: Make, status: int, words: str
) -> None:
    door.plays(error(status, words), error(status, words), said('{"met": true}'))
    model = models()
    reply = await model.complete(question(schema=SCHEMA))
    await model.complete(question(schema=SCHEMA))
    await model.complete(question())
    strict, plain, worded, again, without = (asked.json for asked in door.asked)
    assert strict["response_format"]["type"] == "json_schema"
    assert plain["response_format"] == {"type": "json_object"}
    assert '"met"' in plain["messages"][0]["content"]
    assert "response_format" not in worded
    assert worded["messages"][0]["content"].startswith("Be kind.\n\nAnswer with one JSON object")
    assert '"met"' in worded["messages"][0]["content"]
    assert again == worded
    assert without["messages"][0]["content"] == "Be kind."
    assert reply.text == '{"met": true}'


async def test_a_server_that_ignores_the_form_is_told_it_in_words(door: Door, models: Make) -> None:
    await models(structured="text").complete(question(schema=SCHEMA))
    assert "response_format" not in door.asked[0].json
    assert '"met"' in door.asked[0].json["messages"][0]["content"]


async def test_a_structured_answer_loses_its_code_fence(door: Door, models: Make) -> None:
    door.plays(said('```json\n{"met": true}\n```'))
    model = models()
    assert (await model.complete(question(schema=SCHEMA))).text == '{"met": true}'
    assert (await model.complete(question())).text == '```json\n{"met": true}\n```'


async def test_two_models_do_not_share_their_habits(door: Door, models: Make) -> None:
    door.plays(error(400, "no temperature here", param="temperature"), said())
    await models("gpt-5.2").complete(question(temperature=0.0))
    await models("gpt-4o").complete(question(temperature=0.0))
    assert "temperature" in door.asked[-1].json


OPAQUE: list[dict[str, Any]] = [
    {"reasoning_content": "I think."},
    {"reasoning_details": [{"type": "reasoning.encrypted", "data": "gAAA"}], "reasoning": "summary"},
    {"extra_content": {"google": {"thought": True, "thought_signature": "AVS"}}},
]


@pytest.mark.parametrize("parts", OPAQUE)
async def test_opaque_parts_go_back_unchanged(door: Door, models: Make, parts: dict[str, Any]) -> None:
    model = models()
    door.plays(said("Hm.", **parts))
    reply = await model.complete(question("Hi"))
    prompts = (
        Prompt(role="user", text="Hi"),
        Prompt(role="assistant", text=reply.text, opaque=reply.generation.opaque),
        Prompt(role="user", text="Go on"),
    )
    await model.complete(question(prompts=prompts))
    assert door.asked[1].json["messages"][2] == {"role": "assistant", "content": "Hm.", **parts}


async def test_signatures_of_tool_calls_go_back_with_their_call(door: Door, models: Make) -> None:
    signature = {"google": {"thought_signature": "AVS"}}
    call = {"id": "c1", "type": "function", "function": {"name": "cancel", "arguments": "{}"}}
    door.plays(said(None, tool_calls=[call | {"extra_content": signature}, call | {"id": "c2"}]), said())
    model = models()
    reply = await model.complete(question("Hi"))
    answered = Prompt(role="assistant", text=None, calls=reply.calls, opaque=reply.generation.opaque)
    await model.complete(question(prompts=(Prompt(role="user", text="Hi"), answered)))
    sent = door.asked[1].json["messages"][2]["tool_calls"]
    assert [call.get("extra_content") for call in sent] == [signature, None]


async def test_opaque_parts_go_to_no_other_provider(door: Door, models: Make) -> None:
    door.plays(said("Hm.", reasoning_content="secret thought"))
    reply = await models().complete(question("Hi"))
    answered = Prompt(role="assistant", text="Hm.", opaque=reply.generation.opaque)
    other = models("other:model", called="other")
    await other.complete(question(prompts=(Prompt(role="user", text="Hi"), answered)))
    assert b"secret thought" not in door.asked[1].raw


async def test_a_server_that_refuses_its_own_opaque_parts_gets_none(door: Door, models: Make) -> None:
    door.plays(
        said("Hm.", reasoning_content="thought"),
        error(400, "messages.2: property 'reasoning_content' is unsupported"),
        said(),
    )
    model = models()
    reply = await model.complete(question("Hi"))
    answered = Prompt(role="assistant", text="Hm.", opaque=reply.generation.opaque)
    await model.complete(question(prompts=(Prompt(role="user", text="Hi"), answered)))
    assert [b"thought" in asked.raw for asked in door.asked] == [False, True, False]


async def test_a_content_of_parts_with_thinking_goes_back_as_it_came(door: Door, models: Make) -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Two and two"}], "closed": True},
        {"type": "text", "text": "4"},
    ]
    door.plays(payload({"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}))
    model = models()
    reply = await model.complete(question("2+2?"))
    assert reply.text == "4"
    answered = Prompt(role="assistant", text="4", opaque=reply.generation.opaque)
    await model.complete(question(prompts=(Prompt(role="user", text="2+2?"), answered)))
    assert door.asked[1].json["messages"][2]["content"] == parts


@pytest.mark.parametrize("role", list(Role))
async def test_the_occasion_is_no_business_of_the_provider(door: Door, models: Make, role: Role) -> None:
    await models().complete(question(role=role))
    assert set(door.asked[0].json) == {"model", "messages"}


async def test_a_model_that_opens_is_sent_the_system_text_alone(door: Door, models: Make) -> None:
    request = question()
    await models().complete(replace(request, messages=()))
    assert door.asked[0].json["messages"] == [{"role": "system", "content": "Be kind."}]


async def test_an_earlier_answer_without_words_goes_back_as_empty_text(door: Door, models: Make) -> None:
    await models().complete(question(prompts=(Prompt(role="user", text="Hi"), Prompt(role="assistant"))))
    assert door.asked[0].json["messages"][2] == {"role": "assistant", "content": ""}


async def test_the_query_of_a_base_address_is_kept(door: Door, models: Make) -> None:
    await models(base_url=f"{door.url}/?api-version=preview").complete(question())
    assert door.asked[0].path == "/v1/chat/completions?api-version=preview"


async def test_more_system_texts_than_are_kept_are_all_sent_right(door: Door, models: Make) -> None:
    model = models()
    for number in [*range(300), 0]:
        await model.complete(question(system=f"You are number {number}.", tools=(Tool(name=f"tool{number}"),)))
    sent = [asked.json for asked in door.asked]
    numbers = [*range(300), 0]
    assert [body["messages"][0]["content"] for body in sent] == [f"You are number {number}." for number in numbers]
    assert [body["tools"][0]["function"]["name"] for body in sent] == [f"tool{number}" for number in numbers]
