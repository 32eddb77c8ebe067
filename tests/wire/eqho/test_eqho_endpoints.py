"""Agents that live elsewhere, in the records of this dialect and seen from the other one."""

import pytest
from tests.wire.sigmamind.served import serve

AGENTS = "/eqho/v1/agents"
OPENAI = {"kind": "openai", "base_url": "https://a.example.com/v1", "api_key_env": "SPARRING_AGENT_KEY"}
HTTP = {"kind": "http", "url": "https://a.example.com/chat", "body": {"text": "{{message}}"}, "reply": "text"}


@pytest.fixture
async def client():
    served = await serve()
    async with served.client() as client:
        yield client


async def made(client, **fields):
    return await client.post(AGENTS, json={"name": "Elsewhere", **fields})


@pytest.mark.parametrize("endpoint", [OPENAI, HTTP], ids=["openai", "http"])
async def test_an_agent_names_where_it_lives_and_the_other_dialect_shows_it(client, endpoint):
    created = await made(client, endpoint=endpoint)
    assert created.status_code == 200, created.text
    record = created.json()
    assert record["endpoint"].items() >= endpoint.items()
    seen = (await client.get(f"/v1/agents/{record['_id']}")).json()
    assert seen["endpoint"] == record["endpoint"]
    details = (await client.get(f"{AGENTS}/{record['_id']}/details")).json()
    assert details["endpoint"] == record["endpoint"]
    again = await client.put(f"{AGENTS}/{record['_id']}", json=record)
    assert again.json()["endpoint"] == record["endpoint"]


async def test_what_the_other_dialect_said_stays_until_it_is_replaced_or_taken_away(client):
    body = {"agentName": "Elsewhere", "instructions": "Be kind.", "endpoint": HTTP}
    id = (await client.post("/v1/agents", json=body)).json()["agentId"]
    path = f"{AGENTS}/{id}"
    assert (await client.get(path)).json()["endpoint"]["url"] == HTTP["url"]
    left = (await client.put(path, json={"name": "Renamed"})).json()
    assert (left["name"], left["endpoint"]["url"]) == ("Renamed", HTTP["url"])
    moved = (await client.put(path, json={"name": "Renamed", "endpoint": OPENAI})).json()
    assert moved["endpoint"]["kind"] == "openai"
    gone = (await client.put(path, json={"name": "Renamed", "endpoint": None})).json()
    assert "endpoint" not in gone
    assert "endpoint" not in (await client.get(f"/v1/agents/{id}")).json()


@pytest.mark.parametrize(
    ("fields", "place", "told"),
    [
        ({"endpoint": {**OPENAI, "own_tool": True}}, ["endpoint"], "must not have the field 'own_tool'"),
        (
            {"endpoint": {**HTTP, "limits": {"seconds": 3}}},
            ["endpoint", "limits"],
            "must not have the field 'seconds'; it may have timeout, max_bytes, max_messages, max_calls",
        ),
        (
            {"endpoint": {"kind": "python", "callable": "os:system"}},
            ["endpoint", "kind"],
            "must be one of openai, http",
        ),
        ({"endpoint": {"kind": "http"}}, ["endpoint", "url"], "is required"),
        ({"endpoint": {**HTTP, "url": "ftp://a.example.com"}}, ["endpoint", "url"], "must be an address"),
        ({"endpoint": {**HTTP, "headers": {"X": "${HOME}"}}}, ["endpoint"], "SPARRING_AGENT_, not HOME"),
        ({"endpoint": "https://a.example.com"}, ["endpoint"], "must be an object"),
        ({"endpiont": HTTP}, [], "'endpoint' would"),
    ],
)
async def test_what_cannot_be_an_endpoint_is_refused_with_its_place(client, fields, place, told):
    refused = await made(client, **fields)
    assert refused.status_code == 422
    (problem,) = refused.json()["detail"]
    assert problem["loc"][: 1 + len(place)] == ["body", *place]
    assert told in problem["msg"]


async def test_an_agent_that_lives_elsewhere_needs_no_model_to_be_played(client):
    agent = (await made(client, endpoint=HTTP)).json()["_id"]
    lead = {"instructions": {"task_instructions": "Ask."}}
    case = (await client.post("/v1/simulation/scenarios", json={"name": "S", "lead_scenario": lead})).json()["_id"]
    result = await client.post("/v1/simulation", json={"agent_id": agent, "scenario_ids": [case]})
    assert (result.status_code, result.json()["total_runs"]) == (200, 1)
