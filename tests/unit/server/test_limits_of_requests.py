"""How much and how often."""

import pytest
from tests.wire.sigmamind.served import KEY, READ_KEY, serve

from sparring.server.limits import MAX_BODY

JSON = {"content-type": "application/json"}


async def chunks(size, count):
    for _ in range(count):
        yield b" " * size


async def test_a_body_that_announces_too_much_is_refused_unread():
    served = await serve()
    async with served.client() as client:
        response = await client.post(
            "/v1/agents", content=b"x", headers={**JSON, "content-length": str(MAX_BODY + 1)}
        )
    assert (response.status_code, response.json()["status"]) == (413, 413)


async def test_a_body_that_grows_too_large_is_refused_without_an_announcement():
    served = await serve()
    async with served.client() as client:
        response = await client.post("/v1/agents", content=chunks(1024 * 1024, 11), headers=JSON)
    assert response.status_code == 413
    assert response.json()["message"] == "The body is larger than 10 MiB, which is the most that is taken."


async def test_a_body_of_exactly_the_limit_is_read():
    served = await serve()
    beginning = b'{"agentName": "A", "instructions": "I"}'
    body = beginning + b" " * (MAX_BODY - len(beginning))
    async with served.client() as client:
        assert (await client.post("/v1/agents", content=body, headers=JSON)).status_code == 201


async def test_a_key_waits_when_it_asked_too_often():
    served = await serve(rate_limit=3)
    async with served.client() as client, served.client(READ_KEY) as other:
        for _ in range(3):
            assert (await client.get("/v1/agents")).status_code == 200
            await served.clock.sleep(10)
        refused = await client.get("/v1/agents")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        assert (await other.get("/v1/agents")).status_code == 200
        await served.clock.sleep(30)
        assert (await client.get("/v1/agents")).status_code == 200
        assert (await client.get("/v1/agents")).headers["retry-after"] == "10"


async def test_health_is_never_limited():
    served = await serve(rate_limit=1)
    async with served.client(None) as client:
        assert [(await client.get("/healthz")).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_a_body_that_is_no_json_is_refused(kind):
    served = await serve()
    async with served.client(KEY) as client:
        headers = {"content-type": kind} if kind else {}
        response = await client.post("/v1/agents", content=b"{}", headers=headers)
    assert response.status_code == 415
    assert "application/json" in response.json()["message"]


async def test_a_charset_beside_json_is_taken():
    served = await serve()
    async with served.client() as client:
        response = await client.post(
            "/v1/agents",
            content='\ufeff{"agentName": "Ä", "instructions": "I"}'.encode(),
            headers={"content-type": "application/json; charset=UTF-8"},
        )
    assert (response.status_code, response.json()["agentName"]) == (201, "Ä")


async def test_what_is_still_being_sent_is_taken_before_it_is_refused():
    """Many clients read no answer before they have sent everything; the connection must not break on them."""
    served = await serve()
    sent = []

    async def body():
        for number in range(12):
            sent.append(number)
            yield b" " * (1024 * 1024)

    async with served.client() as client:
        response = await client.post(
            "/v1/agents", content=body(), headers={**JSON, "content-length": str(12 * 1024 * 1024)}
        )
    assert response.status_code == 413
    assert len(sent) == 12


async def test_a_client_that_asks_first_need_not_send_what_is_refused():
    served = await serve()
    sent = []

    async def body():
        sent.append(1)
        yield b"x"

    headers = {**JSON, "content-length": str(MAX_BODY + 1), "expect": "100-continue"}
    async with served.client() as client:
        # The client of the test hands the body over at once; what counts is that the server does not wait for it.
        assert (await client.post("/v1/agents", content=body(), headers=headers)).status_code == 413
