"""Dotted paths into JSON values."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import paths
from sparring.domain.paths import ABSENT, NoPlace

TREE = {"orders": {"A1": {"status": "open", "items": ["x", {"id": 7}]}}, "log": []}
KEYS = st.text("ab0", min_size=1, max_size=2)
TREES = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
PARTS = st.lists(KEYS, min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a", ["a"]),
        ("a.b.0", ["a", "b", "0"]),
        ("", [""]),
        ("a..b.", ["a", "", "b", ""]),
        ("a.{{x.y}}.b", ["a", "{{x.y}}", "b"]),
        ("pre{{x.y}}post.{{z}}", ["pre{{x.y}}post", "{{z}}"]),
        ("{{open.a", ["{{open", "a"]),
        (".{{a}}", ["", "{{a}}"]),
    ],
)
def test_dots_separate_but_not_inside_of_a_placeholder(path, parts):
    assert paths.split(path) == parts


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("orders.A1.status", "open"),
        ("orders.A1.items.1.id", 7),
        ("orders.A1.items.2", ABSENT),
        ("orders.A1.items.-1", ABSENT),
        ("orders.A1.items.9999999999999999999999", ABSENT),
        ("orders.A1.status.x", ABSENT),
        ("gone", ABSENT),
    ],
)
def test_what_stands_at_a_path_is_found(path, value):
    assert paths.find(TREE, paths.split(path)) == value


def test_a_change_leaves_the_old_tree_as_it_was_and_shares_what_did_not_change():
    before = {"a": {"x": 1}, "b": {"y": [1]}}
    after = paths.put(before, ["a", "x"], 2)
    assert after == {"a": {"x": 2}, "b": {"y": [1]}}
    assert before == {"a": {"x": 1}, "b": {"y": [1]}}
    assert after["b"] is before["b"]


def test_objects_on_the_way_are_made_and_items_of_lists_are_replaced():
    assert paths.put({}, ["a", "b", "c"], 1) == {"a": {"b": {"c": 1}}}
    assert paths.put(TREE, ["orders", "A1", "items", "0"], "z")["orders"]["A1"]["items"] == ["z", {"id": 7}]


def test_a_list_grows_and_is_made_where_there_is_none():
    assert paths.append({}, ["a", "log"], 1) == {"a": {"log": [1]}}
    assert paths.append({"log": [1]}, ["log"], [2]) == {"log": [1, [2]]}


def test_what_is_removed_is_gone_and_what_is_not_there_stays_away():
    assert paths.remove({"a": {"x": 1, "y": 2}}, ["a", "x"]) == {"a": {"y": 2}}
    assert paths.remove({"a": [1, 2, 3]}, ["a", "1"]) == {"a": [1, 3]}
    assert paths.remove({"a": 1}, ["a"]) == {}
    tree = {"a": 1}
    assert paths.remove(tree, ["b", "c"]) is tree


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        (paths.put, "orders.A1.status.deep", "'orders.A1.status' is the value 'open', which has nothing inside"),
        (paths.put, "orders.A1.items.5", "the list at 'orders.A1.items' has no item '5'"),
        (paths.put, "orders.A1.items.x", "the list at 'orders.A1.items' has no item 'x'"),
        (paths.append, "orders.A1", "'orders.A1' is an object, not a list"),
        (paths.append, "orders.A1.status", "'orders.A1.status' is the value 'open', not a list"),
    ],
)
def test_a_place_that_cannot_be_changed_is_told(change, path, told):
    with pytest.raises(NoPlace, match=f"^{told}$"):
        change(TREE, paths.split(path), 1)


def test_null_has_nothing_inside():
    with pytest.raises(NoPlace, match="'a' is null"):
        paths.put({"a": None}, ["a", "b"], 1)


@given(TREES.filter(lambda tree: isinstance(tree, dict)), PARTS, st.integers(10, 20))
def test_what_was_put_is_found_and_what_was_removed_is_not(tree, parts, value):
    try:
        after = paths.put(tree, parts, value)
    except NoPlace:
        return
    assert paths.find(after, parts) == value
    if isinstance(paths.find(after, parts[:-1]), dict):
        assert paths.find(paths.remove(after, parts), parts) is ABSENT


def test_no_path_takes_more_than_linear_time():
    began = time.perf_counter()
    for path in ("{{a" * 30_000, "{{a}}." * 30_000, "." * 30_000):
        paths.split(path)
    assert time.perf_counter() - began < 1
