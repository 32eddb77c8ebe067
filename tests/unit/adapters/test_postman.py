"""The background delivery of webhooks, to a receiver on the loopback."""

import asyncio
from contextlib import asynccontextmanager

from aiohttp import web

from sparring.adapters.postman import Postman
from sparring.adapters.web_calls import GuardedWebCaller
from sparring.domain.webhooks import Delivery, DeliveryStatus, Event, Webhook
from sparring.simulation.heralds import Courier, signature
from sparring.simulation.store import Page
from sparring.testing import FrozenClock, MemoryStore

HERE = "00000000000000000000000a"
HOOK = "0000000000000000000000b1"


def a_delivery(number):
    return Delivery(id=f"{number:024x}", webhook=HOOK, event=Event.BATCH_COMPLETED, body=f'{{"n":{number}}}')


@asynccontextmanager
async def working(status=200):
    """A postman at work, and what its receiver got."""
    received: asyncio.Queue = asyncio.Queue()

    async def hook(request):
        received.put_nowait((dict(request.headers), await request.text()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    clock = FrozenClock()
    store = MemoryStore(clock)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    webhook = Webhook(
        id=HOOK, workspace=HERE, agent_id=HERE, name="n", url=url, events=tuple(Event), secret="s3cret"
    )
    await store.save_webhook(webhook)
    caller = GuardedWebCaller(allow_private=True, timeout=5)
    postman = Postman(Courier(store=store, web=caller, clock=clock), store, clock, poll=0.01)
    try:
        yield store, postman, received
    finally:
        await postman.stop()
        await caller.close()
        await runner.cleanup()


async def settled(store, count):
    """The deliveries, once that many are no longer pending or wait for a later moment."""
    async with asyncio.timeout(5):
        while True:
            found, _ = await store.deliveries(HOOK, Page())
            if sum(delivery.attempts > 0 for delivery in found) >= count:
                return {int(delivery.id, 16): delivery for delivery in found}
            await asyncio.sleep(0.01)


async def test_what_an_earlier_process_left_and_what_comes_later_is_delivered():
    async with working() as (store, postman, received):
        await store.save_delivery(a_delivery(1))
        await postman.start()
        headers, body = await received.get()
        assert body == '{"n":1}'
        assert headers["X-Sparring-Signature"] == signature("s3cret", int(headers["X-Sparring-Timestamp"]), body)
        await store.save_delivery(a_delivery(2))
        postman.notice()
        assert (await received.get())[1] == '{"n":2}'
        found = await settled(store, 2)
        assert {delivery.status for delivery in found.values()} == {DeliveryStatus.DELIVERED}
        assert received.empty()


async def test_what_fails_waits_for_its_moment():
    async with working(status=503) as (store, postman, received):
        await store.save_delivery(a_delivery(1))
        await postman.start()
        await received.get()
        delivery = (await settled(store, 1))[1]
        assert (delivery.status, delivery.answered, delivery.attempts) == (DeliveryStatus.PENDING, 503, 1)
        assert delivery.due_at > 0
        assert received.empty()


async def test_a_postman_that_never_began_can_be_stopped():
    async with working() as (_, postman, received):
        assert received.empty()
        await postman.stop()
