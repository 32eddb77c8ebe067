"""An SQLite file that another program has locked in the middle of a batch."""

import sqlite3
import subprocess
from contextlib import closing

import pytest
from processes import started, until

from .batches import CALLERS, CALLS, batch_in, same_as, write_suite


@pytest.mark.parametrize("seconds", [2, pytest.param(10, marks=pytest.mark.long)])
def test_a_batch_waits_while_another_program_has_the_file_locked(
    seconds, tmp_path, sqlite_file, undisturbed, measured
):
    write_suite(tmp_path)
    with batch_in(tmp_path, sqlite_file, "--latency", 40) as batch:
        with started(tmp_path, "run", "suite.json", "--concurrency", "5", **batch.environment) as run:
            until(lambda: batch.asked() >= 40, "40 requests")
            with closing(sqlite3.connect(sqlite_file.file, isolation_level=None, timeout=10)) as other:
                other.execute("BEGIN EXCLUSIVE")
                with pytest.raises(subprocess.TimeoutExpired):
                    run.wait(timeout=seconds)
                meanwhile = batch.asked()
                other.execute("ROLLBACK")
            assert run.wait(timeout=60) == 1, run.stdout.read()
        assert meanwhile < CALLERS * CALLS
        assert batch.asked() == CALLERS * CALLS
        measured("the file locked by another program", "sqlite", f"for {seconds} s: waited out; 0 asked again")
        same_as(undisturbed, batch)
