"""The databases that each fault is tried on, and the table of what was found."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from postgres import Server, database_name

from .batches import batch_in, bodies, trials_of, write_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteFile:
    """A place for a batch: one file."""

    file: Path
    kind = "sqlite"

    @property
    def url(self):
        """What leads to it."""
        return f"sqlite:///{self.file}"

    def size(self):
        """Bytes that it takes."""
        return sum(file.stat().st_size for file in self.file.parent.glob(f"{self.file.name}*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresDatabase:
    """A place for a batch: a database of a real server, which many processes work on."""

    server: Server
    url: str
    kind = "postgresql"

    def rows(self, statement):
        """The rows of a statement."""
        return self.server.execute(statement, database_name(self.url))

    def size(self):
        """Bytes that it takes."""
        return self.rows("SELECT pg_database_size(current_database())")[0][0]

    def over(self):
        """How many trials are over."""
        return self.rows("SELECT count(*) FROM trials WHERE status = 'completed'")[0][0]


@pytest.fixture
def sqlite_file(tmp_path):
    """A new SQLite file."""
    return SqliteFile(file=tmp_path / "sparring.db")


@pytest.fixture
def postgres(request):
    """A new database of a PostgreSQL server."""
    server = request.getfixturevalue("postgres_server")
    return PostgresDatabase(server=server, url=request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite_file", "postgres"])
def database(request):
    """A place for a batch, once for each kind of database."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The trials of the batch where nothing goes wrong, and its requests."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_suite(folder)
    with batch_in(folder, SqliteFile(file=folder / "sparring.db")) as batch:
        batch.command("run", "suite.json")
        shown = batch.shown()
        return trials_of(shown), frozenset(bodies(batch.record))


@pytest.fixture
def measured(record_property):
    """Puts a row into the table at the end: the fault, the database, what was found."""

    def tell(fault, database, found):
        record_property("measured", [fault, database, found])
        print(f"{fault} · {database} · {found}")

    return tell


def pytest_terminal_summary(terminalreporter):
    """The table of everything that was measured."""
    rows = [
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in report.user_properties
        if name == "measured" and report.when == "call"
    ]
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    terminalreporter.section("what was measured")
    for fault, database, found in sorted(rows):
        terminalreporter.write_line(f"{fault:{widths[0]}}  {database:{widths[1]}}  {found}")
