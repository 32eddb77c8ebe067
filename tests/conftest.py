"""The databases of every test that needs one."""

import asyncio

import pytest
from postgres import TEMPLATE, Server


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server for all tests of this process."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    """The name of a database whose tables are made."""
    from sparring.adapters.store.postgres import address
    from sparring.adapters.store.postgres.opening import prepare

    postgres_server.execute(f"CREATE DATABASE {TEMPLATE}")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(prepare(address(postgres_server.url(TEMPLATE))))
    loop.close()
    return TEMPLATE


@pytest.fixture
def postgres_url(postgres_server, postgres_template):
    """The URL of a database of this test's own, ready to be used."""
    with postgres_server.fresh(postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server):
    """The URL of a database of this test's own without a table."""
    with postgres_server.fresh() as url:
        yield url
