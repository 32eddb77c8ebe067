"""The queue's tables in the database of the store, and the triggers that keep jobs and trials together."""

from __future__ import annotations

import re
from importlib import metadata, resources
from typing import Any

import psycopg

from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable

TASK = "play"
"""The one task: to play a trial."""

_COMMENT = "Sparring: Procrastinate "

_FOUND = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL, obj_description(to_regclass('procrastinate_jobs'))"

_TRIGGERS = """
CREATE OR REPLACE FUNCTION sparring_queue_trial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'queued' THEN
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
        VALUES (NEW.simulation, 'play', -NEW.place, NEW.id, NEW.id, jsonb_build_object('trial', NEW.id))
        ON CONFLICT DO NOTHING;
    ELSIF TG_OP = 'UPDATE' AND OLD.status = 'queued' AND NEW.status <> 'running' THEN
        DELETE FROM procrastinate_jobs WHERE queueing_lock = NEW.id AND status = 'todo';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER sparring_queue_trial AFTER INSERT OR UPDATE OF status ON trials
FOR EACH ROW EXECUTE FUNCTION sparring_queue_trial();

CREATE OR REPLACE FUNCTION sparring_unqueue_simulation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM procrastinate_jobs WHERE queue_name = OLD.id AND status = 'todo';
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER sparring_unqueue_simulation AFTER DELETE ON simulations
FOR EACH ROW EXECUTE FUNCTION sparring_unqueue_simulation();

CREATE OR REPLACE FUNCTION sparring_queue_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
    SELECT simulation, 'play', -place, id, id, jsonb_build_object('trial', id)
    FROM trials WHERE simulation = NEW.id AND status = 'queued' ORDER BY seq
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER sparring_queue_again AFTER UPDATE OF status ON simulations
FOR EACH ROW WHEN (OLD.status = 'paused' AND NEW.status IN ('queued', 'running'))
EXECUTE FUNCTION sparring_queue_again();

CREATE INDEX IF NOT EXISTS sparring_jobs_by_trial ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing');

INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
SELECT simulation, 'play', -place, id, id, jsonb_build_object('trial', id)
FROM trials WHERE status = 'queued' ORDER BY seq
ON CONFLICT DO NOTHING;
"""
"""Whatever queues a trial (a new simulation, playing again, more trials, a worker that stops) queues its job in the
same transaction, so that there is never one without the other. What is over begins with the `n`-th trial of each
simulation, so that a large one does not keep a small one waiting."""

Psycopg = psycopg.Connection[tuple[Any, ...]]


def prepare_queue(connection: Psycopg, name: str) -> None:
    """Bring the queue's tables to those of the installed release; within a transaction that others wait for.

    Args:
        name: of the database, for messages.

    Raises:
        DatabaseTooNew: a newer release has made them.
        DatabaseUnusable: another program has.
    """
    installed = metadata.version("procrastinate")
    row = connection.execute(_FOUND).fetchone()
    assert row is not None
    exists, comment = row
    found = str(comment).removeprefix(_COMMENT)
    if exists and found == installed:
        return
    if exists and found == str(comment):
        raise DatabaseUnusable(
            f"The database {name} has a queue of another program: the table procrastinate_jobs is not ours. Name a "
            "database or a schema of its own."
        )
    if exists and _parts(found) > _parts(installed):
        raise DatabaseTooNew(
            f"The queue in the database {name} was made by Procrastinate {found}, and {installed} is installed here. "
            "Install the newer version of Sparring."
        )
    if not exists:
        _execute(connection, (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
    else:
        for script in _newer(found):
            _execute(connection, script)
    _execute(connection, _TRIGGERS)
    _execute(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{_COMMENT}{installed}'")


def is_prepared(connection: Psycopg) -> bool:
    """Whether nothing is left to do."""
    row = connection.execute(_FOUND).fetchone()
    return row is not None and bool(row[1] == _COMMENT + metadata.version("procrastinate"))


def _newer(found: str) -> list[str]:
    """The migrations of the releases after one, in order."""
    folder = resources.files("procrastinate.sql") / "migrations"
    scripts = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return [one.read_text(encoding="utf-8") for one in scripts if _parts(one.name.split("_")[0]) > _parts(found)]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _execute(connection: Psycopg, script: str) -> None:
    connection.execute(script.encode())
