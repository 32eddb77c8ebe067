"""Who gets in, and what is looked at before that."""

import pytest
from tests.wire.sigmamind.served import KEY, OTHER_KEY, OTHER_WORKSPACE, READ_KEY, REVOKED_KEY, WORKSPACE, serve

from sparring.simulation.store import Page


def scope(path="/", host="127.0.0.1:8321", client="127.0.0.1", method="GET", **headers):
    sent = {"host": host, **headers}
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in sent.items()]
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": raw, "client": (client, 50000), "server": ("127.0.0.1", 8321), "scheme": "http",
        "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip


async def ask(app, asked, receive=None):
    """Status, headers and body of the answer to a request."""
    sent = []

    async def nothing_is_read():
        raise AssertionError("the body was read")

    async def send(message):
        sent.append(message)

    await app(asked, receive or nothing_is_read, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "TRACE"])
@pytest.mark.parametrize("path", ["/v1", "/v1/agents", "/v1/nothing", "/sigmamind/v1/agents/x"])
async def test_without_a_key_nothing_else_of_a_request_is_read(method, path):
    served = await serve()
    status, headers, _ = await ask(served.app, scope(path, method=method, content_length="99999999999"))
    assert (status, headers["www-authenticate"]) == (401, "Bearer")


async def test_every_wrong_key_meets_the_same_words():
    served = await serve()
    answers = set()
    for key in ("", "wrong", REVOKED_KEY, "ключ".encode().decode("latin-1"), "x" * 10_000):
        status, _, body = await ask(served.app, scope("/v1/agents", x_api_key=key))
        answers.add((status, body))
    assert len(answers) == 1
    assert answers.pop()[0] == 401


@pytest.mark.parametrize(
    "headers", [{"x_api_key": KEY}, {"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {OTHER_KEY}"}]
)
async def test_a_key_comes_in_either_header(headers):
    served = await serve()
    assert (await ask(served.app, scope("/v1/agents", **headers)))[0] == 200


async def test_a_fixed_key_beyond_ascii_is_compared_byte_for_byte():
    served = await serve(api_key="ключ")
    as_sent = "ключ".encode().decode("latin-1")
    assert (await ask(served.app, scope("/v1/agents", x_api_key=as_sent)))[0] == 200


async def test_a_key_opens_its_own_workspace_only():
    served = await serve()
    async with served.client(OTHER_KEY) as client:
        assert (await client.get("/v1/agents")).json()["totalCount"] == 0
        assert (await client.get("/v1/agents/D5D0p7TUs66TTAEAx")).status_code == 404
        made = await client.post("/v1/agents", json={"agentName": "A", "instructions": "I"})
    assert made.json()["workspaceId"].startswith("org_")
    assert len((await served.store.agents(OTHER_WORKSPACE, Page()))[0]) == 1


async def test_a_key_that_may_read_changes_nothing():
    served = await serve()
    async with served.client(READ_KEY) as client:
        assert (await client.get("/v1/agents")).status_code == 200
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert (await client.request(method, "/v1/agents/nobody")).status_code == 403


async def test_a_new_alias_of_the_workspace_is_seen_after_a_minute():
    served = await serve()
    async with served.client() as client:
        before = (await client.get("/v1/agents")).json()["data"][0]["workspaceId"]
        await served.store.save_workspace(WORKSPACE, "org_renamed")
        await served.clock.sleep(61)
        after = (await client.get("/v1/agents")).json()["data"][0]["workspaceId"]
    assert (before, after) == ("org_V6eZ2zg8ziDx5pft", "org_renamed")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/openapi/sigmamind.json"])
async def test_health_and_documents_need_no_key(path):
    served = await serve()
    assert (await ask(served.app, scope(path, client="192.0.2.7")))[0] == 200


async def test_what_the_process_does_is_told_to_those_with_a_key():
    async def told():
        return b"sparring_trials 1\n"

    served = await serve(metrics=told)
    assert (await ask(served.app, scope("/metrics")))[0] == 401
    status, headers, body = await ask(served.app, scope("/metrics", x_api_key=READ_KEY))
    assert (status, body) == (200, b"sparring_trials 1\n")
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_a_server_without_metrics_says_so():
    served = await serve()
    assert (await ask(served.app, scope("/metrics", x_api_key=READ_KEY)))[0] == 404
