"""The requests of the starting documents, sent as they are printed to a demonstration's records."""

import json
import re
import shlex
from pathlib import Path

import pytest
from tests.wire.sigmamind.served import KEY, serve

from sparring.dialects.sigmamind.names import PAGE_MODELS

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"
CASE = "tc_d17T6uReChpyfFeP"
PHRASES = {
    "The unique identifier of the Agent that will respond": "agentId",
    "A human-readable name or label": "label",
    "The LLM model used to generate Agent responses during the simulation. To use": "llmModel",
    "A list of mock variables that substitute": "mockData",
    "A prompt that defines the persona": "userPrompt",
    "The number of times this test case should be executed": "attempt",
    "A plain-language description of what a successful agent response looks like. Used": "successCriteria",
}


def seed(number):
    found = sorted(SEEDS.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the starting documents are not beside this repository")
    return found[0].read_text(encoding="utf-8")


def printed_curl(text):
    """Method, URL, headers and body of the request that a document prints as a curl command."""
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


def printed_examples(text):
    """The example of each field of the request, in a document that prints nothing but those."""
    examples = {}
    for phrase, field in PHRASES.items():
        after = text[text.index(phrase) :]
        start = re.search(r'(?:(?<=\s)"|^\[|^\d)', after, re.MULTILINE).start()
        examples[field] = json.JSONDecoder().raw_decode(after[start:])[0]
    return examples


async def test_the_printed_update_succeeds_as_it_is_printed():
    text = seed("001")
    method, url, headers, body = printed_curl(text)
    assert headers["X-API-Key"] == "<api-key>"
    served = await serve(demo=True)
    async with served.client(None) as client:
        response = await client.request(
            method,
            url.replace("https://api.sigmamind.ai", "http://testserver").replace("{testCaseId}", CASE),
            headers={**headers, "X-API-Key": KEY},
            content=body.encode(),
        )
    assert response.status_code == 200
    came, printed = response.json(), printed_answer(text)
    for field in ("testCaseId", "workspaceId", "llmModel", "mockData", "userPrompt", "attempt", "successCriteria"):
        assert came[field] == printed[field]
    assert came["agent"]["agentId"] == "agent_" + json.loads(body)["agentId"]
    assert came["agent"].keys() >= printed["agent"].keys()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_the_described_partial_update_succeeds_with_the_printed_examples(method):
    fields = printed_examples(seed("000"))
    served = await serve(demo=True)
    async with served.client() as client:
        for name, value in fields.items():
            response = await client.request(method, f"/v1/test-cases/{CASE}", json={name: value})
            assert response.status_code == 200
        response = await client.request(method, f"/v1/test-cases/{CASE}", json=fields)
    assert response.status_code == 200
    came = response.json()
    assert {name: came[name] for name in fields if name != "agentId"} == {
        name: value for name, value in fields.items() if name != "agentId"
    }


async def test_the_described_creation_succeeds_with_the_printed_examples():
    fields = printed_examples(seed("002"))
    served = await serve(demo=True)
    async with served.client() as client:
        created = await client.post("/v1/test-cases", json=fields)
        read = await client.get(f"/v1/test-cases/{created.json()['testCaseId']}?agentId={fields['agentId']}")
    assert (created.status_code, read.status_code) == (201, 200)
    assert created.json() == read.json()
    assert re.fullmatch(r"tc_[0-9A-Za-z]{16}", created.json()["testCaseId"])
    assert created.json()["agent"] == {
        "name": "New AI Agent",
        "agentId": "agent_D5D0p7TUs66TTAEAx",
        "status": "Live",
        "scripted": True,
    }


@pytest.mark.parametrize("number", ["000", "002"])
async def test_every_printed_model_name_is_taken(number):
    names = re.search(r"^gpt-5\.2, .*?(?= \")", seed(number), re.MULTILINE)[0].split(", ")
    assert names == list(PAGE_MODELS)
    served = await serve()
    async with served.client() as client:
        for name in names:
            response = await client.patch(f"/v1/test-cases/{CASE}", json={"llmModel": name})
            assert (response.status_code, response.json()["llmModel"]) == (200, name)


async def test_the_printed_update_of_a_chat_succeeds_as_it_is_printed():
    text = seed("004")
    method, url, headers, body = printed_curl(text)
    printed = printed_answer(text)
    served = await serve(demo=True)
    async with served.client(None) as client:
        response = await client.request(
            method,
            url.replace("https://api.sigmamind.ai", "http://testserver").replace("{chatId}", printed["chatId"]),
            headers={**headers, "X-API-Key": KEY},
            content=body.encode(),
        )
    assert response.status_code == 200
    came = response.json()
    for field in ("chatId", "createdAt", "status", "dynamicVariables"):
        assert came[field] == printed[field]
    assert came["agent"].items() >= printed["agent"].items()
    for field in ("response", "messages"):
        assert [{**item, "id": None} for item in came[field]] == [{**item, "id": None} for item in printed[field]]
    assert came["transcript"] == f"Agent: {printed['messages'][0]['content'][0]}"
    assert came.keys() >= printed.keys()
