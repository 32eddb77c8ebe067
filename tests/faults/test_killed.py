"""`kill -9` of the only process, at moments that a seed decides, and what is asked for again afterwards."""

import random
import signal
import time

import pytest
from processes import started, until

from .batches import CALLERS, CALLS, batch_in, bill, check, same_as, standing, write_suite

SEED = 20
MOMENTS = 20
LATENCY = 40
AT_ONCE = 5
SHORT = (11,)
"""The moments of the short form."""


def moments():
    """When the process is killed: after so many requests, and so many seconds later."""
    chance = random.Random(SEED)
    last = int(CALLERS * CALLS * 0.9)
    return [(chance.randint(1, last), chance.uniform(0, LATENCY / 1000)) for _ in range(MOMENTS)]


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=() if n in SHORT else pytest.mark.long) for n in range(MOMENTS)]
)
def test_a_batch_whose_only_process_is_killed_ends_as_if_nothing_had_been(
    number, tmp_path, database, undisturbed, measured
):
    after, later = moments()[number]
    write_suite(tmp_path)
    with batch_in(tmp_path, database, "--latency", LATENCY) as batch:
        with started(tmp_path, "run", "suite.json", "--concurrency", str(AT_ONCE), **batch.environment) as process:
            until(lambda: batch.asked() >= after, f"{after} requests")
            time.sleep(later)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL, "it was still at work"
        then = standing(batch)
        batch.command("resume")
        found = bill(batch, then)
        measured(
            "kill -9 of the only process",
            database.kind,
            f"moment {number + 1:2} of {MOMENTS} (seed {SEED}), after {then.requests:3} of {CALLERS * CALLS} "
            f"requests, {then.running} trials at play; {found}",
        )
        same_as(undisturbed, batch)
        check(found, then)
