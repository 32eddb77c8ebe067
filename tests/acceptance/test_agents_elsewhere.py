"""Agents that live elsewhere, played from a suite in a real process."""

import json
import shutil
import socket

import pytest
from processes import model_server, server, sparring, until

from sparring.adapters.bundled import AIRLINE_SUITE

SCRIPT = AIRLINE_SUITE.parent / "script.yaml"


def copied(folder, endpoint):
    """The demo's suite with its agent somewhere else."""
    shutil.copy(AIRLINE_SUITE.parent / "policy.md", folder)
    text = AIRLINE_SUITE.read_text().replace(
        "  model: scripted:airline\n", f"  endpoint: {json.dumps(endpoint)}\n", 1
    )
    (folder / "suite.yaml").write_text(text)
    return "suite.yaml"


def outcomes(folder, file):
    scenarios = json.loads((folder / file).read_text())["scenarios"]
    return {(one["name"], trial["number"]): trial["outcome"] for one in scenarios for trial in one["trials"]}


def test_a_suite_plays_against_a_chat_completions_server_as_against_the_model_itself(tmp_path):
    with model_server(tmp_path, "--script", SCRIPT) as base_url:
        suite = copied(
            tmp_path,
            {"kind": "openai", "base_url": "${AGENT_URL}", "model": "the-agent", "body": {"seed": "{{seed}}"}},
        )
        played = sparring(tmp_path, "run", suite, "--json", "there.json", AGENT_URL=base_url)
    assert played.returncode == 1, played.stdout + played.stderr
    sparring(tmp_path, "run", AIRLINE_SUITE, "--json", "here.json")
    assert len(outcomes(tmp_path, "there.json")) == 32
    assert outcomes(tmp_path, "there.json") == outcomes(tmp_path, "here.json")


def batch_over(ask, base_url, headers=()):
    """A batch of an agent's record that names where it lives, played to its end."""
    endpoint = {"kind": "openai", "base_url": base_url, "headers": dict(headers)}
    agent = ask("POST", "/v1/agents", {"agentName": "E", "instructions": "Help.", "endpoint": endpoint})
    case = ask(
        "POST",
        "/v1/test-cases",
        {"agentId": agent["agentId"], "userPrompt": "Ask.", "successCriteria": "It answers."},
    )
    made = ask("POST", "/v1/batch-runs", {"agentId": agent["agentId"], "testCases": [case["testCaseId"]]})
    path = f"/v1/batch-runs/{made['batchId']}"
    until(lambda: ask("GET", path)["status"].lower() == "completed", "the batch is over")
    return made["batchId"]


@pytest.mark.parametrize("allowed", [True, False])
def test_an_agent_of_the_api_is_played_on_a_private_network_only_where_that_is_allowed(tmp_path, allowed):
    settings = {
        "SPARRING_USER_MODEL": "scripted:polite",
        "SPARRING_JUDGE_MODEL": "scripted:polite",
        "SPARRING_ALLOW_PRIVATE_NETWORKS": str(allowed).lower(),
        "SPARRING_AGENT_TENANT": "acme",
    }
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--record", record) as base_url, server(tmp_path, **settings) as (_, ask):
        batch = batch_over(ask, base_url, {"X-Tenant": "${SPARRING_AGENT_TENANT}"})
        shown = sparring(tmp_path, "show", batch.removeprefix("batch_"), "--json").stdout
    (scenario,) = json.loads(shown)["scenarios"]
    (trial,) = scenario["trials"]
    asked = record.exists() and record.read_text().strip()
    if allowed:
        assert trial["outcome"] == "passed"
        assert asked
    else:
        assert (trial["outcome"], trial["cause"], trial["verdict"]) == ("error", "agent", None)
        assert "SPARRING_ALLOW_PRIVATE_NETWORKS" in trial["error"]
        assert trial["attempt"] == 1
        assert not asked


TOLD_WHERE = """
name: Told where
agent: {name: Told where, endpoint: {kind: python, callable: "told_where:reply"}}
user_model: scripted:polite
judge_model: scripted:polite
scenarios:
  - {name: Any, instructions: Ask., mocks: {look: {returns: 1}}, expect: {said: [{regex: "^http://localhost:PORT/mocks/"}]}}
"""


def test_agents_are_told_where_the_mocks_are_as_the_installation_is_set_up(tmp_path):
    port = free_port()
    (tmp_path / "told_where.py").write_text(
        "def reply(message, history, context):\n    return context.mocks_url\n"
    )
    (tmp_path / "suite.yaml").write_text(TOLD_WHERE.replace("PORT", str(port)))
    where = {
        "SPARRING_MOCKS_HOST": "0.0.0.0",
        "SPARRING_MOCKS_PORT": str(port),
        "SPARRING_MOCKS_URL": f"http://localhost:{port}",
    }
    played = sparring(tmp_path, "run", "suite.yaml", **where)
    assert played.returncode == 0, played.stdout + played.stderr
    del where["SPARRING_MOCKS_URL"]
    refused = sparring(tmp_path, "run", "suite.yaml", **where)
    assert refused.returncode == 2
    assert "Set SPARRING_MOCKS_URL" in refused.stderr


def test_an_agent_of_the_eqho_dialect_is_played_where_it_lives(tmp_path):
    settings = {
        "SPARRING_USER_MODEL": "scripted:polite",
        "SPARRING_JUDGE_MODEL": "scripted:polite",
        "SPARRING_ALLOW_PRIVATE_NETWORKS": "true",
    }
    with model_server(tmp_path) as base_url, server(tmp_path, **settings) as (_, ask):
        endpoint = {"kind": "openai", "base_url": base_url, "own_tools": True}
        agent = ask("POST", "/eqho/v1/agents", {"name": "E", "endpoint": endpoint})["_id"]
        lead = {"instructions": {"task_instructions": "Ask."}}
        expected = {"nl_assertions": ["It answers."]}
        body = {"name": "S", "lead_scenario": lead, "evaluation_criteria": expected}
        case = ask("POST", "/v1/simulation/scenarios", body)["_id"]
        result = ask("POST", "/v1/simulation", {"agent_id": agent, "scenario_ids": [case]})["_id"]
        path = f"/v1/simulation/results/{result}"
        until(lambda: ask("GET", path)["status"] == "completed", "the simulation is over")
        assert ask("GET", path)["final_score"] == 1.0


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
