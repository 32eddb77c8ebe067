"""Every recorded real exchange of the wire is read completely; the expectations come from the raw JSON alone."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from recordings import Row, model_on, question_after, recorded, replay

from sparring.adapters.models.google_answers import read_answer
from sparring.adapters.models.google_streams import parse_stream
from sparring.adapters.models.said import Said, Stop
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role

WIRE = "google.generate"
STREAM = "google.stream"


def good() -> Iterator[tuple[Row, dict[str, Any], Said]]:
    """Whole answers: the row, its raw payload, and what was read."""
    for row in recorded(WIRE):
        if "error" not in row["response"]:
            yield row, row["response"], read_answer(row["response"], position=3)


def streams() -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Streamed answers: their chunks by the plainest reading, and what they were put together to."""
    for row in recorded(STREAM):
        lines = [
            line[6:] for line in row["response"].replace("\r\n", "\n").split("\n") if line.startswith("data: {")
        ]
        yield [json.loads(line) for line in lines], parse_stream(row["response"])


def parts_of(raw: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for candidate in raw.get("candidates", []) for part in candidate["content"].get("parts", [])]


def test_all_271_exchanges_are_there() -> None:
    assert len(recorded(WIRE)) == 261
    assert len(recorded(STREAM)) == 10
    assert len(list(good())) == 258


def test_the_text_of_every_answer_is_that_of_its_parts_without_thoughts() -> None:
    seen = thoughts = 0
    for _, raw, said in good():
        texts = [part["text"] for part in parts_of(raw) if "text" in part and not part.get("thought")]
        assert said.text == ("".join(texts) if texts else None)
        seen += len(texts)
        thoughts += any(part.get("thought") for part in parts_of(raw))
    assert seen == 102
    assert thoughts == 1


def test_every_tool_call_is_read_with_its_name_and_arguments() -> None:
    seen = own_ids = 0
    for _, raw, said in good():
        calls = [part["functionCall"] for part in parts_of(raw) if "functionCall" in part]
        assert [(call.name, call.arguments) for call in said.calls] == [
            (raw["name"], raw["args"]) for raw in calls
        ]
        expected = [raw.get("id", f"call_3_{index}") for index, raw in enumerate(calls)]
        assert [call.id for call in said.calls] == expected
        seen += len(calls)
        own_ids += sum("id" in raw for raw in calls)
    assert (seen, own_ids) == (158, 17)


def test_usage_counts_thinking_and_the_tools_of_the_provider() -> None:
    cached = thought = tools = unknown = 0
    for _, raw, said in good():
        told = raw.get("usageMetadata", {})
        if "promptTokenCount" not in told:
            assert said.usage is None
            unknown += 1
            continue
        assert said.usage is not None
        assert said.usage.input + said.usage.output == told["totalTokenCount"]
        assert said.usage.output == told.get("candidatesTokenCount", 0) + told.get("thoughtsTokenCount", 0)
        assert said.usage.reasoning == told.get("thoughtsTokenCount", 0)
        assert said.usage.cached == told.get("cachedContentTokenCount", 0)
        cached += "cachedContentTokenCount" in told
        thought += "thoughtsTokenCount" in told
        tools += "toolUsePromptTokenCount" in told
    assert (cached, thought, tools, unknown) == (5, 212, 10, 1)


def test_model_and_finish_are_the_provider_s() -> None:
    ends: set[tuple[str | None, Stop | None]] = set()
    for _, raw, said in good():
        assert said.model == raw["modelVersion"]
        finish = (
            raw["candidates"][0]["finishReason"] if "candidates" in raw else raw["promptFeedback"]["blockReason"]
        )
        assert said.finish == finish
        ends.add((said.finish, said.stop))
    assert ends == {
        ("STOP", None),
        ("MAX_TOKENS", Stop.LENGTH),
        ("UNEXPECTED_TOOL_CALL", None),
        ("MODEL_ARMOR", Stop.FILTERED),
    }


def test_parts_with_signatures_are_kept_to_be_sent_back_unchanged() -> None:
    signed, kinds = 0, set()
    for _, raw, said in good():
        held = (said.opaque or {}).get("parts", [])
        for part in parts_of(raw):
            if set(part) - {"text", "functionCall"}:
                assert part in held
                signed += "thoughtSignature" in part
                kinds |= set(part)
        if held:
            assert held == [part for part in parts_of(raw) if part != {"text": ""}]
    assert signed == 203
    assert {"thought", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"} <= kinds


def test_every_field_of_an_answer_is_understood_or_kept() -> None:
    understood = {"candidates", "usageMetadata", "modelVersion", "responseId", "createTime", "promptFeedback"}
    of_candidate = {"content", "finishReason", "finishMessage", "index", "avgLogprobs"}
    seen: set[str] = set()
    for _, raw, said in good():
        kept = (said.opaque or {}).get("kept", {})
        assert set(raw) <= understood
        for name, value in (raw["candidates"][0] if "candidates" in raw else {}).items():
            assert name in of_candidate or value == {} or kept[name] == value, name
        seen |= set(kept)
    assert seen == {"groundingMetadata", "urlContextMetadata", "logprobsResult"}


def test_every_streamed_text_is_the_sum_of_its_parts() -> None:
    for chunks, payload in streams():
        parts = [part for chunk in chunks for part in parts_of(chunk)]
        said = read_answer(payload)
        assert (said.text or "") == "".join(part.get("text", "") for part in parts if not part.get("thought"))
        assert [call.name for call in said.calls] == [
            part["functionCall"]["name"] for part in parts if "functionCall" in part
        ]


def test_every_streamed_part_with_a_signature_stays_by_itself() -> None:
    seen = 0
    for chunks, payload in streams():
        signed = [part for chunk in chunks for part in parts_of(chunk) if "thoughtSignature" in part]
        assert [part for part in parts_of(payload) if "thoughtSignature" in part] == signed
        assert all(part in (read_answer(payload).opaque or {})["parts"] for part in signed)
        seen += len(signed)
    assert seen == 11


def test_streamed_usage_model_and_finish_are_those_of_the_last_chunk() -> None:
    for chunks, payload in streams():
        said = read_answer(payload)
        last = chunks[-1]
        assert said.usage is not None
        assert said.usage.input + said.usage.output == last["usageMetadata"]["totalTokenCount"]
        assert said.model == last["modelVersion"]
        assert said.finish == "STOP"


async def test_every_4xx_becomes_a_fault_with_the_provider_s_words() -> None:
    seen = []
    for row in recorded(WIRE):
        if row["status"] >= 400:
            with pytest.raises(ModelFault) as caught:
                await replay(WIRE, row)
            assert row["response"]["error"]["message"][:300].rstrip(".") in str(caught.value)
            assert (caught.value.status, caught.value.reason) == (row["status"], "refused")
            seen.append(row["status"])
    assert sorted(seen) == [400, 400, 404]


@pytest.mark.parametrize("role", list(Role))
async def test_every_answer_becomes_a_reply_or_a_fault_and_nothing_else(role: Role) -> None:
    replies, faults = 0, []
    for row in recorded(WIRE, STREAM):
        try:
            reply = await replay(WIRE, row, role)
        except ModelFault as fault:
            faults.append(fault.reason)
        else:
            replies += 1
            assert reply.calls or (reply.text or "").strip()
            orjson.dumps(reply.generation.opaque)
    assert replies + len(faults) == 271
    assert set(faults) == {"refused", "length", "content_filter"}
    assert replies >= 260


async def test_a_prompt_that_was_blocked_says_by_what() -> None:
    (row,) = [row for row in recorded(WIRE) if "promptFeedback" in row["response"]]
    with pytest.raises(ModelFault) as caught:
        await replay(WIRE, row, Role.USER)
    assert caught.value.reason == "content_filter"
    assert "MODEL_ARMOR: The prompt violated Prompt Injection and Jailbreak filters" in str(caught.value)


async def test_every_answer_can_be_sent_back_to_its_provider_with_its_parts_in_their_order() -> None:
    thanks = {"candidates": [{"content": {"parts": [{"text": "Thanks."}]}, "finishReason": "STOP"}]}
    for row in recorded(WIRE, STREAM):
        try:
            reply = await replay(WIRE, row)
        except ModelFault:
            continue
        model, tape = model_on(WIRE, {"status": 200, "response": thanks})
        await model.complete(question_after(reply))
        sent = orjson.loads(tape.sent[0])["contents"]
        assert [turn["role"] for turn in sent] == ["user", "model", "user"][: len(sent)]
        raw = parse_stream(row["response"]) if row["wire"] == STREAM else row["response"]
        if (reply.generation.opaque or {}).get("parts"):
            assert sent[1]["parts"] == [part for part in parts_of(raw) if part != {"text": ""}]
        results = [part["functionResponse"] for part in sent[2]["parts"]] if len(sent) > 2 else []
        assert [(result["id"], result["name"]) for result in results] == [
            (call.id, call.name) for call in reply.calls
        ]


async def test_an_answer_in_the_asked_form_is_json() -> None:
    seen = 0
    for row in recorded(WIRE):
        config = row["request"].get("generationConfig", {})
        if config.get("responseMimeType") != "application/json" or row["status"] != 200:
            continue
        said = read_answer(row["response"])
        if said.text and said.stop is None:
            assert isinstance(json.loads(said.text), dict | list)
            seen += 1
    assert seen >= 14
