"""The limits that a mock model server enforces."""

from contextlib import asynccontextmanager

import aiohttp
import pytest

from sparring.adapters.clock import SystemClock
from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.mock_llm.quotas import Limits
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelRequest, Occasion, Prompt
from sparring.testing import FrozenClock

BODY = {"model": "agent", "messages": [{"role": "user", "content": "Hello"}]}
ANTHROPIC = {**BODY, "max_tokens": 100}


@asynccontextmanager
async def limited(clock=None, **limits):
    app = create_app(limits=Limits(**limits), clock=clock or FrozenClock())
    async with running(app) as base_url, aiohttp.ClientSession(base_url=base_url + "/") as session:
        yield session


async def ask(session, path="chat/completions", body=BODY):
    async with session.post(path, json=body) as response:
        await response.read()
        return response


async def test_what_is_beyond_the_requests_of_a_minute_is_refused_and_told_when_to_come_back():
    clock = FrozenClock()
    async with limited(clock, requests=2) as session:
        assert [(await ask(session)).status for _ in range(3)] == [200, 200, 429]
        assert (await ask(session)).headers["Retry-After"] == "30"
        await clock.sleep(30)
        assert [(await ask(session)).status for _ in range(2)] == [200, 429]


async def test_a_window_grants_nothing_until_a_burst_is_a_minute_old():
    clock = FrozenClock()
    async with limited(clock, requests=2, counting="window") as session:
        assert [(await ask(session)).status for _ in range(3)] == [200, 200, 429]
        await clock.sleep(59)
        assert (await ask(session)).status == 429
        await clock.sleep(1)
        assert [(await ask(session)).status for _ in range(3)] == [200, 200, 429]


async def test_tokens_are_limited_as_well():
    async with limited(tokens=40) as session:
        assert [(await ask(session)).status for _ in range(2)] == [200, 429]


async def test_a_minute_takes_as_long_as_it_is_told_to():
    clock = FrozenClock()
    async with limited(clock, requests=1, minute=0.5) as session:
        assert [(await ask(session)).status for _ in range(2)] == [200, 429]
        await clock.sleep(0.5)
        assert (await ask(session)).status == 200


async def test_each_answer_tells_what_is_left_as_openai_does():
    async with limited(requests=60, tokens=6000) as session:
        headers = (await ask(session)).headers
    assert headers["x-ratelimit-limit-requests"] == "60"
    assert headers["x-ratelimit-remaining-requests"] == "59"
    assert headers["x-ratelimit-reset-requests"] == "1.000s"
    assert 5900 < int(headers["x-ratelimit-remaining-tokens"]) < 6000


async def test_each_answer_tells_what_is_left_as_anthropic_does():
    async with limited(requests=60) as session:
        headers = (await ask(session, "messages", ANTHROPIC)).headers
    assert headers["anthropic-ratelimit-requests-remaining"] == "59"
    assert headers["anthropic-ratelimit-requests-reset"] == "2023-11-14T22:13:21Z"


async def test_nothing_is_told_where_that_is_not_wanted():
    async with limited(requests=1, headers=False) as session:
        headers = (await ask(session)).headers
    assert not [name for name in headers if "ratelimit" in name.lower()]


@pytest.mark.parametrize("wrong", [{"requests": 0}, {"tokens": -1}, {"minute": 0}, {"counting": "moon"}])
def test_a_limit_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidInput):
        create_app(limits=Limits(**wrong))


@pytest.mark.slow
async def test_callers_that_learn_the_limit_from_the_headers_are_all_answered_and_hardly_refused(tmp_path):
    record = tmp_path / "record.jsonl"
    app = create_app(limits=Limits(requests=20, minute=0.5), record_path=record)
    request = ModelRequest(
        system="s", messages=(Prompt(role="user", text="Hi"),), occasion=Occasion(role=Role.AGENT)
    )
    async with running(app) as base_url:
        models = Catalogue([Provider(name="p", base_url=base_url, needs_key=False)], clock=SystemClock())
        try:
            for _ in range(60):
                assert (await models.model("p:agent").complete(request)).text
        finally:
            await models.close()
    answers = record.read_text().splitlines()
    assert sum('"status":429' in answer for answer in answers) <= 3
