"""Streams that are put together, the odd ones too."""

import orjson

from sparring.adapters.models.openai_answers import read_answer
from sparring.adapters.models.openai_streams import parse_stream


def stream(*deltas: dict[str, object], end: str = "data: [DONE]\n\n") -> str:
    chunks = ({"choices": [{"index": 0, "delta": delta}]} for delta in deltas)
    return "".join(f"data: {orjson.dumps(chunk).decode()}\n\n" for chunk in chunks) + end


def called(name: str, arguments: str, **fields: object) -> dict[str, object]:
    return {"tool_calls": [{"function": {"name": name, "arguments": arguments}} | fields]}


def test_parallel_calls_that_share_an_index_stay_apart_by_their_ids() -> None:
    said = read_answer(
        parse_stream(stream(called("a", "{}", index=0, id="1"), called("b", "{}", index=0, id="2")))
    )
    assert [(call.id, call.name) for call in said.calls] == [("1", "a"), ("2", "b")]


def test_an_id_that_is_repeated_in_every_part_begins_no_new_call() -> None:
    parts = [called("a", '{"n"', index=0, id="1"), called("", ": 1}", index=0, id="1")]
    (call,) = read_answer(parse_stream(stream(*parts))).calls
    assert call.arguments == {"n": 1}


def test_calls_without_an_index_go_on_until_the_next_id() -> None:
    parts = [called("a", '{"n"', id="1"), called("", ": 1}"), called("b", "{}", id="2")]
    said = read_answer(parse_stream(stream(*parts)))
    assert [(call.name, call.arguments) for call in said.calls] == [("a", {"n": 1}), ("b", {})]


def test_arguments_may_come_as_an_object() -> None:
    part = {"tool_calls": [{"index": 0, "id": "1", "function": {"name": "a", "arguments": {"n": 1}}}]}
    (call,) = read_answer(parse_stream(stream(part))).calls
    assert call.arguments == {"n": 1}


def test_thinking_in_parts_and_text_in_strings_are_told_apart() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}
    said = read_answer(parse_stream(stream({"content": [thinking]}, {"content": "Four"}, {"content": "."})))
    assert said.text == "Four."
    assert said.opaque is not None
    assert said.opaque["message"]["content"][0] == thinking


def test_a_line_separator_inside_the_text_does_not_end_the_line() -> None:
    text = 'data: {"choices":[{"delta":{"content":"a\u2028b"}}]}\r\n\r\ndata: [DONE]\r\n'
    assert read_answer(parse_stream(text)).text == "a\u2028b"


def test_what_is_no_data_and_what_is_cut_off_is_passed_over() -> None:
    text = stream({"content": "Hel"}, end=': PROCESSING\n\nevent: ping\n\ndata: [1]\n\ndata: {"choices": [{"del')
    assert read_answer(parse_stream(text)).text == "Hel"


def test_only_the_first_choice_counts() -> None:
    text = (
        'data: {"choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"first"}}]}\n\n'
    )
    assert read_answer(parse_stream(text)).text == "first"


def test_an_empty_stream_is_an_empty_answer() -> None:
    said = read_answer(parse_stream(""))
    assert said.text is None
    assert said.calls == ()
    assert said.usage is None
