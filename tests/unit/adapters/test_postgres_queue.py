"""The jobs that follow the trials of a PostgreSQL database, whoever changes these."""

from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest

from sparring.adapters.queue.schema import is_prepared, prepare_queue
from sparring.adapters.store import open_store
from sparring.domain.agent import Agent
from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation, plan
from sparring.testing import FrozenClock

HERE = "w"
ID = "1" * 24


@pytest.fixture
async def store(postgres_url):
    store = await open_store(postgres_url, FrozenClock())
    yield store
    await store.close()


@pytest.fixture
def jobs(postgres_url):
    """The places of the trials whose jobs wait, in the order in which they are fetched."""

    def waiting():
        with psycopg.connect(postgres_url) as connection:
            rows = connection.execute(
                "SELECT trials.place, -job.priority FROM procrastinate_jobs AS job JOIN trials ON trials.id = job.lock "
                "WHERE job.status = 'todo' AND job.queue_name = trials.simulation "
                "AND job.args = jsonb_build_object('trial', trials.id) ORDER BY job.priority DESC, job.id"
            ).fetchall()
        assert all(place == priority for place, priority in rows)
        return [place for place, _ in rows]

    return waiting


async def submitted(store, trials):
    simulation = Simulation(
        id=ID,
        workspace=HERE,
        agent=Agent(id="a" * 24, workspace=HERE, name="Agent"),
        scenarios=(Scenario(id="c" * 24, workspace=HERE, name="s", trials=trials),),
        models=Models(user="u", judge="j"),
    )
    planned = plan(simulation, [f"{number:024x}" for number in range(trials)])
    await store.save_simulation(simulation, planned)
    return planned


@asynccontextmanager
async def connected(url):
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


async def test_each_queued_trial_has_one_job_with_its_place_as_its_turn(store, jobs):
    await submitted(store, 4)
    assert jobs() == [0, 1, 2, 3]


async def test_what_goes_back_to_the_queue_gets_a_job_once(store, jobs, postgres_url):
    trials = await submitted(store, 3)
    async with connected(postgres_url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
    taken = [await store.take(trial.id) for trial in trials]
    await store.release(taken[0].id, taken[0].claim)
    await store.release(taken[0].id)
    await store.postpone(taken[1])
    assert jobs() == [0, 1]
    ended = replace(taken[2], status=Lifecycle.COMPLETED, outcome=Outcome.ERROR)
    await store.save_trial(ended)
    assert jobs() == [0, 1]
    await store.play_again(ID, [replace(ended, status=Lifecycle.QUEUED, outcome=None, attempt=2)])
    assert jobs() == [0, 1, 2]


async def test_what_ends_in_the_queue_has_no_job_any_more(store, jobs):
    trials = await submitted(store, 4)
    failed = replace(trials[1], status=Lifecycle.COMPLETED, outcome=Outcome.ERROR)
    await store.end_queued(ID, [failed])
    assert jobs() == [0, 2, 3]
    await store.cancel(HERE, ID)
    assert jobs() == []


async def test_a_simulation_that_goes_on_after_a_pause_has_the_jobs_that_were_passed_over(
    store, jobs, postgres_url
):
    await submitted(store, 3)
    await store.pause(HERE, ID, "on request")
    async with connected(postgres_url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs WHERE priority < 0")
    assert jobs() == [0]
    await store.resume(HERE, ID)
    assert jobs() == [0, 1, 2]


async def test_a_simulation_takes_its_jobs_along(store, jobs, postgres_url):
    await submitted(store, 2)
    async with connected(postgres_url) as connection:
        connection.execute("DELETE FROM simulations")
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)


async def test_tables_of_an_older_release_are_brought_up_to_date_and_what_waits_is_queued(
    store, jobs, postgres_url
):
    await submitted(store, 2)
    async with connected(postgres_url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
        connection.execute("DROP TRIGGER sparring_queue_trial ON trials")
        connection.execute("COMMENT ON TABLE procrastinate_jobs IS 'Sparring: Procrastinate 3.9.0'")
        assert not is_prepared(connection)
        prepare_queue(connection, "test")
        assert is_prepared(connection)
    assert jobs() == [0, 1]
    await store.play_again(ID, [])
    trial = await store.take(f"{0:024x}")
    await store.release(trial.id)
    assert jobs() == [0, 1]


@pytest.mark.parametrize(
    ("comment", "error", "told"),
    [
        ("'Sparring: Procrastinate 999.0.0'", DatabaseTooNew, "made by Procrastinate 999.0.0"),
        ("NULL", DatabaseUnusable, "queue of another program"),
    ],
)
async def test_a_queue_of_a_newer_release_or_another_program_is_refused(store, postgres_url, comment, error, told):
    async with connected(postgres_url) as connection:
        connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS {comment}")
        with pytest.raises(error, match=told):
            prepare_queue(connection, "test")
