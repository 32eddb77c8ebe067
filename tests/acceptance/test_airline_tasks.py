"""The main job on real input: tau2-bench's airline tasks, imported, played over HTTP, judged and reported."""

from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest
from processes import model_server, records, sparring

from sparring.adapters.imports.tau2_tools import WRITING

AIRLINE = Path(__file__).resolve().parents[3] / "shared" / "data" / "tau2" / "airline"


@pytest.mark.skipif(
    not AIRLINE.is_dir(), reason="tau2-bench's airline tasks are not at ../shared/data/tau2/airline"
)
def test_fifty_airline_tasks_are_imported_played_judged_and_reported(tmp_path):
    done = sparring(
        tmp_path, "import", "tau2", AIRLINE / "tasks.json", "--policy", AIRLINE / "policy.md", "-o", "suite.yaml"
    )
    assert done.returncode == 0, done.stderr
    assert "50 scenarios" in done.stderr
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--record", record) as url:
        done = sparring(
            tmp_path,
            *("run", "suite.yaml", "--trials", "2"),
            *("--model", "openai:agent", "--user-model", "openai:user", "--judge-model", "openai:judge"),
            *("--json", "out.json", "--junit", "out.xml", "--html", "out.html", "--markdown", "out.md"),
            OPENAI_BASE_URL=url,
            OPENAI_API_KEY="any",
        )
    assert done.returncode == 1, done.stdout + done.stderr
    tasks = orjson.loads((AIRLINE / "tasks.json").read_bytes())
    idle = sum(_is_met_by_doing_nothing(task["evaluation_criteria"]) for task in tasks)
    report = orjson.loads((tmp_path / "out.json").read_bytes())
    assert report["summary"]["outcomes"] == {"passed": 2 * idle, "failed": 2 * (50 - idle)}
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert len(list(suite.iter("testcase"))) == 50
    asked = [one for one in records(record) if one["role"] == "judge"]
    judged = sum(bool(task["evaluation_criteria"]["nl_assertions"]) for task in tasks)
    assert len(asked) == 2 * judged
    users = "".join(one["request"]["messages"][0]["content"] for one in records(record) if one["role"] == "user")
    for task in tasks:
        told = task["user_scenario"]["instructions"]
        assert told["reason_for_call"].strip().splitlines()[0] in users
    judges = orjson.dumps([one["request"]["messages"] for one in asked]).decode()
    assert "amelia_sanchez_4739" not in judges, "what only the simulated user is told is not for the judge"


def _is_met_by_doing_nothing(criteria):
    """Whether a polite agent that calls no tool and names no figure does all that a task demands."""
    names = {action["name"] for action in criteria["actions"]}
    return not criteria["communicate_info"] and names.isdisjoint(WRITING["airline"])
