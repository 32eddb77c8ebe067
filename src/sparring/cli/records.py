"""`show` and `export`: what is stored."""

from __future__ import annotations

from pathlib import Path

from sparring.bootstrap import playing
from sparring.bootstrap.services import open_services
from sparring.cli.files import is_file, render, write, write_report
from sparring.cli.terminal import colored, note, say, width
from sparring.domain import ids
from sparring.domain.errors import InvalidInput, NotFound
from sparring.domain.simulation import Trial
from sparring.reports.conversation import render_conversation
from sparring.reports.result import Result
from sparring.reports.table import render_table
from sparring.settings import read_settings


async def show_simulation(
    text: str | None, *, trial: str | None, as_json: bool, html: Path | None, database: str | None
) -> int:
    """Print a simulation, or one of its conversations."""
    async with open_services(read_settings(database_url=database)) as services:
        shown = await playing.result(services, await playing.find(services, text))
    if html is not None:
        write_report(shown, "html", html)
        note(f"Written: {html}")
    if as_json:
        say(render(shown, "json"))
    elif trial is not None:
        say(render_conversation(shown, _find_trial(shown, trial), width=width(), color=colored()))
    else:
        say(render_table(shown, width=width(), color=colored()))
    return 0


async def export_simulation(text: str | None, *, form: str, output: Path | None, database: str | None) -> int:
    """Write a simulation in one of the forms."""
    if is_file(text):
        raise InvalidInput(
            f"{text} is a file; --format {form} takes a simulation, eqho and sigmamind take a suite."
        )
    async with open_services(read_settings(database_url=database)) as services:
        shown = await playing.result(services, await playing.find(services, text))
    rendered = render(shown, form)
    if output is None:
        say(rendered)
    else:
        write(output, rendered)
        note(f"Written: {output}")
    return 0


def _find_trial(shown: Result, text: str) -> Trial:
    """A trial by id, by its unique beginning, by its place in the simulation, or as SCENARIO:NUMBER."""
    if text.isdecimal() and 1 <= int(text) <= len(shown.trials):
        return shown.trials[int(text) - 1]
    id = ids.read(text, "job", "chat") or text.lower()
    found = [trial for trial in shown.trials if trial.id.startswith(id)]
    if len(found) == 1:
        return found[0]
    name, _, number = text.rpartition(":")
    names = {scenario.id: scenario.name.lower() for scenario in shown.simulation.scenarios}
    for trial in shown.trials:
        if name and name.lower() in names[trial.scenario] and str(trial.number) == number:
            return trial
    raise NotFound("trial of this simulation", text)
