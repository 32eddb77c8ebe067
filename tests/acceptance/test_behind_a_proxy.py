"""A server behind a proxy that speaks TLS: what the proxy tells is heeded, and only of a proxy that may tell it."""

import http.client
import json
from urllib.parse import urlencode, urlsplit

import pytest
from processes import server

HTTPS = {"Host": "sparring.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


def ask(base, method, path, body=None, **headers):
    """Status, headers and body of an answer, with the proxy's headers as they are."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    told = answer.status, answer.headers, answer.read()
    connection.close()
    return told


def signed_in(base, **headers):
    """The answer to a browser that signs in with the key."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://sparring.example.com"}
    return ask(base, "POST", "/sign-in", urlencode({"key": "k"}), **form, **headers)


def batch_url(door, **headers):
    """The address of a batch run's page, as its record tells it."""
    agent = {"agentName": "Desk", "instructions": "x", "agentSettings": {"llmModel": "scripted:polite"}}
    id = door("POST", "/v1/agents", agent)["agentId"]
    case = door("POST", "/v1/test-cases", {"agentId": id, "userPrompt": "Ask.", "successCriteria": "It is kind."})
    body = json.dumps({"agentId": id, "testCases": [case["testCaseId"]]})
    key = {"X-API-Key": "k", "Content-Type": "application/json"}
    status, _, answer = ask(door.base, "POST", "/v1/batch-runs", body, **key, **headers)
    assert status == 201, answer
    return json.loads(answer)["url"]


MODELS = {"SPARRING_USER_MODEL": "scripted:polite", "SPARRING_JUDGE_MODEL": "scripted:polite"}


def test_a_proxy_on_this_machine_says_where_the_browser_came_to(tmp_path):
    with server(tmp_path, **MODELS) as (_, door):
        assert batch_url(door, **HTTPS).startswith("https://sparring.example.com/")
        status, headers, _ = signed_in(door.base, **HTTPS)
        assert status == 303
        assert "secure" in headers["Set-Cookie"].lower()


def test_what_an_address_tells_that_is_no_proxy_is_passed_over(tmp_path):
    with server(tmp_path, FORWARDED_ALLOW_IPS="192.0.2.1", **MODELS) as (_, door):
        assert batch_url(door, **HTTPS).startswith("http://sparring.example.com/")
        status, _, _ = signed_in(door.base, **HTTPS)
        assert status == 403, "a browser that came by HTTPS cannot have come from here"


@pytest.mark.parametrize("address", ["https://sparring.example.com", "https://sparring.example.com/"])
def test_an_address_that_is_set_needs_no_header_of_a_proxy(address, tmp_path):
    with server(tmp_path, SPARRING_PUBLIC_URL=address, **MODELS) as (_, door):
        assert batch_url(door).startswith("https://sparring.example.com/")
        status, _, _ = signed_in(door.base)
        assert status == 303
