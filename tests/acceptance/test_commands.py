"""The commands as a person types them, in real processes."""

import os
import pty
import re
import signal
import socket
import subprocess

import orjson
import pytest
from processes import environment, model_server, records, sparring, started, until

FAILING = """
name: Bookshop
agent: {name: Bookshop agent, model: "scripted:clerk.yaml", instructions: You sell books.}
user_model: scripted:clerk.yaml
judge_model: scripted:clerk.yaml
trials: 2
scenarios:
  - name: Late parcel
    instructions: Ask where your parcel is.
    expect: {assertions: [The agent looks into the order.]}
"""

CLERK = """
agent:
  - say: "I am not allowed to look at orders."
user:
  - when: {turn: 2}
    end: "It is no use."
  - say: "Where is my parcel?"
judge:
  - verdict: not_met
    reason: The agent refused to look.
    quote: "not allowed to look"
"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "suite.yaml").write_text(FAILING)
    (tmp_path / "clerk.yaml").write_text(CLERK)
    return "suite.yaml"


def test_the_demo_gives_the_same_figures_every_time_and_its_last_lines_work(tmp_path):
    first, second = sparring(tmp_path, "demo"), sparring(tmp_path, "demo")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    table = first.stdout.split("32 trials")[0]
    assert without_times(table) == without_times(second.stdout.split("32 trials")[0])
    for told in ("pass^1", "pass^4", "Interval", "flaky", "Why trials failed"):
        assert told in table


def test_the_last_lines_of_the_demo_work_when_they_are_pasted(tmp_path):
    folder = tmp_path / "a folder"
    folder.mkdir()
    done = sparring(folder, "demo", "--trials", "1", "--database", "sqlite:///my own.db")
    shown, served, written = pasted = done.stdout.splitlines()[-3:]
    assert all(line.startswith("  ") for line in pasted)
    assert "0 agent" in in_a_shell(folder, shown)
    assert "my-agent/suite.yaml" in in_a_shell(folder, written)
    with subprocess.Popen(
        ["bash", "-c", f"exec {served} --port 0"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert "database sqlite:///my own.db" in server.stdout.readline()
        server.terminate()


def in_a_shell(folder, line):
    """What a line that was printed gives when it is pasted into a shell."""
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment(folder), capture_output=True, text=True, check=True
    ).stdout


def without_times(text):
    return re.sub(r"\d[\d.]* (ms|s)\b|\s+|─+", " ", text)


def test_the_demo_reports_without_progress_or_colour_where_nobody_watches(tmp_path):
    done = sparring(tmp_path, "demo")
    assert "\x1b" not in done.stdout + done.stderr
    assert "running" not in done.stdout


def test_the_version_is_told(tmp_path):
    done = sparring(tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"sparring \d+\.\d+\.\d+\n", done.stdout)


def test_reports_lead_to_the_server_that_is_named(tmp_path, suite):
    public = {"SPARRING_PUBLIC_URL": "https://sparring.example.com/"}
    done = sparring(tmp_path, "run", suite, "--junit", "report.xml", **public)
    page = re.search(
        r"^Its page: (https://sparring.example.com/simulations/[0-9a-f]{24})$", done.stdout, re.MULTILINE
    )[1]
    assert f'name="url" value="{page}"' in (tmp_path / "report.xml").read_text()


def test_a_suite_in_which_trials_fail_ends_with_1_and_the_reason(tmp_path, suite):
    done = sparring(tmp_path, "run", suite, "--json", "out.json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not allowed to look" in done.stdout
    assert "scripted:" in done.stderr, "the models are told before the start"
    report = orjson.loads((tmp_path / "out.json").read_bytes())
    assert report["summary"]["outcomes"] == {"failed": 2}


@pytest.mark.parametrize(
    ("bar", "code"), [("pass^1=0", 0), ("pass^1=0.5", 1), ("pass^3=0.5", 3), ("pass^2=0.0", 0)]
)
def test_bars_decide_the_exit_code(tmp_path, suite, bar, code):
    done = sparring(tmp_path, "run", suite, "--fail-under", bar)
    assert done.returncode == code
    told = "warning: pass^3 stays open: it needs 3 trials of a scenario, and 2 trials of each are played."
    assert (told in done.stderr) is (code == 3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "missing.yaml"], "missing.yaml"),
        (["run", "suite.yaml", "--fail-under", "90%"], "pass^1=0.9"),
        (["run", "suite.yaml", "--only", "nothing"], "Late parcel"),
        (["run", "suite.yaml", "--model", "openai:gpt-5-mini"], "OPENAI_API_KEY"),
        (["run", "suite.yaml", "--model", "gtp-4o-mini"], "gpt-4o-mini"),
        (["run", "suite.yaml", "--user-model", "opanai:gpt-4o"], "openai"),
        (["run", "suite.yaml", "--json", "."], "it is a folder"),
        (["demo", "--html", "nowhere/out.html"], "nowhere"),
        (["demo", "--model", "openai:gpt-5-mini", "--yes"], "OPENAI_API_KEY"),
        (["run", "suite.yaml", "--json", "nowhere/out.json"], "nowhere"),
        (["run", "suite.yaml", "--database", "mysql://x"], "sqlite:///"),
        (["run", "suite.yaml", "--database", "sqlite:////nowhere/at/all.db"], "/nowhere/at"),
        (["show", "zzz"], "zzz"),
        (["show"], "no"),
        (["resume"], "unfinished"),
        (["cancel", "abc"], "abc"),
        (["keys", "revoke", "abcd"], "abcd"),
        (["export", "--format", "pdf"], ""),
        (["export", "suite.yaml"], "suite.yaml is a file; --format html takes a simulation"),
        (["compare"], "no simulation"),
        (["compare", "none.json", "none.json"], "none.json"),
        (["compare", "clerk.yaml", "clerk.yaml"], "no json"),
        (["run", "suite.yaml", "--baseline", "none.json"], "none.json"),
        (["run", "suite.yaml", "--fail-worse"], "--baseline"),
        (["run", "suite.yaml", "suite.yaml", "--baseline", "a.json"], "one suite"),
        (["import", "tau2", "none.json"], "none.json"),
        (["frobnicate"], "frobnicate"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_ends_with_2_and_one_clear_sentence(tmp_path, suite, arguments, told):
    done = sparring(tmp_path, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_of_several_suites_none_is_stored_where_one_cannot_be_played(tmp_path, suite):
    (tmp_path / "other.yaml").write_text(FAILING.replace("scripted:clerk.yaml", "gtp-4o", 1))
    done = sparring(tmp_path, "run", suite, "other.yaml")
    assert done.returncode == 2
    assert "gtp-4o" in done.stderr
    assert "no simulation" in sparring(tmp_path, "show").stderr


def test_a_scenario_that_expects_nothing_is_a_warning(tmp_path, suite):
    (tmp_path / suite).write_text(FAILING.rpartition("    expect:")[0])
    done = sparring(tmp_path, "run", suite)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning: Late parcel: Nothing is expected of the agent" in done.stderr


def test_a_misspelt_model_of_the_agent_is_told_before_what_else_is_missing(tmp_path):
    (tmp_path / "suite.yaml").write_text(re.sub(r"(?m)^(user|judge)_model.*\n", "", FAILING))
    done = sparring(tmp_path, "run", "suite.yaml", "--model", "gtp-4o-mini")
    assert done.returncode == 2
    assert "gpt-4o-mini" in done.stderr


def test_init_writes_a_suite_that_plays(tmp_path):
    assert sparring(tmp_path, "init", "mine").returncode == 0
    assert sparring(tmp_path, "init", "mine").returncode == 2
    done = sparring(tmp_path, "run", "mine/suite.yaml", "--trials", "1", "--only", "Out of scope")
    assert done.returncode == 0, done.stdout + done.stderr


def test_keys_are_shown_once_and_can_be_revoked(tmp_path):
    made = orjson.loads(sparring(tmp_path, "keys", "create", "--name", "ci", "--json").stdout)
    listed = sparring(tmp_path, "keys", "list").stdout
    assert "ci" in listed
    assert made["key"] not in listed
    assert sparring(tmp_path, "keys", "revoke", made["hint"]).returncode == 0
    assert orjson.loads(sparring(tmp_path, "keys", "list", "--json").stdout)[0]["revoked"] is True


def test_the_doctor_names_what_to_set(tmp_path):
    done = sparring(tmp_path, "doctor")
    assert done.returncode == 0
    assert "set OPENAI_API_KEY" in done.stdout
    with model_server(tmp_path) as url:
        done = sparring(tmp_path, "doctor", "--json", OPENAI_BASE_URL=url)
    found = {one["what"]: one["state"] for one in orjson.loads(done.stdout)}
    assert found["provider openai"] == "ok"
    done = sparring(tmp_path, "doctor", OPENAI_BASE_URL=url)
    assert done.returncode == 2
    assert "OPENAI_BASE_URL" in done.stdout


def test_the_doctor_tells_a_misspelt_setting_and_what_is_wrong_in_the_configuration(tmp_path):
    done = sparring(tmp_path, "doctor", SPARRING_USER_MODL="openai:gpt-5-mini", SPARRING_AGENT_TOKEN="mine")
    assert done.returncode == 0
    assert "SPARRING_USER_MODL is no setting; SPARRING_USER_MODEL is." in done.stdout
    assert "SPARRING_AGENT_TOKEN" not in done.stdout
    (tmp_path / "sparring.toml").write_text('[providers.mine]\nbase_url = "localhost"\n')
    done = sparring(tmp_path, "doctor")
    assert done.returncode == 2
    assert re.search(r"✗ configuration +\[providers.mine\] base_url is no address", done.stdout)


def test_a_port_in_use_is_told_before_anything_else(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in ("serve", "mock-llm"):
            done = sparring(tmp_path, command, "--port", port)
            assert done.returncode == 2
            assert port in done.stderr
    assert not (tmp_path / "sparring.db").exists()


def test_ctrl_c_stops_cleanly_and_resume_goes_on(tmp_path, suite):
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--script", "clerk.yaml", "--latency", "300", "--record", record) as url:
        names = ("--model", "openai:agent", "--user-model", "openai:user", "--judge-model", "openai:judge")
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}
        with started(tmp_path, "run", suite, *names, **keys) as process:
            until(lambda: len(records(record)) >= 2, "two requests")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 130
            assert "resume" in process.stdout.read()
        done = sparring(tmp_path, "resume", **keys)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "0 of 2" in done.stdout
        assert len(records(record)) == 2 * 4, "nothing was asked twice"


def test_a_second_ctrl_c_ends_at_once(tmp_path, suite):
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--script", "clerk.yaml", "--latency", "20000", "--record", record) as url:
        names = ("--model", "openai:agent", "--user-model", "openai:user", "--judge-model", "openai:judge")
        with started(tmp_path, "run", suite, *names, OPENAI_BASE_URL=url, OPENAI_API_KEY="any") as process:
            until(lambda: len(records(record)) >= 1, "a request")
            process.send_signal(signal.SIGINT)
            until(lambda: "Stopping" in process.stdout.readline(), "the first Ctrl-C was heard")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=5) == 130


def test_a_run_beside_a_server_is_played_by_the_server(tmp_path, suite):
    with started(tmp_path, "serve", "--port", "0") as server:
        assert "serves" in server.stdout.readline()
        done = sparring(tmp_path, "run", suite)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "plays on this database" in done.stderr
        assert "0 of 2" in done.stdout
        assert "in order" in sparring(tmp_path, "doctor").stdout
        again = sparring(tmp_path, "serve", "--port", "0")
        assert again.returncode == 2
        assert "already plays" in again.stderr
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0


def test_the_demo_on_a_real_model_tells_models_and_price_before_it_plays(tmp_path):
    with model_server(tmp_path) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}
        done = sparring(tmp_path, "demo", "--model", "openai:gpt-5-nano", "--trials", "1", "--yes", **keys)
    assert done.returncode == 0, done.stderr
    assert "agent openai:gpt-5-nano · user openai:gpt-5-mini · judge openai:gpt-4.1" in done.stderr
    assert "8 trials, for a price that no list tells" in done.stderr
    assert "8 scenarios × 1 trial" in done.stdout


def test_the_demo_is_not_played_on_a_real_model_where_nobody_agrees(tmp_path):
    person, terminal = pty.openpty()
    os.write(person, b"n\n")
    try:
        done = sparring(tmp_path, "demo", "--model", "openai:gpt-5-nano", stdin=terminal, OPENAI_API_KEY="any")
    finally:
        os.close(person)
        os.close(terminal)
    assert done.returncode == 0, done.stderr
    assert "32 trials, for about $" in done.stderr
    assert "no simulation" in sparring(tmp_path, "show").stderr
