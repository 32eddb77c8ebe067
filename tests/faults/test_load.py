"""Thousands of trials in one batch, hundreds at once: it ends, and the process that plays stays small and quick."""

import json
import signal
import time

import pytest
from processes import server, started, until

from .batches import CALLS, batch_in, write_suite

LATENCY = 200
TOML = "[providers.openai]\nconcurrency = {at_once}\ninitial = {at_once}\n"


def told(found, asked, size):
    """The figures in one line."""
    trials, wall = found["trials"], found["wall_s"]
    speed = f"{wall:.1f} s, {trials / wall:.0f} trials/s, {asked / wall:.0f} calls/s"
    cpu = f"{found['cpu_ms']:.1f} ms CPU a trial in the process that is watched"
    late = f"p50 {found['lag_p50_ms']:.1f} ms, p99 {found['lag_p99_ms']:.0f} ms, max {found['lag_max_ms']:.0f} ms"
    halves = f"{found['middle_mib']:.0f} in the first half, {found['end_mib']:.0f} in the second"
    memory = f"at most {found['peak_mib']:.0f} MiB, {halves}"
    return (
        f"{speed}; {cpu}; event loop late {late}; memory {memory}; {size / trials / 1024:.1f} KiB stored a trial"
    )


def check(found, trials):
    """Assert that all of it ended as it should, in bounded memory, with a quick event loop."""
    assert found["trials"] == trials
    assert found["outcomes"] == {"passed": trials * 8 // 10, "failed": trials * 2 // 10}
    assert found["lag_p99_ms"] < 100
    assert found["peak_mib"] < 400
    assert found["end_mib"] < found["middle_mib"] * 1.15


def write(folder, trials, at_once):
    """A suite of so many trials, and a provider that may be asked so often at once."""
    write_suite(folder, callers=20, trials=trials // 20)
    (folder / "sparring.toml").write_text(TOML.format(at_once=at_once))


@pytest.mark.parametrize(("trials", "at_once"), [(100, 50), pytest.param(2000, 500, marks=pytest.mark.long)])
def test_a_large_batch_ends_in_bounded_memory_with_a_quick_event_loop(
    trials, at_once, tmp_path, database, measured
):
    write(tmp_path, trials, at_once)
    with batch_in(tmp_path, database, "--latency", LATENCY) as batch:
        found = json.loads(batch.python("load", "suite.json", at_once).splitlines()[-1])
        asked = batch.asked()
    fault = f"{trials:,} trials, {at_once} at once, answers after {LATENCY} ms"
    measured(fault, database.kind, told(found, asked, database.size()))
    check(found, trials)


@pytest.mark.long
def test_two_workers_share_a_large_batch(tmp_path, postgres, measured):
    trials, each = 2000, 250
    write(tmp_path, trials, each)
    with batch_in(tmp_path, postgres, "--latency", LATENCY) as batch:
        with started(tmp_path, "worker", "--concurrency", str(each), **batch.environment) as worker:
            worker.stdout.readline()
            found = json.loads(batch.python("load", "suite.json", each).splitlines()[-1])
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=30) == 0
        asked = batch.asked()
    fault = f"{trials:,} trials, 2 workers with {each} at once, answers after {LATENCY} ms"
    measured(fault, "postgresql", told(found, asked, postgres.size()))
    check(found, trials)
    assert asked == trials * CALLS


PATHS = ("/v1/agents", "/v1/test-cases", "/v1/batch-runs", "/v1/webhooks", "/")
"""What is read while it plays: records, lists, and the page that people see first."""


@pytest.mark.long
def test_a_server_that_plays_hundreds_at_once_answers_quickly(tmp_path, database, measured):
    trials, at_once = 2000, 500
    write(tmp_path, trials, at_once)
    with batch_in(tmp_path, database, "--latency", LATENCY) as batch:
        busy = {**batch.environment, "SPARRING_CONCURRENCY": str(at_once)}
        with server(tmp_path, **busy) as (_, ask):
            batch.submit()
            until(lambda: batch.asked() > 2 * at_once, "hundreds are at play")
            took = []
            while batch.asked() < trials * CALLS * 3 / 4:
                begun = time.perf_counter()
                ask.text("GET", PATHS[len(took) % len(PATHS)])
                took.append(time.perf_counter() - begun)
    took.sort()
    p99 = took[int(len(took) * 0.99)]
    measured(
        f"reading from a server with {at_once} trials at once",
        database.kind,
        f"{len(took)} reads, p50 {1000 * took[len(took) // 2]:.0f} ms, p99 {1000 * p99:.0f} ms",
    )
    assert len(took) >= 100
    assert p99 < 0.2
