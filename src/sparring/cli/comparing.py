"""`compare`, and the baseline of `run`: two simulations beside each other, from the database or from JSON reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sparring.bootstrap import playing
from sparring.bootstrap.services import Services, open_services
from sparring.cli.gates import FELL_SHORT
from sparring.cli.terminal import colored, note, say, width
from sparring.domain.comparison import Comparison, Conclusion, Side, compare, side_of
from sparring.domain.errors import Conflict, InvalidInput
from sparring.domain.outcomes import Lifecycle
from sparring.domain.setups import setup_of
from sparring.domain.simulation import Simulation
from sparring.reports.baselines import read_side
from sparring.reports.comparison_json import render_comparison_json
from sparring.reports.comparison_table import render_comparison
from sparring.reports.result import Result
from sparring.settings import read_settings
from sparring.simulation.store import Page

_LATEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a new simulation is compared with."""

    side: Side
    fail_worse: bool

    def against(self, shown: Result) -> Comparison:
        """What became of it."""
        return compare(self.side, side_of(shown.simulation, shown.summary))

    def report(self, found: Comparison) -> int:
        """Print the comparison; 1 where it fell short."""
        say(render_comparison(found, width=width(), color=colored()))
        return FELL_SHORT if self.fail_worse and found.conclusion is Conclusion.WORSE else 0


async def compare_simulations(
    first: str | None, second: str | None, *, force: bool, fail_worse: bool, as_json: bool, database: str | None
) -> int:
    """Print what two simulations have changed; 1 where it got worse and that counts."""
    if first is not None and second is not None and _is_file(first) and _is_file(second):
        found = compare(_read(first), _read(second))
    else:
        async with open_services(read_settings(database_url=database)) as services:
            now = await _side(services, second)
            before = await _previous(services, now) if first is None else await _side(services, first)
            found = compare(before, now)
    if not force:
        _refuse(found)
    say(render_comparison_json(found) if as_json else render_comparison(found, width=width(), color=colored()))
    return FELL_SHORT if fail_worse and found.conclusion is Conclusion.WORSE else 0


async def open_baseline(services: Services, text: str, simulation: Simulation, *, fail_worse: bool) -> Baseline:
    """What a simulation that is to be played will be compared with.

    Raises:
        InvalidInput: they could not be compared, or the file is no report.
        NotFound, Conflict: there is no such simulation.
    """
    side = await _side(services, text)
    planned = Side(id=simulation.id, name="", created_at=0.0, setup=setup_of(simulation), tallies=())
    _refuse(compare(side, planned))
    return Baseline(side=side, fail_worse=fail_worse)


def _refuse(found: Comparison) -> None:
    if found.obstacles:
        raise InvalidInput(
            f"{' '.join(found.obstacles)} A difference could come from there as well as from the agent; play both "
            "with the same, or compare them all the same with `sparring compare --force`."
        )


async def _side(services: Services, text: str | None) -> Side:
    if text is not None and _is_file(text):
        return _read(text)
    shown = await playing.result(services, await playing.find(services, text), transcripts=False)
    if shown.simulation.status not in (Lifecycle.COMPLETED, Lifecycle.CANCELLED):
        note(f"warning: {shown.simulation.id[:12]} is not over yet.")
    return side_of(shown.simulation, shown.summary)


async def _previous(services: Services, side: Side) -> Side:
    """The simulation before it that shares a scenario with it."""
    latest, _ = await services.store.simulations(None, Page(size=_LATEST))
    places = [place for place, simulation in enumerate(latest) if simulation.id == side.id]
    scenarios = {tally.id for tally in side.tallies}
    for simulation in latest[places[0] + 1 :] if places else ():
        if scenarios & {scenario.id for scenario in simulation.scenarios}:
            return await _side(services, simulation.id)
    raise Conflict(f"No simulation before {side.id[:12]} has played one of its scenarios; name two.")


def _is_file(text: str) -> bool:
    return text.endswith(".json") or Path(text).is_file()


def _read(path: str) -> Side:
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"Cannot read {path}: {error.strerror}.") from None
    except ValueError as error:
        raise InvalidInput(f"{path} is no JSON: {error}.") from None
    return read_side(document, file=path)
