"""The jobs that triggers make on PostgreSQL, for simulations that say how many trials may be at play at once."""

from dataclasses import replace
from importlib import metadata

import pytest
from postgres import database_name

from sparring.adapters.queue.schema import ADMIT, TRIGGERS
from sparring.adapters.store import open_store
from sparring.domain.agent import Agent
from sparring.domain.errors import DatabaseTooNew
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation, plan, trial_count
from sparring.testing import FrozenClock

pytestmark = pytest.mark.slow

COMMENT = "SELECT obj_description('procrastinate_jobs'::regclass)"
JOBS = "SELECT place, jobs.status::text FROM procrastinate_jobs jobs JOIN trials ON lock = trials.id ORDER BY 1, 2"
FETCH = "UPDATE procrastinate_jobs SET status = 'doing'"


@pytest.fixture
def run(postgres_server, postgres_url):
    """The rows of a statement on the test's own database."""
    return lambda statement: postgres_server.execute(statement, database_name(postgres_url))


@pytest.fixture
async def store(postgres_url):
    opened = await open_store(postgres_url, FrozenClock())
    yield opened
    await opened.close()


async def submitted(store, number=1, trials=5, at_once=2):
    simulation = Simulation(
        id=f"{number:024x}",
        workspace="w",
        agent=Agent(id="a" * 24, workspace="w", name="Agent"),
        scenarios=(Scenario(id="c" * 24, workspace="w", name="s", trials=trials),),
        models=Models(user="u", judge="j"),
        at_once=at_once,
    )
    ids = [f"{number:04x}{place:020x}" for place in range(trial_count(simulation.scenarios))]
    trials = plan(simulation, ids)
    await store.save_simulation(simulation, trials)
    return simulation.id, trials


def over(trial, outcome=Outcome.PASSED):
    return replace(trial, status=Lifecycle.COMPLETED, outcome=outcome, completed_at=1.0)


def places(run):
    return [place for place, _ in run(JOBS)]


async def test_the_first_trials_have_jobs_and_the_next_one_when_one_of_them_is_over(store, run):
    _, trials = await submitted(store)
    assert run(JOBS) == [(0, "todo"), (1, "todo")]
    run(FETCH)
    first, second = [await store.take(trial.id) for trial in trials[:2]]
    await store.save_trial(over(first))
    assert run(JOBS) == [(0, "doing"), (1, "doing"), (2, "todo")], "the job of the first is about to be over"
    await store.save_trial(over(second))
    assert places(run) == [0, 1, 2, 3]


async def test_a_trial_that_is_put_back_keeps_its_turn(store, run):
    _, trials = await submitted(store)
    run(FETCH)
    first = await store.take(trials[0].id)
    await store.release(first.id)
    assert run(JOBS) == [(0, "doing"), (0, "todo"), (1, "doing")]
    second = await store.take(trials[1].id)
    await store.postpone(second)
    assert places(run) == [0, 0, 1, 1]
    run("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    await store.save_trial(over(await store.take(trials[0].id)))
    assert places(run) == [0, 1, 2]


async def test_what_ends_in_the_queue_makes_room_for_what_waits_behind_it(store, run):
    simulation, trials = await submitted(store)
    await store.end_queued(simulation, [over(trial, Outcome.ERROR) for trial in trials[:3]])
    assert places(run) == [3, 4]


async def test_with_more_trials_and_played_again_as_many_have_jobs_as_before(store, run):
    simulation, trials = await submitted(store, trials=3)
    run(FETCH)
    for trial in trials[:2]:
        await store.save_trial(over(await store.take(trial.id), Outcome.ERROR))
    run("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    assert places(run) == [2]
    wider = await store.find_simulation("w", simulation)
    wider = replace(wider, scenarios=(replace(wider.scenarios[0], trials=6),))
    more = plan(wider, [f"f{place:023x}" for place in range(3)], have={"c" * 24: 3})
    await store.add_trials(wider, more)
    assert places(run) == [2, 3]
    again = [replace(trial, status=Lifecycle.QUEUED) for trial in trials[:2]]
    await store.play_again(simulation, again)
    assert places(run) == [2, 3]


async def test_after_a_pause_each_trial_that_may_be_played_has_a_job_that_will_play_it(store, run):
    simulation, _ = await submitted(store)
    run(FETCH)
    await store.pause("w", simulation, "on request")
    await store.resume("w", simulation)
    assert run(JOBS) == [(0, "doing"), (0, "todo"), (1, "doing"), (1, "todo")]
    await store.pause("w", simulation, "on request")
    run("DELETE FROM procrastinate_jobs")
    await store.resume("w", simulation)
    assert places(run) == [0, 1]


async def test_a_cancelled_simulation_has_no_jobs_and_others_keep_theirs(store, run):
    simulation, _ = await submitted(store)
    await submitted(store, number=2, trials=3, at_once=None)
    await store.cancel("w", simulation)
    assert run(JOBS) == [(0, "todo"), (1, "todo"), (2, "todo")]


async def test_a_job_that_is_missing_is_made(store, run):
    await submitted(store)
    run("DELETE FROM procrastinate_jobs WHERE priority = 0")
    run(ADMIT)
    assert places(run) == [0, 1]
    run(ADMIT)
    assert places(run) == [0, 1]


async def test_a_queue_of_earlier_triggers_gets_those_of_now(postgres_url, run):
    installed = metadata.version("procrastinate")
    run("DROP FUNCTION sparring_admit")
    run(
        "CREATE OR REPLACE FUNCTION sparring_queue_trial() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'an earlier trigger'; END $$"
    )
    run(f"COMMENT ON TABLE procrastinate_jobs IS 'Sparring: Procrastinate {installed}'")
    store = await open_store(postgres_url, FrozenClock())
    assert run(COMMENT) == [(f"Sparring: Procrastinate {installed}, triggers {TRIGGERS}",)]
    await submitted(store)
    await store.close()
    assert places(run) == [0, 1]


async def test_what_waits_when_the_triggers_are_made_has_the_jobs_that_it_may_have(postgres_url, run):
    store = await open_store(postgres_url, FrozenClock())
    await submitted(store)
    await submitted(store, number=2, trials=3, at_once=None)
    await store.close()
    run("DELETE FROM procrastinate_jobs")
    run(f"COMMENT ON TABLE procrastinate_jobs IS 'Sparring: Procrastinate {metadata.version('procrastinate')}'")
    await (await open_store(postgres_url, FrozenClock())).close()
    assert run("SELECT queue_name, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1") == [
        (f"{1:024x}", 2),
        (f"{2:024x}", 3),
    ]


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        (f"Sparring: Procrastinate 0.0.1, triggers {TRIGGERS + 1}", f"triggers are at {TRIGGERS + 1}"),
        ("Sparring: Procrastinate 99.0.0, triggers 1", "made by Procrastinate 99.0.0"),
    ],
)
async def test_a_queue_that_a_newer_version_has_prepared_is_refused(postgres_url, run, comment, told):
    run(f"COMMENT ON TABLE procrastinate_jobs IS '{comment}'")
    with pytest.raises(DatabaseTooNew, match=told):
        await open_store(postgres_url, FrozenClock())
    assert run(COMMENT) == [(comment,)]
