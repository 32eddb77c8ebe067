"""What the engine of many processes does when its connections, its notices or other workers fail."""

import asyncio
from contextlib import asynccontextmanager

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from sparring.adapters.queue.engine import QueueEngine
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.simulation.runner import Runner

from .test_engine import SOON, Playing, ended, submit, until


@pytest.fixture
def place(postgres_url):
    return postgres_url


@pytest.fixture
def playing():
    return Playing()


@pytest.fixture
def runner(store, clock, playing):
    return Runner(store=store, casting=playing, clock=clock)


@pytest.fixture
def ask(postgres_url):
    """The rows of a statement on a connection of its own."""

    def rows(statement, *values):
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return rows


def an_engine(runner, url, **options):
    options = {"heartbeat": 0.1, "stalled": 1.0, "poll_jobs": 0.1, **options}
    return QueueEngine(runner, runner.store, url, concurrency=4, poll=SOON, **options)


@asynccontextmanager
async def at_work(engine):
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(grace=5)


def failing(method, times=1):
    """A method of the job manager whose first calls lose their connection."""
    left = [times]

    async def call(*arguments, **named):
        if left[0]:
            left[0] -= 1
            raise ConnectorException("lost")
        return await method(*arguments, **named)

    return call


async def test_a_worker_shows_life_though_a_sign_of_it_was_lost(runner, place, ask, playing):
    playing.gate.clear()
    engine = an_engine(runner, place)
    jobs = engine._app.job_manager
    jobs.update_heartbeat = failing(jobs.update_heartbeat, times=3)
    async with at_work(engine):
        await submit(runner)
        await playing.waiting.acquire()
        [(before,)] = ask("SELECT last_heartbeat FROM procrastinate_workers")
        await until(lambda: ask("SELECT last_heartbeat FROM procrastinate_workers")[0][0] > before)
        playing.gate.set()


async def test_what_is_lost_while_a_job_is_fetched_or_ended_is_done_again(runner, store, place, ask, monkeypatch):
    monkeypatch.setattr("sparring.adapters.queue.jobs.PAUSE", 0.01)
    monkeypatch.setattr("procrastinate.manager.JobManager.fetch_job", failing_method("fetch_job"))
    monkeypatch.setattr("procrastinate.manager.JobManager.finish_job", failing_method("finish_job"))
    id = await submit(runner, trials=3)
    async with at_work(an_engine(runner, place)) as engine:
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED
        await until(lambda: ask("SELECT count(*) FROM procrastinate_jobs") == [(0,)])
    assert {(trial.outcome, trial.claim) for trial in await store.trials(id)} == {(Outcome.PASSED, 1)}


def failing_method(name, times=2):
    from procrastinate.manager import JobManager

    method = getattr(JobManager, name)
    left = [times]

    async def call(self, *arguments, **named):
        if left[0]:
            left[0] -= 1
            raise ConnectorException("lost")
        return await method(self, *arguments, **named)

    return call


async def test_a_queued_trial_that_has_no_job_gets_one(runner, place, ask):
    id = await submit(runner, trials=2)
    ask("DELETE FROM procrastinate_jobs")
    async with at_work(an_engine(runner, place)) as engine:
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED


async def test_a_trial_that_is_resumed_just_when_its_job_was_passed_over_is_played(runner, store, place, ask):
    id = await submit(runner)
    workspace = (await store.find_simulation(None, id)).workspace
    [trial] = await store.trials(id)
    await store.pause(workspace, id, "on request")
    async with await psycopg.AsyncConnection.connect(place) as resuming:
        await resuming.execute("UPDATE simulations SET status = 'queued' WHERE id = %s", (id,))
        taking = asyncio.create_task(store.take(trial.id))
        await until(
            lambda: ask(
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%simulations%%'"
            )
        )
        assert not taking.done()
    assert (await taking).id == trial.id


async def test_what_was_begun_and_waits_is_cancelled_though_a_worker_takes_it_at_that_moment(
    store, runner, place, ask
):
    id = await submit(runner)
    [trial] = await store.trials(id)
    workspace = (await store.find_simulation(None, id)).workspace
    begun = await store.take(trial.id)
    await store.release(begun.id)
    async with await psycopg.AsyncConnection.connect(place) as taking:
        await taking.execute("SELECT 1 FROM trials WHERE id = %s FOR UPDATE", (trial.id,))
        cancelling = asyncio.create_task(store.cancel(workspace, id))
        await until(lambda: ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        await taking.execute("UPDATE trials SET status = 'running', claim = claim + 1 WHERE id = %s", (trial.id,))
    await cancelling
    assert (await store.find_simulation(None, id)).status is Lifecycle.CANCELLED
    assert (await store.find_trial(workspace, trial.id)).status is Lifecycle.RUNNING
