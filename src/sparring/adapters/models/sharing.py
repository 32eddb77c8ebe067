"""One provider's limits, divided among all processes that play on one database.

Each process says once a second how much it has to ask, and is lent a part of each limit for as long as it goes on
saying so. What is lent never comes to more than the whole: a part grows only as far as others have given theirs back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from sparring.adapters.models.gate import Gate
from sparring.adapters.shares import Claim, Ledger
from sparring.domain.errors import StoreError
from sparring.simulation.ports import Clock

EVERY = 1.0
"""Seconds between two rounds."""

LENT_FOR = 10.0
"""Seconds after which a part is lent no more, unless it is asked for again."""

_log = logging.getLogger(__name__)


class Sharing:
    """This process's parts."""

    def __init__(self, ledger: Ledger, gates: Callable[[], Sequence[Gate]], clock: Clock) -> None:
        """Take where they are kept, and what they bound.

        Args:
            gates: those of all providers that have been asked for.
        """
        self._ledger = ledger
        self._gates = gates
        self._clock = clock
        self._process = clock.entropy(8).hex()
        self._wanted = asyncio.Event()

    def join(self, gate: Gate) -> None:
        """From now on nothing goes through a gate without a part of its limits."""
        gate.share_by(self._wanted.set)

    async def run(self) -> None:
        """Renew the parts of what is asked for, until cancelled."""
        while True:
            self._wanted.clear()
            weights = {gate: weight for gate in self._gates() if (weight := gate.weigh()) > 0}
            if not weights:
                await self._wanted.wait()
                continue
            if await self._renew(weights):
                # Nobody who begins to ask waits for the next round.
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        await self._wanted.wait()
            else:
                await self._clock.sleep(EVERY)

    async def _renew(self, weights: Mapping[Gate, float]) -> bool:
        asked_at = self._clock.now()
        claims = {gate.provider.name: Claim(weight=weight, fill=gate.fill) for gate, weight in weights.items()}
        try:
            lent = await self._ledger.divide(self._process, claims, lent_for=LENT_FOR)
        except StoreError as error:
            _log.warning("The limits of providers cannot be shared for now: %s", error)
            return False
        for gate in weights:
            gate.lend(lent[gate.provider.name], until=asked_at + LENT_FOR)
        return True
