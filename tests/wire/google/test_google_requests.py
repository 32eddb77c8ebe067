"""What goes out to Google, and what comes of what it refuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from provider_door import KEY, Door, Reply, payload, question

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.encoding import OPENING
from sparring.adapters.models.google_requests import UNSIGNED
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.wired_model import WiredModel
from sparring.domain.agent import Tool
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelReply, Prompt, Schema
from sparring.testing.clock import FrozenClock

Ask = Callable[..., Awaitable[ModelReply]]
WIRE = "google.generate"
MODEL = "gemini-2.5-flash"
SCHEMA = Schema(name="verdict", body={"type": "object", "properties": {"met": {"type": "boolean"}}})
CANCEL = Tool(
    name="cancel",
    description="Cancels a booking",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
)


def said(*parts: dict[str, Any], finish: str = "STOP", **candidate: Any) -> Reply:
    """A good answer: its parts, or a text."""
    content = {"role": "model", "parts": list(parts) or [{"text": "Hello."}]}
    return payload(
        {
            "candidates": [{"content": content, "finishReason": finish, **candidate}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
            "modelVersion": MODEL,
        }
    )


def refused(message: str, *, status: int = 400, name: str = "INVALID_ARGUMENT", **fields: Any) -> Reply:
    body = {"error": {"code": status, "message": message, "status": name, **fields}}
    return Reply(status=status, body=orjson.dumps(body))


@pytest.fixture(autouse=True)
def good(door: Door) -> None:
    door.plays(said())


async def test_a_request_holds_the_system_text_and_the_contents(door: Door, ask: Ask) -> None:
    await ask(MODEL, question("Hi", "Anyone?", system="Be kind."), wire=WIRE)
    (asked,) = door.asked
    assert asked.path == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert asked.json == {
        "systemInstruction": {"parts": [{"text": "Be kind."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}, {"text": "Anyone?"}]}],
    }


async def test_without_a_system_text_there_are_contents_alone(door: Door, ask: Ask) -> None:
    await ask(MODEL, question("Hi", system=""), wire=WIRE)
    assert set(door.asked[0].json) == {"contents"}


async def test_the_key_goes_in_its_own_header_and_never_in_the_address(door: Door, ask: Ask) -> None:
    await ask(MODEL, question(), wire=WIRE)
    (asked,) = door.asked
    assert asked.headers["x-goog-api-key"] == KEY
    assert "authorization" not in asked.headers
    assert KEY not in asked.path


@pytest.mark.parametrize(
    ("base", "model", "path"),
    [
        (
            "/v1/projects/p/locations/global/publishers/google",
            "gemini-2.5-pro",
            "/v1/projects/p/locations/global/publishers/google/models/gemini-2.5-pro:generateContent",
        ),
        ("", "tunedModels/mine", "/v1beta/tunedModels/mine:generateContent"),
        ("", "odd?name#x", "/v1beta/models/odd%3Fname%23x:generateContent"),
    ],
)
async def test_a_model_is_found_at_its_place(door: Door, ask: Ask, base: str, model: str, path: str) -> None:
    await ask(model, question(), wire=WIRE, base_url=door.host + base)
    assert door.asked[0].path == path


async def test_tools_calls_and_results_are_sent_in_the_wire_s_form(door: Door, ask: Ask) -> None:
    calls = (ToolCall(id="call_1", name="cancel", arguments={"id": "A"}), ToolCall(id="call_2", name="now"))
    prompts = (
        Prompt(role="user", text="Cancel A"),
        Prompt(role="assistant", text="Let me see.", calls=calls),
        Prompt(role="tool", text="done", call_id="call_1", name="cancel"),
        Prompt(role="tool", text="no clock", call_id="call_2", name="now", is_error=True),
        Prompt(role="user", text="And?"),
    )
    await ask(MODEL, question(prompts=prompts, tools=(CANCEL, Tool(name="now"))), wire=WIRE)
    sent = door.asked[0].json
    assert sent["contents"][1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "Let me see."},
                {"functionCall": {"id": "call_1", "name": "cancel", "args": {"id": "A"}}},
                {"functionCall": {"id": "call_2", "name": "now", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "call_1", "name": "cancel", "response": {"output": "done"}}},
                {"functionResponse": {"id": "call_2", "name": "now", "response": {"error": "no clock"}}},
            ],
        },
        {"role": "user", "parts": [{"text": "And?"}]},
    ]
    assert sent["tools"] == [
        {
            "functionDeclarations": [
                {
                    "name": "cancel",
                    "description": "Cancels a booking",
                    "parametersJsonSchema": CANCEL.parameters,
                },
                {"name": "now", "description": ""},
            ]
        }
    ]


async def test_a_greeting_has_a_stage_direction_before_it(door: Door, ask: Ask) -> None:
    prompts = (
        Prompt(role="assistant", text="Hi!"),
        Prompt(role="user", text=" "),
        Prompt(role="user", text="Yes"),
    )
    await ask(MODEL, question(prompts=prompts), wire=WIRE)
    turns = [(turn["role"], turn["parts"][0]["text"]) for turn in door.asked[0].json["contents"]]
    assert turns == [("user", OPENING), ("model", "Hi!"), ("user", "Yes")]


async def test_a_conversation_that_grows_is_sent_whole_each_time(door: Door, ask: Ask) -> None:
    prompts: list[Prompt] = []
    for turn in range(4):
        prompts += [Prompt(role="user", text=f"question {turn}"), Prompt(role="assistant", text=f"answer {turn}")]
        await ask(MODEL, question(prompts=prompts[:-1]), wire=WIRE)
    for turn, asked in enumerate(door.asked):
        texts = [content["parts"][0]["text"] for content in asked.json["contents"]]
        assert texts == [prompt.text for prompt in prompts[: 2 * turn + 1]]


async def test_sampling_parameters_have_the_wire_s_names(door: Door, ask: Ask) -> None:
    await ask(MODEL, question(temperature=0.0, top_p=0.5), wire=WIRE)
    assert door.asked[0].json["generationConfig"] == {"temperature": 0.0, "topP": 0.5}


async def test_a_structured_answer_is_asked_for_by_its_schema_then_more_simply(door: Door, ask: Ask) -> None:
    door.plays(
        refused("Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config'"),
        refused("JSON mode is not enabled for models/gemma-3-27b-it"),
        said({"text": '```json\n{"met": true}\n```'}),
    )
    reply = await ask("gemma-3-27b-it", question(schema=SCHEMA, role=Role.JUDGE), wire=WIRE)
    strict, plain, worded = (asked.json for asked in door.asked)
    assert strict["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": dict(SCHEMA.body),
    }
    assert plain["generationConfig"] == {"responseMimeType": "application/json"}
    assert '"met"' in plain["systemInstruction"]["parts"][0]["text"]
    assert "generationConfig" not in worded
    assert '"met"' in worded["systemInstruction"]["parts"][0]["text"]
    assert reply.text == '{"met": true}'


async def test_signatures_go_back_in_the_very_parts_they_came_in(door: Door, ask: Ask) -> None:
    parts: list[dict[str, Any]] = [
        {"text": "I should look.", "thought": True},
        {"text": "I look.", "thoughtSignature": "Ep8C"},
        {"functionCall": {"name": "now", "args": {}, "id": "8ci9"}, "thoughtSignature": "Er0C"},
        {"functionCall": {"name": "now", "args": {}, "id": "8cia"}},
    ]
    door.plays(said(*parts), said())
    reply = await ask("gemini-3-flash", question("Hi"), wire=WIRE)
    assert reply.text == "I look."
    assert [call.id for call in reply.calls] == ["8ci9", "8cia"]
    answered = Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque)
    await ask("gemini-3-flash", question(prompts=(Prompt(role="user", text="Hi"), answered)), wire=WIRE)
    assert door.asked[1].json["contents"][1] == {"role": "model", "parts": parts}


@pytest.mark.parametrize(
    ("model", "signed"), [("gemini-3-flash", True), ("gemini-2.5-flash", False), ("gemma", False)]
)
async def test_calls_that_no_model_made_say_so_where_signatures_are_demanded(
    door: Door, ask: Ask, model: str, signed: bool
) -> None:
    calls = (ToolCall(id="a", name="now"), ToolCall(id="b", name="now"))
    prompts = (Prompt(role="user", text="Hi"), Prompt(role="assistant", calls=calls))
    await ask(model, question(prompts=prompts), wire=WIRE)
    parts = door.asked[0].json["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in parts] == [UNSIGNED if signed else None, None]


@pytest.mark.parametrize("finish", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST"])
async def test_an_answer_that_was_stopped_by_a_filter_names_it(door: Door, ask: Ask, finish: str) -> None:
    door.plays(said({"text": "Half an"}, finish=finish, finishMessage="It resembles a source."))
    with pytest.raises(ModelFault) as caught:
        await ask(MODEL, question(role=Role.JUDGE), wire=WIRE)
    assert caught.value.reason == "content_filter"
    assert f"(finishReason {finish}: It resembles a source)" in str(caught.value)
    assert str(caught.value).startswith("The judge's model it:gemini-2.5-flash was stopped")


async def test_a_call_that_the_model_spelt_wrongly_is_told_and_may_be_tried_again(door: Door, ask: Ask) -> None:
    door.plays(
        payload({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "print(now("}]})
    )
    with pytest.raises(ModelFault, match=r"MALFORMED_FUNCTION_CALL: print\(now\(") as caught:
        await ask(MODEL, question(), wire=WIRE)
    assert (caught.value.reason, caught.value.retryable) == ("empty", True)


async def test_a_429_is_waited_out_as_long_as_its_body_says(door: Door, ask: Ask, clock: FrozenClock) -> None:
    details = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37.5s"},
    ]
    door.plays(refused("Quota exceeded", status=429, name="RESOURCE_EXHAUSTED", details=details), said())
    began = clock.now()
    assert (await ask(MODEL, question(), wire=WIRE)).text == "Hello."
    assert 37.5 <= clock.now() - began <= 43


async def test_a_wrong_key_is_told_by_its_variable_although_the_status_is_400(door: Door, ask: Ask) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    door.plays(refused("API key not valid. Please pass a valid API key.", details=details))
    with pytest.raises(ModelFault, match=r"API key not valid.*Check IT_API_KEY\."):
        await ask(MODEL, question(), wire=WIRE)
    assert len(door.asked) == 1


async def test_a_list_of_chunks_is_read_like_a_stream(door: Door, ask: Ask) -> None:
    chunks = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("Hel", "lo.")]
    door.plays(payload([*chunks, {"candidates": [{"finishReason": "STOP"}]}]))
    assert (await ask(MODEL, question(), wire=WIRE)).text == "Hello."


async def test_the_query_of_a_base_stands_beside_that_of_a_stream(door: Door, clock: FrozenClock) -> None:
    provider = Provider(name="it", base_url=f"{door.host}?tenant=7", wire=WIRE, needs_key=False)
    catalogue = Catalogue([provider], clock=clock)
    model = catalogue.model("it:gemini-2.5-flash")
    assert isinstance(model, WiredModel)
    await model.stream(question(), print)
    await catalogue.close()
    assert door.asked[0].path == "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&tenant=7"
