"""The queue's tables in the database of the store, and the triggers that keep jobs and trials together."""

from __future__ import annotations

import re
from importlib import metadata, resources
from typing import Any

import psycopg

from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable

TASK = "play"
"""The one task: to play a trial."""

TRIGGERS = 2
"""The version of our own functions and triggers: 2 keeps to how many trials of a simulation may be at play."""

_COMMENT = re.compile(r"Sparring: Procrastinate ([^ ,]+)(?:, triggers (\d+))?")

_FOUND = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL, obj_description(to_regclass('procrastinate_jobs'))"

ADMIT = """
SELECT sparring_admit(id) FROM simulations
WHERE at_once IS NOT NULL AND status IN ('queued', 'running') ORDER BY id
"""
"""Queues what may be at play of all bounded simulations and is not yet, should a job be missing."""

_TRIGGERS = """
CREATE OR REPLACE FUNCTION sparring_admit(admitted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    room integer;
BEGIN
    SELECT at_once INTO room FROM simulations
    WHERE id = admitted AND at_once IS NOT NULL AND status IN ('queued', 'running') FOR NO KEY UPDATE;
    room := room - (SELECT count(*) FROM trials WHERE simulation = admitted AND status = 'running') - (
        SELECT count(DISTINCT lock) FROM procrastinate_jobs JOIN trials ON trials.id = lock
        WHERE queue_name = admitted AND procrastinate_jobs.status IN ('todo', 'doing') AND trials.status = 'queued'
    );
    IF room > 0 THEN
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
        SELECT simulation, 'play', -place, id, id, jsonb_build_object('trial', id)
        FROM trials WHERE simulation = admitted AND status = 'queued' AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs WHERE lock = trials.id AND status IN ('todo', 'doing')
        )
        ORDER BY place, seq LIMIT room
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION sparring_queue_trial() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer;
BEGIN
    IF NEW.status = 'queued' THEN
        IF TG_OP = 'INSERT' OR OLD.status <> 'running' THEN
            SELECT at_once INTO most FROM simulations WHERE id = NEW.simulation;
            IF TG_OP = 'UPDATE' AND most IS NOT NULL OR NEW.place >= most THEN
                RETURN NULL;
            END IF;
        END IF;
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
    IF OLD.status = 'paused' THEN
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
        SELECT simulation, 'play', -place, id, id, jsonb_build_object('trial', id)
        FROM trials WHERE simulation = NEW.id AND status = 'queued' AND (NEW.at_once IS NULL OR id IN (
            SELECT lock FROM procrastinate_jobs WHERE queue_name = NEW.id AND status = 'doing'
        ))
        ORDER BY seq
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM sparring_admit(NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER sparring_queue_again AFTER UPDATE OF status, spent ON simulations
FOR EACH ROW WHEN (NEW.status IN ('queued', 'running') AND (OLD.status = 'paused' OR NEW.at_once IS NOT NULL))
EXECUTE FUNCTION sparring_queue_again();

CREATE INDEX IF NOT EXISTS sparring_jobs_by_trial ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing');

INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
SELECT simulation, 'play', -place, id, id, jsonb_build_object('trial', id)
FROM trials WHERE status = 'queued' AND simulation NOT IN (SELECT id FROM simulations WHERE at_once IS NOT NULL)
ORDER BY seq
ON CONFLICT DO NOTHING;
"""
"""Whatever queues a trial (a new simulation, playing again, more trials, a worker that stops) queues its job in the
same transaction, so that there is never one without the other. What is over begins with the `n`-th trial of each
simulation, so that a large one does not keep a small one waiting.

Of a simulation that says how many trials may be at play at once, only as many have a job: those that run, and the first
that wait. At the beginning these are told by their places alone; later `sparring_admit` queues the next whenever the
simulation is told what a trial has cost that is over, is resumed, or gets something more to play: each of these changes
its row in the transaction that changes its trials, and so they take turns. A job that found its simulation paused may
not be over yet when that is resumed, and ends without having played: its trial gets another."""

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
    if comment == _comment(installed):
        return
    told = _COMMENT.fullmatch(comment or "")
    if exists and told is None:
        raise DatabaseUnusable(
            f"The database {name} has a queue of another program: the table procrastinate_jobs is not ours. Name a "
            "database or a schema of its own."
        )
    found, triggers = (told[1], int(told[2] or 1)) if told else ("0", 0)
    if _parts(found) > _parts(installed):
        raise DatabaseTooNew(
            f"The queue in the database {name} was made by Procrastinate {found}, and {installed} is installed here. "
            "Install the newer version of Sparring."
        )
    if triggers > TRIGGERS:
        raise DatabaseTooNew(
            f"The queue in the database {name} was prepared by a newer version of Sparring (its triggers are at "
            f"{triggers}, this version knows {TRIGGERS}). Install the newer version."
        )
    if not exists:
        _execute(connection, (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
    else:
        for script in _newer(found):
            _execute(connection, script)
    _execute(connection, _TRIGGERS)
    _execute(connection, ADMIT)
    _execute(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{_comment(installed)}'")


def is_prepared(connection: Psycopg) -> bool:
    """Whether nothing is left to do."""
    row = connection.execute(_FOUND).fetchone()
    return row is not None and bool(row[1] == _comment(metadata.version("procrastinate")))


def _comment(installed: str) -> str:
    """What the comment on the table of the jobs says of a queue to which nothing is left to do."""
    return f"Sparring: Procrastinate {installed}, triggers {TRIGGERS}"


def _newer(found: str) -> list[str]:
    """The migrations of the releases after one, in order."""
    folder = resources.files("procrastinate.sql") / "migrations"
    scripts = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return [one.read_text(encoding="utf-8") for one in scripts if _parts(one.name.split("_")[0]) > _parts(found)]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _execute(connection: Psycopg, script: str) -> None:
    connection.execute(script.encode())
