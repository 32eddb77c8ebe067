"""Whatever stands in a saved record: it is taken, or refused in words."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.wire.vendors.records import (
    ACTION,
    AGENT,
    CASE,
    EQHO_AGENT,
    SCENARIO,
    SCENARIO_SET,
    arrived,
    found,
)

from sparring.adapters.moving.suites import suites_of
from sparring.adapters.moving.vendors import EQHO, SIGMAMIND
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario, ScenarioSet

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        st.sampled_from(
            ["{{x}}", "{{", "agent_D5D0p7TUs66TTAEAx", "64b7f0c2e4b0a1a2b3c4d5e6", "x" * 300, "webhook"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["_id", "name", "type", "actions", "slug", "x", ""]), inner, max_size=3),
    ),
    max_leaves=5,
)
KINDS = (Action, Agent, Scenario, ScenarioSet)
RECORDS = {
    "sigmamind": (SIGMAMIND, [AGENT, CASE]),
    "eqho": (EQHO, [{**EQHO_AGENT, "actions": [ACTION, {**ACTION, "_id": None}]}, ACTION, SCENARIO_SET, SCENARIO]),
}


def places(value, at=()):
    yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*at, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from places(item, (*at, place))


@st.composite
def spoilt(draw, records):
    """The records, with a few places of them holding anything."""
    records = copy.deepcopy(records)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([at for at in places(records) if len(at) > 1]))
        holder = records
        for step in way:
            holder = holder[step]
        holder[last] = draw(JSON)
    return records


@pytest.mark.parametrize("word", RECORDS)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
async def test_any_shape_is_taken_or_refused_in_words(word, data):
    vendor, records = RECORDS[word]
    records = data.draw(spoilt(records))
    try:
        arrivals, store = await arrived(vendor, *records)
    except InvalidInput as refusal:
        assert str(refusal).strip()
    else:
        again, _ = await arrived(vendor, *records, store=store)
        assert sum(arrivals.tally(kind).new for kind in KINDS) > 0
        assert sum(again.tally(kind).new for kind in KINDS) == 0
    try:
        await suites_of(vendor, found(vendor, *records), 0.0)
    except InvalidInput as refusal:
        assert str(refusal).strip()
