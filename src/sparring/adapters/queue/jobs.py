"""Procrastinate's access to the jobs, which does not give up when a connection is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg.errors import ForeignKeyViolation, RaiseException

PAUSE = 1.0
"""Seconds until something is tried again."""

TAKE_OVER = """
WITH lost AS (
    SELECT job.id FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (
        job.worker_id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(silent)s)
    )
    FOR UPDATE OF job SKIP LOCKED
), over AS (
    DELETE FROM procrastinate_jobs AS job USING lost WHERE job.id = lost.id AND EXISTS (
        SELECT 1 FROM procrastinate_jobs AS other WHERE other.lock = job.lock AND other.status = 'todo'
    ) RETURNING job.id, job.lock
), again AS (
    UPDATE procrastinate_jobs AS job SET status = 'todo', scheduled_at = NULL, worker_id = NULL FROM lost
    WHERE job.id = lost.id AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS other WHERE other.lock = job.lock AND other.status = 'todo'
    ) RETURNING job.lock
)
SELECT lock FROM again UNION ALL SELECT lock FROM over
"""
"""Jobs of workers that show no life wait again; one whose trial was put back before, and so has another, is over."""

LEFT = """
SELECT id FROM trials WHERE status = 'running'
AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE lock = trials.id AND status IN ('todo', 'doing'))
"""
"""A job is there until what became of its trial is stored."""

MISSED = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
SELECT simulation, 'play', -place, trials.id, trials.id, jsonb_build_object('trial', trials.id)
FROM trials JOIN simulations ON simulations.id = trials.simulation
WHERE trials.status = 'queued' AND simulations.status IN ('queued', 'running') AND at_once IS NULL AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs WHERE lock = trials.id AND procrastinate_jobs.status IN ('todo', 'doing')
)
ON CONFLICT DO NOTHING
"""

HOLD = """
UPDATE procrastinate_jobs SET scheduled_at = now() + make_interval(secs => %(seconds)s)
WHERE queue_name = %(simulation)s AND status = 'todo'
AND (scheduled_at IS NULL OR scheduled_at < now() + make_interval(secs => %(seconds)s - 1))
"""
"""The job that goes on with a trial is there before the one that was interrupted is over, so none is missed. What
another trial of the simulation has held for as long is left alone."""

LET_GO = """
UPDATE procrastinate_jobs SET scheduled_at = NULL
WHERE queue_name = %(simulation)s AND status = 'todo' AND scheduled_at IS NOT NULL
"""

_log = logging.getLogger(__name__)


class Jobs(JobManager):
    """Of one engine: what fails for the connection's sake is tried again for as long as it goes on."""

    def __init__(self, connector: BaseConnector, goes_on: Callable[[], bool]) -> None:
        """Over a connector that may be open or not."""
        super().__init__(connector)
        self._goes_on = goes_on

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """The next job; none where the engine stops before one can be asked for.

        Raises:
            ConnectorException: the worker is not known any more, and has to begin anew.
        """
        fetch = super().fetch_job
        while self._goes_on():
            try:
                return await fetch(queues=queues, worker_id=worker_id)
            except ConnectorException as error:
                if isinstance(error.__cause__, ForeignKeyViolation):
                    raise
                _log.warning("No job can be fetched; trying again: %s", error.__cause__ or error)
                await asyncio.sleep(PAUSE)
        return None

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End a job; one that another worker has taken over is left to it."""
        finish = super().finish_job

        async def once() -> None:
            try:
                await finish(job, status, delete_job)
            except ConnectorException as error:
                if not isinstance(error.__cause__, RaiseException):
                    raise
                _log.debug("The job of trial %s is another worker's: %s", job.lock, error.__cause__)

        while True:
            try:
                return await once()
            except ConnectorException as error:
                if not self._goes_on():
                    raise
                _log.warning("A job cannot be ended; trying again: %s", error.__cause__ or error)
                await asyncio.sleep(PAUSE)
