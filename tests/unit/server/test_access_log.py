"""What is logged of requests."""

import logging

from tests.wire.sigmamind.served import KEY, WORKSPACE, serve


async def test_a_request_is_logged_with_its_answer_and_whose_it_was_and_without_its_query(caplog):
    served = await serve()
    caplog.set_level(logging.INFO, logger="sparring.access")
    async with served.client(KEY) as client:
        await client.get("/v1/agents?note=private")
        await client.get("/v1/agents/nothing")
    told = [record.facts for record in caplog.records]
    assert [(facts["method"], facts["path"], facts["status"]) for facts in told] == [
        ("GET", "/v1/agents", 200),
        ("GET", "/v1/agents/nothing", 404),
    ]
    assert {facts["workspace"] for facts in told} == {WORKSPACE}
    assert "private" not in caplog.text


async def test_a_request_without_a_key_is_logged_without_a_workspace(caplog):
    served = await serve()
    caplog.set_level(logging.INFO, logger="sparring.access")
    async with served.client(None) as client:
        await client.get("/v1/agents")
    (record,) = caplog.records
    assert record.facts["status"] == 401
    assert "workspace" not in record.facts


async def test_nothing_is_logged_where_nobody_wants_it(caplog):
    served = await serve()
    caplog.set_level(logging.WARNING, logger="sparring.access")
    async with served.client(KEY) as client:
        await client.get("/v1/agents")
    assert not caplog.records
