"""JSON, read strictly."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.dialects.json_documents import MAX_DEPTH
from sparring.domain.errors import InvalidInput
from sparring.server.json_bodies import read_json

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=15,
)


@given(st.dictionaries(texts, values, max_size=5))
def test_what_json_can_say_is_read(value):
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused_in_words(body):
    try:
        assert isinstance(read_json(body), dict)
    except InvalidInput as error:
        assert str(error).endswith((".", "came."))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON: Expecting value in line 1, column 1"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 1} x', "not JSON: Extra data in line 1, column 10"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b"[1]", "must be a JSON object; a list of 1 came"),
        (b'"a"', 'must be a JSON object; "a" came'),
        (b'{"a": Infinity}', "Infinity is no number"),
        (b'{"a": -1e999}', "too large: -1e999"),
        (b'{"a": 18446744073709551616}', "beyond 64 bits"),
        (b'{"a": -9223372036854775809}', "beyond 64 bits"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "beyond 64 bits: 9999"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', 'names the field "b" twice'),
        (b'{"a": ["x", {"b": "\\u0000"}]}', r"a[1].b must be text that can be stored; it holds NUL"),
        (b'{"a": {"b c": "\\ud800"}}', 'a["b c"] must be text that can be stored; it holds a lone surrogate'),
        (b'{"a": {"\\udfff": 1}}', "a must be text that can be stored; it holds a lone surrogate"),
        (b'{"\\u0000": 1}', "The body must be text that can be stored; it holds NUL"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "deeper than 100 levels"),
        (b'{"a":' + b"[" * 100_000, "deeper than 100 levels"),
        (b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", "deeper than 100 levels"),
    ],
)
def test_what_could_be_read_in_two_ways_or_not_be_stored_is_refused(body, message):
    with pytest.raises(InvalidInput, match=re.escape(message)):
        read_json(body)


def test_a_document_of_the_greatest_depth_is_read():
    assert read_json(b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH)


def test_a_pair_of_surrogates_is_a_character():
    assert read_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}
