"""The time that a trial may take, which stands still while it waits for others through nobody's fault."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Self


class Deadline:
    """Ends what runs inside of it with TimeoutError once its seconds are over; see `expired`."""

    __slots__ = ("_left", "_timeout", "_token")

    def __init__(self, seconds: float) -> None:
        """Take the seconds."""
        self._left = seconds
        self._timeout = asyncio.timeout(seconds)

    @property
    def expired(self) -> bool:
        """Whether the seconds are over."""
        return self._timeout.expired()

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._token = _CURRENT.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _CURRENT.reset(self._token)
        await self._timeout.__aexit__(kind, error, trace)

    def stand_still(self) -> bool:
        """Stop counting; False where that is so already, or nothing is left to count."""
        when = self._timeout.when()
        if when is None or self.expired:
            return False
        self._left = when - asyncio.get_running_loop().time()
        self._timeout.reschedule(None)
        return True

    def go_on(self) -> None:
        """Count again."""
        if not self.expired:
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._left)


_CURRENT: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def standing_still() -> Iterator[None]:
    """Let the deadline of the trial that this is done for, if there is one, stand still."""
    deadline = _CURRENT.get()
    if deadline is None or not deadline.stand_still():
        yield
        return
    try:
        yield
    finally:
        deadline.go_on()
