"""Files of expectations: a suite, a scenario's expectations, or a list of sentences."""

import pytest

from sparring.adapters.suites.expectation_files import load_expectations
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Expectations, ExpectedWords, ForbiddenAction


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "checks.yaml"
        path.write_text(text)
        return load_expectations(path)

    return load


def test_a_list_of_sentences_are_assertions(load):
    assert load("- It looks.\n- {assertion: It is kind., required: false}\n") == Expectations(
        assertions=("It looks.", "It is kind."), optional_assertions=(1,)
    )


def test_a_mapping_is_what_a_scenario_expects(load):
    assert load(
        "assertions: [It looks.]\nforbidden: [pay]\nsaid: [{contains: refund, absent: true}]"
    ) == Expectations(
        assertions=("It looks.",),
        forbidden=(ForbiddenAction(name="pay"),),
        said=(ExpectedWords(contains="refund", absent=True),),
    )


def test_a_suite_expects_by_scenario(load):
    suite = """
agent: {name: Clerk, model: 'scripted:x.yaml', instructions: Sell.}
scenarios:
  - {name: A, instructions: Ask., expect: {assertions: [One.]}}
  - {name: B, instructions: Ask.}
"""
    assert load(suite) == {"A": Expectations(assertions=("One.",)), "B": Expectations()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("assertion: [x]", "there is no field 'assertion' here"),
        ("{}", "expected a list of assertions, a mapping with assertions, actions"),
        ("[]", "expected a list of assertions"),
        ("- {a: 1}", "checks.yaml:1:3: assertions"),
        ("- [", "not valid YAML"),
    ],
)
def test_a_file_that_expects_nothing_or_something_else_is_told_with_its_place(load, text, told):
    with pytest.raises(InvalidInput, match=told):
        load(text)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InvalidInput, match="no such file"):
        load_expectations(tmp_path / "none.yaml")
