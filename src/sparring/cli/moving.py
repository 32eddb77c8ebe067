"""`import` and `export` of the vendors' records."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from sparring.adapters.clock import SystemClock
from sparring.adapters.moving.arrivals import Arrivals, Tally
from sparring.adapters.moving.suites import document_of, suites_of
from sparring.adapters.moving.vendors import VENDORS
from sparring.adapters.suites import Suite, dump_suite, load_suite
from sparring.bootstrap.installation import without_secrets
from sparring.bootstrap.moving import move_in, read_records
from sparring.bootstrap.services import open_services
from sparring.cli.files import make_folder, write
from sparring.cli.terminal import command, note, say
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.settings import read_settings

_UNFIT = re.compile(r"[^a-z0-9]+")

_KINDS = {
    "eqho": {Agent: "agent", Action: "action", ScenarioSet: "scenario set", Scenario: "scenario"},
    "sigmamind": {Agent: "agent", Scenario: "test case"},
}


async def import_records(
    word: str, files: Sequence[Path], *, url: str | None, database: str | None, output: Path | None
) -> int:
    """Bring a vendor's records into the database, or into suite files."""
    if output is not None and database is not None:
        raise InvalidInput("Name --output or --database, not both.")
    vendor = VENDORS[word]
    settings = read_settings(database_url=database)
    found = await read_records(settings, vendor, files, url)
    if output is not None:
        return _write_suites(*await suites_of(vendor, found, SystemClock().now()), output)
    async with open_services(settings) as services:
        arrivals = await move_in(services, vendor, found)
    _tell(arrivals.notes.lines())
    say(f"{_counted(word, arrivals)} {_told(_all(word, arrivals))}, in {without_secrets(settings.database_url)}.")
    say(f"Serve them: {command('serve', database=database)}")
    return 0


async def export_suite(path: str | None, *, word: str, output: Path | None) -> int:
    """Write a suite in a vendor's form."""
    if path is None:
        raise InvalidInput(f"Name the suite file to write in {VENDORS[word].name}'s form.")
    document, notes = await document_of(VENDORS[word], load_suite(Path(path)))
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if output is None:
        say(text)
    else:
        write(output, text + "\n")
    _tell(notes)
    if output is not None:
        note(f"Written: {output}")
    return 0


def _write_suites(suites: Sequence[Suite], notes: Sequence[str], output: Path) -> int:
    """Write suites: a single one to a file, several to a folder."""
    several = len(suites) > 1
    if several and (output.suffix in (".yaml", ".yml", ".json") or output.is_file()):
        raise InvalidInput(
            f"These are {len(suites)} agents, and a suite has one. Name a folder, such as --output suites, to get a "
            "file for each."
        )
    is_folder = several or output.is_dir()
    texts = [(suite, dump_suite(suite)) for suite in suites]
    names = _file_names([suite.name for suite in suites])
    if is_folder:
        make_folder(output)
    _tell(notes)
    for (suite, text), name in zip(texts, names, strict=True):
        path = output / name if is_folder else output
        if str(path) == "-":
            say(text)
            continue
        write(path, text)
        count = len(suite.scenarios)
        say(f"{path}: {count} scenario{'s' if count > 1 else ''} for {suite.agent.name}.")
    return 0


def _file_names(names: Sequence[str]) -> list[str]:
    taken: list[str] = []
    for name in names:
        plain = _UNFIT.sub("-", name.lower()).strip("-") or "suite"
        free, number = plain, 1
        while free in taken:
            number += 1
            free = f"{plain}-{number}"
        taken.append(free)
    return [f"{name}.yaml" for name in taken]


def _tell(notes: Sequence[str]) -> None:
    for line in notes:
        note(f"note: {line}")


def _counted(word: str, arrivals: Arrivals) -> str:
    parts = [
        f"{number} {kind}{'s' if number > 1 else ''}"
        for record, kind in _KINDS[word].items()
        if (number := arrivals.tally(record).total)
    ]
    return f"{', '.join(parts) or 'Nothing'}:"


def _all(word: str, arrivals: Arrivals) -> Tally:
    tallies = [arrivals.tally(record) for record in _KINDS[word]]
    return Tally(
        new=sum(tally.new for tally in tallies),
        changed=sum(tally.changed for tally in tallies),
        same=sum(tally.same for tally in tallies),
    )


def _told(tally: Tally) -> str:
    return f"{tally.new} new, {tally.changed} changed, {tally.same} as before"
