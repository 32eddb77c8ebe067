"""Ctrl-C and SIGTERM: once to stop cleanly, twice to stop at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sparring.cli.terminal import note

INTERRUPTED = 130

TERMINATED = 0
"""Whoever sends SIGTERM wants a clean stop, and has got it."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop(asyncio.Event):
    """Set by the first signal, with the exit code that belongs to it."""

    code = INTERRUPTED


@contextmanager
def interrupts() -> Iterator[Stop]:
    """An event that the first signal sets. A second Ctrl-C ends the process, whose journal needs no farewell; a
    second SIGTERM, which some send to a process and to its group, does not."""
    stop = Stop()
    loop = asyncio.get_running_loop()

    def interrupt(number: signal.Signals) -> None:
        if stop.is_set():
            if number is signal.SIGINT:
                os._exit(INTERRUPTED)
            return
        if sys.stderr.isatty():
            note("")  # The terminal has written ^C.
        note("Stopping after the messages that are under way; Ctrl-C again ends at once.")
        stop.code = TERMINATED if number is signal.SIGTERM else INTERRUPTED
        stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, interrupt, number)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def unless_stopped(work: Coroutine[Any, Any, Any], stop: asyncio.Event) -> bool:
    """Whether the work was done before the event was set; it is cancelled then."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return False
