"""A database that is new, old, newer, another's, locked, full or not to be had."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sparring.adapters.store import migrating, open_store, opening, sql
from sparring.adapters.store.migrations import HEAD, KNOWN
from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable, InvalidInput, NotNow
from sparring.domain.transcript import UserMessage
from sparring.simulation.store import Page
from sparring.testing import FrozenClock


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sparring.db"


async def opened_and_closed(path, **options):
    store = await open_store(f"sqlite:///{path}", FrozenClock(), **options)
    workspace = await store.first_workspace()
    await store.close()
    return workspace


def run(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def shape(path):
    """The tables, with everything about them but the order in which their constraints are written."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: (
                connection.execute(f"PRAGMA table_info({table})").fetchall(),
                connection.execute(f"PRAGMA foreign_key_list({table})").fetchall(),
                sorted(
                    (unique, partial, connection.execute(f"PRAGMA index_info({index})").fetchall(), text)
                    for _, index, unique, _, partial in connection.execute(
                        f"PRAGMA index_list({table})"
                    ).fetchall()
                    for (text,) in [index_text(connection, index)]
                ),
            )
            for table in tables
        }


def index_text(connection, index):
    row = connection.execute("SELECT coalesce(sql, '') FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    return (" ".join(row[0].split()),)


async def test_a_new_file_gets_its_tables_and_keeps_what_is_written(path):
    first = await opened_and_closed(path)
    assert await opened_and_closed(path) == first


async def test_a_relative_path_is_taken_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    await opened_and_closed("here.db")
    assert (tmp_path / "here.db").is_file()


async def test_a_file_that_is_opened_again_needs_no_alembic_and_no_sqlalchemy(path):
    await opened_and_closed(path)
    program = (
        "import asyncio, sys\n"
        "from sparring.adapters.store import open_store\n"
        "from sparring.testing import FrozenClock\n"
        "async def main():\n"
        f"    store = await open_store('sqlite:///{path}', FrozenClock())\n"
        "    await store.first_workspace()\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'alembic')))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_the_migrations_make_the_same_tables_as_a_new_file_has(path, tmp_path):
    migrated = tmp_path / "migrated.db"
    with closing(opening.connect(migrated, patience=1)) as connection:
        opening.migrate(connection)
    await opened_and_closed(path)
    assert shape(migrated) == shape(path)
    await opened_and_closed(migrated)


async def test_a_copy_without_a_write_ahead_log_gets_one_again(path):
    copy = path.with_name("copy.db")
    await opened_and_closed(path)
    with closing(sqlite3.connect(path)) as original:
        original.execute(f"VACUUM INTO '{copy}'")
    await opened_and_closed(copy)
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_newest_migration_is_the_one_that_the_program_names():
    assert set(migrating.revisions()) == KNOWN
    assert migrating.revisions()[0] == HEAD


def test_a_migration_that_fails_changes_nothing(path):
    with closing(opening.connect(path, patience=1)) as connection:
        connection.execute("CREATE TABLE trials (mine TEXT)")
        with pytest.raises(Exception, match="already exists"):
            migrating.upgrade(connection)
    assert set(shape(path)) == {"trials"}


async def test_an_older_database_is_migrated_when_it_is_opened(path, monkeypatch):
    await opened_and_closed(path)
    monkeypatch.setattr(opening, "HEAD", "later")
    monkeypatch.setattr(opening, "KNOWN", {*KNOWN, "later"})
    migrated = []
    monkeypatch.setattr(opening, "migrate", migrated.append)
    await opened_and_closed(path)
    assert len(migrated) == 1


async def test_scenarios_of_a_database_without_folders_of_their_own_keep_theirs(path):
    with closing(opening.connect(path, patience=1)) as connection:
        migrating.upgrade(connection, "0001")
    insert = (
        "INSERT INTO scenarios (id, workspace, name, created_at, updated_at, body) "
        "VALUES ('{id}', 'w', 'n', 1, 1, '{body}')"
    )
    run(
        path,
        insert.format(id="a", body='{"folder":"Cancellation"}'),
        insert.format(id="b", body=' {"variables":{"n":99999999999999999999999}}'),
    )
    store = await open_store(f"sqlite:///{path}", FrozenClock())
    listed, total = await store.scenarios("w", Page(), folder="Cancellation")
    everything, _ = await store.scenarios("w", Page())
    await store.close()
    assert ([scenario.id for scenario in listed], total) == (["a"], 1)
    assert {scenario.id: scenario.folder for scenario in everything} == {"a": "Cancellation", "b": None}


async def test_what_an_unfinished_simulation_has_spent_is_counted_when_budgets_come(path):
    with closing(opening.connect(path, patience=1)) as connection:
        migrating.upgrade(connection, "0004")
    simulation = (
        "INSERT INTO simulations (id, workspace, agent_id, name, status, created_at, started_at, completed_at, body) "
        "VALUES ('{id}', 'w', 'a', 'n', '{status}', 1, 1, {completed}, '{body}')"
    )
    trial = (
        "INSERT INTO trials (id, simulation, scenario, number, seed, attempt, take, status, steps, costs, warnings) "
        "VALUES ('{id}', '{of}', 'c', 1, 0, 1, 1, '{status}', 0, '{costs}', '[]')"
    )
    body = '{"agent":{"id":"a","workspace":"w","name":"A"},"models":{"user":"u","judge":"j"}}'
    run(
        path,
        simulation.format(id="s", status="running", completed="NULL", body=body),
        trial.format(id="t1", of="s", status="completed", costs='{"agent":0.5,"user":null}'),
        trial.format(id="t2", of="s", status="cancelled", costs='{"judge":0.25}'),
        trial.format(id="t3", of="s", status="queued", costs='{"judge":8.0}'),
    )
    store = await open_store(f"sqlite:///{path}", FrozenClock())
    resumed = await store.resume("w", "s", max_cost=0.9)
    with pytest.raises(NotNow, match=r"has spent \$0.75, and its budget would be \$0.75"):
        await store.resume("w", "s", max_cost=0.75)
    await store.close()
    assert (resumed.max_cost, resumed.status_reason) == (0.9, None)


async def test_a_database_of_a_newer_version_is_refused_and_not_touched(path):
    await opened_and_closed(path)
    run(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(DatabaseTooNew, match=r"newer version of Sparring .*9999.*Install the newer version"):
        await opened_and_closed(path)
    assert path.read_bytes() == before


async def test_a_database_of_another_program_is_refused_and_not_touched(path):
    run(path, "CREATE TABLE songs (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusable, match="belongs to another program"):
        await opened_and_closed(path)
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_and_not_touched(path):
    path.write_text("Dear diary, " * 100)
    with pytest.raises(DatabaseUnusable, match="is not a database"):
        await opened_and_closed(path)
    assert path.read_text() == "Dear diary, " * 100


async def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(DatabaseUnusable, match=r"folder .*/nowhere of the database does not exist"):
        await opened_and_closed(tmp_path / "nowhere" / "sparring.db")


async def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(DatabaseUnusable, match="is a folder"):
        await opened_and_closed(tmp_path)


@pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="a folder that nobody can write to is at hand on Linux"
)
async def test_a_place_that_cannot_be_written_is_told():
    with pytest.raises(DatabaseUnusable, match="this user may read and write"):
        await opened_and_closed("/proc/sparring.db")


async def test_a_new_file_that_another_program_locks_is_told(path, monkeypatch):
    monkeypatch.setattr(opening, "PATIENCE_AT_THE_START", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnusable, match="locked by another program"):
            await opened_and_closed(path)


async def test_a_write_waits_for_another_programs_lock_and_then_tells(path):
    await opened_and_closed(path)
    store = await open_store(f"sqlite:///{path}", FrozenClock(), patience=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusable, match="locked by another program"):
            await store.save_workspace("w")
        assert len(await store.workspaces()) == 1
        other.execute("ROLLBACK")
    await store.save_workspace("w")
    assert len(await store.workspaces()) == 2
    await store.close()


async def test_a_full_disk_is_told_and_loses_nothing(path):
    store = await open_store(f"sqlite:///{path}", FrozenClock())
    await store.save_workspace("kept")
    await store._database.write(lambda db: db.rows("PRAGMA max_page_count = 40"))
    trial = _Trial()
    with pytest.raises(DatabaseUnusable, match="disk is full"):
        await store.journal(trial).append(0, [UserMessage(text="x" * 1_000_000)])
    assert await store.workspaces() == {"kept": None}
    await store.journal(trial).append(0, [UserMessage(text="small")])
    assert [m.text for m in await store.journal(trial).load()] == ["small"]
    await store.close()


async def test_a_damaged_file_is_told_when_it_is_read(path):
    store = await open_store(f"sqlite:///{path}", FrozenClock())
    for number in range(200):
        await store.save_workspace(f"{number:04}" * 40)
    await store.close()
    store = await open_store(f"sqlite:///{path}", FrozenClock())
    content = bytearray(path.read_bytes())
    for page in range(4096 * 3, len(content), 4096):
        content[page : page + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=r"damaged\. Restore a backup"):
        await store.workspaces()
    await store.close()


def test_a_place_without_a_write_ahead_log_is_told(path):
    told = pytest.raises(DatabaseUnusable, match="Name a local file")
    with closing(sqlite3.connect(":memory:")) as connection, told:
        opening.use_wal(connection, path)


async def test_two_processes_that_begin_at_once_agree_on_the_first_workspace(path):
    stores = [await open_store(f"sqlite:///{path}", FrozenClock(now)) for now in (1e9, 1.1e9)]
    async with asyncio.TaskGroup() as group:
        found = [group.create_task(store.first_workspace()) for store in stores]
    assert len({task.result() for task in found}) == 1
    for store in stores:
        await store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://[half", "is not of the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
        ("mysql://localhost/sparring", "is neither of the form sqlite:///FILE"),
        ("sqlite://", "is neither of the form sqlite:///FILE"),
        ("sqlite:///", "is neither of the form sqlite:///FILE"),
        ("sqlite:///:memory:", "is neither of the form sqlite:///FILE"),
        ("sparring.db", "is neither of the form sqlite:///FILE"),
    ],
)
async def test_a_url_that_cannot_be_used_is_refused(url, told):
    with pytest.raises(InvalidInput, match=told):
        await open_store(url, FrozenClock())


def test_an_absolute_file_has_four_slashes():
    assert opening.database_file("sqlite:////var/lib/s.db") == Path("/var/lib/s.db")
    assert opening.database_file("sqlite:///s.db") == Path("s.db")


def test_the_compiled_statements_are_those_of_the_schema():
    from sparring.adapters.store.compiling import compiled

    assert Path(sql.__file__).read_text() == compiled()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("QUEUED_TRIALS", "ix_trials_queued"),
        ("RUNNING_TRIALS", "ix_trials_running"),
        ("COMPLETE_SIMULATION", "ix_trials_by_status"),
        ("PROGRESS", "ix_trials_by_status"),
        ("TRIALS", "ix_trials_of_simulation"),
        ("FIND_TRIAL", "ix_trials_alias"),
        ("FIND_SIMULATION", "ix_simulations_alias"),
        ("AGENTS", "ix_agents_newest"),
    ],
)
async def test_what_is_asked_often_is_found_by_an_index(path, statement, index):
    await opened_and_closed(path)
    text = getattr(sql, statement)
    with closing(sqlite3.connect(path)) as connection:
        parameters = dict.fromkeys(re.findall(r":(\w+)", text), 1)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)
        told = "\n".join(row[-1] for row in plan.fetchall())
    assert index in told
    assert "USE TEMP B-TREE" not in told or statement.startswith("FIND")


class _Trial:
    id = "t" * 24
    take = 1
    claim = 0
