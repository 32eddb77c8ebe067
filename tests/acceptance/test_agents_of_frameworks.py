"""The agents of the pages on frameworks, as they stand there, played against a model server of their own."""

import json
import re
import shutil
from pathlib import Path

import pytest
from processes import model_server, records, sparring

ROOT = Path(__file__).resolve().parents[2]
FILE = re.compile(r"<!-- file: (\S+) -->\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINES = 14
"""What a page calls about ten."""


def files_of(page):
    return dict(FILE.findall((ROOT / "docs" / page).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("page", "package"),
    [("langgraph.md", "langgraph"), ("pydantic-ai.md", "pydantic_ai"), ("openai-agents.md", "agents")],
)
def test_the_agent_of_a_page_plays_and_its_tool_reaches_the_trials_mocks(tmp_path, page, package):
    pytest.importorskip(package)
    files = files_of(page)
    assert len([line for line in files["agent.py"].splitlines() if line.strip()]) <= LINES
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "examples" / "python-agent" / "suite.yaml", tmp_path)
    record = tmp_path / "record.jsonl"
    script = ROOT / "examples" / "openai-agent" / "script.yaml"
    with model_server(tmp_path, "--script", script, "--record", record) as url:
        settings = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any", "OPENAI_AGENTS_DISABLE_TRACING": "1"}
        played = sparring(tmp_path, "run", "suite.yaml", "--json", "result.json", **settings)
    assert played.returncode == 0, played.stdout + played.stderr
    (scenario,) = json.loads((tmp_path / "result.json").read_text())["scenarios"]
    assert scenario["outcomes"] == {"passed": 2}
    for trial in scenario["trials"]:
        assert trial["verdict"]["breakdown"] == {"ACTION": 1.0, "FORBIDDEN": 1.0, "SAID": 1.0}
        called = [message for message in trial["messages"] if message["role"] == "tool"]
        assert {message["source"] for message in called} == {"rule 1"}
        turns = sum(message["role"] == "user" and bool(message["content"]) for message in trial["messages"])
        assert turns > 1
        assert len(called) == turns
    asked = [json.dumps(one["request"]) for one in records(record)]
    assert all("opening_hours" in one and "run_name" not in one for one in asked)
    assert max(one.count("On Sunday we are open") for one in asked) == turns - 1
