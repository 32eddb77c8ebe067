"""Thousands of trials in one batch, hundreds at once: it ends, and the process that plays stays small and quick."""

import json

import pytest

from .batches import batch_in, write_suite

LATENCY = 200
TOML = "[providers.openai]\nconcurrency = {at_once}\ninitial = {at_once}\n"


@pytest.mark.parametrize(("trials", "at_once"), [(100, 50), pytest.param(2000, 500, marks=pytest.mark.long)])
def test_a_large_batch_ends_in_bounded_memory_with_a_quick_event_loop(
    trials, at_once, tmp_path, database, measured
):
    write_suite(tmp_path, callers=20, trials=trials // 20)
    (tmp_path / "sparring.toml").write_text(TOML.format(at_once=at_once))
    with batch_in(tmp_path, database, "--latency", LATENCY) as batch:
        found = json.loads(batch.python("load", "suite.json", at_once).splitlines()[-1])
        asked = batch.asked()
    measured(
        f"{trials:,} trials, {at_once} at once, answers after {LATENCY} ms",
        database.kind,
        f"{found['wall_s']:.1f} s, {trials / found['wall_s']:.0f} trials/s, {asked / found['wall_s']:.0f} calls/s; "
        f"{found['cpu_ms']:.1f} ms CPU a trial; event loop late p50 {found['lag_p50_ms']:.1f} ms, p99 "
        f"{found['lag_p99_ms']:.0f} ms, max {found['lag_max_ms']:.0f} ms; memory at most {found['peak_mib']:.0f} MiB, "
        f"{found['middle_mib']:.0f} in the first half, {found['end_mib']:.0f} in the second; "
        f"{database.size() / trials / 1024:.1f} KiB of database a trial",
    )
    assert found["trials"] == trials
    assert found["outcomes"] == {"passed": trials * 8 // 10, "failed": trials * 2 // 10}
    assert found["lag_p99_ms"] < 100
    assert found["peak_mib"] < 400
    assert found["end_mib"] < found["middle_mib"] * 1.15
