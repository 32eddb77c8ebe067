"""`{{variables}}` in texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import templates

VARIABLES = {
    "name": "Amelia",
    "days": 2,
    "vip": True,
    "none": None,
    "price": 1.5,
    "accents": ["é"],
    "lead": {"name": "Bo", "cards": [{"last": "42"}, "x"], "cards.0": "inside"},
    "lead.name": "whole key",
    "echo": "{{name}}",
}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {{name}}!", "Hi Amelia!"),
        ("{{ name }}{{\tname\n}}", "AmeliaAmelia"),
        ("{{days}} {{vip}} {{none}} {{price}}", "2 true null 1.5"),
        ("{{lead.name}}", "whole key"),
        ("{{lead.cards.0.last}} {{lead.cards.1}}", "42 x"),
        ("{{lead.cards}}", '[{"last":"42"},"x"]'),
        ("{{lead.cards.2}} {{lead.cards.-1}} {{name.first}}", "{{lead.cards.2}} {{lead.cards.-1}} {{name.first}}"),
        ("{{unknown}} {{ un known }}", "{{unknown}} {{ un known }}"),
        ("{{echo}}", "{{name}}"),
        ("{{}} {{ }} {name} {{name} {{{name}}}", "{{}} {{ }} {name} {{name} {Amelia}"),
        ("{{accents}}", '["é"]'),
        ("no variable", "no variable"),
        ("", ""),
    ],
)
def test_a_text_is_filled_in_once_and_keeps_what_it_does_not_know(text, filled):
    assert templates.fill(text, VARIABLES) == filled


@given(st.text(), st.text())
def test_a_value_is_put_in_as_it_is_whatever_it_holds(before, value):
    before = before.replace("{", "").replace("}", "")
    assert templates.fill(before + "{{x}}", {"x": value, "y": "wrong"}) == before + value


@given(st.text(alphabet="{} a.\n", max_size=30))
def test_names_and_fill_agree_on_what_a_variable_is(text):
    known = {name: "" for name in templates.names(text)}
    assert templates.unknown([text], known) == []
    assert templates.names(templates.fill(text, {})) == templates.names(text)


def test_names_come_in_order_and_each_once():
    assert templates.names("{{b}} {{ a.c }} {{b}} {{ }}") == ["b", "a.c"]


def test_unknown_names_are_found_over_all_texts():
    assert templates.unknown(["{{name}} {{x}}", "{{y.z}} {{x}} {{lead.cards}}"], VARIABLES) == ["x", "y.z"]


def test_a_variable_is_used_by_its_whole_name_or_by_a_path_that_begins_with_it():
    variables = {"lead": {"name": 1}, "a.b": 2, "idle": 3}
    assert templates.unused(["{{lead.name}} {{a.b}}"], variables) == ["idle"]
    assert templates.unused(["{{a.b}}"], {"a": {"b": 1}, "a.b": 2}) == ["a"]


def test_looking_up_what_is_not_there_says_so():
    assert templates.look_up("lead.cards.0.last", VARIABLES) == "42"
    with pytest.raises(KeyError, match=r"lead\.age"):
        templates.look_up("lead.age", VARIABLES)


@pytest.mark.parametrize("text", ["{{a" + " " * 100_000, "{{" * 50_000, "{{ " * 50_000 + "}}", "{{a{{" * 30_000])
def test_no_text_takes_more_than_linear_time(text):
    began = time.process_time()
    templates.fill(text, {"a": 1})
    templates.names(text)
    assert time.process_time() - began < 0.5


ORDERS = {"orders": {"A1": {"status": "open"}, "A.2": {"status": "closed"}}, "id": "A1", "dotted": "A.2"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{orders.{{id}}.status}}", "open"),
        ("{{ orders.{{ dotted }}.status }}", "closed"),
        ("{{orders.{{gone}}.status}}", "{{orders.{{gone}}.status}}"),
        ("{{gone.{{id}}}}", "{{gone.A1}}"),
        ("{{ {{id}} }}", "{{ A1 }}"),
        ("{{a {{id}} b {{id}} c}}", "{{a A1 b A1 c}}"),
        ("{{orders.{{id}}", "{{orders.A1"),
    ],
)
def test_a_part_of_a_path_may_be_a_placeholder_itself(text, filled):
    assert templates.fill(text, ORDERS) == filled


def test_names_inside_of_names_are_asked_for_too():
    assert templates.names("{{orders.{{id}}.status}}") == ["id", "orders.{{id}}.status"]
    assert templates.unknown(["{{orders.{{id}}.status}} {{orders.{{no}}}}"], ORDERS) == ["no", "orders.{{no}}"]


def test_the_first_scope_that_has_a_name_answers():
    first, second = {"state": "Ohio"}, {"state": {"x": 1}, "y": 2}
    assert templates.fill("{{state}} {{state.x}} {{y}}", first, second) == "Ohio 1 2"
    assert templates.look_up("state.x", first, second) == 1


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("{{days}}", 2),
        ("{{ none }}", None),
        ("{{lead.cards}}", [{"last": "42"}, "x"]),
        ("{{days}}.", "2."),
        (" {{days}}", " 2"),
        ("{{unknown}}", "{{unknown}}"),
        (["{{days}}", {"{{name}}": "{{vip}}"}], [2, {"Amelia": True}]),
        ("{{days}}{{days}}", "22"),
    ],
)
def test_a_value_that_is_one_placeholder_takes_its_type(value, filled):
    assert templates.put_in(value, VARIABLES) == filled


def test_a_value_without_placeholders_stays_the_same_object():
    value = {"a": [1, {"b": ("c", None)}], "{x}": "{{unclosed"}
    assert templates.put_in(value, VARIABLES) is value


def test_values_are_shown_in_a_text_as_they_are_asked_to_be():
    assert templates.fill("{{days}}|{{gone.{{days}}}}", VARIABLES, shown=repr) == "2|{{gone.2}}"


@pytest.mark.parametrize(
    "text", ["{{" + "a{{b}}" * 30_000, "{{a{{b}}" * 30_000, "{{{{a}}" * 30_000, "{{a}}." * 30_000]
)
def test_placeholders_inside_of_others_take_linear_time_too(text):
    began = time.perf_counter()
    templates.names(text)
    templates.fill(text, {"b": "x"})
    assert time.perf_counter() - began < 1
