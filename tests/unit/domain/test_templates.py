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
