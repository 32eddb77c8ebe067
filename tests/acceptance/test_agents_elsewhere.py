"""Agents that live elsewhere, played from a suite in a real process."""

import json
import shutil

from processes import model_server, sparring

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
