"""The request of the starting document, sent as it is printed to ids that exist."""

import json
import re
import shlex
from pathlib import Path

import pytest
from tests.wire.sigmamind.served import KEY, WORKSPACE, serve

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"


@pytest.fixture
def text():
    found = sorted(SEEDS.glob("003_*.txt"))
    if not found:
        pytest.skip("the starting documents are not beside this repository")
    return found[0].read_text(encoding="utf-8")


def printed_curl(text):
    """Method, URL, headers and body of the request that is printed as a curl command."""
    command = re.search(r"^curl .*?\n'\n", text, re.MULTILINE | re.DOTALL)[0]
    words = shlex.split(command.replace("\\\n", " "))
    options = list(zip(words[1::2], words[2::2], strict=True))
    told = dict(option for option in options if option[0] != "--header")
    headers = dict(value.split(": ", 1) for option, value in options if option == "--header")
    return told["--request"], told["--url"], headers, told["--data"]


def printed_answer(text):
    """The JSON object after the curl command."""
    after = text[re.search(r"^curl .*?\n'\n", text, re.MULTILINE | re.DOTALL).end() :]
    return json.JSONDecoder().raw_decode(after)[0]


def shape(value):
    """Where there are which fields, whatever they hold."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else None


async def test_the_printed_update_succeeds_as_it_is_printed(text):
    method, url, headers, data = printed_curl(text)
    assert headers["X-API-KEY"] == "<api-key>"
    served = await serve()
    async with served.client() as client:
        group = (await client.post("/v1/simulation/scenario-sets", json={"name": "Set"})).json()["_id"]
        lead = {"instructions": {"task_instructions": "To be replaced."}}
        made = await client.post("/v1/simulation/scenarios", json={"name": "Old", "lead_scenario": lead})
    scenario = made.json()["_id"]
    assert re.fullmatch("[0-9a-f]{24}", scenario)
    async with served.client(None) as client:
        response = await client.request(
            method,
            url.replace("https://api.eqho.ai", "http://testserver").replace("{scenario_id}", scenario),
            headers={**headers, "X-API-KEY": KEY},
            content=data.replace('"scenario_set_id": "<string>"', f'"scenario_set_id": "{group}"').encode(),
        )
    assert response.status_code == 200
    came, sent, printed = response.json(), json.loads(data), printed_answer(text)
    assert (came["_id"], came["account_id"], came["scenario_set_id"]) == (scenario, WORKSPACE, group)
    assert came["history"]["revision"] == 1
    for field in ("name", "lead_scenario", "folder", "evaluation_criteria"):
        assert came[field] == sent[field]
    assert came["environment_setup"] == {
        **sent["environment_setup"],
        "message_history": [{"content": "<string>", "role": "system", "turn_idx": 0, "timestamp": None}],
    }
    del came["warnings"]
    assert shape(came) == shape(printed)
