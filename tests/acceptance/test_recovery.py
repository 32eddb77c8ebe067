"""A process that is killed goes on from the last stored message, and pays for nothing twice."""

import signal

import orjson
import pytest
from processes import model_server, records, sparring, started, until

SCENARIOS = 6
CALLS = 8

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
        until(lambda: all("answer" in one or "status" in one for one in records(record)), "answers written")
        before = len(records(record))
        kept = journalled(tmp_path)
        done = sparring(tmp_path, "resume", **keys)
        assert done.returncode == 0, done.stdout + done.stderr
        after = records(record)[before:]

    for one in after:
        if one["role"] != "user":
            continue
        request = one["request"]
        said = sum(message["role"] == "assistant" for message in request["messages"])
        assert said >= kept[caller(request)], "an answer that was journalled was asked for again"
    shown = orjson.loads(sparring(tmp_path, "show", "--json").stdout)
    assert shown["summary"]["outcomes"] == {"passed": SCENARIOS}
    asked_twice = before + len(after) - CALLS * SCENARIOS
    assert 0 <= asked_twice <= SCENARIOS, "at most one answer a trial was under way at the kill"
