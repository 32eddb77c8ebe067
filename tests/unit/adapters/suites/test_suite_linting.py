"""What is found in suites that can be read and whose verdicts are hard to trust."""

from pathlib import Path

import pytest

from sparring.adapters.suites.linting import lint_suite

SUITE = """\
agent:
  instructions: You help Amelia Sanchez. Orders look like {{order}}.
  tools:
    - {name: find}
    - {name: refund}
    - {type: function, function: {name: idle}}
    - {name: bye, ends: true}
variables: {order: A1B2C3}
scenarios:
  - name: One
    instructions:
      task_instructions: Ask.
      known_info: You are Amelia Sanchez and ordered {{order}}.
    mocks:
      find: {returns: 1}
      fnd: {returns: 1}
    expect:
      assertions:
        - The agent answers appropriately.
        - {assertion: The agent finds the order and refunds it., required: false}
        - The agent names the day.
      actions: [{name: refund}]
      forbidden: [refund]
  - name: Two
    instructions: Ask.
"""


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE, encoding="utf-8")
    return [str(problem).removeprefix(f"{path}:") for problem in lint_suite(path)]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("6:41: agent.tools[2].function.name:", "no scenario mocks, expects or forbids 'idle'"),
        ("12:7: scenarios[0].instructions:", "the agent's prompt has 'Amelia Sanchez' already"),
        ("12:7: scenarios[0].instructions:", "the agent's prompt has 'A1B2C3' already"),
        (
            "16:12: scenarios[0].mocks.fnd:",
            "this mock answers 'fnd', which nobody has as a tool. Did you mean 'find'?",
        ),
        ("18:7: scenarios[0].expect:", "'refund' is expected and forbidden"),
        ("19:11: scenarios[0].expect.assertions[0]:", "'appropriately' leaves to the judge what passes"),
        ("20:23: scenarios[0].expect.assertions[1].assertion:", "'and refunds it'"),
        ("24:5: scenarios[1]:", "the scenario 'Two' checks nothing"),
    ],
)
def test_a_weakness_is_told_with_its_place(found, place, words):
    assert [line for line in found if line.startswith(place) and words in line], found


def test_nothing_else_is_found(found):
    assert len(found) == 8


def test_the_bundled_suite_has_nothing_to_mend():
    assert lint_suite(Path(__file__).parents[4] / "examples" / "airline" / "suite.yaml") == []
