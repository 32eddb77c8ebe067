"""Judging again in the background: which simulations are being judged now, and how far that is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from sparring.domain.errors import NotNow, SparringError

OnJudged = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class Sitting:
    """One occasion, as long as it lasts; it ends with the process."""

    done: int = 0
    of: int = 0
    error: str | None = None
    """Why it came to an end before all was judged."""
    task: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be judged."""
        return self.task is None or self.task.done()


class Sittings:
    """By simulation; the last one of each is remembered until the next begins."""

    def __init__(self) -> None:
        self._known: dict[str, Sitting] = {}

    def get(self, simulation_id: str) -> Sitting | None:
        """The latest of a simulation, over or not."""
        return self._known.get(simulation_id)

    def begin(self, simulation_id: str, work: Callable[[OnJudged], Awaitable[object]]) -> None:
        """Begin to judge.

        Raises:
            NotNow: it is being judged already.
        """
        before = self._known.get(simulation_id)
        if before is not None and not before.is_over:
            raise NotNow("simulation", "is being judged again already; wait for its end.")
        sitting = Sitting()
        sitting.task = asyncio.create_task(_sit(sitting, work), name=f"judging {simulation_id} again")
        self._known[simulation_id] = sitting

    async def changes(self, simulation_id: str) -> AsyncIterator[int]:
        """How many are judged, whenever that is another number, until all are."""
        sitting = self._known.get(simulation_id)
        told = -1
        while sitting is not None:
            if sitting.done != told:
                told = sitting.done
                yield told
            if sitting.task is None or sitting.is_over:
                return
            await asyncio.wait({sitting.task}, timeout=_LOOK)


_LOOK = 0.5
"""Seconds between two looks."""


async def _sit(sitting: Sitting, work: Callable[[OnJudged], Awaitable[object]]) -> None:
    def on_judged(done: int, of: int) -> None:
        sitting.done, sitting.of = done, of

    try:
        await work(on_judged)
    except SparringError as error:
        sitting.error = str(error)
