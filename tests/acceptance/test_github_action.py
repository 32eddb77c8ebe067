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


FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


def step(name, folder, action=ROOT, **inputs):
    """Run a step in a folder as GitHub does; what it printed, its exit code and what it wrote to GitHub's files."""
    found = STEPS[name]
    given = {name: str(value.get("default", "")) for name, value in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    put = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: given[match[1]], value)
        for name, value in found.get("env", {}).items()
    }
    script = folder / "step.sh"
    script.write_text(found["run"], encoding="utf-8")
    files = {name: folder / name.lower() for name in FILES}
    for file in files.values():
        file.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
            **put,
            **{name: str(file) for name, file in files.items()},
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(action),
            "RUNNER_TEMP": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done, {name: file.read_text(encoding="utf-8") for name, file in files.items()}


def heeded(printed):
    """The lines in which GitHub looks for commands."""
    token = None
    for line in printed.splitlines():
        if token is None and line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif token is not None and line == f"::{token}::":
            token = None
        elif token is None:
            yield line


@pytest.fixture
def play(tmp_path):
    """Runs the step that plays, with inputs, on this program as it is."""
    program = tmp_path / "sparring" / "bin" / "sparring"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sparring "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "suite.yaml").write_text(SUITE, encoding="utf-8")

    return lambda **inputs: step("Play", tmp_path, **inputs)


def test_a_failing_scenario_is_marked_on_its_line_and_told_in_the_summary(play, tmp_path):
    done, files = play(suite="suite.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    marks = [line for line in heeded(done.stdout) if line.startswith("::")]
    assert len(marks) == 1
    assert marks[0].startswith("::error file=suite.yaml,line=6,title=Late parcel%3A 0 of 1 trials passed::")
    assert "| Late parcel | failed |" in files["GITHUB_STEP_SUMMARY"]
    assert files["GITHUB_OUTPUT"] == "exit-code=1\n"
    assert '<testcase classname="Bookshop" name="Late parcel"' in (tmp_path / "sparring-junit.xml").read_text()
    assert (tmp_path / "sparring-report.html").exists()


def test_what_an_agent_says_commands_nothing(play, tmp_path):
    said = "::error::x " * 40
    (tmp_path / "clerk.yaml").write_text(
        "agent: [{say: Hello.}]\n"
        "user: [{when: {turn: 2}, end: Done.}, {say: Hello.}]\n"
        f"judge: [{{verdict: not_met, reason: '{said}', quote: Hello}}]\n",
        encoding="utf-8",
    )
    (tmp_path / "suite.yaml").write_text(SUITE.replace("scripted:polite", "scripted:clerk.yaml"), encoding="utf-8")
    done, _ = play(suite="suite.yaml")
    commands = [line for line in done.stdout.splitlines() if line.lstrip().startswith("::error::x")]
    assert commands, "a line that is folded begins with what was said"
    assert not set(commands) & set(heeded(done.stdout))


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


def test_a_mistake_in_a_suite_is_marked_where_it_stands(play, tmp_path):
    (tmp_path / "bad.yaml").write_text(SUITE.replace("assertions", "asertions"), encoding="utf-8")
    done, files = play(suite="bad.yaml")
    assert (done.returncode, files["GITHUB_OUTPUT"]) == (2, "exit-code=2\n")
    first, second = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert first.startswith(
        "::error file=bad.yaml,line=8,col=14::bad.yaml:8:14: scenarios[0].expect: there is no field"
    )
    assert second.startswith("::error file=bad.yaml,line=11,col=14::")


def test_the_summary_tells_what_became_of_it_since_the_baseline(play, tmp_path):
    play(suite="suite.yaml", arguments="--json\nmain.json")
    (tmp_path / "suite.yaml").write_text(SUITE.replace(", said: [unicorn]", ""), encoding="utf-8")
    done, files = play(suite="suite.yaml", arguments="--baseline\nmain.json\n--markdown\nreport.md")
    assert done.returncode == 0, done.stdout + done.stderr
    _, _, told = files["GITHUB_STEP_SUMMARY"].partition("## Compared with before\n\n**")
    assert told.startswith("This may be chance: 1 of 2 scenarios got better")
    assert "0 of 1  1 of 1   +1.00" in told
    assert files["GITHUB_STEP_SUMMARY"] == (tmp_path / "report.md").read_text(encoding="utf-8")


def test_a_suite_is_marked_by_its_path_in_the_checkout_wherever_the_step_runs(play, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    done, _ = play(suite="suite.yaml")
    assert f"::error file={tmp_path.name}/suite.yaml,line=6," in done.stdout
    (tmp_path / "bad.yaml").write_text(SUITE.replace("name: Bookshop", "nam: Bookshop"), encoding="utf-8")
    assert f"::error file={tmp_path.name}/bad.yaml,line=1," in play(suite="bad.yaml")[0].stdout


@pytest.mark.long
def test_the_steps_work_from_a_checkout_alone(tmp_path):
    action, folder = tmp_path / "action", tmp_path / "job"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(action)], check=True)
    folder.mkdir()
    (folder / "suite.yaml").write_text(SUITE, encoding="utf-8")
    installed, _ = step("Install", folder, action)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    done, files = step("Play", folder, action, suite="suite.yaml", fail_under="pass^1=0.5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert files["GITHUB_OUTPUT"] == "exit-code=0\n"
    assert "| Greeting | passed |" in files["GITHUB_STEP_SUMMARY"]
    again, _ = step("Install", folder, action)
    assert again.returncode == 0, again.stdout + again.stderr


def test_everything_that_installing_needs_is_there():
    named = re.findall(r'"\$GITHUB_ACTION_PATH/([^"]+)"', STEPS["Install"]["run"])
    assert named
    assert all((ROOT / name).is_file() for name in named)
