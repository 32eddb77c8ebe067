"""Three workers on one PostgreSQL database, of which one is killed or frozen."""

import signal
import time
from contextlib import ExitStack

import pytest
from processes import started, until

from .batches import CALLERS, CALLS, asked_again, batch_in, bill, check, same_as, standing, write_suite

WORKERS = 3
AT_ONCE = 2
"""Trials of each."""
MOMENT = 25
TAKEN_OVER_WITHIN = 30
"""Seconds, as the product promises, beside those that the trials themselves take."""


@pytest.fixture
def batch(tmp_path, postgres):
    write_suite(tmp_path)
    with batch_in(tmp_path, postgres, "--latency", 100) as opened:
        yield opened


@pytest.fixture
def workers(batch):
    """Three of them at play, the batch a quarter through."""
    with ExitStack() as stack:
        work = ("worker", "--concurrency", str(AT_ONCE))
        processes = [
            stack.enter_context(started(batch.folder, *work, **batch.environment)) for _ in range(WORKERS)
        ]
        for process in processes:
            process.stdout.readline()
        batch.submit()
        until(lambda: batch.asked() >= MOMENT, f"{MOMENT} requests")
        yield processes


def test_when_one_of_three_workers_is_killed_the_others_finish(batch, workers, postgres, undisturbed, measured):
    workers[0].send_signal(signal.SIGKILL)
    killed_at = time.monotonic()
    then = standing(batch)
    until(lambda: postgres.over() == CALLERS, "every trial ended")
    seconds = time.monotonic() - killed_at
    found = bill(batch, then)
    measured(
        "kill -9 of one of three workers", "postgresql", f"the others had finished {seconds:.0f} s later; {found}"
    )
    same_as(undisturbed, batch)
    check(found, then)
    assert found.under_way.total() <= AT_ONCE
    assert seconds < TAKEN_OVER_WITHIN + 5


@pytest.mark.long
def test_a_worker_that_was_frozen_writes_nothing_stale_when_it_wakes_up(
    batch, workers, postgres, undisturbed, measured
):
    frozen = workers[0]
    frozen.send_signal(signal.SIGSTOP)
    until(lambda: postgres.over() == CALLERS, "the others ended every trial")
    ended, asked = batch.shown(), batch.asked()
    frozen.send_signal(signal.SIGCONT)
    frozen.send_signal(signal.SIGTERM)
    assert frozen.wait(timeout=30) == 0, frozen.stdout.read()
    assert batch.shown() == ended, "the woken one has changed nothing"
    again = asked_again(batch.record)
    measured(
        "one of three workers frozen, woken at the end",
        "postgresql",
        f"the others finish; asked again: {again.total()} under way; the woken one asked for {batch.asked() - asked} "
        "more, and wrote nothing",
    )
    same_as(undisturbed, batch)
    assert again.total() <= 2 * AT_ONCE


@pytest.mark.long
def test_a_worker_that_wakes_up_while_another_plays_its_trials_leaves_them_to_it(
    batch, workers, postgres, undisturbed, measured
):
    frozen = workers[0]
    frozen.send_signal(signal.SIGSTOP)
    until(lambda: asked_again(batch.record), "another has taken over")
    frozen.send_signal(signal.SIGCONT)
    until(lambda: postgres.over() == CALLERS, "every trial ended")
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0, worker.stdout.read()
    again = asked_again(batch.record)
    measured(
        "one of three workers frozen, woken while another plays its trials",
        "postgresql",
        f"{CALLERS} trials ended once each; asked again: {again.total()} of {CALLERS * CALLS}",
    )
    same_as(undisturbed, batch)
    assert again.total() <= 2 * AT_ONCE
