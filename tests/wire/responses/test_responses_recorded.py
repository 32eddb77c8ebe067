"""Every recorded real exchange of the wire is read completely; the expectations come from the raw JSON alone."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from recordings import Row, model_on, question_after, recorded, replay

from sparring.adapters.models.responses_answers import read_answer
from sparring.adapters.models.responses_streams import parse_stream
from sparring.adapters.models.said import Said
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role

WIRE = "openai.responses"


def good() -> Iterator[tuple[Row, dict[str, Any], Said]]:
    """Whole answers: the row, its raw payload, and what was read."""
    for row in recorded(WIRE):
        if isinstance(row["response"], dict) and row["status"] == 200:
            yield row, row["response"], read_answer(row["response"], position=3)


def streams() -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Streamed answers: their events by the plainest reading, and what they were put together to."""
    for row in recorded(WIRE):
        if isinstance(row["response"], str):
            lines = [line[6:] for line in row["response"].split("\n") if line.startswith("data: {")]
            yield [json.loads(line) for line in lines], parse_stream(row["response"])


def items(raw: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [item for item in raw["output"] if item["type"] == kind]


def texts_of(raw: dict[str, Any]) -> list[str]:
    return [part["text"] for item in items(raw, "message") for part in item["content"]]


def test_all_202_exchanges_are_there() -> None:
    assert len(recorded(WIRE)) == 202
    assert len(list(good())) == 177
    assert len(list(streams())) == 21


def test_the_text_of_every_answer_is_that_of_its_messages() -> None:
    seen = 0
    for _, raw, said in good():
        texts = texts_of(raw)
        assert said.text == ("\n\n".join(texts) if texts else None)
        seen += len(texts)
    assert seen == 119


def test_every_tool_call_is_read_with_its_id_name_and_arguments() -> None:
    seen = 0
    for _, raw, said in good():
        expected = [
            (item["call_id"], item["name"], json.loads(item["arguments"])) for item in items(raw, "function_call")
        ]
        assert [(call.id, call.name, call.arguments) for call in said.calls] == expected
        seen += len(expected)
    assert seen == 56


def test_usage_numbers_are_those_of_the_provider() -> None:
    cached = written = reasoned = unknown = 0
    for _, raw, said in good():
        told = raw.get("usage")
        if told is None:
            assert said.usage is None
            unknown += 1
            continue
        assert said.usage is not None
        assert (said.usage.input, said.usage.output) == (told["input_tokens"], told["output_tokens"])
        into, out = told["input_tokens_details"], told["output_tokens_details"]
        assert said.usage.cached == into["cached_tokens"]
        assert said.usage.written == into.get("cache_write_tokens", 0)
        assert said.usage.reasoning == out["reasoning_tokens"]
        cached += said.usage.cached > 0
        written += said.usage.written > 0
        reasoned += said.usage.reasoning > 0
    assert unknown == 4
    assert min(cached, written, reasoned) > 3


def test_costs_that_are_reported_are_read() -> None:
    costs = [(raw["usage"] or {}).get("cost") for _, raw, _ in good() if "usage" in raw]
    assert [said.cost for _, raw, said in good() if "usage" in raw] == costs
    assert sum(cost is not None for cost in costs) == 2


def test_model_finish_and_tier_are_the_provider_s() -> None:
    for _, raw, said in good():
        assert (said.model, said.finish) == (raw["model"], raw["status"])
        assert said.tier == raw.get("service_tier")
        assert said.stop is None


def test_reasoning_phases_and_whatever_else_is_kept_to_be_sent_back_unchanged() -> None:
    kinds: set[str] = set()
    phases = sealed = 0
    for _, raw, said in good():
        held = (said.opaque or {}).get("output")
        more = [item for item in raw["output"] if item["type"] not in ("message", "function_call")]
        phased = [item for item in items(raw, "message") if "phase" in item]
        if more or phased:
            assert held == raw["output"]
        kinds |= {item["type"] for item in more}
        phases += len(phased)
        sealed += sum("encrypted_content" in item for item in more)
    assert {"reasoning", "web_search_call", "tool_search_call", "compaction", "mcp_call"} <= kinds
    assert phases > 30
    assert sealed > 80


def test_what_is_not_understood_is_kept() -> None:
    seen: set[str] = set()
    for _, raw, said in good():
        kept = (said.opaque or {}).get("kept", {})
        assert all(raw[name] == value for name, value in kept.items())
        seen |= set(kept)
    assert {"moderation", "conversation", "content_filters"} <= seen


def test_every_streamed_answer_is_that_of_its_last_event() -> None:
    for events, payload in streams():
        last = next(event["response"] for event in reversed(events) if event["type"] == "response.completed")
        said = read_answer(payload)
        assert payload["output"] == last["output"]
        texts = texts_of(last)
        assert said.text == ("\n\n".join(texts) if texts else None)
        assert said.usage is not None
        assert said.usage.output == last["usage"]["output_tokens"]
        assert said.finish == "completed"


def test_a_stream_that_breaks_off_before_its_last_event_gives_what_had_come() -> None:
    spelt = 0
    for row in recorded(WIRE):
        if not isinstance(row["response"], str):
            continue
        lines = row["response"].split("\n")
        until = next(number for number, line in enumerate(lines) if '"response.completed"' in line)
        whole, broken = parse_stream(row["response"]), parse_stream("\n".join(lines[:until]))
        assert (read_answer(broken).text or "") == (read_answer(whole).text or "")
        assert [call.name for call in read_answer(broken).calls] == [
            call.name for call in read_answer(whole).calls
        ]
        undone = [line for line in lines[:until] if ".done" not in line]
        assert (read_answer(parse_stream("\n".join(undone))).text or "") == (read_answer(whole).text or "")
        spelt += 1
    assert spelt == 21


async def test_every_4xx_becomes_a_fault_with_the_provider_s_words() -> None:
    seen = []
    for row in recorded(WIRE):
        if row["status"] >= 400:
            with pytest.raises(ModelFault) as caught:
                await replay(WIRE, row)
            assert row["response"]["error"]["message"].rstrip(".") in str(caught.value)
            assert (caught.value.status, caught.value.reason) == (400, "refused")
            seen.append(row["response"]["error"].get("code"))
    assert len(seen) == 4


async def test_a_model_that_is_not_found_is_told_to_be_checked_whatever_the_status() -> None:
    (row,) = [
        row for row in recorded(WIRE) if "gpt-5.2-proo" in json.dumps(row["response"]) and row["status"] == 400
    ]
    with pytest.raises(ModelFault, match="Check the name 'it'"):
        await replay(WIRE, row)


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
    assert replies + len(faults) == 202
    assert set(faults) == {"refused", "empty"}
    assert replies >= 170


async def test_every_answer_can_be_sent_back_to_its_provider_with_its_items_in_their_order() -> None:
    thanks = {"status": "completed", "output": [message("Thanks.")]}
    for row in recorded(WIRE):
        try:
            reply = await replay(WIRE, row)
        except ModelFault:
            continue
        model, tape = model_on(WIRE, {"status": 200, "response": thanks})
        await model.complete(question_after(reply))
        sent = orjson.loads(tape.sent[0])["input"]
        response = row["response"]
        raw = parse_stream(response) if isinstance(response, str) else response
        if (reply.generation.opaque or {}).get("output"):
            assert sent[1 : 1 + len(raw["output"])] == raw["output"]
        results = [item["call_id"] for item in sent if item.get("type") == "function_call_output"]
        assert results == [call.id for call in reply.calls]


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
