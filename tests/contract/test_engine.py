"""What every engine plays, shows and leaves behind: that of one process on every store, and that of many."""

import asyncio
import logging
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest

from sparring.adapters.engine import InProcessEngine
from sparring.domain.agent import Agent
from sparring.domain.errors import Conflict, DatabaseUnusable, NotFound, ProviderDown, StoreError
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation
from sparring.simulation.control import Control
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.simulation.store import Page
from sparring.testing import Lines, agent_says, judge_finds, user_ends, user_says

from .records import HERE

SOON = 0.01
"""A poll that a test can wait for."""

NEVER = 3600.0


class Playing:
    """Casts the same lines for every trial, and counts what goes on; `gate` holds every user's first line."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = self.most_at_once = 0
        self.waiting = asyncio.Semaphore(0)
        self.asked = []
        self.running = Counter()
        """The most trials that were seen running at once, by simulation, of those that are looked at."""

    async def look(self, store, simulation_id):
        running = (await store.progress(simulation_id)).get(Lifecycle.RUNNING, 0)
        self.running[simulation_id] = max(self.running[simulation_id], running)

    def cast(self, simulation, scenario, trial):
        return Cast(user=_User(self, trial), agent=_Agent(self, trial), judge=judge_finds(Finding.MET))


class _User:
    def __init__(self, playing, trial):
        self.playing, self.trial = playing, trial
        self.lines = Lines([user_says("Hello"), user_says("More"), user_ends()])

    async def speak(self, transcript):
        playing = self.playing
        playing.at_once += 1
        playing.most_at_once = max(playing.most_at_once, playing.at_once)
        playing.waiting.release()
        try:
            await playing.gate.wait()
        finally:
            playing.at_once -= 1
        playing.asked.append((self.trial.id, len(transcript)))
        return await self.lines.speak(transcript)


class _Agent:
    def __init__(self, playing, trial):
        self.playing, self.trial = playing, trial
        self.lines = Lines([agent_says("Yes"), agent_says("Sure")])

    async def reply(self, transcript):
        self.playing.asked.append((self.trial.id, len(transcript)))
        return await self.lines.reply(transcript)


def make_engine(runner, store, **options):
    """An engine of the kind that is tested; the fixture `place` says which."""
    if CONNINFO is None:
        return InProcessEngine(runner, store, **options)
    from sparring.adapters.queue.engine import QueueEngine

    cut_after = options.pop("cut_after", None)
    engine = QueueEngine(runner, store, CONNINFO, heartbeat=0.2, stalled=1.0, poll_jobs=0.1, **options)
    if cut_after is not None:
        engine._cut_after = cut_after
    return engine


CONNINFO = None


@pytest.fixture(params=["memory", "sqlite", "postgres", "queue"])
def place(request, tmp_path, monkeypatch):
    """Where the store of an engine keeps things; `queue` is PostgreSQL with the engine of many processes."""
    if request.param in ("memory", "sqlite"):
        return f"sqlite:///{tmp_path / 'store.db'}" if request.param == "sqlite" else None
    url = request.getfixturevalue("postgres_url")
    if request.param == "queue":
        monkeypatch.setitem(globals(), "CONNINFO", url)
    return url


@pytest.fixture
def playing():
    return Playing()


@pytest.fixture
def runner(store, clock, playing):
    return Runner(store=store, casting=playing, clock=clock)


@asynccontextmanager
async def started(runner, *, concurrency=10, poll=SOON, store=None, only=None):
    engine = make_engine(runner, store or runner.store, concurrency=concurrency, poll=poll)
    await engine.start(only=only)
    try:
        yield engine
    finally:
        await engine.stop(grace=0)


async def submit(runner, trials=1, scenarios=1, **more):
    simulation = Simulation(
        id=runner.new_id(),
        workspace=HERE,
        agent=Agent(id=runner.new_id(), workspace=HERE, name="Agent"),
        scenarios=tuple(
            Scenario(
                id=runner.new_id(),
                name=f"s{number}",
                trials=trials,
                expect=Expectations(assertions=("It is kind.",)),
            )
            for number in range(scenarios)
        ),
        models=Models(user="u", judge="j"),
        **more,
    )
    await runner.submit(simulation)
    return simulation.id


async def ended(engine, simulation_id):
    async with asyncio.timeout(10):
        seen = [simulation async for simulation in engine.changes(simulation_id)]
    return seen[-1]


async def texts(store, trial_id):
    return [message.text for message in await store.messages(trial_id)]


async def test_queued_trials_are_played_judged_and_the_simulation_completed(store, runner, playing):
    id = await submit(runner, trials=3, scenarios=2)
    async with started(runner) as engine:
        done = await ended(engine, id)
    assert done.status is Lifecycle.COMPLETED
    trials = await store.trials(id)
    assert [trial.outcome for trial in trials] == [Outcome.PASSED] * 6
    for trial in trials:
        assert await texts(store, trial.id) == ["Hello", "Yes", "More", "Sure", None]
    assert len(playing.asked) == len(set(playing.asked)) == 30


async def test_no_more_trials_than_allowed_are_at_play(runner, playing):
    id = await submit(runner, trials=9)
    playing.gate.clear()
    async with started(runner, concurrency=4) as engine:
        for _ in range(4):
            await playing.waiting.acquire()
        assert (await runner.store.progress(id)) == {Lifecycle.RUNNING: 4, Lifecycle.QUEUED: 5}
        playing.gate.set()
        await ended(engine, id)
    assert playing.most_at_once == 4


async def test_the_next_trial_begins_when_one_ends_without_a_poll(runner):
    id = await submit(runner, trials=5)
    async with started(runner, concurrency=1, poll=NEVER) as engine:
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED


async def test_an_engine_for_some_simulations_leaves_the_others_in_the_queue(store, runner):
    left, first, second = [await submit(runner, trials=3) for _ in range(3)]
    async with started(runner, concurrency=2, only=[first, second]) as engine:
        assert (await ended(engine, first)).status is Lifecycle.COMPLETED
        assert (await ended(engine, second)).status is Lifecycle.COMPLETED
    assert await store.progress(left) == {Lifecycle.QUEUED: 3}


async def test_a_notice_wakes_an_idle_engine(runner):
    async with started(runner, poll=NEVER) as engine:
        id = await submit(runner)
        engine.notice()
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED


async def test_what_another_process_queues_is_found_without_a_notice(runner):
    async with started(runner) as engine:
        id = await submit(runner)
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED


async def test_changes_come_at_once_and_until_the_end(runner, playing):
    id = await submit(runner, trials=2)
    playing.gate.clear()
    async with started(runner) as engine:
        await playing.waiting.acquire()
        await playing.waiting.acquire()
        changes = engine.changes(id)
        first = await anext(changes)
        playing.gate.set()
        rest = [simulation async for simulation in changes]
    assert first.status is Lifecycle.RUNNING
    assert rest[-1].status is Lifecycle.COMPLETED
    assert all(simulation.completed_at is None for simulation in rest[:-1])


async def test_a_pause_and_what_a_simulation_waits_for_are_changes(store, runner):
    id = await submit(runner)
    engine = make_engine(runner, store, concurrency=1, poll=SOON)
    changes = engine.changes(id)
    seen = [await anext(changes)]
    for change in (
        store.explain(id, "waiting for p: 503 since 12:05"),
        store.resume(HERE, id, max_cost=5.0),
        store.pause(HERE, id, "paused on request"),
    ):
        await change
        seen.append(await anext(changes))
    assert [(one.status_reason, one.max_cost) for one in seen] == [
        (None, None),
        ("waiting for p: 503 since 12:05", None),
        ("waiting for p: 503 since 12:05", 5.0),
        ("paused on request", 5.0),
    ]
    await changes.aclose()


async def test_changes_of_a_simulation_that_another_engine_plays_are_seen(store, runner):
    onlooker = make_engine(runner, store, concurrency=1, poll=SOON)
    id = await submit(runner, trials=2)
    async with started(runner):
        assert (await ended(onlooker, id)).status is Lifecycle.COMPLETED


async def test_changes_of_an_unknown_simulation_are_not_found(runner):
    async with started(runner) as engine:
        with pytest.raises(NotFound):
            await ended(engine, "unknown")


async def test_a_cancel_by_another_process_stops_running_trials_at_their_next_move(store, runner, playing):
    id = await submit(runner, trials=3)
    playing.gate.clear()
    async with started(runner, concurrency=2) as engine:
        await playing.waiting.acquire()
        await playing.waiting.acquire()
        await store.cancel(HERE, id)
        changes = engine.changes(id)
        assert (await anext(changes)).completed_at is None
        await until(lambda: id in engine._cancelled)
        playing.gate.set()
        done = await ended(engine, id)
    assert done.status is Lifecycle.CANCELLED
    trials = await store.trials(id)
    assert [trial.outcome for trial in trials] == [Outcome.CANCELLED] * 3
    assert [await texts(store, trial.id) for trial in trials] == [["Hello"], ["Hello"], []]


async def test_a_cancelled_trial_is_not_waited_for_longer_than_a_moment(store, runner, playing):
    cancelled, kept = await submit(runner, trials=2), await submit(runner)
    playing.gate.clear()
    engine = make_engine(runner, store, concurrency=10, poll=SOON, cut_after=SOON)
    await engine.start()
    for _ in range(3):
        await playing.waiting.acquire()
    await store.cancel(None, cancelled)
    assert (await ended(engine, cancelled)).status is Lifecycle.CANCELLED
    assert [trial.outcome for trial in await store.trials(cancelled)] == [Outcome.CANCELLED] * 2
    assert playing.at_once == 1
    playing.gate.set()
    assert (await ended(engine, kept)).status is Lifecycle.COMPLETED
    await engine.stop(grace=0)


async def test_a_cancelled_simulation_does_not_touch_the_others(store, runner, playing):
    cancelled, kept = await submit(runner), await submit(runner)
    playing.gate.clear()
    async with started(runner) as engine:
        await playing.waiting.acquire()
        await playing.waiting.acquire()
        await store.cancel(None, cancelled)
        engine.notice()
        await until(lambda: cancelled in engine._cancelled)
        playing.gate.set()
        assert (await ended(engine, cancelled)).status is Lifecycle.CANCELLED
        assert (await ended(engine, kept)).status is Lifecycle.COMPLETED


async def test_a_stop_lets_trials_store_their_message_and_the_next_start_goes_on(store, runner, playing):
    id = await submit(runner, trials=2)
    playing.gate.clear()
    engine = make_engine(runner, store, concurrency=10, poll=SOON)
    await engine.start()
    await playing.waiting.acquire()
    await playing.waiting.acquire()
    stopping = asyncio.create_task(engine.stop(grace=10))
    await until(lambda: engine._stopping)
    playing.gate.set()
    await stopping
    assert await store.progress(id) == {Lifecycle.QUEUED: 2}
    for trial in await store.trials(id):
        assert await texts(store, trial.id) == ["Hello"]
    async with started(runner) as next_engine:
        assert (await ended(next_engine, id)).status is Lifecycle.COMPLETED
    assert len(playing.asked) == len(set(playing.asked)) == 10


async def test_after_the_grace_running_trials_are_cut_off_and_wait_for_the_next_start(store, runner, playing):
    id = await submit(runner)
    playing.gate.clear()
    engine = make_engine(runner, store, concurrency=10, poll=SOON)
    await engine.start()
    await playing.waiting.acquire()
    await engine.stop(grace=0.01)
    assert await store.progress(id) == {Lifecycle.QUEUED: 1}
    assert playing.at_once == 0
    playing.gate.set()
    async with started(runner) as next_engine:
        assert (await ended(next_engine, id)).status is Lifecycle.COMPLETED


async def test_a_stop_before_the_start_does_nothing_and_a_second_start_is_refused(store, runner):
    engine = make_engine(runner, store, concurrency=1)
    await engine.stop()
    async with started(runner) as running:
        with pytest.raises(Conflict):
            await running.start()


async def test_what_a_killed_process_left_running_is_played_first(store, runner, playing):
    id = await submit(runner, trials=2)
    (killed,) = await store.claim(1)
    await store.journal(killed).append(0, [user_says("Hello"), agent_says("Yes")])
    async with started(runner) as engine:
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED
    assert await texts(store, killed.id) == ["Hello", "Yes", "More", "Sure", None]
    assert [position for trial, position in playing.asked if trial == killed.id] == [2, 3, 4]


async def test_a_trial_that_another_worker_plays_is_left_alone_and_the_others_go_on(
    store, runner, playing, caplog
):
    lost, kept = await submit(runner), await submit(runner)
    playing.gate.clear()
    with caplog.at_level(logging.WARNING):
        async with started(runner) as engine:
            await playing.waiting.acquire()
            await playing.waiting.acquire()
            (trial,) = await store.trials(lost)
            await store.journal(trial).append(0, [user_says("From elsewhere")])
            playing.gate.set()
            assert (await ended(engine, kept)).status is Lifecycle.COMPLETED
            await until(lambda: lost not in engine._playing)
            assert engine.failure is None
            assert await texts(store, trial.id) == ["From elsewhere"]
            assert (await store.find_trial(HERE, trial.id)).status is Lifecycle.RUNNING
    assert trial.id in caplog.text


class Broken:
    """A store whose claims or whose saving of trials fails."""

    def __init__(self, store, **failing):
        self._store = store
        self._failing = failing

    def __getattr__(self, name):
        return self._failing.get(name) or getattr(self._store, name)


def fails_with(error):
    async def fail(*args, **kwargs):
        raise error

    return fail


async def test_a_store_that_fails_stops_the_engine_and_whoever_waits_is_told(store, runner, playing, caplog):
    id = await submit(runner, trials=3)
    full = DatabaseUnusable("The database x.db cannot grow: the disk is full.")
    failing = replace(runner, store=Broken(store, save_trial=fails_with(full)))
    async with started(failing, concurrency=2) as engine:
        with pytest.raises(DatabaseUnusable, match="the disk is full"):
            await ended(engine, id)
        assert engine.failure is full
        with pytest.raises(DatabaseUnusable, match="the disk is full"):
            await engine.ended()
    assert "the disk is full" in caplog.text
    assert await store.progress(id) == {Lifecycle.QUEUED: 3}


async def test_a_mistake_in_the_program_stops_the_engine_with_its_name(store, runner, caplog):
    id = await submit(runner)
    mistake = fails_with(ZeroDivisionError("by zero"))
    broken = Broken(store, claim=mistake, take=mistake)
    async with started(runner, store=broken) as engine:
        with pytest.raises(Exception, match="Internal error: ZeroDivisionError: by zero"):
            await ended(engine, id)
        assert isinstance(engine.failure.__cause__, ZeroDivisionError)


async def test_a_trial_without_its_simulation_is_an_error_of_the_store(store, runner):
    id = await submit(runner)

    async def nothing(*args):
        return None

    async with started(runner, store=Broken(store, find_simulation=nothing)) as engine:
        await until(lambda: engine.failure is not None)
        assert isinstance(engine.failure, StoreError)
        assert id in str(engine.failure)


async def test_nothing_is_kept_of_a_simulation_that_nobody_plays_or_watches(store, runner):
    ids = [await submit(runner) for _ in range(3)]
    async with started(runner) as engine:
        for id in ids:
            await ended(engine, id)
        await until(lambda: not engine._playing)
        assert not engine._simulations
        assert not engine._watchers
    _, total = await store.simulations(HERE, Page())
    assert total == 3


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


class _Outage:
    """A provider that is down until somebody mends it, in front of the players."""

    def __init__(self, playing):
        self.playing = playing
        self.down = True
        self.met = 0

    def is_down(self, provider, model):
        return self.down

    def cast(self, simulation, scenario, trial):
        cast = self.playing.cast(simulation, scenario, trial)
        return replace(cast, agent=self) if self.down else cast

    async def reply(self, transcript):
        self.met += 1
        raise ProviderDown(
            "p is down.",
            provider="p",
            model="m",
            reason="refused",
            waiting="waiting for p: 503 since 12:00 UTC",
            until=4_000_000_000.0,
        )


@asynccontextmanager
async def with_an_outage(store, clock, playing):
    outage = _Outage(playing)
    runner = Runner(store=store, casting=outage, clock=clock)
    engine = make_engine(runner, store, concurrency=2, poll=SOON, is_down=outage.is_down)
    await engine.start()
    try:
        yield outage, runner, engine
    finally:
        await engine.stop(grace=0)


async def waits(engine, simulation_id):
    async with asyncio.timeout(10):
        return await anext(seen async for seen in engine.changes(simulation_id) if seen.status_reason is not None)


async def test_while_a_provider_is_down_trials_wait_in_the_queue_and_then_go_on_by_themselves(
    store, clock, playing
):
    async with with_an_outage(store, clock, playing) as (outage, runner, engine):
        id = await submit(runner, trials=4)
        seen = await waits(engine, id)
        assert (seen.status, seen.status_reason) == (Lifecycle.RUNNING, "waiting for p: 503 since 12:00 UTC")
        outage.down = False
        done = await ended(engine, id)
    trials = await store.trials(id)
    assert {(trial.outcome, trial.attempt) for trial in trials} == {(Outcome.PASSED, 1)}
    assert done.status_reason is None


async def test_while_one_simulation_waits_for_its_provider_another_is_played(store, clock, playing):
    async with with_an_outage(store, clock, playing) as (outage, runner, engine):
        waiting = await submit(runner, trials=50)
        await waits(engine, waiting)
        outage.cast = playing.cast
        other = await submit(runner)
        await ended(engine, other)
    assert {trial.outcome for trial in await store.trials(other)} == {Outcome.PASSED}


async def test_what_a_process_waited_for_that_is_gone_is_not_told_any_more(store, runner, playing):
    id = await submit(runner)
    await store.explain(id, "waiting for p: 503 since 12:00 UTC")
    playing.gate.clear()
    async with started(runner) as engine:
        await playing.waiting.acquire()
        assert (await store.find_simulation(None, id)).status_reason is None
        playing.gate.set()
        await ended(engine, id)


class _Watched:
    """Looks at each move how many trials of a simulation run, in the store."""

    def __init__(self, playing, store):
        self.playing, self.store = playing, store

    def cast(self, simulation, scenario, trial):
        cast = self.playing.cast(simulation, scenario, trial)
        return replace(cast, agent=_Looking(self, cast.agent, trial))


class _Looking:
    def __init__(self, watched, agent, trial):
        self.watched, self.agent, self.trial = watched, agent, trial

    async def reply(self, transcript):
        await self.watched.playing.look(self.watched.store, self.trial.simulation)
        return await self.agent.reply(transcript)


async def running(store, simulation_id, count):
    """Wait until that many run."""
    async with asyncio.timeout(10):
        while (await store.progress(simulation_id)).get(Lifecycle.RUNNING, 0) != count:
            await asyncio.sleep(0.005)


async def test_no_more_trials_of_a_simulation_than_it_allows_are_at_play_and_others_are_played_beside_it(
    store, runner, playing
):
    watched = replace(runner, casting=_Watched(playing, store))
    narrow, wide = await submit(watched, trials=9, at_once=2), await submit(watched, trials=9)
    playing.gate.clear()
    async with started(watched, concurrency=8) as engine:
        await running(store, narrow, 2)
        await running(store, wide, 6)
        playing.gate.set()
        await ended(engine, narrow)
        await ended(engine, wide)
    assert playing.running[narrow] == 2
    for id in (narrow, wide):
        assert {trial.outcome for trial in await store.trials(id)} == {Outcome.PASSED}
    assert len(playing.asked) == len(set(playing.asked)) == 90


async def test_the_next_trial_of_a_bounded_simulation_begins_when_one_ends_without_a_poll(store, runner):
    id = await submit(runner, trials=5, at_once=1)
    async with started(runner, poll=NEVER) as engine:
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED


async def test_bounded_simulations_and_others_get_their_first_trials_before_later_ones(store, runner, playing):
    large = await submit(runner, trials=50)
    narrow, small = await submit(runner, trials=3, at_once=1), await submit(runner, trials=1)
    playing.gate.clear()
    async with started(runner, concurrency=4) as engine:
        await running(store, narrow, 1)
        await running(store, small, 1)
        await running(store, large, 2)
        playing.gate.set()
        await ended(engine, narrow)


async def test_a_simulation_keeps_to_how_many_it_allows_through_a_pause_more_trials_and_a_retry(
    store, runner, playing
):
    watched = replace(runner, casting=_Watched(playing, store))
    id = await submit(watched, trials=4, at_once=2)
    playing.gate.clear()
    async with started(watched, concurrency=10) as engine:
        control = Control(store, runner.clock, engine)
        await running(store, id, 2)
        await control.pause(HERE, id)
        playing.gate.set()
        await running(store, id, 0)
        assert await store.progress(id) == {Lifecycle.COMPLETED: 2, Lifecycle.QUEUED: 2}
        playing.gate.clear()
        await control.more(HERE, id, 7)
        await control.resume(HERE, id)
        await running(store, id, 2)
        playing.gate.set()
        await ended(engine, id)
        errored = [replace(trial, outcome=Outcome.ERROR) for trial in await store.trials(id)]
        for trial in errored:
            await store.save_trial(trial)
        await control.retry(HERE, id)
        await ended(engine, id)
    assert playing.running[id] == 2
    assert (await store.find_simulation(HERE, id)).at_once == 2
    assert await store.progress(id) == {Lifecycle.COMPLETED: 7}


async def test_what_an_engine_leaves_behind_is_played_within_the_same_bound(store, runner, playing):
    watched = replace(runner, casting=_Watched(playing, store))
    id = await submit(watched, trials=5, at_once=2)
    playing.gate.clear()
    async with started(watched, concurrency=10):
        await running(store, id, 2)
    assert await store.progress(id) == {Lifecycle.QUEUED: 5}
    playing.gate.set()
    async with started(watched, concurrency=10) as engine:
        await ended(engine, id)
    assert playing.running[id] == 2


async def test_one_trial_at_a_time_waits_for_a_provider_that_is_down_and_goes_on(store, clock, playing):
    async with with_an_outage(store, clock, playing) as (outage, runner, engine):
        id = await submit(runner, trials=3, at_once=1)
        await waits(engine, id)
        outage.down = False
        await ended(engine, id)
    assert {trial.outcome for trial in await store.trials(id)} == {Outcome.PASSED}


async def test_engines_on_one_database_keep_together_to_how_many_a_simulation_allows(store, runner, playing):
    if CONNINFO is None:
        pytest.skip("Only the engine of many processes shares a database.")
    watched = replace(runner, casting=_Watched(playing, store))
    narrow, wide = await submit(watched, trials=12, at_once=3), await submit(watched, trials=12)
    playing.gate.clear()
    async with started(watched, concurrency=5) as one, started(watched, concurrency=5) as other:
        await running(store, narrow, 3)
        await running(store, wide, 7)
        playing.gate.set()
        await ended(one, narrow)
        await ended(other, wide)
    assert playing.running[narrow] == 3
    for id in (narrow, wide):
        assert {trial.outcome for trial in await store.trials(id)} == {Outcome.PASSED}
    assert len(playing.asked) == len(set(playing.asked)) == 120


async def test_a_worker_that_died_between_putting_a_trial_back_and_ending_its_job_does_not_block_it(store, runner):
    if CONNINFO is None:
        pytest.skip("Only the engine of many processes has jobs.")
    id = await submit(runner, trials=2, at_once=1)
    async with await psycopg.AsyncConnection.connect(CONNINFO, autocommit=True) as connection:
        await connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    [first, _] = await store.trials(id)
    await store.take(first.id)
    await store.release(first.id)
    async with started(runner) as engine:
        assert (await ended(engine, id)).status is Lifecycle.COMPLETED


async def test_a_provider_that_is_back_before_its_outage_is_told_is_waited_for_no_longer(store, clock, playing):
    back = asyncio.Event()

    async def explain(simulation_id, reason):
        if reason is None:
            await store.explain(simulation_id, None)
            back.set()
            return
        outage.down = False
        await back.wait()
        await store.explain(simulation_id, reason)

    slow = Broken(store, explain=explain)
    async with with_an_outage(slow, clock, playing) as (outage, runner, engine):
        done = await ended(engine, await submit(runner, at_once=1))
    assert done.status_reason is None
    assert {trial.outcome for trial in await store.trials(done.id)} == {Outcome.PASSED}
