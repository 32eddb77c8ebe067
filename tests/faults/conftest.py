"""The databases that each fault is tried on, and the table of what was found."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from .batches import batch_in, bodies, trials_of, write_suite

KINDS = ["sqlite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a batch is kept."""

    kind: str
    url: str

    @property
    def file(self):
        """The file of an SQLite database."""
        return Path(self.url.removeprefix("sqlite:///"))

    def size(self):
        """Bytes that it takes."""
        return sum(file.stat().st_size for file in self.file.parent.glob(f"{self.file.name}*"))


@pytest.fixture(params=KINDS)
def database(request, tmp_path):
    """A place for a batch, once for each kind of database."""
    return Place(kind=request.param, url=new_url(request, tmp_path))


def new_url(request, tmp_path):
    """The URL of a new database of the kind that a test has for its parameter."""
    return f"sqlite:///{tmp_path / 'sparring.db'}"


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The trials of the batch where nothing goes wrong, and its requests."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_suite(folder)
    with batch_in(folder, Place(kind="sqlite", url=f"sqlite:///{folder / 'sparring.db'}")) as batch:
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
