"""A PostgreSQL database that is new, old, newer, another's, not allowed or not to be had."""

import asyncio

import psycopg
import pytest
from postgres import database_name

from sparring.adapters.store import open_store
from sparring.adapters.store.migrating import upgrade_postgres
from sparring.adapters.store.migrations import HEAD
from sparring.adapters.store.postgres import address, failures
from sparring.adapters.store.postgres.opening import LOCKING, MARKING, prepare
from sparring.domain.errors import DatabaseTooNew, DatabaseUnusable, InvalidInput
from sparring.simulation.store import Page
from sparring.testing import FrozenClock

pytestmark = pytest.mark.slow

TABLES = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%' ORDER BY 1, 2
"""
INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename NOT LIKE 'procrastinate%' ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'procrastinate%' ORDER BY 1, 2
"""


@pytest.fixture
def run(postgres_server, empty_postgres_url):
    """The rows of a statement on the test's own database."""
    return lambda statement: postgres_server.execute(statement, database_name(empty_postgres_url))


def shape(run):
    return [run(query) for query in (TABLES, INDEXES, CONSTRAINTS)]


def at(url, revision):
    """Bring a new database to the tables of a revision."""
    upgrade_postgres(address(url).conninfo, revision, before=LOCKING, after=MARKING)


async def opened_and_closed(url):
    store = await open_store(url, FrozenClock())
    workspace = await store.first_workspace()
    await store.close()
    return workspace


async def test_a_new_database_gets_its_tables_and_keeps_what_is_written(empty_postgres_url):
    first = await opened_and_closed(empty_postgres_url)
    assert await opened_and_closed(empty_postgres_url) == first


async def test_the_migrations_make_the_same_tables_as_a_new_database_has(empty_postgres_url, postgres_server, run):
    at(empty_postgres_url, "head")
    await opened_and_closed(empty_postgres_url)
    with postgres_server.fresh() as other:
        await opened_and_closed(other)
        created = shape(lambda statement: postgres_server.execute(statement, database_name(other)))
    for migrated, made in zip(shape(run), created, strict=True):
        assert sorted(set(migrated) ^ set(made), key=str) == []


async def test_an_older_database_is_migrated_with_what_it_holds(empty_postgres_url, run):
    at(empty_postgres_url, "0001")
    run(
        "INSERT INTO scenarios (id, workspace, name, created_at, updated_at, body) VALUES "
        """('a', 'w', 'n', 1, 1, '{"folder":"Cancellation"}'), ('b', 'w', 'n', 1, 1, '{}')"""
    )
    store = await open_store(empty_postgres_url, FrozenClock())
    listed, total = await store.scenarios("w", Page(), folder="Cancellation")
    await store.close()
    assert ([scenario.id for scenario in listed], total) == (["a"], 1)
    assert run("SELECT version_num FROM alembic_version") == [(HEAD,)]


@pytest.mark.parametrize("revision", [None, "0001"])
async def test_processes_that_start_at_once_make_and_migrate_the_tables_once(empty_postgres_url, run, revision):
    if revision is not None:
        at(empty_postgres_url, revision)
    found = address(empty_postgres_url)
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(prepare(found))
    assert run("SELECT version_num FROM alembic_version") == [(HEAD,)]


async def test_two_processes_that_begin_at_once_agree_on_the_first_workspace(postgres_url):
    stores = [await open_store(postgres_url, FrozenClock(now)) for now in (1e9, 1.1e9)]
    async with asyncio.TaskGroup() as group:
        found = [group.create_task(store.first_workspace()) for store in stores]
    assert len({task.result() for task in found}) == 1
    assert len(await stores[0].workspaces()) == 1
    for store in stores:
        await store.close()


async def test_a_database_of_a_newer_version_is_refused(empty_postgres_url, run):
    await opened_and_closed(empty_postgres_url)
    run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match=r"newer version of Sparring .*9999.*Install the newer version"):
        await opened_and_closed(empty_postgres_url)
    assert run("SELECT version_num FROM alembic_version") == [("9999",)]


@pytest.mark.parametrize(
    ("table", "columns"), [("alembic_version", "version_num text"), ("trials", "patient text")]
)
async def test_tables_of_another_program_are_not_touched(empty_postgres_url, run, table, columns):
    run(f"CREATE TABLE {table} ({columns})")
    before = run(TABLES)
    with pytest.raises(DatabaseUnusable, match=f"has a table '{table}' of another program"):
        await opened_and_closed(empty_postgres_url)
    assert run(TABLES) == before


async def test_tables_of_other_names_are_no_obstacle(empty_postgres_url, run):
    run("CREATE TABLE songs (title text)")
    await opened_and_closed(empty_postgres_url)
    assert run("SELECT * FROM songs") == []


async def test_a_schema_of_its_own_is_named_in_the_url(empty_postgres_url, run):
    run("CREATE TABLE trials (patient text)")
    run("CREATE SCHEMA sparring")
    await opened_and_closed(f"{empty_postgres_url}&options=-csearch_path%3Dsparring")
    assert run("SELECT version_num FROM sparring.alembic_version") == [(HEAD,)]


async def test_a_user_who_may_make_no_tables_is_told_what_is_needed(empty_postgres_url, run):
    if not run("SELECT 1 FROM pg_roles WHERE rolname = 'visitor'"):
        run("CREATE ROLE visitor LOGIN")
    with pytest.raises(DatabaseUnusable, match="Make the user its owner, or grant CREATE on its schema"):
        await opened_and_closed(empty_postgres_url.replace("postgres@", "visitor@"))


async def test_a_user_who_may_not_migrate_is_told_so_and_nothing_is_changed(empty_postgres_url, run):
    at(empty_postgres_url, "0001")
    if not run("SELECT 1 FROM pg_roles WHERE rolname = 'visitor'"):
        run("CREATE ROLE visitor LOGIN")
    run("GRANT ALL ON ALL TABLES IN SCHEMA public TO visitor")
    before = run(TABLES)
    with pytest.raises(DatabaseUnusable, match="does not allow this user what is needed"):
        await opened_and_closed(empty_postgres_url.replace("postgres@", "visitor@"))
    assert run(TABLES) == before


async def test_a_database_that_is_not_there_is_named(postgres_server):
    with pytest.raises(DatabaseUnusable, match=r"/nowhere does not exist\. Make it"):
        await opened_and_closed(postgres_server.url("nowhere"))


async def test_a_server_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(DatabaseUnusable) as told:
        await opened_and_closed("postgresql://me:s3cret@127.0.0.1:1/sparring")
    assert "postgresql://me@127.0.0.1:1/sparring cannot be reached" in str(told.value)
    assert "Is its server running?" in str(told.value)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://h/d?bogus=1", 'invalid URI query parameter: "bogus"'),
        ("postgresql://[h/d", "is not of the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
        ("postgresql://u:s3 cret@h/d", "percent-encoded spaces"),
        ("postgresql://u:s3@cret@h/d", "Write one that belongs to the password as %40"),
    ],
)
async def test_a_url_that_cannot_be_read_is_refused_without_telling_its_password(url, told):
    with pytest.raises(InvalidInput) as refused:
        await open_store(url, FrozenClock())
    assert told in str(refused.value)
    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('FATAL:  password authentication failed for user "me"', "refuses this password"),
        ("fe_sendauth: no password supplied", "refuses this password"),
        ('FATAL:  role "me" does not exist', "refuses this user"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "pg_hba.conf"),
        ("FATAL:  sorry, too many clients already", "run fewer processes"),
        ("connection refused", "Is its server running?"),
    ],
)
def test_what_a_server_says_before_it_lets_anybody_in_is_told_with_what_to_do(said, told):
    assert told in str(failures.told(psycopg.OperationalError(f"connection failed: {said}"), "postgresql://h/d"))


def test_a_value_that_no_text_of_postgresql_can_hold_is_the_callers_to_mend():
    error = psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    assert isinstance(failures.told(error, "postgresql://h/d"), InvalidInput)
