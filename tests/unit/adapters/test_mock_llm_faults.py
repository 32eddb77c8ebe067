"""The faults that a mock model server makes on purpose."""

import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.mock_llm.faults import KINDS, read_faults
from sparring.domain.errors import InvalidInput
from sparring.testing import FrozenClock

BODY = {"model": "agent", "messages": [{"role": "user", "content": "Hello"}]}


@asynccontextmanager
async def spoiled(faults, **options):
    app = create_app(faults=faults, clock=FrozenClock(1_700_000_000), **options)
    async with (
        running(app) as base_url,
        aiohttp.ClientSession() as session,
        session.post(f"{base_url}/chat/completions", json=BODY) as response,
    ):
        yield response


async def test_a_status_comes_with_an_error_of_the_providers_form():
    async with spoiled("503:1") as response:
        error = (await response.json())["error"]
    assert (response.status, error["type"]) == (503, "server_error")
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize(("spec", "after"), [("429:1", "1"), ("429=2.5:1", "2.5"), ("503=4:1", "4")])
async def test_a_status_says_when_to_come_back(spec, after):
    async with spoiled(spec) as response:
        assert response.status == int(spec[:3])
        assert response.headers["Retry-After"] == after


async def test_a_key_is_refused():
    async with spoiled("401:1") as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (401, "invalid_api_key")


async def test_a_slow_answer_is_whole():
    async with spoiled("slow=0.01:1") as response:
        assert (await response.json())["choices"][0]["message"]["content"]


async def test_a_broken_answer_ends_in_the_middle():
    async with spoiled("broken:1") as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_a_malformed_answer_is_half_of_its_json():
    async with spoiled("malformed:1") as response:
        content = await response.text()
    assert response.content_type == "application/json"
    assert content.startswith('{"id":"chatcmpl-')
    with pytest.raises(json.JSONDecodeError):
        json.loads(content)


async def test_an_answer_can_be_nothing_or_a_web_page():
    async with spoiled("nothing:1") as response:
        assert (response.status, await response.read()) == (200, b"")
    async with spoiled("html:1") as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "<h1>" in await response.text()


@pytest.mark.parametrize(
    ("kind", "finish", "content"),
    [
        ("empty", "stop", None),
        ("length", "length", "Hello, and thank you for getting in touch. Coul"),
        ("filter", "content_filter", None),
        ("refusal", "stop", None),
    ],
)
async def test_a_choice_can_be_empty_cut_off_held_back_or_refused(kind, finish, content):
    async with spoiled(f"{kind}:1") as response:
        choice = (await response.json())["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == (finish, content)
    assert bool(choice["message"]["refusal"]) is (kind == "refusal")


async def test_a_fault_is_recorded_as_what_it_is(tmp_path):
    record = tmp_path / "record.jsonl"
    async with spoiled("malformed:1", record_path=record) as response:
        sent = await response.text()
    line = json.loads(record.read_text())
    assert (line["status"], line["fault"], line["answer"]) == (200, "malformed", sent)


def test_the_same_requests_are_spoiled_in_every_run():
    spec = "429:0.3,500:0.1,slow:0.05,broken:0.05,malformed:0.05,empty:0.02"
    faults, again, other = read_faults(spec), read_faults(spec), read_faults(spec, seed=1)
    found = [faults.of(number) for number in range(1, 2001)]
    assert found == [again.of(number) for number in range(1, 2001)]
    assert found != [other.of(number) for number in range(1, 2001)]
    shares = {fault: found.count(fault) / 2000 for fault in faults.kinds}
    assert all(abs(share - fault.share) < 0.03 for fault, share in shares.items())
    assert abs(found.count(None) / 2000 - 0.43) < 0.04


def test_without_a_spec_nothing_is_spoiled():
    assert not any(read_faults(" ").of(number) for number in range(100))


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("429", "The fault '429' cannot be read. Write KIND:SHARE"),
        ("429:often", "cannot be read"),
        ("429:0.1.2", "cannot be read"),
        ("429:1.5", "the share from 0 to 1"),
        ("200:0.5", "is no error status; those are 400 to 599"),
        ("sloww:0.5", "There is no fault 'sloww'. There is: a status from 400 to 599, slow, broken"),
        ("429:0.7,500:0.7", "come to 1.4; together they can be 1 at most"),
    ],
)
def test_a_spec_that_cannot_be_meant_is_told(spec, told):
    with pytest.raises(InvalidInput) as caught:
        read_faults(spec)
    assert told in str(caught.value)


def test_every_kind_of_fault_is_explained():
    for kind in KINDS:
        assert read_faults(f"{kind}:1").of(1) is not None
