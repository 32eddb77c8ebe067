"""One id in two spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import ids

LIMIT = 62**16
VALUES = st.integers(0, LIMIT - 1)


def hex_of(value):
    return f"{value:024x}"


@given(VALUES)
def test_ids_survive_both_spellings(value):
    id = hex_of(value)
    digits = ids.to_base62(id)
    assert len(digits) == 16
    assert ids.from_base62(digits) == id
    assert ids.read(id, "tc") == id
    assert ids.read(id.upper(), "tc") == id
    assert ids.read(f"tc_{digits}", "tc") == id
    assert ids.read(f"tc-{digits}", "tc") == id
    assert ids.read(digits, bare=True) == id


@given(VALUES, VALUES)
def test_base62_keeps_the_order_and_tells_ids_apart(a, b):
    assert (ids.to_base62(hex_of(a)) < ids.to_base62(hex_of(b))) == (a < b)


@given(st.integers(0, 2**32 - 1), st.binary(min_size=8, max_size=8))
def test_a_minted_id_holds_its_second_and_its_entropy(seconds, entropy):
    id = ids.mint(seconds, entropy)
    assert ids.is_hex(id)
    assert ids.minted_at(id) == seconds
    assert bytes.fromhex(id)[4:] == entropy


@pytest.mark.parametrize("size", [0, 7, 9])
def test_an_id_takes_exactly_eight_bytes_of_entropy(size):
    with pytest.raises(ValueError, match=f"8 bytes of entropy, not {size}"):
        ids.mint(1, b"x" * size)


def test_ids_have_a_base62_spelling_until_2051():
    last = hex_of(LIMIT - 1)
    assert ids.to_base62(last) == "z" * 16
    assert 2_583_000_000 < ids.minted_at(last) < 2_585_000_000
    with pytest.raises(ValueError, match="no spelling in 16 base62 digits"):
        ids.to_base62(hex_of(LIMIT))
    assert ids.read(hex_of(LIMIT), "tc") == hex_of(LIMIT)


@pytest.mark.parametrize(
    ("text", "prefixes", "bare"),
    [
        ("", ("tc",), True),
        ("tc_", ("tc",), True),
        ("tc_" + "A" * 15, ("tc",), False),
        ("tc_" + "A" * 17, ("tc",), False),
        ("tc_" + "A" * 15 + "!", ("tc",), False),
        ("tc_" + "A" * 15 + "é", ("tc",), False),
        ("batch_" + "A" * 16, ("tc",), False),
        ("A" * 16, ("tc",), False),
        ("g" * 24, (), True),
        ("0" * 23, (), True),
        ("\u0130" * 24, (), True),
    ],
)
def test_what_has_no_known_shape_is_no_id(text, prefixes, bare):
    assert ids.read(text, *prefixes, bare=bare) is None


@pytest.mark.parametrize("prefixes", [("chat", "chat-item"), ("chat-item", "chat")])
def test_a_prefix_that_begins_like_another_does_not_hide_it(prefixes):
    assert ids.read("chat-item-" + "0" * 16, *prefixes) == "0" * 24
    assert ids.read("chat_" + "0" * 16, *prefixes) == "0" * 24


def test_a_derived_id_is_the_same_for_the_same_name_and_no_clock_gave_it():
    assert ids.derived("suite", "agent") == ids.derived("suite", "agent")
    assert len({ids.derived("a", "b"), ids.derived("ab"), ids.derived("a", "c")}) == 3
    assert (ids.is_hex(ids.derived("x")), ids.minted_at(ids.derived("x"))) == (True, 0)
