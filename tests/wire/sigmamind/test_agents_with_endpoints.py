"""Agents that live elsewhere, in the records of the API."""

import pytest
from tests.wire.sigmamind.served import serve

HTTP = {
    "kind": "http",
    "url": "https://agent.example.com/chat",
    "headers": {"Authorization": "Bearer ${SPARRING_AGENT_KEY}"},
    "body": {"text": "{{message}}"},
    "reply": "messages[].text",
    "session": "session.id",
    "limits": {"timeout": 30},
}


@pytest.fixture
async def client():
    served = await serve()
    async with served.client() as client:
        yield client


async def made(client, endpoint):
    return await client.post(
        "/v1/agents", json={"agentName": "Elsewhere", "instructions": "Be kind.", "endpoint": endpoint}
    )


async def test_an_agent_may_name_where_it_lives_and_reads_back_whole(client):
    created = await made(client, HTTP)
    assert created.status_code == 201, created.text
    endpoint = created.json()["endpoint"]
    assert {**endpoint, "limits": None} == {
        **HTTP,
        "method": "POST",
        "end": None,
        "tool_calls": None,
        "limits": None,
    }
    assert endpoint["limits"] == {"timeout": 30, "max_bytes": 2_000_000, "max_messages": 20, "max_calls": 100}
    path = f"/v1/agents/{created.json()['agentId']}"
    changed = await client.patch(
        path, json={"endpoint": {"kind": "openai", "base_url": "https://a.example.com/v1"}}
    )
    assert changed.json()["endpoint"]["base_url"] == "https://a.example.com/v1"
    gone = await client.patch(path, json={"endpoint": None})
    assert "endpoint" not in gone.json()


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ({"kind": "python", "callable": "os:system"}, "endpoint.kind must be one of openai, http"),
        ({"kind": "http", "url": "ftp://a.example.com"}, "endpoint.url must be an address"),
        ({"kind": "http"}, "endpoint.url is required"),
        ({**HTTP, "reply": "messages["}, "endpoint.reply must be a JMESPath"),
        ({**HTTP, "headers": {"X-Key": "${OPENAI_API_KEY}"}}, "begin with SPARRING_AGENT_, not OPENAI_API_KEY"),
        ({"kind": "openai", "base_url": "https://a.example.com", "api_key_env": "HOME"}, "not HOME"),
        ({**HTTP, "headers": {"X": "a\nb"}}, "without line breaks"),
    ],
)
async def test_what_cannot_be_an_endpoint_is_refused_with_its_field(client, endpoint, told):
    refused = await made(client, endpoint)
    assert refused.status_code == 400
    assert told in refused.json()["message"]


async def test_a_batch_of_an_agent_that_lives_elsewhere_needs_no_model(client):
    agent = (await made(client, HTTP)).json()["agentId"]
    case = await client.post(
        "/v1/test-cases", json={"agentId": agent, "userPrompt": "Ask.", "successCriteria": "It answers."}
    )
    assert case.json()["agent"]["status"] == "Live"
    batch = await client.post("/v1/batch-runs", json={"agentId": agent, "testCases": [case.json()["testCaseId"]]})
    assert batch.status_code == 201, batch.text
