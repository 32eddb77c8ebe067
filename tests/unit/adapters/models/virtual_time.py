"""An event loop whose time jumps to the next thing that is due, so that minutes are played in milliseconds."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class VirtualLoop(asyncio.SelectorEventLoop):
    """Never waits: when nothing is ready, it is later."""

    def __init__(self) -> None:
        super().__init__()
        self._clock_resolution = 1e-6
        self._virtual = 1_700_000_000.0
        select = self._selector.select

        def jump(timeout: float | None = None) -> list[Any]:
            if timeout is None:
                raise RuntimeError("Nothing will ever happen again: everything waits for something else.")
            self._virtual += timeout
            return select(0)

        self._selector.select = jump

    def time(self) -> float:
        return self._virtual


class LoopClock:
    """The time of the loop that runs; entropy that is always the same."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def entropy(self, size: int) -> bytes:
        return b"\x80" * size

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
