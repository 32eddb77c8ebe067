"""What goes wrong around a simulation gets a clear answer, and loses nothing: disks, locks and providers."""

import sqlite3
import subprocess

import pytest
from processes import model_server, records, server, sparring, started, until

SUITE = """
name: Bookshop
agent: {name: Bookshop agent, model: "openai:agent", instructions: You sell books.}
user_model: openai:user
judge_model: openai:judge
trials: 24
scenarios:
  - name: Late parcel
    instructions: Ask where your parcel is.
    expect: {assertions: [The agent looks into the order.]}
"""
TRIALS = 24
CALLS = 8
"""Of a trial with the model server's polite default: three messages and the end, three answers, the judge."""

ROLES = {"SPARRING_USER_MODEL": "openai:user", "SPARRING_JUDGE_MODEL": "openai:judge"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    return tmp_path


def room(folder):
    """A size that a database which is there already outgrows while trials are played."""
    assert sparring(folder, "doctor").returncode == 0
    return (folder / "sparring.db").stat().st_size // 1024 + 60


def test_a_disk_that_fills_up_ends_a_run_which_goes_on_when_there_is_room(folder):
    record = folder / "record.jsonl"
    kib = room(folder)
    with model_server(folder, "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}
        full = sparring(folder, "run", "suite.yaml", kib=kib, **keys)
        assert full.returncode == 2, full.stdout + full.stderr
        assert "Look at the disk and at its free space" in full.stderr
        assert "Traceback" not in full.stderr
        played = len(records(record))
        assert played
        done = sparring(folder, "resume", **keys)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{TRIALS} of {TRIALS}" in done.stdout
        again = len(records(record)) - CALLS * TRIALS
        assert 0 <= again <= TRIALS, "of each trial, at most the answer that found no room is asked for again"


def test_a_disk_that_fills_up_ends_a_server_which_goes_on_when_there_is_room(folder):
    record = folder / "record.jsonl"
    kib = room(folder)
    with model_server(folder, "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any", **ROLES}
        with server(folder, kib=kib, **keys) as (process, ask):
            batch = submitted(ask)
            assert process.wait(timeout=60) == 2
            assert "Look at the disk and at its free space" in process.stdout.read()
        with server(folder, **keys) as (_, ask):
            until(lambda: ask("GET", f"/v1/batch-runs/{batch}")["status"] == "completed", "the batch is over")
            assert ask("GET", f"/v1/batch-runs/{batch}")["successfulAttempts"] == TRIALS


def submitted(ask):
    """The id of a batch run of one test case."""
    model = {"agentSettings": {"llmModel": "openai:agent"}}
    agent = ask("POST", "/v1/agents", {"agentName": "Agent", "instructions": "You sell books.", **model})[
        "agentId"
    ]
    case = {"agentId": agent, "userPrompt": "Ask for your parcel.", "successCriteria": "It is.", "attempt": TRIALS}
    made = ask("POST", "/v1/test-cases", case)["testCaseId"]
    return ask("POST", "/v1/batch-runs", {"agentId": agent, "testCases": [made]})["batchId"]


def test_a_run_waits_for_another_programs_write_to_end(folder):
    record = folder / "record.jsonl"
    room(folder)
    with model_server(folder, "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}
        other = sqlite3.connect(folder / "sparring.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with started(folder, "run", "suite.yaml", **keys) as run:
            with pytest.raises(subprocess.TimeoutExpired):
                run.wait(timeout=2)
            assert not records(record), "nothing is played before it is stored"
            other.execute("ROLLBACK")
            other.close()
            assert run.wait(timeout=60) == 0
            assert f"{TRIALS} of {TRIALS}" in run.stdout.read()


def test_a_provider_in_trouble_is_waited_out_and_every_trial_is_judged(folder):
    faults = "429=0.1:0.05,500:0.05,html:0.05,malformed:0.05,nothing:0.05,broken:0.05"
    with model_server(folder, "--faults", faults) as url:
        done = sparring(folder, "run", "suite.yaml", "--trials", "8", OPENAI_BASE_URL=url, OPENAI_API_KEY="any")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 of 8" in done.stdout


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("401", "answered 401"),
        ("404", "Check the name 'user'"),
        ("length", "finish_reason length"),
    ],
)
def test_what_asking_again_cannot_mend_is_told_with_the_role_and_the_model(folder, fault, told):
    record = folder / "record.jsonl"
    with model_server(folder, "--faults", f"{fault}:1", "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-secret-of-this-test"}
        done = sparring(folder, "run", "suite.yaml", "--trials", "2", **keys)
    assert done.returncode == 3, done.stdout + done.stderr
    shown = " ".join(done.stdout.split())
    assert "The simulated user's model openai:user" in shown
    assert told in shown
    assert "secret-of-this-test" not in done.stdout + done.stderr
    assert len(records(record)) == 2 or not fault.isdigit(), "a refusal is not asked for twice"
