"""Many who are ready in the same moment go on in slices, and the event loop looks around in between."""

from __future__ import annotations

import asyncio
from collections import deque

AT_ONCE = 20


class Turns:
    """Lets so many go on in one round of the event loop, the others in the next ones, in their order.

    Hundreds of answers that arrive together would otherwise be worked off in one round, and whatever else the loop
    serves would wait for the last of them.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """Take how many go on in one round."""
        self._at_once = at_once
        self._gone = 0
        """How many have gone on in this round."""
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Go on now or in a later round."""
        if self._gone < self._at_once and not self._waiting:
            if not self._gone:
                asyncio.get_running_loop().call_soon(self._next_round)
            self._gone += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _next_round(self) -> None:
        self._gone = 0
        while self._waiting and self._gone < self._at_once:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._gone += 1
        if self._gone:
            asyncio.get_running_loop().call_soon(self._next_round)
