"""The published JSON Schema takes what the reader takes."""

from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.adapters.suites.test_suite_round_trip import SUITES

from sparring.adapters.suites import dump_suite, parse_suite
from sparring.adapters.suites.places import Source
from sparring.adapters.suites.problems import Problems
from sparring.adapters.suites.schema import suite_schema
from sparring.domain.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[4]
CHECK = jsonschema_rs.validator_for(suite_schema())


def mistakes(text):
    document = Source("suite.yaml", text, None, Problems()).document().value()
    return [f"{list(error.instance_path)}: {error.message[:200]}" for error in CHECK.iter_errors(document)]


def test_the_schema_is_one_itself():
    jsonschema_rs.meta.validate(suite_schema())


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/suite.yaml")), ids=lambda path: path.parent.name)
def test_an_example_fits(path):
    assert mistakes(path.read_text(encoding="utf-8")) == []


@pytest.mark.slow
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(SUITES)
def test_what_is_written_fits(suite):
    assert mistakes(dump_suite(suite)) == []


@pytest.mark.parametrize(
    "change",
    [
        "agnet: {instructions: x}",
        "trials: 0",
        "trials: many",
        "thresholds: {pass^1: 2}",
        "defaults: {name: x}",
        "limits: {max_step: 3}",
    ],
)
def test_the_schema_and_the_reader_refuse_the_same(change):
    text = f"agent: {{instructions: Help.}}\nscenarios: [{{name: One, instructions: Ask.}}]\n{change}\n"
    with pytest.raises(InvalidInput):
        parse_suite(text)
    assert mistakes(text)
