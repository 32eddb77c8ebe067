"""Every recorded real exchange of the wire is read completely; the expectations come from the raw JSON alone."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from recordings import Row, model_on, question_after, recorded, replay

from sparring.adapters.models.anthropic_answers import read_answer
from sparring.adapters.models.anthropic_streams import parse_stream
from sparring.adapters.models.said import Said
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import Schema

WIRE = "anthropic.messages"


def good() -> Iterator[tuple[Row, dict[str, Any], Said]]:
    """Whole answers: the row, its raw payload, and what was read."""
    for row in recorded(WIRE):
        if isinstance(row["response"], dict) and "content" in row["response"]:
            yield row, row["response"], read_answer(row["response"], position=3)


def streams() -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Streamed answers: their events by the plainest reading, and what they were put together to."""
    for row in recorded(WIRE):
        if isinstance(row["response"], str):
            lines = [line[6:] for line in row["response"].split("\n") if line.startswith("data: {")]
            yield [json.loads(line) for line in lines], parse_stream(row["response"])


def blocks(raw: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [block for block in raw["content"] if block["type"] == kind]


def test_all_197_exchanges_are_there() -> None:
    assert len(recorded(WIRE)) == 197
    assert len(list(good())) == 187
    assert len(list(streams())) == 8


def test_the_text_of_every_answer_is_that_of_its_text_blocks() -> None:
    seen = 0
    for _, raw, said in good():
        texts = [block["text"] for block in blocks(raw, "text")]
        assert said.text == ("".join(texts) if texts else None)
        seen += len(texts)
    assert seen == 198


def test_every_tool_call_is_read_with_its_id_name_and_arguments() -> None:
    seen = 0
    for _, raw, said in good():
        expected = [(block["id"], block["name"], block["input"]) for block in blocks(raw, "tool_use")]
        assert [(call.id, call.name, call.arguments) for call in said.calls] == expected
        assert all(call.malformed is None for call in said.calls)
        seen += len(expected)
    assert seen == 88


def test_usage_counts_the_cache_s_tokens_among_the_input() -> None:
    cached = written = thought = 0
    for _, raw, said in good():
        told = raw["usage"]
        assert said.usage is not None
        assert said.usage.input == (
            told["input_tokens"] + told["cache_creation_input_tokens"] + told["cache_read_input_tokens"]
        )
        assert said.usage.output == told["output_tokens"]
        assert said.usage.cached == told["cache_read_input_tokens"]
        assert said.usage.written == told["cache_creation_input_tokens"]
        assert said.usage.reasoning == told.get("output_tokens_details", {}).get("thinking_tokens", 0)
        cached += said.usage.cached > 0
        written += said.usage.written > 0
        thought += said.usage.reasoning > 0
    assert min(cached, written, thought) > 3


def test_model_finish_and_tier_are_the_provider_s() -> None:
    for _, raw, said in good():
        assert (said.model, said.finish, said.tier) == (raw["model"], raw["stop_reason"], "standard")
        assert said.stop is None


def test_every_block_that_is_more_than_text_or_a_call_is_kept_to_be_sent_back_unchanged() -> None:
    seen: set[str] = set()
    for _, raw, said in good():
        held = (said.opaque or {}).get("content", [])
        for block in raw["content"]:
            if block["type"] in ("text", "tool_use"):
                continue
            assert block in held
            seen.add(block["type"])
        if held:
            assert held == [block for block in raw["content"] if block.get("text", "words").strip()]
    assert {"thinking", "redacted_thinking", "server_tool_use", "mcp_tool_use", "advisor_tool_result"} <= seen


def test_every_field_of_an_answer_is_understood_or_kept() -> None:
    understood = {"id", "type", "role", "model", "content", "usage"}
    understood |= {"stop_reason", "stop_sequence", "stop_details"}
    seen = set()
    for _, raw, said in good():
        kept = (said.opaque or {}).get("kept", {})
        for name, value in raw.items():
            if value not in (None, [], {}) and value != {"applied_edits": []}:
                assert name in understood or kept[name] == value, name
        seen |= set(kept)
    assert seen == {"container"}


def test_every_streamed_text_and_thought_is_the_sum_of_its_deltas() -> None:
    texts = thoughts = 0
    for events, payload in streams():
        deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
        text = "".join(delta["text"] for delta in deltas if delta["type"] == "text_delta")
        thought = "".join(delta["thinking"] for delta in deltas if delta["type"] == "thinking_delta")
        signature = "".join(delta["signature"] for delta in deltas if delta["type"] == "signature_delta")
        assert (read_answer(payload).text or "") == text
        assert "".join(block["thinking"] for block in blocks(payload, "thinking")) == thought
        assert "".join(block["signature"] for block in blocks(payload, "thinking")) == signature
        texts += bool(text)
        thoughts += bool(thought)
    assert (texts, thoughts) == (8, 1)


def test_every_streamed_call_result_and_citation_is_put_together() -> None:
    calls = citations = 0
    for events, payload in streams():
        for event in events:
            if event["type"] != "content_block_start":
                continue
            block = payload["content"][event["index"]]
            assert block["type"] == event["content_block"]["type"]
            parts = [
                other["delta"]
                for other in events
                if other["type"] == "content_block_delta" and other["index"] == event["index"]
            ]
            spelt = "".join(part.get("partial_json", "") for part in parts)
            if "input" in block:
                assert block["input"] == json.loads(spelt or "{}")
                calls += 1
            cited = [part["citation"] for part in parts if part["type"] == "citations_delta"]
            assert (block.get("citations") or []) == cited
            citations += len(cited)
    assert (calls, citations) == (6, 4)


def test_streamed_usage_model_and_finish_are_read() -> None:
    for events, payload in streams():
        said = read_answer(payload)
        last = next(event for event in reversed(events) if event["type"] == "message_delta")
        assert said.usage is not None
        assert said.usage.output == last["usage"]["output_tokens"]
        assert said.usage.input == last["usage"]["input_tokens"]
        assert said.finish == last["delta"]["stop_reason"]
        assert said.model == events[0]["message"]["model"]


async def test_every_4xx_becomes_a_fault_with_the_provider_s_words() -> None:
    seen = []
    for row in recorded(WIRE):
        if row["status"] >= 400:
            with pytest.raises(ModelFault) as caught:
                await replay(WIRE, row)
            assert row["response"]["error"]["message"].rstrip(".") in str(caught.value)
            assert (caught.value.status, caught.value.reason) == (row["status"], "refused")
            seen.append(row["status"])
    assert sorted(seen) == [400, 404]


@pytest.mark.parametrize("role", list(Role))
async def test_every_answer_becomes_a_reply_or_a_fault_and_nothing_else(role: Role) -> None:
    replies, faults = 0, []
    for row in recorded(WIRE):
        try:
            reply = await replay(WIRE, row, role)
        except ModelFault as fault:
            faults.append(fault.reason)
        else:
            replies += 1
            assert reply.calls or (reply.text or "").strip()
            orjson.dumps(reply.generation.opaque)
    assert replies + len(faults) == 197
    assert set(faults) <= {"refused", "empty"}
    assert replies >= 190


async def test_every_answer_can_be_sent_back_to_its_provider_with_its_blocks_in_their_order() -> None:
    thanks = {"content": [{"type": "text", "text": "Thanks."}], "stop_reason": "end_turn"}
    for row in recorded(WIRE):
        try:
            reply = await replay(WIRE, row)
        except ModelFault:
            continue
        model, tape = model_on(WIRE, {"status": 200, "response": thanks})
        await model.complete(question_after(reply))
        sent = orjson.loads(tape.sent[0])["messages"]
        assert [message["role"] for message in sent] == ["user", "assistant", "user"][: len(sent)]
        response = row["response"]
        raw = parse_stream(response) if isinstance(response, str) else response
        kinds = [block["type"] for block in raw["content"] if block.get("text", "words").strip()]
        if (reply.generation.opaque or {}).get("content"):
            assert [block["type"] for block in sent[1]["content"]] == kinds
            assert all(block in raw["content"] for block in sent[1]["content"])
        results = [block["tool_use_id"] for block in sent[2]["content"]] if len(sent) > 2 else []
        assert results == [call.id for call in reply.calls]


async def test_an_answer_through_a_forced_tool_is_the_text() -> None:
    seen = 0
    for row in recorded(WIRE):
        raw = row["response"]
        if not isinstance(raw, dict) or not any(block["name"] == "final_result" for block in calls_of(raw)):
            continue
        reply = await replay(WIRE, row, Role.JUDGE, Schema(name="final_result", body={"type": "object"}))
        (given,) = (block["input"] for block in calls_of(raw) if block["name"] == "final_result")
        assert json.loads(reply.text or "") == given
        assert reply.calls == ()
        seen += 1
    assert seen >= 3


def calls_of(raw: dict[str, Any]) -> list[dict[str, Any]]:
    return blocks(raw, "tool_use") if "content" in raw else []
