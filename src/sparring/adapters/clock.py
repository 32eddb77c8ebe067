"""The one place that reads the time, sleeps and draws entropy."""

from __future__ import annotations

import asyncio
import os
import time


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()  # noqa: TID251

    def entropy(self, size: int) -> bytes:
        """Random bytes."""
        return os.urandom(size)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
