"""Two simulations beside each other, as a person compares them."""

import json

import pytest
from processes import sparring

SUITE = """
name: Bookshop
agent: {name: Clerk, model: "scripted:MODEL.yaml", instructions: INSTRUCTIONS}
user_model: scripted:good.yaml
judge_model: scripted:good.yaml
trials: 4
scenarios:
  - {name: Late parcel, instructions: Ask where your parcel is., expect: {said: [parcel]}}
  - {name: Torn page, instructions: Complain., expect: {said: [parcel]}}
  - {name: Opening hours, instructions: Ask., expect: {said: [words]}}
"""

SCRIPT = """
agent:
  - say: "SAID"
user:
  - when: {turn: 2}
    end: "That is all."
  - say: "Where is my parcel?"
judge: []
"""


@pytest.fixture
def played(tmp_path):
    """A good agent's simulation in the database and as main.json, and a suite of a worse one."""
    for name, said in (("good", "Your parcel is here, in a few words."), ("bad", "A few words.")):
        (tmp_path / f"{name}.yaml").write_text(SCRIPT.replace("SAID", said))
        text = SUITE.replace("MODEL", name).replace("INSTRUCTIONS", f"You are a {name} clerk.")
        (tmp_path / f"{name}-suite.yaml").write_text(text)
    done = sparring(tmp_path, "run", "good-suite.yaml", "--json", "main.json")
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp_path


def test_a_run_with_a_baseline_tells_what_was_changed_and_what_broke(played):
    done = sparring(played, "run", "bad-suite.yaml", "--baseline", "main.json")
    assert done.returncode == 1
    comparison = done.stdout[done.stdout.index("What was changed") :]
    assert "- You are a good clerk." in comparison or "You are a good clerk. → You are a bad clerk." in comparison
    assert "✗ Late parcel" in comparison
    assert "= 1 the same: 1 passed every time" in comparison
    assert "Worse, and hardly by chance: 2 of 3 scenarios got worse" in comparison
    assert sparring(played, "compare").stdout.endswith(comparison), "the latest with the one before it"


def test_only_a_difference_beyond_chance_fails_where_getting_worse_fails(played):
    bars = ("--fail-under", "pass^1=0", "--fail-worse", "--baseline", "main.json")
    assert sparring(played, "run", "good-suite.yaml", *bars).returncode == 0
    assert sparring(played, "run", "bad-suite.yaml", "--trials", "1", "--only", "Late", *bars).returncode == 0
    assert sparring(played, "run", "bad-suite.yaml", *bars).returncode == 1
    assert sparring(played, "compare", "main.json", "--fail-worse").returncode == 1


def test_reports_are_compared_without_a_database_and_as_json(played):
    (played / "sparring.db").unlink()
    done = sparring(played, "compare", "main.json", "main.json", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["conclusion"] == "equal"
    assert not (played / "sparring.db").exists()


def test_another_judge_is_refused_before_anything_is_played_and_can_be_forced(played):
    other = ("run", "good-suite.yaml", "--judge-model", "scripted:bad.yaml")
    refused = sparring(played, *other, "--baseline", "main.json")
    assert refused.returncode == 2
    assert "The judge model is another one" in refused.stderr
    assert "--force" in refused.stderr
    assert sparring(played, "compare").returncode == 2, "nothing was played, so there is nothing before the first"
    assert sparring(played, *other).returncode == 0
    assert sparring(played, "compare", "main.json").returncode == 2
    forced = sparring(played, "compare", "main.json", "--force")
    assert forced.returncode == 0
    assert "The judge model is another one" in forced.stdout


def played_of(done):
    """The names in the table of a run."""
    names = ("Late parcel", "Torn page", "Opening hours")
    return [name for name in names if f"{name} " in done.stdout.partition("Why trials failed")[0]]


def test_only_what_failed_last_time_is_played_again(played):
    assert sparring(played, "run", "bad-suite.yaml").returncode == 1
    again = sparring(played, "run", "bad-suite.yaml", "--failed")
    assert again.returncode == 1
    assert played_of(again) == ["Late parcel", "Torn page"]
    assert "2 scenarios failed or flaky last time; 1 passed last time" in again.stderr
    mended = sparring(played, "run", "good-suite.yaml", "--failed", "--only", "Late")
    assert mended.returncode == 0
    assert played_of(mended) == ["Late parcel"]
    assert played_of(sparring(played, "run", "good-suite.yaml", "--failed")) == ["Torn page"]


def test_nothing_that_failed_is_said_and_ends_with_0_and_never_played_scenarios_are_named(played):
    new = (played / "good-suite.yaml").read_text() + "  - {name: New one, instructions: Ask.}\n"
    (played / "good-suite.yaml").write_text(new)
    done = sparring(played, "run", "good-suite.yaml", "--failed", "--junit", "report.xml")
    assert done.returncode == 0
    assert "nothing to play: 3 passed last time, 1 never played (not with --failed): New one." in done.stdout
    assert not (played / "report.xml").exists()


def test_a_suite_that_was_never_played_here_has_no_last_time(played):
    done = sparring(played, "run", "good-suite.yaml", "--failed", "--database", "sqlite:///other.db")
    assert done.returncode == 2
    assert "never played" in done.stderr


def test_a_scenario_that_errored_last_time_is_played_again(played):
    good = (played / "good-suite.yaml").read_text()
    (played / "undecided.yaml").write_text(good.replace("{said: [words]}", "{assertions: [It is kind.]}"))
    assert sparring(played, "run", "undecided.yaml").returncode == 3, "the script has nothing to say as the judge"
    assert played_of(sparring(played, "run", "good-suite.yaml", "--failed")) == ["Opening hours"]


def test_a_run_ends_once_it_is_certain_whether_its_bar_is_reached(played):
    many = ("--trials", "60", "--concurrency", "3", "--until-decided")
    short = sparring(played, "run", "bad-suite.yaml", *many, "pass^1=0.9", "--json", "out.json")
    assert short.returncode == 1, short.stderr
    assert "Decided: pass^1 is below 0.9" in short.stdout
    report = json.loads((played / "out.json").read_text())
    assert report["simulation"]["status_reason"].startswith("Decided: pass^1 is below 0.9")
    outcomes = report["summary"]["outcomes"]
    assert outcomes["cancelled"] > 100
    good = sparring(played, "run", "good-suite.yaml", *many, "pass^1=0.8")
    assert good.returncode == 0, "what was cancelled because all is decided is not missing"
    assert "Decided: pass^1 is above 0.8" in good.stdout
    refused = sparring(played, "run", "good-suite.yaml", "--until-decided", "pass^9=0.8")
    assert refused.returncode == 2
    assert "9 trials of each scenario" in refused.stderr
