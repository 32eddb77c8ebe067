"""Scenarios as they are written in Python."""

from dataclasses import replace

import pytest

from sparring.domain import scenario as full
from sparring.domain.authoring import Scenario
from sparring.domain.errors import InvalidInput
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.scenario import Expectations, Instructions, Medium


def test_the_everyday_words_stand_for_the_long_form():
    own = ToolMock(sequence=(Answer(value=1),))
    short = Scenario(
        name="Late parcel",
        persona="A patient reader.",
        task="Ask.",
        reason="It is late.",
        known="Ordered on the third.",
        unknown="The number.",
        assertions=["A.", "B."],
        forbidden=["refund"],
        mocks={"look": {"left": 1}, "find": own},
        medium=Medium.EMAIL,
        trials=3,
    )
    long = full.Scenario(
        name="Late parcel",
        persona="A patient reader.",
        instructions=Instructions(
            task="Ask.", reason="It is late.", known="Ordered on the third.", unknown="The number."
        ),
        expect=Expectations(assertions=("A.", "B."), forbidden=("refund",)),
        mocks={"look": ToolMock(otherwise=Answer(value={"left": 1})), "find": own},
        medium=Medium.EMAIL,
        trials=3,
    )
    assert isinstance(short, full.Scenario)
    assert {name: getattr(short, name) for name in full.Scenario.__slots__} == {
        name: getattr(long, name) for name in full.Scenario.__slots__
    }


def test_a_name_is_enough():
    assert Scenario(name="x").instructions == Instructions()
    assert Scenario(name="x").expect == Expectations()


def test_the_long_form_may_be_given_as_well():
    scenario = Scenario(name="x", instructions=Instructions(task="Ask."), expect=Expectations(assertions=("A.",)))
    assert (scenario.instructions.task, scenario.expect.assertions) == ("Ask.", ("A.",))


def test_a_copy_with_changes_is_a_scenario_again():
    copied = replace(Scenario(name="x", task="Ask.", assertions=["A."], mocks={"t": 1}), trials=4)
    assert (copied.trials, copied.instructions.task, copied.expect.assertions) == (4, "Ask.", ("A.",))
    assert copied.mocks == {"t": ToolMock(otherwise=Answer(value=1))}


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"taks": "Ask."}, "taks", "no field 'taks'"),
        ({"task": "a", "instructions": Instructions()}, "instructions", "not both"),
        ({"unknown": "a", "instructions": Instructions()}, "instructions", "not both"),
        ({"assertions": ["A."], "expect": Expectations()}, "expect", "not both"),
        ({"forbidden": ["t"], "expect": Expectations()}, "expect", "not both"),
        ({"assertions": "One sentence."}, "assertions", "a list of sentences"),
    ],
)
def test_a_mistake_is_told_with_its_field(given, field, words):
    with pytest.raises(InvalidInput, match=words) as caught:
        Scenario(name="x", **given)
    assert caught.value.field == field
