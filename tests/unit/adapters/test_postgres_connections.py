"""Connections that are cut, servers that restart, answers that are lost, and transactions that meet."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from postgres import database_name

from sparring.adapters.store import open_store, sql
from sparring.adapters.store.postgres import open_postgres
from sparring.domain.errors import DatabaseUnusable, StaleAppend
from sparring.domain.simulation import Trial
from sparring.domain.transcript import UserMessage
from sparring.testing import FrozenClock

pytestmark = pytest.mark.slow

PATIENCE = 20.0

TRIAL = Trial(id="7" * 24, simulation="5" * 24, scenario="c" * 24, number=1, seed=0)


@pytest.fixture
async def store(postgres_url):
    store = await open_store(postgres_url, FrozenClock(), patience=PATIENCE)
    yield store
    await store.close()


@pytest.fixture
def run(postgres_server, postgres_url):
    """The rows of a statement on the test's own database."""
    return lambda statement: postgres_server.execute(statement, database_name(postgres_url))


class Relay:
    """Stands between a store and the server; `lose` ends the connection instead of giving that answer."""

    def __init__(self, socket):
        self._socket = socket
        self.lose = None
        self.lost = 0

    @asynccontextmanager
    async def running(self, path):
        self._tasks = set()
        listener = await asyncio.start_unix_server(self._serve, path)
        try:
            yield
        finally:
            listener.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        there, back = await asyncio.open_unix_connection(self._socket)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back, watched=False))
                group.create_task(self._pass(there, writer, watched=True))
        except* (ConnectionError, EOFError):
            pass
        finally:
            writer.close()
            back.close()

    async def _pass(self, source, target, *, watched):
        while part := await source.read(65536):
            if watched and self.lose is not None and self.lose in part:
                self.lose = None
                self.lost += 1
                break
            target.write(part)
            await target.drain()
        raise EOFError


@pytest.fixture
async def relay(postgres_url, tmp_path_factory):
    """A relay and the URL that leads through it."""
    base, _, folder = postgres_url.partition("?host=")
    between = tmp_path_factory.mktemp("pg")
    relay = Relay(f"{folder}/.s.PGSQL.5432")
    async with relay.running(between / ".s.PGSQL.5432"):
        yield relay, f"{base}?host={between}"


@pytest.fixture
async def relayed(relay):
    """A store behind a relay, and the relay."""
    between, url = relay
    store = await open_store(url, FrozenClock(), patience=PATIENCE)
    yield store, between
    await store.close()


async def talk(store, number, count):
    trial = Trial(id=f"t{number}", simulation="s", scenario="c", number=1, seed=0)
    for position in range(count):
        await store.journal(trial).append(position, [UserMessage(text=f"{number} {position}")])


async def test_connections_that_are_cut_are_replaced_and_nobody_notices(store, postgres_server, postgres_url):
    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(talk(store, number, 2))
    assert postgres_server.cut(database_name(postgres_url)) >= 1
    async with asyncio.TaskGroup() as group:
        for number in range(8, 24):
            group.create_task(talk(store, number, 2))
        group.create_task(store.save_workspace("w"))
        read = group.create_task(store.journal(TRIAL).load())
    assert list(read.result()) == []
    assert await store.workspaces() == {"w": None}


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_restarts_is_waited_for_and_every_message_is_stored_once(
    store, postgres_server, run, mode
):
    talks = [asyncio.create_task(talk(store, number, 60)) for number in range(10)]
    while len(run("SELECT 1 FROM messages LIMIT 20")) < 20:
        await asyncio.sleep(0)
    await asyncio.to_thread(postgres_server.restart, mode)
    await asyncio.wait(talks)
    assert [task.exception() for task in talks] == [None] * 10
    assert run("SELECT trial, count(*), max(position) FROM messages GROUP BY 1 ORDER BY 1") == [
        (f"t{number}", 60, 59) for number in range(10)
    ]


async def test_a_server_that_stays_away_is_told_and_used_again_once_it_is_back(postgres_server, postgres_url):
    store = await open_store(postgres_url, FrozenClock(), patience=0.2)
    postgres_server.stop()
    try:
        with pytest.raises(DatabaseUnusable, match="cannot be reached"):
            await store.workspaces()
        with pytest.raises(DatabaseUnusable, match="cannot be reached"):
            await store.journal(TRIAL).append(0, [UserMessage(text="lost")])
    finally:
        postgres_server.start()
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                assert await store.workspaces() == {}
                break
            except DatabaseUnusable:
                continue
    await store.close()


async def test_a_message_whose_answer_is_lost_is_stored_once(relayed, run):
    store, relay = relayed
    relay.lose = b"INSERT 0 1"
    await store.journal(TRIAL).append(0, [UserMessage(text="Hello")])
    assert relay.lost == 1
    assert run("SELECT position FROM messages") == [(0,)]


async def test_a_message_of_another_worker_is_not_taken_for_one_whose_answer_was_lost(relayed, store, run):
    behind, relay = relayed
    await store.journal(TRIAL).append(0, [UserMessage(text="From elsewhere")])
    relay.lose = b"23505"
    with pytest.raises(StaleAppend):
        await behind.journal(TRIAL).append(0, [UserMessage(text="Hello")])
    assert relay.lost == 1
    assert [message.text for message in await store.journal(TRIAL).load()] == ["From elsewhere"]


async def test_what_may_be_done_twice_is_done_again_when_its_commit_was_lost(relayed, store):
    behind, relay = relayed
    relay.lose = b"COMMIT"
    await behind.save_workspace("w", "name")
    assert relay.lost == 1
    assert await store.workspaces() == {"w": "name"}


async def test_what_may_not_be_done_twice_is_told_when_its_commit_was_lost(relay):
    between, url = relay
    database = await open_postgres(url, patience=PATIENCE)

    async def add(db):
        return await db.write(sql.SAVE_WORKSPACE, {"id": "w", "alias": None})

    between.lose = b"COMMIT"
    with pytest.raises(DatabaseUnusable, match="whether it was is not known"):
        await database.write(add)
    assert await database.read(lambda db: db.rows(sql.WORKSPACES)) == [("w", None)]
    await database.close()


async def test_a_job_that_loses_its_connection_before_the_end_is_run_again(relay, postgres_url):
    between, url = relay
    database = await open_postgres(url, patience=PATIENCE)
    ran = []

    async def add(db):
        ran.append(await db.write(sql.SAVE_WORKSPACE, {"id": f"w{len(ran)}", "alias": None}))
        if len(ran) == 1:
            between.lose = b"SELECT 0"
        await db.rows(sql.KEYS, {"workspace": None})

    await database.write(add)
    assert len(ran) == 2
    assert await database.read(lambda db: db.rows(sql.WORKSPACES)) == [("w1", None)]
    await database.close()


async def test_two_transactions_in_each_others_way_are_both_done(postgres_url):
    database = await open_postgres(postgres_url, patience=PATIENCE)
    both = asyncio.Barrier(2)
    ran = []

    async def change(first, second):
        async def job(db):
            ran.append(first)
            await db.write(sql.SAVE_WORKSPACE, {"id": first, "alias": None})
            if len(ran) <= 2:
                await both.wait()
            await db.write(sql.SAVE_WORKSPACE, {"id": second, "alias": f"by {first}"})

        await database.write(job)

    await database.write(lambda db: db.write(sql.SAVE_WORKSPACE, {"id": "a", "alias": None}))
    await database.write(lambda db: db.write(sql.SAVE_WORKSPACE, {"id": "b", "alias": None}))
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(change("a", "b"))
        group.create_task(change("b", "a"))
    # One of them was begun again, and may have met the other once more before that went on.
    assert len(ran) >= 3
    assert set(ran) == {"a", "b"}
    await database.close()


async def test_a_job_that_raises_leaves_nothing_behind(postgres_url):
    database = await open_postgres(postgres_url, patience=PATIENCE)

    async def half_done(db):
        await db.write(sql.SAVE_WORKSPACE, {"id": "half", "alias": None})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half_done)
    assert await database.read(lambda db: db.rows(sql.WORKSPACES)) == []
    await database.close()


async def test_work_that_is_cancelled_gives_its_connection_back(postgres_url):
    database = await open_postgres(postgres_url, patience=PATIENCE)
    begun = asyncio.Event()

    async def waits(db):
        await db.rows(sql.WORKSPACES)
        begun.set()
        await asyncio.Event().wait()

    for _ in range(20):
        begun.clear()
        task = asyncio.create_task(database.write(waits))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await database.read(lambda db: db.rows(sql.WORKSPACES)) == []
    await database.close()
