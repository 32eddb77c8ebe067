"""A clock that moves only when it is told to."""

from __future__ import annotations

from sparring.domain.chance import derive


class FrozenClock:
    """Stands still; `sleep` moves it on at once. Its entropy is the same in every run."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        """Stand at a moment, in unix seconds."""
        self._now = now
        self._drawn = 0

    def now(self) -> float:
        """Unix seconds."""
        return self._now

    def entropy(self, size: int) -> bytes:
        """Bytes that differ from call to call and not from run to run."""
        self._drawn += 1
        return derive(self._drawn, "entropy").to_bytes(8, "big").rjust(size, b"\0")[-size:]

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        self._now += seconds
