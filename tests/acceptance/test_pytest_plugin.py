"""Suites as tests of pytest, in a process of its own."""

import subprocess
import sys

import pytest
from processes import environment

SUITE = """\
name: Bookshop
agent: {name: Clerk, model: "scripted:clerk.yaml", instructions: You sell books.}
user_model: scripted:clerk.yaml
judge_model: scripted:clerk.yaml
trials: 2
scenarios:
  - name: Late parcel
    tags: [smoke]
    instructions: Ask where your parcel is.
    expect: {assertions: [The agent looks into the order.]}
  - name: Greeting
    instructions: Greet.
"""
CLERK = """\
agent:
  - say: I am not allowed to look at orders.
user:
  - when: {turn: 2}
    end: It is no use.
  - say: Where is my parcel?
judge:
  - when: {shows: [{agent: "looked into"}]}
    verdict: met
    reason: The agent looked.
    quote: looked into
  - verdict: not_met
    reason: The agent refused to look.
    quote: not allowed to look
"""


@pytest.fixture
def ran(tmp_path):
    """Writes a file of tests and runs pytest on it; what it printed and its exit code."""
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "clerk.yaml").write_text(CLERK)

    def run(body, *arguments):
        (tmp_path / "test_agent.py").write_text(f"import pytest\n\n{body}")
        plugins = [] if "xdist" in arguments else ["-p", "no:xdist"]
        given = [one for one in arguments if one != "xdist"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis",
             "-p", "no:langsmith_plugin", "-W", "ignore", "-ra", *plugins, *given],
            cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr, done.returncode

    return run


def test_a_failure_tells_the_check_the_reason_and_the_words(ran):
    told, code = ran(
        '@pytest.mark.sparring(suite="suite.yaml", trials=3)\ndef test_it(simulate):\n    simulate()\n'
    )
    assert code == 1
    for words in (
        "Of 6 trials 3 failed.",
        "Late parcel: 0 of 3 trials passed",
        "✗ The agent looks into the order.",
        "The agent refused to look.",
        "[1] agent: “not allowed to look”",
    ):
        assert words in told, told
    assert "Traceback" not in told


def test_thresholds_choices_and_an_agent_of_ones_own_decide_what_passes(ran):
    told, code = ran(
        "async def mine(message, history):\n    return 'I have looked into it.'\n\n"
        '@pytest.mark.sparring(suite="suite.yaml")\n'
        "class TestSuite:\n"
        "    def test_thresholds(self, simulate):\n        simulate(fail_under='pass^1=0.5')\n"
        "    def test_names(self, simulate):\n        assert simulate(only=['greet']).passed == 2\n"
        "    def test_tags(self, simulate):\n        assert simulate(only=['smoke'], gate=False).failed == 2\n"
        "    def test_agent(self, simulate):\n        assert simulate(agent=mine).pass_hat(2) == 1\n"
        "    async def test_async(self, simulate):\n        assert simulate(agent=mine).passed == 4\n",
        "-o", "asyncio_mode=auto",
    )  # fmt: skip
    assert code == 0, told
    assert "5 passed" in told


def test_tests_are_shared_out_over_processes(ran):
    told, code = ran(
        '@pytest.mark.sparring(suite="suite.yaml", only=["greet"])\n'
        '@pytest.mark.parametrize("n", range(4))\ndef test_it(simulate, n):\n    simulate()\n',
        "xdist", "-n", "2",
    )  # fmt: skip
    assert code == 0, told
    assert "4 passed" in told


def test_answers_are_recorded_once_and_then_replayed(ran, tmp_path):
    marker = '@pytest.mark.sparring(suite="suite.yaml", only=["greet"], cassettes="tapes")'
    body = f"{marker}\ndef test_it(simulate):\n    simulate()\n"
    told, code = ran(body)
    assert (code, "Nothing was recorded in" in told) == (1, True), told
    assert ran(body, "--sparring-record")[1] == 0
    (tmp_path / "clerk.yaml").write_text("agent: []\nuser: []\njudge: []\n")
    told, code = ran(body)
    assert code == 0, told


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("@pytest.mark.sparring(trials=2)\n", "No suite is named"),
        ("@pytest.mark.sparring('suite.yaml')\n", "takes arguments by name only"),
        ("@pytest.mark.sparring(suit='suite.yaml')\n", "no option 'suit'"),
        ("@pytest.mark.sparring(suite='other.yaml')\n", "other.yaml: there is no such file"),
        ("@pytest.mark.sparring(suite='suite.yaml', fail_under='90%')\n", "fail_under takes pass^K=RATE"),
        ("@pytest.mark.sparring(suite='suite.yaml', only='nobody')\n", "has 'nobody' in its name"),
    ],
)
def test_a_wrong_marker_is_told(ran, marker, words):
    told, code = ran(f"{marker}def test_it(simulate):\n    simulate()\n")
    assert code != 0
    assert words in told, told
    assert "pytest_plugin.py" not in told, "a mistake of the test is told without this program's lines"


def test_other_tests_load_nothing_of_the_program(ran):
    told, code = ran(
        "import sys\n\ndef test_it():\n    assert not [name for name in sys.modules if name.startswith('sparring.')"
        " and name != 'sparring.pytest_plugin']\n"
    )
    assert code == 0, told
