"""Two processes on one SQLite file: one of them plays, and nothing waits for a process that has ended.

The first process is stopped (SIGSTOP) while the second one starts, so that they meet however slow the machine is.
"""

import signal

import pytest
from processes import model_server, records, sparring, started, until

SUITE = """
name: Bookshop
agent: {name: Bookshop agent, model: "openai:agent", instructions: You sell books.}
user_model: openai:user
judge_model: openai:judge
trials: 2
scenarios:
  - name: Late parcel
    instructions: Ask where your parcel is.
    expect: {assertions: [The agent looks into the order.]}
"""

PASSED = "2 trials: 2 passed"


@pytest.fixture
def models(tmp_path):
    """A slow model server, the environment that leads to it, and its record."""
    (tmp_path / "suite.yaml").write_text(SUITE)
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--latency", "100", "--record", record) as url:
        yield {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}, record


def test_a_second_run_plays_once_the_first_has_ended(tmp_path, models):
    keys, record = models
    with started(tmp_path, "run", "suite.yaml", **keys) as first:
        until(lambda: records(record), "the first run plays")
        first.send_signal(signal.SIGSTOP)
        with started(tmp_path, "run", "suite.yaml", **keys) as second:
            waits = f"Process {first.pid} plays on this database; this is played once"
            until(lambda: waits in second.stdout.readline(), "the second sees the first")
            first.send_signal(signal.SIGCONT)
            assert second.wait(timeout=60) == 0
            assert PASSED in second.stdout.read()
        assert first.wait(timeout=30) == 0
        assert PASSED in first.stdout.read()


@pytest.mark.parametrize("holder", [("run", "suite.yaml"), ("serve", "--port", "0")], ids=lambda words: words[0])
def test_a_run_goes_on_by_itself_when_the_process_that_played_is_killed(tmp_path, models, holder):
    keys, record = models
    lock = tmp_path / "sparring.db.lock"
    with started(tmp_path, *holder, **keys) as first:
        until(lambda: lock.exists() and str(first.pid) in lock.read_text(), "the first process plays")
        if holder[0] == "run":
            until(lambda: records(record), "the first run plays")
            first.send_signal(signal.SIGSTOP)
        with started(tmp_path, "run", "suite.yaml", **keys) as second:
            until(lambda: "plays on this database" in second.stdout.readline(), "the second sees the first")
            until(lambda: records(record), "the first plays trials of its own, or those of the second")
            first.send_signal(signal.SIGKILL)
            assert second.wait(timeout=60) == 0
            assert PASSED in second.stdout.read()


def test_ctrl_c_beside_a_server_leaves_the_trials_to_it(tmp_path, models):
    keys, record = models
    with started(tmp_path, "serve", "--port", "0", **keys) as server:
        assert "serves" in server.stdout.readline()
        with started(tmp_path, "run", "suite.yaml", **keys) as run:
            until(lambda: records(record), "the server plays")
            run.send_signal(signal.SIGINT)
            assert run.wait(timeout=30) == 130
            assert "The server goes on playing it" in run.stdout.read()
        until(lambda: PASSED in sparring(tmp_path, "show").stdout, "the server has played it")


def test_a_server_beside_a_run_says_who_plays(tmp_path, models):
    keys, record = models
    with started(tmp_path, "run", "suite.yaml", **keys) as run:
        until(lambda: records(record), "the run plays")
        run.send_signal(signal.SIGSTOP)
        refused = sparring(tmp_path, "serve", "--port", "0", **keys)
        assert refused.returncode == 2
        assert f"({run.pid}) already plays" in refused.stderr
        run.send_signal(signal.SIGCONT)
        assert run.wait(timeout=30) == 0
