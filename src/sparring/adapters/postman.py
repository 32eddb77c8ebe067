"""Sends what waits for webhooks, as long as the process serves."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from sparring.domain.errors import StoreError
from sparring.domain.webhooks import Delivery
from sparring.simulation.heralds import Courier
from sparring.simulation.ports import Clock
from sparring.simulation.store import Store

POLL = 1.0
"""Seconds between two looks at what has become due."""

AT_ONCE = 32

LENT_FOR = 60.0
"""Seconds after which a delivery is made by another process if this one has not told what came of it."""

_log = logging.getLogger(__name__)


class Postman:
    """Delivers in the background, a few at once. What is not delivered when it stops waits for the next start."""

    def __init__(self, courier: Courier, store: Store, clock: Clock, *, poll: float = POLL) -> None:
        """Nothing is sent before `start`."""
        self._courier = courier
        self._store = store
        self._clock = clock
        self._poll = poll
        self._woken = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._main: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin with what an earlier process left."""
        self._main = asyncio.create_task(self._run(), name="sparring-postman")

    async def stop(self) -> None:
        """Send nothing more; what is under way is made again at the next start, or by another process."""
        tasks = [*([self._main] if self._main else []), *self._under_way.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def notice(self) -> None:
        """There may be something new to send."""
        self._woken.set()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._send_due()
            except StoreError as error:
                _log.error("Webhooks cannot be told for now: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._woken.wait()

    async def _send_due(self) -> None:
        free = AT_ONCE - len(self._under_way)
        if not free:
            return
        now = self._clock.now()
        for delivery in await self._store.take_deliveries(now, free, until=now + LENT_FOR):
            self._under_way[delivery.id] = asyncio.create_task(self._deliver(delivery))

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._courier.deliver(delivery)
        except asyncio.CancelledError:
            with suppress(StoreError):
                await self._store.save_delivery(delivery)
            raise
        except StoreError as error:
            _log.error("The delivery %s cannot be stored: %s", delivery.id, error)
        finally:
            del self._under_way[delivery.id]
            self._woken.set()
