"""Commands that stop simulations, go on with them and play more, in real processes."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from contextlib import suppress

import pytest
from processes import environment, model_server, records, server, sparring, started, until, words

SCRIPT = """
price: {agent: 0.25, user: 0.05, judge: 0.1}
agent: [{say: It is cancelled.}]
user: [{when: {turn: 1}, say: Please cancel it.}, {end: done}]
judge: [{verdict: met, reason: It says so., cite: [{agent: cancelled}]}]
"""
PRICE = 0.45
"""USD of each trial on that script."""

SUITE = """
name: Shop
agent: {{name: Shop agent, model: "{agent}", instructions: Cancel orders.}}
user_model: {user}
judge_model: {judge}
trials: {trials}
scenarios:
  - name: Cancel
    instructions: You want to cancel.
    expect: {{assertions: [The agent cancels the order.]}}
"""


def write_suite(folder, *, scripted=True, trials=4):
    names = [f"openai:{role}" for role in ("agent", "user", "judge")]
    agent, user, judge = ["scripted:script.yaml"] * 3 if scripted else names
    (folder / "script.yaml").write_text(SCRIPT)
    (folder / "suite.yaml").write_text(SUITE.format(agent=agent, user=user, judge=judge, trials=trials))


def shown(folder):
    result = sparring(folder, "show", "--json")
    return json.loads(result.stdout)


def trials_of(folder):
    return shown(folder)["scenarios"][0]["trials"]


@pytest.fixture
def slow(tmp_path):
    """A model server that takes its time, and the environment that leads to it."""
    write_suite(tmp_path, scripted=False, trials=6)
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--latency", "60", "--record", record) as url:
        yield {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}, record


def test_a_budget_stops_a_run_which_says_how_to_go_on(tmp_path):
    write_suite(tmp_path)
    run = sparring(tmp_path, "run", "suite.yaml", "--budget", "0.9", "--concurrency", "1")
    assert run.returncode == 3, run.stderr
    assert "4 trials, at no cost, with a budget of $0.90." in run.stderr
    assert (
        "The budget of $0.90 is spent; it was paused at $0.90. 2 of 4 trials are played; go on with:" in run.stderr
    )
    told = next(line for line in run.stderr.splitlines() if "go on with:" in line)
    words = told.partition("-m sparring ")[2].split()
    assert words[0] == "resume"
    assert words[2:] == ["--budget", "1.8"]
    assert "2 passed, 2 still to come" in run.stdout
    too_small = sparring(tmp_path, "resume")
    assert too_small.returncode == 2
    assert "has spent $0.90, and its budget would be $0.90; resume it with a larger one" in too_small.stderr
    resumed = sparring(tmp_path, *words)
    assert resumed.returncode == 0, resumed.stderr
    assert "4 trials: 4 passed · cost $1.80 (agent $1.00, user $0.40, judge $0.40)" in resumed.stdout


def test_a_threshold_that_the_budget_leaves_open_is_undecided(tmp_path):
    write_suite(tmp_path)
    budget = ("--budget", "0.9", "--concurrency", "1")
    assert sparring(tmp_path, "run", "suite.yaml", *budget, "--fail-under", "pass^1=1").returncode == 3
    assert sparring(tmp_path, "resume", "--budget", "9").returncode == 0


def test_a_budget_is_of_one_suite_and_above_nothing(tmp_path):
    write_suite(tmp_path)
    two = sparring(tmp_path, "run", "suite.yaml", "suite.yaml", "--budget", "1")
    assert two.returncode == 2
    assert "A budget is that of one simulation" in two.stderr
    assert sparring(tmp_path, "run", "suite.yaml", "--budget", "0").returncode == 2


def test_a_budget_that_cannot_see_what_is_spent_says_so(tmp_path, slow):
    run = sparring(tmp_path, "run", "suite.yaml", "--trials", "1", "--budget", "5", **slow[0])
    assert run.returncode == 0, run.stderr
    for role in ("agent", "user", "judge"):
        assert f"The budget does not count what openai:{role} costs: no list tells its price." in run.stderr


def test_above_a_dollar_a_person_at_a_terminal_is_asked(tmp_path):
    write_suite(tmp_path, scripted=False, trials=100)
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        suite.read_text().replace("openai:agent", "openai:gpt-4o").replace("openai:user", "openai:gpt-4o")
    )
    suite.write_text(suite.read_text().replace("openai:judge", "openai:gpt-4.1"))
    code, printed = at_a_terminal(tmp_path, "run", "suite.yaml", answer=b"n\n", OPENAI_API_KEY="any")
    assert code == 130
    assert re.search(r"100 trials, for about \$\d", printed)
    assert "Play them? [Y/n]" in printed
    assert "There is no simulation" in sparring(tmp_path, "show").stderr


def at_a_terminal(folder, *arguments, answer, **more):
    """Run a command on a terminal and answer its question; its exit code and what it printed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words(arguments), cwd=folder, env=environment(folder, **more), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    printed = b""
    try:
        while b"?" not in printed:
            printed += os.read(ours, 4096)
        os.write(ours, answer)
        with suppress(OSError):
            while more_of_it := os.read(ours, 4096):
                printed += more_of_it
        return process.wait(timeout=30), printed.decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_more_trials_keep_those_that_there_are(tmp_path):
    write_suite(tmp_path, trials=2)
    assert sparring(tmp_path, "run", "suite.yaml").returncode == 0
    before = trials_of(tmp_path)
    more = sparring(tmp_path, "more", "--trials", "5")
    assert more.returncode == 0, more.stderr
    assert "3 trials, at no cost." in more.stderr
    assert "5 trials: 5 passed" in more.stdout
    after = trials_of(tmp_path)
    assert after[:2] == before
    (tmp_path / "at-once").mkdir()
    write_suite(tmp_path / "at-once", trials=5)
    sparring(tmp_path / "at-once", "run", "suite.yaml")
    at_once = trials_of(tmp_path / "at-once")
    assert [trial["seed"] for trial in after] == [trial["seed"] for trial in at_once]
    again = sparring(tmp_path, "more", "--trials", "5")
    assert again.returncode == 2
    assert "There are 5 trials of each already, and 5 were asked for." in again.stderr


def test_only_what_errored_is_played_again(tmp_path):
    write_suite(tmp_path)
    (tmp_path / "script.yaml").write_text(SCRIPT.replace("agent: [{", "agent: [{when: {chance: 0.5}, "))
    assert sparring(tmp_path, "run", "suite.yaml").returncode == 3
    before = trials_of(tmp_path)
    errored = [trial["id"] for trial in before if trial["outcome"] == "error"]
    assert 0 < len(errored) < 4
    write_suite(tmp_path)
    retried = sparring(tmp_path, "retry")
    assert retried.returncode == 0, retried.stderr
    assert f"{len(errored)} trial{'s' if len(errored) > 1 else ''} to play again." in retried.stderr
    after = trials_of(tmp_path)
    assert [trial["id"] for trial in after] == [trial["id"] for trial in before]
    assert [trial["outcome"] for trial in after] == ["passed"] * 4
    assert [t for t in after if t["id"] not in errored] == [t for t in before if t["id"] not in errored]
    nothing = sparring(tmp_path, "retry")
    assert nothing.returncode == 2
    assert "has nothing that ended in an error" in nothing.stderr


def test_a_pause_from_another_terminal_ends_the_run_after_what_is_at_play(tmp_path, slow):
    keys, record = slow
    with started(tmp_path, "run", "suite.yaml", "--trials", "40", "--concurrency", "2", **keys) as run:
        until(lambda: records(record), "the run plays")
        id = shown(tmp_path)["simulation"]["id"]
        paused = sparring(tmp_path, "pause", id[:10])
        assert paused.returncode == 0, paused.stderr
        assert paused.stdout.startswith("Shop is paused; ")
        assert run.wait(timeout=60) == 3
        assert re.search(r"Paused on request\. \d+ of 40 trials are played; go on with:", run.stdout.read())
    assert 2 <= shown(tmp_path)["summary"]["finished"] < 40
    assert sparring(tmp_path, "pause", id).stderr == "sparring: The simulation is paused already.\n"
    resumed = sparring(tmp_path, "resume", **keys)
    assert resumed.returncode == 0, resumed.stderr
    assert "40 trials: 40 passed" in resumed.stdout


def test_a_cancel_waits_five_seconds_at_most_for_what_is_at_play(tmp_path):
    write_suite(tmp_path, scripted=False)
    with (
        model_server(tmp_path, "--latency", "60000") as url,
        started(tmp_path, "run", "suite.yaml", OPENAI_BASE_URL=url, OPENAI_API_KEY="any") as run,
    ):
        until(lambda: sparring(tmp_path, "show").returncode == 0, "there is a simulation")
        until(lambda: all(trial["started_at"] for trial in trials_of(tmp_path)), "it plays")
        cancelled = sparring(tmp_path, "cancel", shown(tmp_path)["simulation"]["id"])
        asked = time.monotonic()
        assert cancelled.returncode == 0, cancelled.stderr
        assert run.wait(timeout=30) == 3
        assert time.monotonic() - asked < 7
    assert shown(tmp_path)["summary"]["outcomes"]["cancelled"] == 4


def test_beside_a_server_the_commands_hand_their_trials_to_it(tmp_path, slow):
    keys, _ = slow
    with server(tmp_path, **keys) as (process, ask):
        run = sparring(tmp_path, "run", "suite.yaml", "--trials", "1", **keys)
        assert run.returncode == 0, run.stderr
        (made,) = ask("GET", "/v1/simulation/results")["results"]
        more = sparring(tmp_path, "more", "--trials", "3", **keys)
        assert more.returncode == 0, more.stderr
        assert f"The server of process {process.pid} plays on this database" in more.stderr
        seen = ask("GET", f"/v1/simulation/results/{made['_id']}")
        assert (seen["total_runs"], seen["completed_runs"], seen["info"]["num_trials"]) == (3, 3, 3)
        with started(tmp_path, "more", "--trials", "9", **keys) as watching:
            until(lambda: ask("GET", f"/v1/simulation/results/{made['_id']}")["total_runs"] == 9, "it plays")
            ask("POST", f"/v1/simulation/results/{made['_id']}/pause")
            assert watching.wait(timeout=60) == 3
        assert sparring(tmp_path, "resume", **keys).returncode == 0
        assert sparring(tmp_path, "cancel", made["_id"]).returncode == 2


@pytest.mark.parametrize("holder", [("run", "suite.yaml"), ("serve", "--port", "0")], ids=lambda words: words[0])
def test_sigterm_lets_running_trials_store_their_message_and_ends_with_0(tmp_path, slow, holder):
    keys, record = slow
    if holder[0] == "serve":
        queued = sparring(tmp_path, "run", "suite.yaml", "--trials", "1", **keys)
        assert queued.returncode == 0
        with started(tmp_path, "more", "--trials", "6", **keys) as more:
            until(lambda: len(records(record)) > 8, "there is something left to play")
            more.send_signal(signal.SIGTERM)
            assert more.wait(timeout=30) == 0
    begun = len(records(record))
    with (
        started(tmp_path, *holder, "--concurrency", "3", **keys)
        if holder[0] == "run"
        else started(tmp_path, *holder, SPARRING_CONCURRENCY="3", **keys) as process
    ):
        until(lambda: len(records(record)) > begun + 2, "it plays")
        asked = time.monotonic()
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert time.monotonic() - asked < 10
    answered = len(records(record))
    result = shown(tmp_path)
    stored = sum(
        len([m for m in trial["messages"] if m["role"] in ("user", "assistant")])
        for trial in result["scenarios"][0]["trials"]
    )
    judged = sum(trial["outcome"] is not None for trial in result["scenarios"][0]["trials"])
    assert stored + judged == answered, "every answer that was paid for is kept"
    assert sparring(tmp_path, "resume", **keys).returncode == 0
    assert shown(tmp_path)["summary"]["finished"] == 6
