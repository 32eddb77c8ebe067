"""Conversations of elsewhere, one a line."""

import json

import pytest

from sparring.adapters.imports.conversations import read_conversations
from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import AgentMessage, Side, SystemMessage, ToolCall, ToolResult, UserMessage

OPENAI = {
    "id": "chat-17",
    "variables": {"name": "Ada"},
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": "Never refund."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Where is"}, {"type": "image_url", "image_url": {}}],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"order": "A1"}'}},
                {"id": "c2", "type": "function", "function": {"name": "pay", "arguments": "{not json"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c2", "content": {"paid": False}, "is_error": True},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "sent"}]},
        {"role": "assistant", "content": "It was sent."},
    ],
}
EQHO = {
    "_id": "6918f0",
    "messages": [
        {"role": "assistant", "content": "Hello.", "turn_idx": 0, "timestamp": "2026-01-01T00:00:00Z"},
        {
            "role": "user",
            "content": None,
            "tool_calls": [{"id": "u1", "name": "end_call", "arguments": {"why": "x"}}],
        },
        {"role": "tool", "id": "u1", "requestor": "user", "content": "Ended.", "error": False},
    ],
}


def read(tmp_path, *lines):
    path = tmp_path / "chats.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return read_conversations(path)


def test_chat_completions_are_read_with_their_instructions_calls_and_results(tmp_path):
    (one,) = read(tmp_path, OPENAI)
    assert (one.id, one.instructions, one.variables) == ("chat-17", "Be kind.\n\nNever refund.", {"name": "Ada"})
    assert one.messages == (
        UserMessage(text="Where is\n[image_url]"),
        AgentMessage(
            text=None,
            calls=(
                ToolCall(id="c1", name="find", arguments={"order": "A1"}),
                ToolCall(id="c2", name="pay", malformed="{not json"),
            ),
        ),
        ToolResult(call_id="c2", name="pay", text='{"paid": false}', is_error=True, source="recorded"),
        ToolResult(call_id="c1", name="find", text="sent", source="recorded"),
        AgentMessage(text="It was sent."),
    )


def test_messages_of_the_eqho_dialect_are_read_and_calls_of_the_user_are_the_users(tmp_path):
    (one,) = read(tmp_path, EQHO)
    assert one.id == "6918f0"
    assert one.messages[1:] == (
        UserMessage(text=None, calls=(ToolCall(id="u1", name="end_call", arguments={"why": "x"}),)),
        ToolResult(call_id="u1", name="end_call", text="Ended.", side=Side.USER, source="recorded"),
    )


def test_a_bare_list_of_messages_is_a_conversation_named_by_its_line(tmp_path):
    said = [{"role": "user", "content": "Hi."}, {"role": "agent", "content": "Hello."}]
    first, second = read(tmp_path, said, "", {"messages": said, "id": ""})
    assert (first.id, second.id) == ("line 1", "line 3")
    assert first.messages == (UserMessage(text="Hi."), AgentMessage(text="Hello."))


def test_a_system_message_in_the_middle_stays_where_it_is(tmp_path):
    said = [{"role": "user", "content": "Hi."}, {"role": "system", "content": "Hurry."}]
    (one,) = read(tmp_path, said)
    assert (one.messages[1], one.instructions) == (SystemMessage(text="Hurry."), "")


def test_old_and_odd_calls_are_read_as_far_as_they_go(tmp_path):
    said = [
        {"role": "assistant", "content": "", "function_call": {"name": "find", "arguments": ""}},
        {"role": "function", "name": "find", "content": None},
        {"role": "assistant", "tool_calls": [{"name": "pay", "arguments": [1]}], "content": {"refusal": "no"}},
    ]
    (one,) = read(tmp_path, said[:2])
    assert one.messages[0].calls == (ToolCall(id="call_0_1", name="find"),)
    assert one.messages[1] == ToolResult(call_id="", name="find", text="null", source="recorded")
    with pytest.raises(InvalidInput, match=r"messages\[2\].content is neither a text nor a list of parts"):
        read(tmp_path, said)
    (one,) = read(tmp_path, [{**said[2], "content": ["a", {"type": "refusal", "refusal": "no"}]}])
    assert one.messages == (
        AgentMessage(text="a\nno", calls=(ToolCall(id="call_0_1", name="pay", malformed="[1]"),)),
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "there is no conversation in it"),
        (["", "  "], "there is no conversation in it"),
        (["[]", "nope"], r"chats.jsonl:1: expected an object with \"messages\""),
        ([EQHO, "nope"], "chats.jsonl:2: this line is no JSON"),
        (["3"], "chats.jsonl:1: expected an object"),
        ([{"messages": ["hi"]}], r"messages\[0\] is no object"),
        ([{"messages": [{"role": "bot"}]}], "has the role 'bot'; roles are system"),
        ([{"messages": [{"content": "x"}]}], "has the role None"),
        ([[{"messages": [{"role": "user", "content": "x"}]}]], "give each a line of its own"),
        ([{"messages": [{"role": "assistant", "tool_calls": [{}]}]}], "a tool call without a name"),
        ([{"messages": [{"role": "assistant", "tool_calls": {"a": 1}}]}], "tool_calls is no list"),
        ([{**EQHO, "variables": [1]}], "variables must be an object"),
        ([EQHO, EQHO], "conversations 1 and 2 have the same id '6918f0'"),
    ],
)
def test_what_is_no_conversation_is_told_with_its_line(tmp_path, lines, told):
    with pytest.raises(InvalidInput, match=told):
        read(tmp_path, *lines)
