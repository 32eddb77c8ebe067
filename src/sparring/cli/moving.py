"""`import` and `export` of the vendors' records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparring.adapters.moving.arrivals import Arrivals, Tally
from sparring.adapters.moving.vendors import VENDORS
from sparring.bootstrap.moving import move_in, read_records
from sparring.bootstrap.services import open_services
from sparring.cli.terminal import command, note, say
from sparring.domain.agent import Action, Agent
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.settings import read_settings

_KINDS = {
    "eqho": {Agent: "agent", Action: "action", ScenarioSet: "scenario set", Scenario: "scenario"},
    "sigmamind": {Agent: "agent", Scenario: "test case"},
}


async def import_records(word: str, files: Sequence[Path], *, url: str | None, database: str | None) -> int:
    """Bring a vendor's records into the database."""
    vendor = VENDORS[word]
    settings = read_settings(database_url=database)
    found = await read_records(settings, vendor, files, url)
    async with open_services(settings) as services:
        arrivals = await move_in(services, vendor, found)
    for line in arrivals.notes.lines():
        note(f"note: {line}")
    say(f"{_counted(word, arrivals)} {_told(_all(word, arrivals))}, in {settings.database_url}.")
    say(f"Serve them: {command('serve', database=database)}")
    return 0


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
