"""An engine that shares the trials of a database with any number of other processes.

Each trial has one job; whoever fetches it plays the trial. The last guard against two workers on one trial is the
journal's key: of two that store a message at one place, one is told that it has lost the trial.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, ProcrastinateException
from procrastinate.jobs import Notification
from procrastinate.worker import Worker

from sparring.adapters.engine import POLL, InProcessEngine, told, until
from sparring.adapters.queue.jobs import HOLD, LEFT, LET_GO, MISSED, PAUSE, TAKE_OVER, Jobs
from sparring.adapters.queue.schema import ADMIT, TASK
from sparring.domain.errors import Interrupted, SparringError, StoreError
from sparring.domain.simulation import Trial
from sparring.simulation.runner import Runner
from sparring.simulation.store import Store

HEARTBEAT = 5.0
"""Seconds between two signs of life of a worker."""

STALLED = 15.0
"""Seconds without one after which a worker's trials are taken over."""

POLL_JOBS = 5.0
"""Seconds after which the queue is looked at unasked, should a notification be lost."""

_CONNECTIONS = 3
"""They fetch and finish jobs; another one listens."""

_LAST_WORDS = 5.0
"""Seconds that trials which are cut off have to be put back in the queue."""

_LEAST_HOLD = 5.0
"""Seconds for which trials are left alone whose provider is down, though one may be looking just now."""

_log = logging.getLogger(__name__)


class _Worker(Worker):
    """A worker of Procrastinate's that others may wake."""

    def look(self) -> None:
        """There may be a new job."""
        self._new_job_event.set()


class QueueEngine(InProcessEngine):
    """Plays up to `concurrency` trials at once, beside other processes on the same database."""

    def __init__(
        self,
        runner: Runner,
        store: Store,
        conninfo: str,
        *,
        concurrency: int,
        poll: float = POLL,
        heartbeat: float = HEARTBEAT,
        stalled: float = STALLED,
        poll_jobs: float = POLL_JOBS,
        is_down: Callable[[str, str], bool] = lambda provider, model: False,
    ) -> None:
        """Play what waits in the queue of a database; nothing begins before `start`.

        Args:
            conninfo: of the store's database.
            heartbeat: seconds between two signs of life.
            stalled: seconds without one after which a worker's trials are taken over.
            poll_jobs: seconds after which the queue is looked at unasked.
            is_down: tells of a provider and a model whether it is not asked at present.
        """
        super().__init__(runner, store, concurrency=concurrency, poll=poll, is_down=is_down)
        self._heartbeat = heartbeat
        self._stalled = stalled
        self._poll_jobs = poll_jobs
        self._worker: _Worker | None = None
        self._lost: set[asyncio.Task[Any] | None] = set()
        """At play while this process was frozen for longer than others wait for it."""
        self._broken: SparringError | None = None
        """What a trial met that no other trial would fare better with."""
        self._app = App(
            connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=_CONNECTIONS, name="sparring-queue")
        )
        self._app.job_manager = Jobs(self._app.connector, lambda: not self._stopping)
        self._app.task(name=TASK)(self._play_job)

    async def _put_back(self) -> None:
        """Nothing: what others play is theirs, and what this process has let go is in the queue again."""

    async def _run(self) -> None:
        try:
            await self._keep_going()
        except Exception as error:
            self._fail(told(error))

    async def _keep_going(self) -> None:
        async with self._open():
            worker = asyncio.create_task(self._work(), name="sparring-worker")
            sides = [asyncio.create_task(self._beat()), asyncio.create_task(self._listen())]
            try:
                last = looked = asyncio.get_running_loop().time()
                while not self._stopping and not worker.done() and self._broken is None:
                    self._woken.clear()
                    now = asyncio.get_running_loop().time()
                    if now - last > self._stalled:
                        self._lose_all()
                    last = now
                    await self._see_cancelled()
                    await self._see_recovered()
                    await self._keep_to_budgets()
                    if now - looked >= self._heartbeat:
                        await self._take_over()
                        looked = now
                    await until(self._woken, self._poll)
            finally:
                try:
                    await self._end(worker)
                finally:
                    for side in sides:
                        side.cancel()
                    await asyncio.wait(sides)
            if self._broken is not None:
                raise self._broken
            if not worker.cancelled() and (error := worker.exception()) is not None:
                raise error

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        try:
            await _in_full(self._app.open_async())
            yield
        finally:
            await _in_full(self._app.close_async())

    async def _end(self, worker: asyncio.Task[None]) -> None:
        """Fetch nothing more; what is at play gets its grace, and is cut off where that is cut short."""
        self._stopping = True
        worker.cancel()
        try:
            await asyncio.wait({worker})
        except asyncio.CancelledError:
            for task in [task for tasks in self._playing.values() for task in tasks]:
                task.cancel()
            await asyncio.wait({worker}, timeout=_LAST_WORDS)
            raise

    async def _beat(self) -> None:
        """Show life to the end: Procrastinate's own heartbeat ends with its first failure, and before the trials."""
        while True:
            if self._worker is not None and self._worker.worker_id is not None:
                with suppress(ConnectorException):
                    await self._app.job_manager.update_heartbeat(self._worker.worker_id)
            await asyncio.sleep(self._heartbeat)

    async def _listen(self) -> None:
        """Hear of new jobs, again after each loss of the connection; what came meanwhile is looked for."""
        while True:
            try:
                await self._app.job_manager.listen_for_jobs(on_notification=self._hear, queues=self._queues)
            except ConnectorException as error:
                _log.debug("Nothing is heard of new jobs for now: %s", error)
            await asyncio.sleep(PAUSE)
            self._look()

    async def _hear(self, *, channel: str, notification: Notification) -> None:
        self._look()

    def _look(self) -> None:
        if self._worker is not None:
            self._worker.look()

    async def _work(self) -> None:
        while not self._stopping:
            # A worker that is cancelled while it begins ends without saying so.
            try:
                self._worker = _Worker(
                    self._app,
                    queues=self._queues,
                    listen_notify=False,
                    concurrency=self._concurrency,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=self._poll_jobs,
                    update_heartbeat_interval=self._heartbeat,
                    stalled_worker_timeout=self._stalled,
                    delete_jobs="always",
                )
                await self._worker.run()  # type: ignore[no-untyped-call]
            except ProcrastinateException as error:
                _log.warning("The queue cannot be reached; trying again: %s", error)
            await asyncio.sleep(PAUSE)

    @property
    def _queues(self) -> list[str] | None:
        return None if None in self._wanted else [id for id in self._wanted if id is not None]

    async def _play_job(self, trial: str) -> None:
        """Play the trial of a job, to its end or to that of this engine."""
        try:
            await self._play_trial(trial)
        except asyncio.CancelledError:
            # The grace is over: another worker goes on from the journal.
            with suppress(StoreError):
                await self._store.release(trial)
            raise
        except Exception as error:
            with suppress(StoreError):
                await self._store.release(trial)
            self._broken = told(error)
            self._woken.set()

    async def _play_trial(self, trial: str) -> None:
        """Play a trial; one that is not to be played any more, or not now, is left alone."""
        taken = await self._store.take(trial)
        if taken is None:
            await self._store.release(trial)
            return
        task = asyncio.current_task()
        assert task is not None
        self._playing.setdefault(taken.simulation, set()).add(task)
        self._tell(taken.simulation)
        await self._play(taken)

    async def _hold(self, simulation_id: str, until: float | None) -> None:
        """Let no process begin a trial of a simulation before a moment in unix seconds."""
        ask = self._app.connector.execute_query_async
        with suppress(ConnectorException):
            if until is None:
                await ask(LET_GO, simulation=simulation_id)
                self._look()
            else:
                seconds = max(until - self._runner.clock.now(), _LEAST_HOLD)
                await ask(HOLD, simulation=simulation_id, seconds=seconds)

    async def _let_go(self, trial: Trial) -> None:
        """Queue a trial that this process does not go on with, unless another one has taken it over."""
        if asyncio.current_task() not in self._lost:
            with suppress(StoreError):
                await self._store.release(trial.id, trial.claim)

    def _may_proceed(self, simulation_id: str) -> bool:
        if asyncio.current_task() in self._lost:
            raise Interrupted("This process was frozen; others have taken its trials over.")
        return super()._may_proceed(simulation_id)

    def _leave(self, simulation_id: str) -> None:
        self._lost.discard(asyncio.current_task())
        super()._leave(simulation_id)

    async def _take_over(self) -> None:
        """Queue again what workers played that show no life any more, and what nobody plays."""
        ask = self._app.connector.execute_query_all_async
        try:
            for row in await ask(TAKE_OVER, silent=self._stalled):
                _log.warning("Trial %s is taken over from a worker that shows no life.", row["lock"])
            left = await ask(LEFT)
            await self._app.connector.execute_query_async(MISSED)
            await ask(ADMIT)
        except ConnectorException as error:
            _log.warning("The queue cannot be looked through: %s", error)
            return
        for row in left:
            _log.warning("Trial %s is marked as running, and nobody plays it.", row["id"])
            await self._store.release(row["id"])

    def _lose_all(self) -> None:
        """Give up what was at play while this process was frozen: others have taken it over."""
        self._lost |= {task for tasks in self._playing.values() for task in tasks}


async def _in_full(step: Awaitable[Any]) -> None:
    """Let a step end before its caller is cancelled: connections that are half open would never be closed."""
    task = asyncio.ensure_future(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
