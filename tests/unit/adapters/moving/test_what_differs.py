"""Where one JSON value says more than another."""

from hypothesis import given
from hypothesis import strategies as st

from sparring.adapters.moving.differences import beyond, overlaid
from sparring.domain.matching import same

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text("abc", max_size=4), st.just("x" * 300)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "0"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def without_nothing(value):
    """The value without what says nothing."""
    if isinstance(value, dict):
        kept = {key: without_nothing(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None} or None
    if isinstance(value, list):
        return [without_nothing(item) for item in value] or None
    return value


@given(full=JSON, bare=JSON)
def test_what_is_put_in_makes_the_full_value(full, bare):
    assert same(without_nothing(overlaid(bare, beyond(full, bare))), without_nothing(full))


@given(value=JSON)
def test_a_value_says_nothing_beyond_itself(value):
    assert beyond(value, value) == []


def test_parts_name_their_places():
    full = {"a": {"b": [1, {"c": 2}]}, "same": 1, "over": "new"}
    bare = {"a": {"b": [1, {}]}, "same": 1, "over": "old"}
    assert beyond(full, bare) == [
        {"at": ["a", "b", 1, "c"], "value": 2},
        {"at": ["over"], "value": "new", "over": "old"},
    ]


def test_a_part_gives_way_to_what_was_changed_since():
    parts = beyond({"text": "theirs", "list": [1, 2], "more": 3}, {"text": "ours", "list": [1]})
    changed = {"text": "edited", "list": [1], "more": 4}
    assert overlaid(changed, parts) == {"text": "edited", "list": [1, 2], "more": 4}


def test_a_long_text_is_known_by_a_number_that_follows_from_it():
    long = "x" * 300
    (part,) = beyond({"text": "theirs"}, {"text": long})
    assert len(part["over"]) < 20
    assert overlaid({"text": long}, [part]) == {"text": "theirs"}
    assert overlaid({"text": long + "!"}, [part]) == {"text": long + "!"}


def test_a_part_whose_place_is_gone_is_left_out():
    for at in (["list", 5, "a"], ["text", "a"], ["text", 0]):
        assert overlaid({"list": [], "text": "t"}, [{"at": at, "value": 1}]) == {"list": [], "text": "t"}
    assert overlaid({}, [{"at": ["new", "deep"], "value": 1}]) == {"new": {"deep": 1}}
