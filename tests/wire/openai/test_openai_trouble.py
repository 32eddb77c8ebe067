"""Providers that refuse, fail, throttle, answer nonsense or nothing."""

import asyncio
from collections.abc import Callable

import pytest
from provider_door import KEY, Door, Reply, error, payload, question, said

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import openai
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ChatModel, ModelRequest
from sparring.testing.clock import FrozenClock

Make = Callable[..., ChatModel]


async def fault_of(model: ChatModel, request: ModelRequest | None = None) -> ModelFault:
    with pytest.raises(ModelFault) as caught:
        await model.complete(request or question(role=Role.JUDGE))
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value)
    return caught.value


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_trouble_that_passes_is_waited_out(door: Door, models: Make, status: int) -> None:
    door.plays(error(status, "later"), error(status, "later"), said("There."))
    assert (await models().complete(question())).text == "There."
    assert len(door.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
async def test_what_asking_again_cannot_mend_is_asked_once(door: Door, models: Make, status: int) -> None:
    door.plays(error(status, "no"))
    fault = await fault_of(models())
    assert len(door.asked) == 1
    assert fault.status == status
    assert fault.reason == "refused"
    assert not fault.retryable


async def test_a_provider_that_keeps_failing_is_asked_five_times(
    door: Door, models: Make, clock: FrozenClock
) -> None:
    door.plays(error(503, "The engine is overloaded."))
    began = clock.now()
    fault = await fault_of(models("gpt-4o"))
    assert len(door.asked) == 5
    assert 0 < clock.now() - began <= 7.5
    assert fault.reason == "refused"
    assert fault.status == 503
    assert fault.retryable
    assert str(fault).startswith("The judge's model openai:gpt-4o answered 503: The engine is overloaded (asked 5")


async def test_a_minute_of_429_is_survived(door: Door, models: Make, clock: FrozenClock) -> None:
    door.plays(error(429, "slow down", retry_after="60"), said("There."))
    began = clock.now()
    assert (await models().complete(question())).text == "There."
    assert 60 <= clock.now() - began <= 65


async def test_429s_without_end_are_a_fault_that_says_what_to_do(
    door: Door, models: Make, clock: FrozenClock
) -> None:
    door.plays(error(429, "Rate limit reached for gpt-4o"))
    began = clock.now()
    fault = await fault_of(models())
    assert clock.now() - began >= 120
    assert fault.reason == "rate_limit"
    assert fault.retryable
    assert "Rate limit reached for gpt-4o" in str(fault)
    assert "concurrency" in str(fault)


async def test_a_retry_after_of_an_hour_is_told_and_not_waited(
    door: Door, models: Make, clock: FrozenClock
) -> None:
    door.plays(error(429, "daily limit", retry_after="3600"))
    began = clock.now()
    fault = await fault_of(models())
    assert clock.now() == began
    assert fault.retry_after == 3600
    assert len(door.asked) == 1


async def test_an_account_without_credit_is_not_waited_for(door: Door, models: Make) -> None:
    door.plays(
        error(429, "You exceeded your current quota.", code="insufficient_quota", type="insufficient_quota")
    )
    fault = await fault_of(models())
    assert len(door.asked) == 1
    assert not fault.retryable
    assert "Add credit to the account behind OPENAI_API_KEY" in str(fault)


async def test_a_refused_key_names_the_variable_to_check_and_hides_the_key(door: Door, models: Make) -> None:
    door.plays(error(401, f"Incorrect API key provided: {KEY}. Header was Authorization: Bearer {KEY}"))
    fault = await fault_of(models())
    assert "answered 401: Incorrect API key provided: [hidden]" in str(fault)
    assert "Check OPENAI_API_KEY." in str(fault)


async def test_a_missing_key_names_the_variable_to_set(door: Door, models: Make) -> None:
    door.plays(error(401, "You didn't provide an API key."))
    assert "Set OPENAI_API_KEY." in str(await fault_of(models(api_key=None)))


async def test_half_a_key_in_the_provider_s_words_is_hidden_too(door: Door, models: Make) -> None:
    door.plays(error(401, "Incorrect API key provided: sk-proj-********wxyz."))
    assert "wxyz" not in str(await fault_of(models()))


async def test_the_value_of_a_header_is_hidden(door: Door, models: Make) -> None:
    door.plays(error(403, "key azure-secret-value is not allowed"))
    assert "azure-secret-value" not in str(await fault_of(models(headers={"api-key": "azure-secret-value"})))


async def test_an_unknown_model_says_where_to_look(door: Door, models: Make) -> None:
    door.plays(error(404, "The model `gpt-99` does not exist.", code="model_not_found"))
    fault = await fault_of(models("gpt-99"))
    assert "The model `gpt-99` does not exist." in str(fault)
    assert "Check the name 'gpt-99', and that OPENAI_BASE_URL" in str(fault)


async def test_a_page_of_html_is_told_as_such(door: Door, models: Make) -> None:
    page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>long</body></html>"
    door.plays(Reply(body=page, content_type="text/html"))
    fault = await fault_of(models())
    assert fault.reason == "unreadable"
    assert "answered 200 with a page of HTML, not JSON: Sign in" in str(fault)
    assert "OPENAI_BASE_URL" in str(fault)


async def test_an_html_error_is_told_by_its_title(door: Door, models: Make) -> None:
    door.plays(Reply(status=502, body=b"<html><title>502 Bad Gateway</title></html>", content_type="text/html"))
    fault = await fault_of(models())
    assert fault.status == 502
    assert "502 Bad Gateway" in str(fault)
    assert len(door.asked) == 5


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
async def test_half_a_json_is_unreadable_and_asked_for_again(door: Door, models: Make, content_type: str) -> None:
    half = Reply(body=b'{"choices": [{"message": {"cont', content_type=content_type)
    door.plays(half, said("There."))
    assert (await models().complete(question())).text == "There."
    door.plays(half)
    fault = await fault_of(models())
    assert fault.reason == "unreadable"
    assert "not whole JSON" in str(fault)
    assert fault.retryable


async def test_json_with_the_wrong_content_type_is_read_all_the_same(door: Door, models: Make) -> None:
    good = said("There.")
    door.plays(Reply(body=good.body, content_type="text/plain"))
    assert (await models().complete(question())).text == "There."


@pytest.mark.parametrize("body", [b"[1, 2]", b'"text"', b"null"])
async def test_json_that_is_no_object_is_unreadable(door: Door, models: Make, body: bytes) -> None:
    door.plays(Reply(body=body))
    assert (await fault_of(models())).reason == "unreadable"


async def test_nothing_at_all_is_unreadable(door: Door, models: Make) -> None:
    door.plays(Reply(body=b""))
    fault = await fault_of(models())
    assert fault.reason == "unreadable"
    assert "nothing at all" in str(fault)


async def test_an_error_with_status_200_is_taken_at_its_code(door: Door, models: Make) -> None:
    door.plays(payload({"error": {"code": 429, "message": "Provider returned error"}}), said("There."))
    assert (await models().complete(question())).text == "There."
    door.plays(payload({"error": {"code": 402, "message": "Insufficient credits"}}))
    fault = await fault_of(models())
    assert fault.status == 402
    assert not fault.retryable


async def test_an_error_with_status_200_and_no_code_is_asked_again(door: Door, models: Make) -> None:
    door.plays(payload({"error": {"message": "something"}}), said("There."))
    assert (await models().complete(question())).text == "There."


@pytest.mark.parametrize(
    "body",
    [
        b'{"object": "error", "message": "Invalid model", "type": "invalid_model", "code": "1500"}',
        b'{"detail": "Invalid model"}',
        b'{"error": "Invalid model"}',
        b'[{"error": {"code": 400, "message": "Invalid model", "status": "INVALID_ARGUMENT"}}]',
        b'{"error": {"message": "Provider returned error", "metadata": {"raw": "Invalid model"}}}',
        b"Invalid model",
    ],
)
async def test_the_provider_s_words_are_found_in_every_form(door: Door, models: Make, body: bytes) -> None:
    door.plays(Reply(status=400, body=body))
    fault = await fault_of(models())
    assert "answered 400: " in str(fault)
    assert "Invalid model" in str(fault)


async def test_long_words_are_shortened(door: Door, models: Make) -> None:
    door.plays(error(400, "blah " * 1000))
    assert len(str(await fault_of(models()))) < 600


async def test_a_redirect_is_not_followed(door: Door, models: Make) -> None:
    door.plays(Reply(status=308, headers={"Location": "https://elsewhere.example.com/v1"}))
    fault = await fault_of(models())
    assert fault.status == 308
    assert "redirect" in str(fault)
    assert len(door.asked) == 1


async def test_a_connection_that_breaks_before_the_answer_is_asked_again(door: Door, models: Make) -> None:
    door.plays(Reply(breaks_after=0), said("There."))
    assert (await models().complete(question())).text == "There."


async def test_a_connection_that_breaks_in_the_answer_is_asked_again(door: Door, models: Make) -> None:
    broken = Reply(body=said().body, breaks_after=20)
    door.plays(broken, said("There."))
    assert (await models().complete(question())).text == "There."
    door.plays(broken)
    fault = await fault_of(models())
    assert fault.reason == "unreadable"
    assert "broke off" in str(fault)
    assert len(door.asked) == 2 + 5


async def test_a_server_that_is_not_there_is_unreachable(clock: FrozenClock, unused_tcp_port: int) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}/v1"
    catalogue = Catalogue([openai(api_key=KEY, base_url=address)], clock=clock)
    fault = await fault_of(catalogue.model("gpt-4o"))
    await catalogue.close()
    assert fault.reason == "unreachable"
    assert f"cannot be reached at {address}" in str(fault)
    assert "OPENAI_BASE_URL" in str(fault)
    assert fault.retryable


async def test_a_silent_server_is_given_up_after_its_time(door: Door, models: Make) -> None:
    never = asyncio.Event()
    door.plays(Reply(hold=never))
    fault = await fault_of(models(timeout=0.05))
    assert fault.reason == "timeout"
    assert "no answer within 0.05 s" in str(fault)
    assert len(door.asked) == 2
    never.set()


async def test_no_more_requests_are_in_flight_than_the_provider_begins_with(door: Door, models: Make) -> None:
    gate = asyncio.Event()
    door.plays(Reply(body=said().body, hold=gate))
    model = models(initial=3)
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(model.complete(question()))
        while door.in_flight < 3:
            await asyncio.sleep(0.001)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert door.in_flight == 3
        gate.set()
    assert len(door.asked) == 10


async def test_a_hundred_requests_are_in_flight_after_five_rounds_of_answers(door: Door, models: Make) -> None:
    model = models()
    rounds = 0
    done = 0

    async def ask() -> None:
        nonlocal done
        await model.complete(question())
        done += 1

    async with asyncio.TaskGroup() as group:
        gate = asyncio.Event()
        door.plays(Reply(body=said().body, hold=gate))
        for _ in range(400):
            group.create_task(ask())
        expected = 8
        while expected < 100:
            while door.in_flight < expected:
                await asyncio.sleep(0.001)
            rounds += 1
            opened, gate = gate, asyncio.Event()
            door.plays(Reply(body=said().body, hold=gate))
            opened.set()
            expected = min(2 * expected, 100)
        while door.in_flight < 100:
            await asyncio.sleep(0.001)
        gate.set()
    assert rounds <= 5
    assert done == 400
    assert door.most_in_flight == 100


async def test_nobody_holds_a_place_while_waiting_to_ask_again(door: Door) -> None:
    class SlowClock(FrozenClock):
        """Sleeps until told."""

        def __init__(self) -> None:
            super().__init__()
            self.asleep = asyncio.Event()
            self.wake = asyncio.Event()

        async def sleep(self, seconds: float) -> None:
            self.asleep.set()
            await self.wake.wait()

    clock = SlowClock()
    provider = openai(base_url=door.url)
    catalogue = Catalogue([provider], clock=clock)
    model = catalogue.model("gpt-4o")
    door.plays(error(500, "oops"), said())
    async with asyncio.TaskGroup() as group:
        first = group.create_task(model.complete(question()))
        await clock.asleep.wait()
        await model.complete(question())
        assert not first.done()
        clock.wake.set()
    await catalogue.close()


async def test_a_call_that_is_cancelled_frees_its_place(door: Door, models: Make) -> None:
    gate = asyncio.Event()
    door.plays(Reply(body=said().body, hold=gate))
    model = models(initial=1, concurrency=1)
    first = asyncio.create_task(model.complete(question()))
    while not door.in_flight:
        await asyncio.sleep(0.001)
    second = asyncio.create_task(model.complete(question()))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert (await asyncio.wait_for(second, 5)).text == "Hello."


async def test_doctor_s_knock_says_what_the_provider_answered(door: Door, clock: FrozenClock) -> None:
    catalogue = Catalogue([openai(api_key=KEY, base_url=door.url)], clock=clock)
    assert (await catalogue.reach("openai")).ok
    assert door.asked[0].path == "/v1/models"
    door.plays(error(401, "no"))
    reached = await catalogue.reach("openai")
    assert not reached.ok
    assert "OPENAI_API_KEY" in reached.detail
    await catalogue.close()


async def test_doctor_s_knock_at_a_closed_door_says_so(clock: FrozenClock, unused_tcp_port: int) -> None:
    catalogue = Catalogue([openai(base_url=f"http://127.0.0.1:{unused_tcp_port}/v1")], clock=clock)
    reached = await catalogue.reach("openai")
    await catalogue.close()
    assert not reached.ok
    assert "OPENAI_BASE_URL" in reached.detail


async def test_a_closed_catalogue_can_be_used_again(door: Door, clock: FrozenClock) -> None:
    catalogue = Catalogue([openai(base_url=door.url)], clock=clock)
    model = catalogue.model("gpt-4o")
    await model.complete(question())
    await catalogue.close()
    assert (await model.complete(question())).text == "Hello."
    await catalogue.close()


async def test_a_model_that_wants_the_other_wire_says_where_to_write_that(door: Door, models: Make) -> None:
    told = "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. "
    door.plays(error(400, told + "To use function tools, use /v1/responses or set reasoning_effort to 'none'."))
    fault = await fault_of(models("gpt-5.6"))
    assert str(fault).endswith('under [wires], write "openai:gpt-5.6" = "openai.responses".')
