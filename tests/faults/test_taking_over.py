"""Two processes on one SQLite file: the second takes over by the lock, and from a frozen one it takes nothing."""

import signal

import pytest
from processes import started, until

from .batches import CALLERS, CALLS, batch_in, bill, check, same_as, standing, write_suite

FIRST = ("run", "suite.json", "--concurrency", "5")
MOMENT = 40
"""Requests after which the first process is hit."""


@pytest.fixture
def batch(tmp_path, sqlite_file):
    write_suite(tmp_path)
    with batch_in(tmp_path, sqlite_file, "--latency", 40) as opened:
        yield opened


def test_a_second_process_takes_over_from_one_that_is_killed(batch, undisturbed, measured):
    with started(batch.folder, *FIRST, **batch.environment) as first:
        until(batch.asked, "the first process plays")
        with started(batch.folder, "resume", **batch.environment) as second:
            until(lambda: batch.asked() >= MOMENT, f"{MOMENT} requests")
            first.send_signal(signal.SIGSTOP)
            until(lambda: "plays on this database" in second.stdout.readline(), "the second waits for the first")
            then = standing(batch)
            first.send_signal(signal.SIGKILL)
            assert second.wait(timeout=60) == 1, second.stdout.read()
    found = bill(batch, then)
    measured("kill -9 of the one of two that plays", "sqlite", f"the other finishes; {found}")
    same_as(undisturbed, batch)
    check(found, then)


def test_from_a_process_that_is_frozen_nothing_is_taken_and_nothing_is_asked_twice(batch, undisturbed, measured):
    with started(batch.folder, *FIRST, **batch.environment) as first:
        until(lambda: batch.asked() >= MOMENT, f"{MOMENT} requests")
        first.send_signal(signal.SIGSTOP)
        frozen_at = batch.asked()
        with started(batch.folder, "resume", **batch.environment) as second:
            until(lambda: "plays on this database" in second.stdout.readline(), "the second waits for the first")
            batch.shown()
            assert batch.asked() <= frozen_at + CALLERS, "only what was on its way arrives"
            first.send_signal(signal.SIGCONT)
            assert first.wait(timeout=60) == 1
            assert second.wait(timeout=60) == 1
    assert batch.asked() == CALLERS * CALLS
    measured(
        "freezing the one of two that plays", "sqlite", "the other waits; the woken one finishes; 0 asked again"
    )
    same_as(undisturbed, batch)
