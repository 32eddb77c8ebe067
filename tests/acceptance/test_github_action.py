"""The steps of the GitHub Action, run as GitHub runs them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
SUITE = """\
name: Bookshop
agent: {model: "scripted:polite", instructions: Help.}
user_model: scripted:polite
judge_model: scripted:polite
scenarios:
  - name: Late parcel
    instructions: Ask.
    expect: {assertions: [The agent answers.], said: [unicorn]}
  - name: Greeting
    instructions: Greet.
    expect: {assertions: [The agent answers.]}
"""


@pytest.fixture
def play(tmp_path):
    """Runs the step that plays, with inputs; what it printed, its exit code and the files of GitHub."""
    program = tmp_path / "sparring" / "bin" / "sparring"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sparring "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "suite.yaml").write_text(SUITE, encoding="utf-8")

    def run(**inputs):
        given = {name: str(value.get("default", "")) for name, value in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        step = STEPS["Play"]
        put = {
            name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: given[match[1]], value)
            for name, value in step["env"].items()
        }
        files = {name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=tmp_path,
            env={**os.environ, **put, **files, "GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        read = {
            name: Path(path).read_text(encoding="utf-8") for name, path in files.items() if Path(path).exists()
        }
        return done, read

    return run


def test_a_failing_scenario_is_marked_on_its_line_and_told_in_the_summary(play, tmp_path):
    done, files = play(suite="suite.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    marks = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert len(marks) == 1
    assert marks[0].startswith("::error file=suite.yaml,line=6,title=Late parcel%3A 0 of 1 trials passed::")
    assert "| Late parcel | failed |" in files["GITHUB_STEP_SUMMARY"]
    assert files["GITHUB_OUTPUT"] == "exit-code=1\n"
    assert '<testcase classname="Bookshop" name="Late parcel"' in (tmp_path / "sparring-junit.xml").read_text()
    assert (tmp_path / "sparring-report.html").exists()


def test_inputs_become_arguments(play):
    done, files = play(
        suite="suite.yaml",
        fail_under="pass^1=0.4\npass^2=0",
        trials="2",
        arguments="--only\nparcel\n--only\nGreet",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1.00" in done.stdout
    assert files["GITHUB_OUTPUT"] == "exit-code=0\n"


def test_several_suites_are_played_without_report_files(play, tmp_path):
    done, _ = play(suite="suite.yaml\nsuite.yaml\n", fail_under="pass^1=0.5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "sparring-junit.xml").exists()


def test_everything_that_installing_needs_is_there():
    named = re.findall(r'"\$GITHUB_ACTION_PATH/([^"]+)"', STEPS["Install"]["run"])
    assert named
    assert all((ROOT / name).is_file() for name in named)
