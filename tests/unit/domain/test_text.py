"""Text that can be stored anywhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.text import is_storable, storable, storable_message, storable_value
from sparring.domain.transcript import AgentMessage, Generation, SystemMessage, ToolCall, ToolResult, UserMessage

ANY = st.text(st.characters(), max_size=8)
HOSTILE = st.text(st.sampled_from(["a", "é", "\0", "\ud800", "\udfff", "😀"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=6,
)


@given(ANY | HOSTILE)
def test_a_stored_text_has_no_nul_and_encodes(text):
    clean = storable(text)
    assert len(clean) == len(text)
    assert "\0" not in clean
    clean.encode("utf-8")
    assert is_storable(text) == (clean == text)
    assert storable(clean) is clean


@given(VALUES)
def test_a_value_is_cleaned_to_its_depth_and_left_alone_where_it_is_clean(value):
    clean = storable_value(value)
    json.dumps(clean, ensure_ascii=False).encode("utf-8")
    assert "\0" not in str(clean)
    assert storable_value(clean) is clean


CLEAN_CALL = ToolCall(id="c", name="t", arguments={"a": ["b", 1, None]}, malformed="x")


@pytest.mark.parametrize(
    "message",
    [
        SystemMessage(text="a"),
        UserMessage(text=None, calls=(CLEAN_CALL,)),
        AgentMessage(
            text="a", calls=(CLEAN_CALL,), generation=Generation(provider="p", model="m", opaque={"a": "b"})
        ),
        AgentMessage(text="a", generation=Generation(provider="p", model="m")),
        ToolResult(call_id="c", name="t", text="r"),
    ],
)
def test_a_clean_message_is_the_same_object(message):
    assert storable_message(message) is message


@pytest.mark.parametrize(
    ("message", "clean"),
    [
        (SystemMessage(text="a\0"), SystemMessage(text="a\ufffd")),
        (UserMessage(text="\ud800", at=1.0), UserMessage(text="\ufffd", at=1.0)),
        (
            AgentMessage(
                text=None, calls=(ToolCall(id="\0", name="\0", arguments={"a\0": ["\0"]}, malformed="\0"),)
            ),
            AgentMessage(
                text=None,
                calls=(
                    ToolCall(id="\ufffd", name="\ufffd", arguments={"a\ufffd": ["\ufffd"]}, malformed="\ufffd"),
                ),
            ),
        ),
        (
            AgentMessage(text="a", generation=Generation(provider="p", model="m", opaque={"s": ["\0"]})),
            AgentMessage(text="a", generation=Generation(provider="p", model="m", opaque={"s": ["\ufffd"]})),
        ),
        (
            ToolResult(call_id="\0", name="\0", text="\0", is_error=True),
            ToolResult(call_id="\ufffd", name="\ufffd", text="\ufffd", is_error=True),
        ),
    ],
)
def test_what_cannot_be_stored_is_replaced_everywhere(message, clean):
    assert storable_message(message) == clean
