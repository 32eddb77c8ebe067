"""Backups that are made while a batch is played, and what is restored from them."""

import signal
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest
from processes import started, until

from .batches import CALLERS, CALLS, batch_in, same_as, standing, write_suite

MOMENT = 60
"""Requests after which the backup is made."""


def vacuum_into(source, target):
    with closing(sqlite3.connect(source)) as connection:
        connection.execute(f"VACUUM INTO '{target}'")


def online_backup(source, target):
    with closing(sqlite3.connect(source)) as connection, closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)


@pytest.mark.parametrize("back_up", [vacuum_into, pytest.param(online_backup, marks=pytest.mark.long)])
def test_a_batch_goes_on_from_a_backup_that_was_made_while_it_was_played(
    back_up, tmp_path, sqlite_file, undisturbed, measured
):
    write_suite(tmp_path)
    copy = tmp_path / "backup.db"
    with batch_in(tmp_path, sqlite_file, "--latency", 40) as batch:
        with started(tmp_path, "run", "suite.json", "--concurrency", "5", **batch.environment) as run:
            until(lambda: batch.asked() >= MOMENT, f"{MOMENT} requests")
            back_up(sqlite_file.file, copy)
            until(lambda: batch.asked() >= MOMENT + 20, "it goes on meanwhile")
            run.send_signal(signal.SIGKILL)
            run.wait()
        for lost in sqlite_file.file.parent.glob(f"{sqlite_file.file.name}*"):
            lost.unlink()
        copy.rename(sqlite_file.file)
        then = standing(batch)
        kept = sum(sum(answers.values()) for answers in then.kept.values())
        batch.command("resume")
        measured(
            f"restored from a backup made while it played ({back_up.__name__.replace('_', ' ')})",
            "sqlite",
            f"{kept} of {CALLERS * CALLS} answers were in it; every trial ended as if nothing had been",
        )
        assert kept > MOMENT - CALLERS
        same_as(undisturbed, batch)


@pytest.mark.long
def test_a_batch_goes_on_from_a_dump_of_postgresql_that_was_made_while_it_was_played(
    tmp_path, postgres, undisturbed, measured
):
    write_suite(tmp_path)
    dump = tmp_path / "backup.dump"
    server = postgres.server
    with batch_in(tmp_path, postgres, "--latency", 40) as batch:
        with started(tmp_path, "run", "suite.json", "--concurrency", "5", **batch.environment) as run:
            until(lambda: batch.asked() >= MOMENT, f"{MOMENT} requests")
            tool(server, "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={postgres.url}")
            run.send_signal(signal.SIGKILL)
            run.wait()
        with server.fresh() as url:
            tool(server, "pg_restore", "--exit-on-error", f"--dbname={url}", dump)
            restored = replace(batch, place=replace(postgres, url=url))
            then = standing(restored)
            kept = sum(sum(answers.values()) for answers in then.kept.values())
            restored.command("resume")
            measured(
                "restored from a backup made while it played (pg_dump)",
                "postgresql",
                f"{kept} of {CALLERS * CALLS} answers were in it; every trial ended as if nothing had been",
            )
            assert kept > MOMENT - CALLERS
            same_as(undisturbed, restored)


def tool(server, name, *arguments):
    """Run a program that came with a PostgreSQL server to its good end."""
    done = subprocess.run([server.program(name), *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
