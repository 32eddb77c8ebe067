"""Ids and moments as this dialect writes them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.dialects.spelling import (
    AGENT,
    BATCH,
    CASE,
    CHAT,
    ITEM,
    JOB,
    WORKSPACE,
    adopted,
    candidates,
    means,
    spell,
    spell_chat,
    timestamp,
)
from sparring.domain.errors import InvalidInput

PREFIXES = [AGENT, CASE, BATCH, JOB, CHAT, ITEM, WORKSPACE]
spellable = st.integers(0, 62**16 - 1).map(lambda value: f"{value:024x}")


@given(id=spellable, prefix=st.sampled_from(PREFIXES))
def test_an_id_survives_both_spellings(id, prefix):
    spelled = spell(prefix, id)
    assert re.fullmatch(rf"{prefix}_[0-9A-Za-z]{{16}}", spelled)
    assert candidates(prefix, spelled)[0] == id
    assert candidates(prefix, id)[0] == id
    assert candidates(prefix, id.upper())[0] == id


@given(id=spellable)
def test_an_agent_is_found_with_and_without_its_prefix(id):
    digits = spell(AGENT, id).removeprefix("agent_")
    assert candidates(AGENT, digits)[0] == candidates(AGENT, f"agent_{digits}")[0] == id


@given(id=spellable)
def test_the_older_dash_is_read(id):
    digits = spell(CHAT, id).removeprefix("chat_")
    assert candidates(CHAT, f"chat-{digits}")[0] == id
    assert candidates(ITEM, f"chat-item-{digits}")[0] == id


@given(id=spellable)
def test_the_chat_of_a_run_has_the_digits_of_its_job(id):
    assert spell_chat(id).removeprefix("chat_") == spell(JOB, id).removeprefix("job_")
    assert candidates(CHAT, spell_chat(id))[0] == id


@given(prefix=st.sampled_from(PREFIXES), text=st.text(max_size=80))
def test_no_text_is_too_odd_to_be_looked_for(prefix, text):
    for candidate in candidates(prefix, text):
        assert 0 < len(candidate) <= 71
        assert "\0" not in candidate


@given(alias=st.text(min_size=1, max_size=64).filter(lambda text: text.isprintable()))
def test_an_alias_is_the_spelling_of_its_record(alias):
    id = "0" * 24
    for prefix in (CASE, BATCH, JOB):
        assert spell(prefix, id, alias) == alias
        assert means(prefix, alias, id, alias)
    assert means(AGENT, spell(AGENT, id, alias), id, alias)
    assert means(AGENT, alias, id, alias)
    assert alias in candidates(CHAT, spell_chat(id, alias)) or f"job_{alias}" in candidates(
        CHAT, spell_chat(id, alias)
    )


def test_an_agent_with_an_alias_gets_the_prefix_that_it_lacks():
    assert spell(AGENT, "0" * 24, "D5D0p7TUs66TTAEAx") == "agent_D5D0p7TUs66TTAEAx"
    assert spell(AGENT, "0" * 24, "agent_D5D0p7TUs66TTAEAx") == "agent_D5D0p7TUs66TTAEAx"


def test_an_id_without_a_spelling_in_digits_stays_hex():
    assert spell(CASE, "f" * 24) == "f" * 24
    assert candidates(CASE, "f" * 24)[0] == "f" * 24


@pytest.mark.parametrize("text", ["", "x" * 72, "tc_\0", "\ud800"])
def test_what_can_be_no_id_is_not_looked_for(text):
    assert candidates(CASE, text) == ()


def test_a_moment_has_milliseconds_and_z():
    assert timestamp(1774522365.565) == "2026-03-26T10:52:45.565Z"
    assert timestamp(0) == "1970-01-01T00:00:00.000Z"


IDS_OF_ELSEWHERE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40),
    st.from_regex(r"\A(agent|tc)[_-][0-9A-Za-z]{15,18}\Z"),
    st.from_regex(r"\A[0-9A-Za-z]{15,24}\Z"),
    st.from_regex(r"\A[0-9a-f]{24}\Z"),
)


@given(text=IDS_OF_ELSEWHERE, prefix=st.sampled_from([AGENT, CASE]))
def test_a_record_is_found_by_the_id_that_it_had_elsewhere(text, prefix):
    id, alias = adopted(prefix, text)
    assert (id is None) != (alias is None)
    assert means(prefix, text, id or "f" * 24, alias)


@pytest.mark.parametrize(
    ("prefix", "text", "kept"),
    [
        (CASE, "tc_d17T6uReChpyfFeP", ("60f08e2435987421703e64dd", None)),
        (AGENT, "mJzLaPEo425lieb9", ("780e5e2b706a733025f47b0f", None)),
        (AGENT, "agent_D5D0p7TUs66TTAEAx", (None, "D5D0p7TUs66TTAEAx")),
        (AGENT, "D5D0p7TUs66TTAEAx", (None, "D5D0p7TUs66TTAEAx")),
        (AGENT, "64B7F0C2E4B0A1A2B3C4D5E6", ("64b7f0c2e4b0a1a2b3c4d5e6", None)),
        (CASE, "case-17", (None, "case-17")),
    ],
)
def test_an_id_stays_the_same_12_bytes_where_it_fits_and_is_an_alias_where_not(prefix, text, kept):
    assert adopted(prefix, text) == kept


@pytest.mark.parametrize("text", ["", "x" * 65, "a\0b"])
def test_what_can_be_no_alias_is_refused(text):
    with pytest.raises(InvalidInput, match="1 to 64 characters"):
        adopted(CASE, text)
