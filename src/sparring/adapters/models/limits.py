"""How many requests may be in flight to one provider: learnt from its answers.

`Window` is the arithmetic, `Limiter` the queue before it.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Window:
    """The number of requests that may be in flight: doubles with a round of good answers, halves at a 429.

    A round is as many good answers as the window is wide. A request carries the number of cuts that had been
    made when it was sent; answers to requests from before the last cut change nothing, so that a burst of 429s
    counts once and late good answers do not undo the cut.
    """

    __slots__ = ("_good", "_maximum", "cuts", "size")

    def __init__(self, *, initial: int, maximum: int) -> None:
        """Begin at `initial`, or at the maximum where that is less."""
        self._maximum = maximum
        self._good = 0
        self.size = min(initial, maximum)
        self.cuts = 0

    def good(self, cuts: int) -> None:
        """An answer came to a request that was sent after `cuts` cuts."""
        if cuts != self.cuts or self.size >= self._maximum:
            return
        self._good += 1
        if self._good >= self.size:
            self.size = min(2 * self.size, self._maximum)
            self._good = 0

    def throttled(self, cuts: int) -> None:
        """A 429 came to a request that was sent after `cuts` cuts."""
        if cuts != self.cuts:
            return
        self.size = max(1, self.size // 2)
        self.cuts += 1
        self._good = 0


class Limiter:
    """Lets requests through as the window allows, first come, first served."""

    __slots__ = ("_inside", "_waiting", "window")

    def __init__(self, window: Window) -> None:
        """Guard a window."""
        self.window = window
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def in_flight(self) -> int:
        """Requests that are through and have not left."""
        return self._inside

    async def enter(self) -> int:
        """Wait for a place; returns the cuts made so far, for `Window.good` and `Window.throttled`.

        Whoever has entered must `leave`. A caller that is cancelled while it waits has not entered.
        """
        if self._waiting or self._inside >= self.window.size:
            await self._queue()
        else:
            self._inside += 1
        return self.window.cuts

    def leave(self) -> None:
        """Give the place to the next in the queue, or to several where the window has grown."""
        self._inside -= 1
        self._admit()

    async def _queue(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            # A place that was given in the same moment goes on to the next.
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def _admit(self) -> None:
        while self._waiting and self._inside < self.window.size:
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
