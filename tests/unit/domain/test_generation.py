"""Variables that are made up for each trial."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import forms, generation, patterns
from sparring.domain.errors import ScenarioFault
from sparring.domain.generation import Generator, NameKind
from sparring.domain.played import as_played
from sparring.domain.scenario import Scenario
from sparring.domain.transcript import AgentMessage, Side, SystemMessage, ToolCall, ToolResult, UserMessage

TODAY = {"today": "2024-01-31"}
SEEDS = st.integers(0, 2**63 - 1)


def made(generator, seed=1, variables=TODAY):
    return generation.values({"x": generator}, variables, seed)["x"]


def test_the_same_seed_makes_the_same_values_on_every_machine():
    generated = {
        "order": Generator(pattern="[A-Z]{3}[0-9]{3}"),
        "day": Generator(date="+3..+10 days"),
        "back": Generator(date="+1 month", relative_to="day"),
        "name": Generator(name=NameKind.FULL),
        "mail": Generator(text="{{order}}@example.com"),
        "kind": Generator(one_of=("gold", 2, None)),
        "number": Generator(integer=(5, 9)),
    }
    assert generation.values(generated, TODAY, 0) == {
        "today": "2024-01-31",
        "order": "RWA970",
        "day": "2024-02-10",
        "back": "2024-03-10",
        "name": "Ivan Andersen",
        "mail": "RWA970@example.com",
        "kind": None,
        "number": 8,
    }
    others = [generation.values(generated, TODAY, seed)["order"] for seed in range(50)]
    assert len(set(others)) == 50


def test_one_more_variable_changes_none_of_the_others():
    few = {"a": Generator(integer=(0, 10**6))}
    more = {"b": Generator(integer=(0, 10**6)), **few}
    assert generation.values(few, {}, 7)["a"] == generation.values(more, {}, 7)["a"]
    assert generation.values(more, {}, 7)["a"] != generation.values(more, {}, 7)["b"]


@given(
    SEEDS,
    st.sampled_from(
        [
            "[A-Z]{3}[0-9]{3}",
            r"(AB|CD)-\d{2,4}x?",
            r"#W\d{7}",
            "[a-c_-]{1,5}",
            r"\[\w{3}\]",
            "a|b|",
            "(?:x){0}y",
            "[é-ë]",
        ]
    ),
)
def test_what_is_made_after_a_pattern_is_found_whole_by_it(seed, pattern):
    text = made(Generator(pattern=pattern), seed)
    assert patterns.found(f"^(?:{pattern})$", text)


@given(SEEDS, st.integers(-5, 5), st.integers(0, 5))
def test_numbers_and_choices_stay_within_their_bounds(seed, low, span):
    assert low <= made(Generator(integer=(low, low + span)), seed) <= low + span
    assert made(Generator(one_of=("a", "b")), seed) in ("a", "b")


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("today", "2024-01-31"),
        ("+0 days", "2024-01-31"),
        ("+1 day", "2024-02-01"),
        ("-2 weeks", "2024-01-17"),
        ("+1 month", "2024-02-29"),
        ("-2 months", "2023-11-30"),
        ("+13 months", "2025-02-28"),
        ("+1 year", "2025-01-31"),
        (" +3 .. +3 days ", "2024-02-03"),
    ],
)
def test_dates_are_counted_from_today(told, day):
    assert made(Generator(date=told)) == day


@given(SEEDS)
def test_a_span_of_dates_holds_both_of_its_ends(seed):
    day = date.fromisoformat(made(Generator(date="-1..+1 days"), seed))
    assert abs((day - date(2024, 1, 31)).days) <= 1


@given(SEEDS)
def test_names_have_the_part_that_is_asked_for(seed):
    assert made(Generator(name=NameKind.FULL), seed).count(" ") == 1
    assert " " not in made(Generator(name=NameKind.FIRST), seed)
    assert " " not in made(Generator(name=NameKind.LAST), seed)


@pytest.mark.parametrize(
    ("generator", "told"),
    [
        (Generator(), "nothing says how"),
        (Generator(one_of=()), "one_of is empty"),
        (Generator(integer=(2, 1)), "no whole number from 2 to 1"),
        (Generator(date="soon"), "the date 'soon' is not of a form"),
        (Generator(date="+5..+1 days"), "upside down"),
        (Generator(date="+1 day", relative_to="start"), "relative to the variable 'start', which there is not"),
        (Generator(date="+1 day", relative_to="word"), "the variable 'word' is 'x', not a date of the form"),
        (Generator(date="+99999 years"), "outside of the years 1 to 9999"),
        (Generator(date="+999999 weeks"), "outside of the years 1 to 9999"),
        (Generator(pattern="[A-"), "not closed"),
    ],
)
def test_what_cannot_be_made_up_is_told_by_its_name(generator, told):
    variables = {**TODAY, "word": "x"}
    with pytest.raises(ScenarioFault, match=f"The variable 'x' cannot be generated: .*{told}"):
        made(generator, variables=variables)
    assert told in generation.flaws({"x": generator}, variables)["x"]


def test_variables_that_refer_to_each_other_in_a_circle_are_told():
    circle = {"a": Generator(text="{{b}}"), "b": Generator(text="{{c.d}}"), "c": Generator(text="{{a}}")}
    assert generation.flaws(circle, {})["a"] == (
        "The generated variables refer to each other in a circle: a -> b -> c -> a."
    )
    assert set(generation.flaws(circle, {})) == {"a", "b", "c"}
    assert generation.flaws({"a": Generator(text="{{x}}")}, {"x": 1}) == {}


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("a*", r"'\*' at 2 says any number of times"),
        ("a+", "says at least once"),
        (".", "says any character"),
        ("[^a]", "names what must not stand there"),
        ("[a", "'\\[' at 1 is not closed"),
        ("[]", "is empty"),
        ("[z-a]", "the span z-a is upside down"),
        ("[a-\\d]", "upside down"),
        ("[\0-\uffff]", "more than 1000 characters"),
        ("(a", "'\\(' at 1 is not closed"),
        ("a)", "'\\)' stands at 2 without"),
        ("a{2", "does not say how often"),
        ("a{x}", "does not say how often"),
        ("a{3,2}", "upside down"),
        ("a{2}{3}", "'{' at 5 has no meaning"),
        ("?", "'\\?' at 1 has no meaning"),
        ("a\\", "ends in a backslash"),
        ("\\b", "is not understood"),
        ("a{999}b{999}", "longer than 1000 characters"),
        ("((){9999}){9999}", "longer than 1000 characters"),
        ("(" * 30 + "a" + ")" * 30, "deeper than 20 levels"),
    ],
)
def test_a_pattern_that_is_not_understood_says_where_and_why(pattern, told):
    with pytest.raises(ValueError, match=told):
        forms.parse(pattern)


def test_anchors_around_a_pattern_change_nothing():
    assert forms.parse("^[AB]$") == forms.parse("[AB]")
    assert made(Generator(pattern=r"a\$")) == "a$"


def test_no_pattern_takes_long():
    began = time.perf_counter()
    for pattern in ("(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9})", "a?" * 400, "(a|" * 15 + "b" + ")" * 15):
        try:
            forms.made(forms.parse(pattern), lambda size: size - 1)
        except ValueError:
            continue
    assert time.perf_counter() - began < 1


CALL = ToolCall(id="c", name="look", arguments={"id": "{{order}}", "n": "{{days}}"})
SCENARIO = Scenario(
    variables={"days": 2},
    generated={"order": Generator(pattern="[A-Z]{3}")},
    history=(
        SystemMessage(text="Order {{order}}."),
        UserMessage(text="Where is {{order}}?"),
        AgentMessage(text=None, calls=(CALL,)),
        ToolResult(call_id="c", name="look", text="{{order}} is {{unknown}}"),
    ),
)


def test_a_trial_plays_the_scenario_with_its_own_values():
    played = as_played(SCENARIO, 5)
    order = played.variables["order"]
    assert played.variables == {"days": 2, "order": order}
    assert played.generated == {}
    system, user, agent, result = played.history
    assert (system.text, user.text, agent.text) == (f"Order {order}.", f"Where is {order}?", None)
    assert agent.calls[0].arguments == {"id": order, "n": 2}
    assert result.text == f"{order} is {{{{unknown}}}}"
    assert as_played(SCENARIO, 5) == played
    assert as_played(SCENARIO, 6).variables["order"] != order


def test_a_scenario_without_anything_to_make_up_is_played_as_it_is():
    plain = Scenario(
        variables={"a": 1},
        history=(
            UserMessage(text=None, calls=(ToolCall(id="c", name="t", arguments={"x": 1}),)),
            ToolResult(call_id="c", name="t", text="fine", side=Side.USER),
        ),
    )
    assert as_played(plain, 5) is plain
