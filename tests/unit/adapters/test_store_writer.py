"""One thread writes, in groups, and each who waits is told of what is theirs."""

import asyncio
import sqlite3
import subprocess
import sys

import pytest

from sparring.adapters.store import open_store, opening
from sparring.adapters.store.writer import Writer
from sparring.domain.errors import Conflict, DatabaseUnusable, StaleAppend
from sparring.testing import FrozenClock


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sparring.db"
    opening.prepare(path)
    return path


@pytest.fixture
async def writer(path):
    writer = Writer(opening.connect(path, patience=1), path)
    yield writer
    await writer.close()


@pytest.fixture
def statements(writer):
    """What is executed from now on, in upper-case words."""
    seen = []
    writer.connection.set_trace_callback(lambda text: seen.append(text.split()[0]))
    return seen


def row(trial, position=0):
    return (trial, 1, position, "{}")


async def all_of(*awaitables):
    """The result or the error of each."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    await asyncio.wait(tasks)
    return [task.exception() or task.result() for task in tasks]


def stored(path):
    with sqlite3.connect(path) as connection:
        found = [trial for (trial,) in connection.execute("SELECT trial FROM messages ORDER BY trial")]
    connection.close()
    return found


async def test_appends_of_one_moment_are_one_statement(writer, statements, path):
    await all_of(*(writer.append([row(f"t{number}")]) for number in range(50)))
    assert statements == ["INSERT"]
    assert len(stored(path)) == 50


async def test_a_write_is_visible_to_others_when_it_returns(writer, path):
    await writer.append([row("t")])
    assert stored(path) == ["t"]


async def test_a_refused_append_does_not_take_others_along(writer, path):
    await writer.append([row("a")])
    results = await all_of(
        writer.append([row("a")]), writer.append([row("b"), row("b", 1)]), writer.append([row("c")])
    )
    assert isinstance(results[0], StaleAppend)
    assert results[1:] == [None, None]
    assert stored(path) == ["a", "b", "b", "c"]


async def test_jobs_and_appends_of_one_moment_are_one_transaction(writer, path, statements):
    async def nothing(db):
        pass

    await all_of(writer.append([row("a")]), writer.run(nothing), writer.append([row("b")]))
    assert statements == ["BEGIN", "INSERT", "COMMIT"]
    assert stored(path) == ["a", "b"]


async def test_a_job_that_raises_is_undone_and_the_others_of_its_group_are_kept(writer, path):
    async def half_done(db):
        await db.write("INSERT INTO messages VALUES ('half', 1, 0, '{}')")
        raise Conflict("no")

    async def done(db):
        await db.write("INSERT INTO messages VALUES ('done', 1, 0, '{}')")
        return 7

    results = await all_of(writer.run(half_done), writer.run(done), writer.append([row("a")]))
    assert isinstance(results[0], Conflict)
    assert results[1:] == [7, None]
    assert stored(path) == ["a", "done"]


async def test_an_error_of_the_database_is_told_to_the_whole_group_and_undoes_it(writer, path):
    results = await all_of(writer.append([row("a")]), writer.run(lambda db: db.rows("SELECT * FROM nowhere")))
    assert all(isinstance(result, DatabaseUnusable) for result in results)
    assert stored(path) == []
    await writer.append([row("b")])
    assert stored(path) == ["b"]


async def test_a_database_that_fails_in_the_middle_of_a_group_is_told_to_the_rest_of_it(writer, path):
    async def refused(db):
        raise Conflict("no")

    async def broken(db):
        if await db.row("SELECT count(*) FROM messages") == (1,):
            await db.rows("SELECT * FROM nowhere")
        raise Conflict("no")

    results = await all_of(
        writer.run(refused), writer.append([row("a")]), writer.run(broken), writer.append([row("b")])
    )
    assert [type(result) for result in results] == [Conflict, type(None), DatabaseUnusable, DatabaseUnusable]
    assert stored(path) == ["a"]


async def test_a_mistake_in_a_statement_is_told_and_harms_nobody_else(writer, path):
    async def twice(db):
        for _ in range(2):
            await db.write("INSERT INTO workspaces (id) VALUES ('w')")

    results = await all_of(writer.run(twice), writer.append([row("a")]))
    assert isinstance(results[0], DatabaseUnusable)
    assert "UNIQUE constraint failed: workspaces.id" in str(results[0])
    assert stored(path) == ["a"]


async def test_a_job_that_waits_for_the_event_loop_is_a_mistake_that_is_told(writer, path):
    async def waits(db):
        await asyncio.sleep(0)

    results = await all_of(writer.run(waits), writer.append([row("a")]))
    assert "waited for something" in str(results[0])
    assert stored(path) == ["a"]


async def test_a_write_that_nobody_waits_for_any_more_is_written_all_the_same(writer, path):
    task = asyncio.create_task(writer.append([row("paid")]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await writer.append([row("z")])
    assert stored(path) == ["paid", "z"]


async def test_what_comes_in_during_a_commit_is_the_next_group(writer, path):
    first = asyncio.create_task(writer.append([row("a")]))
    await asyncio.sleep(0)
    later = [asyncio.create_task(writer.append([row(f"b{number}")])) for number in range(5)]
    await first
    await asyncio.wait(later)
    assert len(stored(path)) == 6


async def test_closing_writes_what_is_pending_and_refuses_what_comes_later(path):
    writer = Writer(opening.connect(path, patience=1), path)
    pending = asyncio.create_task(writer.append([row("a")]))
    await asyncio.sleep(0)
    await writer.close()
    await pending
    assert stored(path) == ["a"]
    with pytest.raises(DatabaseUnusable, match="closed already"):
        await writer.append([row("b")])
    await writer.close()


async def test_two_processes_write_one_file(path):
    stores = [await open_store(f"sqlite:///{path}", FrozenClock()) for _ in range(2)]
    await all_of(*(stores[number % 2].save_workspace(f"w{number}") for number in range(40)))
    assert len(await stores[0].workspaces()) == 40
    for store in stores:
        await store.close()


KILLED = """
import asyncio, os, sys
from sparring.adapters.store import open_store
from sparring.domain.simulation import Trial
from sparring.domain.transcript import UserMessage
from sparring.testing import FrozenClock

async def talk(store, number):
    journal = store.journal(Trial(id=f"t{number}", simulation="s", scenario="c", number=1, seed=0))
    for position in range(1000):
        await journal.append(position, [UserMessage(text=str(position))])
        os.write(1, f"t{number} {position}\\n".encode())

async def main():
    store = await open_store(sys.argv[1], FrozenClock())
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(talk(store, number))

asyncio.run(main())
"""


async def test_no_message_that_was_reported_as_stored_is_lost_to_a_kill(path):
    url = f"sqlite:///{path}"
    process = subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, text=True)
    reported = [process.stdout.readline() for _ in range(200)]
    process.kill()
    reported += process.stdout.read().splitlines(keepends=True)
    process.wait()
    process.stdout.close()
    reported = [line.split() for line in reported if line.endswith("\n")]
    with sqlite3.connect(path) as connection:
        kept = set(connection.execute("SELECT trial, position FROM messages"))
        (check,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    assert len(reported) >= 200
    assert {(trial, int(position)) for trial, position in reported} <= kept
    assert len(kept) - len(reported) <= 5
    assert check == "ok"
