"""Every recorded real exchange of the wire is read completely; the expectations come from the raw JSON alone."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from recordings import Row, model_on, question_after, recorded, replay

from sparring.adapters.models.openai_answers import Said, read_answer
from sparring.adapters.models.openai_streams import parse_stream
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelReply

WIRE = "openai.chat"


def exchanges() -> tuple[Row, ...]:
    return recorded(WIRE)


async def play(row: Row, role: Role = Role.AGENT) -> ModelReply:
    return await replay(WIRE, row, role)


def good() -> Iterator[tuple[Row, dict[str, Any], Said]]:
    """Whole answers with a choice: the row, its raw payload, and what was read."""
    for row in exchanges():
        if isinstance(row["response"], dict) and "choices" in row["response"]:
            yield row, row["response"], read_answer(row["response"], position=3)


def streams() -> Iterator[tuple[Row, list[dict[str, Any]], dict[str, Any]]]:
    """Streamed answers: the row, its chunks by the plainest reading, and what they were put together to."""
    for row in exchanges():
        if isinstance(row["response"], str):
            lines = [line[6:] for line in row["response"].split("\n") if line.startswith("data: {")]
            yield row, [json.loads(line) for line in lines], parse_stream(row["response"])


def test_all_343_exchanges_are_there() -> None:
    assert len(exchanges()) == 343


def test_the_text_of_every_answer_is_the_message_s_content() -> None:
    seen = 0
    for _, raw, said in good():
        content = raw["choices"][0]["message"].get("content")
        if isinstance(content, list):
            texts = [part["text"] for part in content if part["type"] == "text"]
            content = "".join(texts) if texts else None
        assert said.text == content
        seen += bool(content)
    assert seen > 150


def test_every_tool_call_is_read_with_its_name_and_arguments() -> None:
    seen = 0
    for _, raw, said in good():
        calls = raw["choices"][0]["message"].get("tool_calls") or []
        assert len(said.calls) == len(calls)
        for call, raw_call in zip(said.calls, calls, strict=True):
            body = raw_call.get("function") or raw_call["custom"]
            assert call.name == body["name"]
            arguments = body.get("arguments", body.get("input", "{}"))
            assert call.malformed == arguments if call.malformed else call.arguments == json.loads(arguments)
            assert call.id == (raw_call["id"] or "call_3_0")
            seen += 1
    assert seen >= 120


def test_the_ids_of_the_calls_of_an_answer_are_distinct_and_never_empty() -> None:
    for _, _, said in good():
        ids = [call.id for call in said.calls]
        assert all(ids)
        assert len(set(ids)) == len(ids)


def test_usage_numbers_are_those_of_the_provider() -> None:
    for row, raw, said in good():
        told = raw["usage"]
        assert said.usage is not None
        assert said.usage.input == told["prompt_tokens"]
        google = "googleapis" in row["host"]
        # Google counts its thinking in the total only.
        assert said.usage.output == (
            told["total_tokens"] - told["prompt_tokens"] if google else told["completion_tokens"]
        )


def test_cached_and_reasoning_tokens_are_found_in_every_spelling() -> None:
    cached_places, reasoning = set(), 0
    for row, raw, said in good():
        told = raw["usage"]
        flat = json.dumps(told)
        for place in ("prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens"):
            value = told.get(place) or (told.get("prompt_tokens_details") or {}).get(place)
            if value:
                assert said.usage is not None
                assert said.usage.cached == value
                cached_places.add(place if place in told else f"details.{place}")
        if '"reasoning_tokens"' in flat and told["completion_tokens_details"]["reasoning_tokens"]:
            assert said.usage is not None
            assert said.usage.reasoning == told["completion_tokens_details"]["reasoning_tokens"]
            reasoning += 1
        elif "googleapis" not in row["host"]:
            assert said.usage is not None
            assert said.usage.reasoning == 0
    assert {"details.cached_tokens", "num_cached_tokens"} <= cached_places
    assert reasoning > 20


def test_costs_that_are_reported_are_read() -> None:
    seen = 0
    for _, raw, said in good():
        told = raw["usage"]
        if "cost" not in told:
            assert said.cost is None
        elif told.get("is_byok"):
            assert said.cost == pytest.approx(told["cost"] + told["cost_details"]["upstream_inference_cost"])
            seen += 1
        else:
            assert said.cost == told["cost"]
            seen += 1
    assert seen == 30


def test_model_and_finish_are_the_provider_s() -> None:
    for _, raw, said in good():
        assert said.model == raw["model"]
        assert said.finish == (raw["choices"][0]["finish_reason"] or None)


def test_reasoning_and_signatures_are_kept_to_be_sent_back() -> None:
    seen: set[str] = set()
    for _, raw, said in good():
        message = raw["choices"][0]["message"]
        back = (said.opaque or {}).get("message", {})
        for name in ("reasoning", "reasoning_content", "reasoning_details", "extra_content"):
            if message.get(name):
                assert back[name] == message[name]
                seen.add(name)
            else:
                assert name not in back
        if isinstance(message.get("content"), list) and any(part["type"] != "text" for part in message["content"]):
            assert back["content"] == message["content"]
            seen.add("content")
    assert len(seen) == 5


def test_every_field_of_a_message_is_understood_or_kept() -> None:
    understood = {"role", "content", "tool_calls", "refusal", "function_call"}
    for _, raw, said in good():
        opaque = said.opaque or {}
        held = set(opaque.get("message", {})) | set(opaque.get("kept", {}))
        message = raw["choices"][0]["message"]
        for name, value in message.items():
            if value not in (None, "", [], {}):
                assert name in understood or name in held, name


def test_every_streamed_text_is_the_sum_of_its_deltas() -> None:
    seen = 0
    for _, chunks, payload in streams():
        deltas = [choice["delta"] for chunk in chunks for choice in chunk.get("choices", [])]
        contents = [delta.get("content") for delta in deltas]
        text = "".join(content for content in contents if isinstance(content, str))
        said = read_answer(payload)
        assert (said.text or "") == text
        seen += bool(text)
    assert seen > 15


def test_every_streamed_tool_call_is_put_together() -> None:
    seen = 0
    for _, chunks, payload in streams():
        parts = [
            part
            for chunk in chunks
            for choice in chunk.get("choices", [])
            for part in choice["delta"].get("tool_calls", [])
        ]
        said = read_answer(payload)
        names = [part["function"]["name"] for part in parts if part["function"].get("name")]
        ids = [part["id"] for part in parts if part.get("id")]
        assert [call.name for call in said.calls] == names
        assert [call.id for call in said.calls] == ids
        spelt = "".join(part["function"].get("arguments") or "" for part in parts)
        raw_calls = payload["choices"][0]["message"].get("tool_calls", [])
        assert len("".join(call["function"]["arguments"] for call in raw_calls)) == len(spelt)
        assert all(call.malformed is None for call in said.calls)
        seen += len(names)
    assert seen == 31


def test_every_streamed_thought_is_put_together() -> None:
    seen = 0
    for _, chunks, payload in streams():
        for name in ("reasoning", "reasoning_content"):
            spelt = "".join(
                choice["delta"].get(name) or "" for chunk in chunks for choice in chunk.get("choices", [])
            )
            if spelt:
                assert (read_answer(payload).opaque or {})["message"][name] == spelt
                seen += 1
    assert seen >= 5


def test_streamed_usage_cost_model_and_finish_are_read() -> None:
    for _, chunks, payload in streams():
        said = read_answer(payload)
        told = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
        assert (said.usage is None) == (not told)
        if told and said.usage is not None:
            assert said.usage.input == told[-1]["prompt_tokens"]
            assert said.usage.output == told[-1]["completion_tokens"]
            assert said.cost == told[-1].get("cost")
        models = [chunk["model"] for chunk in chunks if chunk.get("model")]
        assert said.model == (models[-1] if models else None)
        finishes = [
            choice["finish_reason"]
            for chunk in chunks
            for choice in chunk.get("choices", [])
            if choice.get("finish_reason")
        ]
        assert said.finish == (finishes[-1] if finishes else None)


def test_errors_in_the_middle_of_a_stream_are_found() -> None:
    found = [payload["error"]["message"] for _, chunks, payload in streams() if "error" in payload]
    expected = [chunk["error"]["message"] for _, chunks, _ in streams() for chunk in chunks if "error" in chunk]
    assert found == expected
    assert len(found) == 3


async def test_every_4xx_becomes_a_fault_with_the_provider_s_words() -> None:
    seen = 0
    for row in exchanges():
        if row["status"] < 400:
            continue
        with pytest.raises(ModelFault) as caught:
            await play(row)
        told = row["response"]["error"]
        assert told["message"].rstrip(".") in str(caught.value)
        if "metadata" in told:
            assert told["metadata"]["raw"] in str(caught.value)
        assert caught.value.status == row["status"]
        assert caught.value.reason == ("rate_limit" if row["status"] == 429 else "refused")
        seen += 1
    assert seen == 9


@pytest.mark.parametrize("role", list(Role))
async def test_every_answer_becomes_a_reply_or_a_fault_and_nothing_else(role: Role) -> None:
    replies, faults = 0, set()
    for row in exchanges():
        try:
            reply = await play(row, role)
        except ModelFault as fault:
            faults.add(fault.reason)
        else:
            replies += 1
            assert reply.calls or (reply.text or "").strip()
            orjson.dumps(reply.generation.opaque)
    assert replies > 300
    assert faults == {"refused", "rate_limit", "length"}


async def test_every_answer_can_be_sent_back_to_its_provider() -> None:
    for row in exchanges():
        try:
            reply = await play(row)
        except ModelFault:
            continue
        model, tape = model_on(
            WIRE, {"status": 200, "response": {"choices": [{"message": {"content": "Thanks."}}]}}
        )
        await model.complete(question_after(reply))
        sent = orjson.loads(tape.sent[0])["messages"]
        assert [message["role"] for message in sent[:3]] == ["system", "user", "assistant"]
        for call, raw in zip(reply.calls, sent[2].get("tool_calls", []), strict=True):
            assert raw["id"] == call.id
            assert json.loads(raw["function"]["arguments"]) == call.arguments
        for name, value in ((reply.generation.opaque or {}).get("message") or {}).items():
            assert sent[2][name] == value
