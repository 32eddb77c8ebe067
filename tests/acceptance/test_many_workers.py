"""A team on PostgreSQL: a server that plays nothing, workers beside it, and the commands as ever."""

import json
import signal
import urllib.error
import urllib.request

import pytest
from processes import server, sparring, started, until

SUITE = {
    "name": "Desk",
    "agent": {"name": "Desk", "model": "scripted:polite", "instructions": "Be kind."},
    "user_model": "scripted:polite",
    "judge_model": "scripted:polite",
    "trials": 3,
    "scenarios": [
        {"name": "Parcel", "instructions": "Ask where it is.", "expect": {"assertions": ["It is kind."]}}
    ],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "suite.json").write_text(json.dumps(SUITE))
    return tmp_path


def test_workers_play_what_comes_in_through_a_server_that_plays_nothing(folder, postgres_url):
    place = {"SPARRING_DATABASE_URL": postgres_url}
    scripted = {f"SPARRING_{role}_MODEL": "scripted:polite" for role in ("AGENT", "USER", "JUDGE")}
    with (
        server(folder, "--no-worker", **place, **scripted) as (_, ask),
        started(folder, "worker", "--concurrency", "2", **place, **scripted) as one,
        started(folder, "worker", "--concurrency", "2", **place, **scripted) as other,
    ):
        for worker in (one, other):
            assert worker.stdout.readline().startswith("Plays up to 2 trials at once")
        agent = ask("POST", "/v1/agents", {"agentName": "Desk", "instructions": "Be kind."})["agentId"]
        case = {
            "agentId": agent,
            "label": "Parcel",
            "userPrompt": "Ask.",
            "successCriteria": "Kind.",
            "attempt": 4,
        }
        cases = [ask("POST", "/v1/test-cases", case)["testCaseId"] for _ in range(3)]
        batch = ask("POST", "/v1/batch-runs", {"agentId": agent, "testCases": cases})
        run = f"/v1/batch-runs/{batch['batchId']}"
        until(lambda: ask("GET", run)["status"] == "completed", "the batch is over")
        for worker in (one, other):
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=30) == 0, worker.stdout.read()


def test_a_worker_tells_how_it_does_where_that_is_asked_for(folder, postgres_url):
    place = {"SPARRING_DATABASE_URL": postgres_url, "SPARRING_API_KEY": "k"}
    with started(folder, "worker", "--metrics-port", "0", **place) as worker:
        address = worker.stdout.readline().split()[-1]
        assert sparring(folder, "run", "suite.json", **place).returncode == 0
        request = urllib.request.Request(address, headers={"X-API-Key": "k"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert 'sparring_trials{status="queued"} 0' in answer.read().decode()
        for path, status in (("/metrics", 401), ("/v1/agents", 401), ("/", 404)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address.removesuffix("/metrics") + path, timeout=10)
            assert refused.value.code == status
            refused.value.close()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0, worker.stdout.read()


def test_the_commands_do_on_postgresql_what_they_do_on_a_file(folder, postgres_url):
    place = {"SPARRING_DATABASE_URL": postgres_url}
    played = sparring(folder, "run", "suite.json", **place)
    assert played.returncode == 0, played.stderr
    assert "3 of 3" in played.stdout
    more = sparring(folder, "more", "--trials", "5", "--yes", **place)
    assert more.returncode == 0, more.stderr
    shown = sparring(folder, "show", "--json", **place)
    assert json.loads(shown.stdout)["summary"]["finished"] == 5


def test_a_worker_wants_a_database_that_can_be_shared(tmp_path):
    refused = sparring(tmp_path, "worker")
    assert refused.returncode == 2
    assert "Workers share a PostgreSQL database" in refused.stderr


def test_answers_are_not_recorded_where_other_processes_may_play(folder, postgres_url):
    refused = sparring(folder, "run", "suite.json", "--record", "tapes", SPARRING_DATABASE_URL=postgres_url)
    assert refused.returncode == 2
    assert "Record and replay on a file of your own" in refused.stderr
    assert not (folder / "tapes").exists()
