"""What nobody expected: an answer with an id, and the rest in the log."""

import logging

from tests.wire.sigmamind.served import NOW, serve

from sparring.domain.errors import DatabaseUnusable
from sparring.server.errors import answer
from sparring.testing import FrozenClock, MemoryStore


class BrokenStore(MemoryStore):
    broken: Exception | None = None

    async def agents(self, workspace, page):
        raise self.broken

    async def workspaces(self):
        if isinstance(self.broken, DatabaseUnusable):
            raise self.broken
        return await super().workspaces()


async def broken_by(error):
    store = BrokenStore(FrozenClock(NOW))
    served = await serve(store=store)
    store.broken = error
    return served


async def test_an_unexpected_error_is_answered_with_an_id_and_told_in_the_log(caplog):
    served = await broken_by(RuntimeError("the secret is 42"))
    with caplog.at_level(logging.ERROR):
        async with served.client() as client:
            response = await client.get("/v1/agents")
    told = response.json()
    assert (response.status_code, told["error"], told["path"]) == (500, "Internal Server Error", "/v1/agents")
    id = told["message"].rpartition(" ")[2].rstrip(".")
    assert "secret" not in response.text
    assert id in caplog.text
    assert "the secret is 42" in caplog.text


async def test_a_database_that_fails_is_a_server_error_and_makes_it_not_ready(caplog):
    served = await broken_by(DatabaseUnusable("disk I/O error at /var/lib/x"))
    async with served.client() as client:
        failed = await client.get("/v1/agents")
        ready = await client.get("/readyz")
        alive = await client.get("/healthz")
    assert (failed.status_code, ready.status_code, alive.status_code) == (500, 503, 200)
    assert "/var/lib" not in failed.text + ready.text
    assert "/var/lib/x" in caplog.text


def test_numbers_beyond_64_bits_and_odd_texts_are_still_written():
    assert answer({"a": 2**70}).body == b'{"a": 1180591620717411303424}'
    assert answer({"a": "\ud800"}).body == b'{"a": "\\ud800"}'
