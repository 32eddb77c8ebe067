"""The examples of agents that live elsewhere play, each whole."""

import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import environment, model_server, sparring, until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@contextmanager
def python_agent(folder):
    """Nothing to start."""
    yield {}


@contextmanager
def openai_agent(folder):
    with model_server(folder, "--script", EXAMPLES / "openai-agent" / "script.yaml") as base_url:
        yield {"AGENT_URL": base_url}


@contextmanager
def http_agent(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(EXAMPLES / "http-agent" / "agent.py"), "--port", str(port)]
    process = subprocess.Popen(
        command, env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: listens(port), "the agent listens")
        yield {"AGENT_URL": f"http://127.0.0.1:{port}"}
    finally:
        process.kill()
        process.wait()


def listens(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("agent", [python_agent, openai_agent, http_agent], ids=lambda agent: agent.__name__)
def test_an_example_plays_and_passes_with_its_calls_in_the_transcript(agent, tmp_path):
    suite = EXAMPLES / agent.__name__.replace("_", "-") / "suite.yaml"
    with agent(tmp_path) as variables:
        played = sparring(tmp_path, "run", suite, "--json", "result.json", **variables)
    assert played.returncode == 0, played.stdout + played.stderr
    (scenario,) = json.loads((tmp_path / "result.json").read_text())["scenarios"]
    assert scenario["outcomes"] == {"passed": 2}
    checks = scenario["trials"][0]["verdict"]["breakdown"]
    assert checks == {"ACTION": 1.0, "FORBIDDEN": 1.0, "SAID": 1.0}
    shown = sparring(tmp_path, "show", "--trial", "1")
    assert "opening_hours" in shown.stdout and "10 to 12" in shown.stdout
