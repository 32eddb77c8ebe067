"""Plays a suite in this process, as `sparring run` does, and looks at the process while it does.

python -m tests.faults.load SUITE AT_ONCE

The database and the providers come from the settings, as for every command. Prints one line of JSON.
"""

import asyncio
import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import uvloop

from sparring.adapters.suites import load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.services import open_services
from sparring.domain.metrics import summarize
from sparring.settings import read_settings

STEP = 0.01
"""Seconds between two looks at the event loop."""


class Watch:
    """How late the event loop is, and how large the process, while something goes on.

    It is late where it works, and where others have the processor; the first alone is `busy`.
    """

    def __init__(self):
        self.late = []
        self.busy = []
        self.sizes = []
        self._process = psutil.Process()

    async def look(self):
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due, worked = loop.time() + STEP, time.thread_time()
            await asyncio.sleep(STEP)
            late = max(0.0, loop.time() - due)
            self.late.append(late)
            self.busy.append(min(late, time.thread_time() - worked))
            if len(self.late) % 20 == 0:
                self.sizes.append(self._process.memory_info().rss / 2**20)

    def figures(self):
        """Milliseconds and MiB."""
        late, busy, sizes = sorted(self.late), sorted(self.busy), self.sizes
        half = len(sizes) // 2
        return {
            "lag_p50_ms": 1000 * late[len(late) // 2],
            "lag_p99_ms": 1000 * late[int(len(late) * 0.99)],
            "lag_max_ms": 1000 * late[-1],
            "busy_p99_ms": 1000 * busy[int(len(busy) * 0.99)],
            "busy_max_ms": 1000 * busy[-1],
            "peak_mib": max(sizes),
            "middle_mib": max(sizes[half // 2 : half + 1]),
            "end_mib": max(sizes[half:]),
        }


async def play(suite_file, at_once):
    """Play the suite and tell the figures."""
    settings = read_settings(concurrency=at_once)
    async with open_services(settings) as services:
        wishes = playing.Wishes()
        suite = load_suite(suite_file)
        simulation = await playing.prepare(services, suite, wishes, source="cli", folder=suite_file.parent)
        watch, spent, began = Watch(), resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        watching = asyncio.create_task(watch.look())
        await playing.submit(services, [simulation])
        assert await playing.play_here(services, [simulation.id])
        async for _ in services.engine.changes(simulation.id):
            pass
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
        await services.engine.stop()
        trials = await services.store.trials(simulation.id)
        outcomes = {str(outcome): count for outcome, count in summarize(trials).outcomes.items()}
    cpu = used.ru_utime + used.ru_stime - spent.ru_utime - spent.ru_stime
    return {
        "trials": len(trials),
        "outcomes": outcomes,
        "wall_s": wall,
        "cpu_ms": 1000 * cpu / len(trials),
        **watch.figures(),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(play(Path(sys.argv[1]), int(sys.argv[2])))))
