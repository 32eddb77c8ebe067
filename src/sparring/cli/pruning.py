"""`prune`: what is old goes, so that a database stays as large as it is useful."""

from __future__ import annotations

import re
import sys

import typer

from sparring.adapters.store import compact
from sparring.bootstrap.services import open_services
from sparring.cli.terminal import command, note, say
from sparring.domain.errors import DatabaseUnusable, InvalidInput
from sparring.settings import read_settings
from sparring.simulation.store import Old

_AGE = re.compile(r"(\d+)\s*([dwhm])?")
_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, None: 86400.0}
_AT_ONCE = 20
"""Of each kind in one transaction, so that a server that works on the same database never waits long."""


def read_age(text: str) -> float:
    """Seconds of an age such as `90d`, `12h` or `2w`; a bare number is days. InvalidInput for anything else."""
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        raise InvalidInput(f"--older-than takes an age such as 90d, 2w or 12h, not {text!r}.")
    return int(match[1]) * _SECONDS[match[2]]


async def prune(age: str, *, dry_run: bool, yes: bool, database: str | None) -> int:
    """Take out simulations, ended chats and deliveries that are over for longer than an age."""
    seconds = read_age(age)
    settings = read_settings(database_url=database)
    async with open_services(settings) as services:
        before = services.clock.now() - seconds
        found = await services.store.prunable(before)
        if found == Old():
            say(f"Nothing is over for longer than {age}.")
            return 0
        if dry_run:
            say(f"{_told(found)} would go.")
            return 0
        if (
            not yes
            and sys.stdin.isatty()
            and not typer.confirm(f"{_told(found)} will go for good. Go on?", err=True)
        ):
            return 0
        gone = Old()
        while (part := await services.store.prune(before, _AT_ONCE)) != Old():
            gone += part
    say(f"{_told(gone)} gone.")
    try:
        compact(settings.database_url)
    except DatabaseUnusable as error:
        note(f"The space is used again, but not given back to the disk yet: {error}")
        note(f"Once nothing else works with it: {command('prune', '--older-than', age, database=database)}")
    return 0


def _told(found: Old) -> str:
    parts = [
        (found.simulations, "simulation", "simulations"),
        (found.chats, "chat", "chats"),
        (found.deliveries, "delivery", "deliveries"),
    ]
    return ", ".join(f"{number:,} {one if number == 1 else many}" for number, one, many in parts if number)
