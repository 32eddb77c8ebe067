"""A process that is killed goes on from the last stored message, and pays for nothing twice."""

import signal

import orjson
import pytest
from processes import model_server, records, server, sparring, started, until

from sparring.dialects.sigmamind.demo import CASE

SCENARIOS = 6
CALLS = 8

AGENT_MODEL = {"agentSettings": {"llmModel": "openai:agent"}}

SCRIPT = """
user:
  - when: {turn: 4}
    end: "That is all."
  - say: "Question {{turn}}."
agent:
  - say: "Answer {{turn}}."
judge:
  - verdict: met
    reason: The agent answered.
    quote: "Answer 1"
"""


def suite(folder, url):
    scenarios = [
        {
            "name": f"Scenario {number}",
            "instructions": {"task_instructions": f"You are caller {number}. Ask three questions."},
            "expect": {"assertions": ["The agent answers."]},
        }
        for number in range(SCENARIOS)
    ]
    agent = {"name": "Agent", "model": "openai:agent", "instructions": "Answer."}
    body = {
        "name": "Recovery",
        "agent": agent,
        "user_model": "openai:user",
        "judge_model": "openai:judge",
        "trials": 1,
        "scenarios": scenarios,
    }
    (folder / "suite.json").write_bytes(orjson.dumps(body))
    (folder / "script.yaml").write_text(SCRIPT)


def caller(request):
    """Which scenario a request of the simulated user's belongs to."""
    system = request["messages"][0]["content"]
    return next(number for number in range(SCENARIOS) if f"caller {number}." in system)


def journalled(folder):
    """How many messages of the simulated user each scenario has in the journal."""
    shown = orjson.loads(sparring(folder, "show", "--json").stdout)
    return {
        int(scenario["name"].split()[-1]): sum(
            message["role"] == "user" for trial in scenario["trials"] for message in trial["messages"]
        )
        for scenario in shown["scenarios"]
    }


def check_nothing_was_asked_again(before, kept, after):
    """At most one answer a trial was under way at the kill; everything that was journalled is used as it is.

    Args:
        before: requests until the kill.
        kept: by scenario, the messages of the simulated user that were journalled then.
        after: the requests since.
    """
    for one in after:
        if one["role"] != "user":
            continue
        request = one["request"]
        said = sum(message["role"] == "assistant" for message in request["messages"])
        assert said >= kept[caller(request)], "an answer that was journalled was asked for again"
    asked_twice = before + len(after) - CALLS * SCENARIOS
    assert 0 <= asked_twice <= SCENARIOS, "at most one answer a trial was under way at the kill"


def settled(record):
    """How many requests there were, once the model server has written down what it answered to each."""
    until(lambda: all("answer" in one or "status" in one for one in records(record)), "answers written")
    return len(records(record))


@pytest.mark.parametrize("kill_after", [3, 17, 33])
def test_a_killed_run_goes_on_and_asks_for_no_journalled_answer_again(tmp_path, kill_after):
    record = tmp_path / "record.jsonl"
    suite(tmp_path, "")
    with model_server(tmp_path, "--script", "script.yaml", "--latency", "30", "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}
        with started(tmp_path, "run", "suite.json", **keys) as process:
            until(lambda: len(records(record)) >= kill_after, f"{kill_after} requests")
            process.send_signal(signal.SIGKILL)
            process.wait()
        before = settled(record)
        kept = journalled(tmp_path)
        done = sparring(tmp_path, "resume", **keys)
        assert done.returncode == 0, done.stdout + done.stderr
        check_nothing_was_asked_again(before, kept, records(record)[before:])
    shown = orjson.loads(sparring(tmp_path, "show", "--json").stdout)
    assert shown["summary"]["outcomes"] == {"passed": SCENARIOS}


def submitted(ask):
    """The id of a batch run of as many test cases as the suite has scenarios."""
    agent = ask("POST", "/v1/agents", {"agentName": "Agent", "instructions": "Answer.", **AGENT_MODEL})["agentId"]
    cases = [
        ask(
            "POST",
            "/v1/test-cases",
            {
                "agentId": agent,
                "label": f"Scenario {number}",
                "userPrompt": f"You are caller {number}. Ask three questions.",
                "successCriteria": "The agent answers.",
            },
        )
        for number in range(SCENARIOS)
    ]
    named = [case["testCaseId"] for case in cases]
    return ask("POST", "/v1/batch-runs", {"agentId": agent, "testCases": named})["batchId"]


@pytest.mark.parametrize(
    ("kill_after", "how"), [(1, signal.SIGKILL), (17, signal.SIGKILL), (33, signal.SIGKILL), (17, signal.SIGTERM)]
)
def test_a_server_that_was_stopped_goes_on_when_it_is_started_again(tmp_path, kill_after, how):
    record = tmp_path / "record.jsonl"
    (tmp_path / "script.yaml").write_text(SCRIPT)
    models = {"SPARRING_USER_MODEL": "openai:user", "SPARRING_JUDGE_MODEL": "openai:judge"}
    with model_server(tmp_path, "--script", "script.yaml", "--latency", "30", "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any", **models}
        with server(tmp_path, **keys) as (process, ask):
            batch = submitted(ask)
            until(lambda: len(records(record)) >= kill_after, f"{kill_after} requests")
            process.send_signal(how)
            assert process.wait(timeout=30) == (0 if how is signal.SIGTERM else -signal.SIGKILL)
        before = settled(record)
        kept = journalled(tmp_path)
        with server(tmp_path, **keys) as (process, ask):
            until(lambda: ask("GET", f"/v1/batch-runs/{batch}")["status"] == "completed", "the batch is over")
            told = ask("GET", f"/v1/batch-runs/{batch}")
        after = records(record)[before:]
        check_nothing_was_asked_again(before, kept, after)
    assert (told["successfulAttempts"], told["totalAttempts"]) == (SCENARIOS, SCENARIOS)
    if how is signal.SIGTERM:
        assert before + len(after) == CALLS * SCENARIOS, "what was under way is waited for, and kept"


def test_a_second_ctrl_c_ends_a_server_at_once(tmp_path):
    record = tmp_path / "record.jsonl"
    models = {"SPARRING_USER_MODEL": "openai:user", "SPARRING_JUDGE_MODEL": "openai:judge"}
    with model_server(tmp_path, "--latency", "20000", "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any", **models}
        with server(tmp_path, **keys) as (process, ask):
            submitted(ask)
            until(lambda: records(record), "a request")
            process.send_signal(signal.SIGINT)
            until(lambda: "Stopping" in process.stdout.readline(), "the first Ctrl-C was heard")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=5) == 130


def test_a_demonstration_that_was_stopped_while_it_was_set_up_is_whole_the_next_time(tmp_path):
    lock = tmp_path / "sparring.db.lock"
    with started(tmp_path, "serve", "--demo", "--port", "0") as process:
        until(lambda: lock.exists() and lock.read_text(), "the server has begun to fill its database")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, "SIGTERM is heard before anything is served"
    with server(tmp_path, "--demo") as (_, ask):
        assert ask("GET", f"/v1/test-cases/{CASE}")["testCaseId"] == CASE
        until(lambda: len(completed(ask)) == 1, "the demo's suite was played, once")


def completed(ask):
    return [batch for batch in ask("GET", "/v1/batch-runs")["data"] if batch["status"] == "completed"]
