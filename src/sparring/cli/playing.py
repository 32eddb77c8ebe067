"""`demo`, `run` and `resume`: play, show how it goes, report, and leave with the right exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.suites import Suite, load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.estimates import estimate
from sparring.bootstrap.playing import Wishes
from sparring.bootstrap.services import Services, open_services
from sparring.cli.files import write_report
from sparring.cli.gates import Bar, exit_code, read_bars
from sparring.cli.progress import Progress
from sparring.cli.terminal import colored, command, note, say, width
from sparring.domain.endpoints import address_of
from sparring.domain.errors import InvalidInput
from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation
from sparring.reports.figures import money
from sparring.reports.result import Result
from sparring.reports.table import render_table
from sparring.settings import read_settings

INTERRUPTED = 130
GRACE = 20.0


async def play_demo(
    *, trials: int | None, model: str | None, yes: bool, html: Path | None, database: str | None
) -> int:
    """Play the bundled suite; 0 unless it could not be played."""
    suite = load_suite(AIRLINE_SUITE)
    wishes = Wishes(trials=trials, model=model, user_model=model, judge_model=model)
    async with open_services(read_settings(database_url=database)) as services:
        if model is not None and not _agreed(services, suite, wishes, yes=yes):
            return 0
        with _interrupts() as stop:
            simulation = await playing.submit(services, suite, wishes, source="demo", folder=AIRLINE_SUITE.parent)
            finished = await _play(services, [simulation], stop)
        if not finished:
            return _interrupted([simulation])
        shown = await playing.result(services, simulation)
        _report(shown, {"html": html})
    say("Next:")
    say(f"  {command()} show {simulation.id[:12]} --trial 1   a conversation")
    say(f"  {command()} serve{' ' * 17}the API and the latest results at http://127.0.0.1:8321")
    say(f"  {command()} init my-agent{' ' * 9}this suite, for editing")
    undecided = shown.summary.count(Outcome.ERROR) == shown.summary.planned
    return 2 if undecided else 0


async def play_suites(
    paths: Sequence[Path],
    wishes: Wishes,
    *,
    files: Mapping[str, Path | None],
    bars: Sequence[str],
    database: str | None,
    concurrency: int | None,
) -> int:
    """Play suite files; the exit code tells how the agent did."""
    limits = read_bars(bars)
    suites = [load_suite(path) for path in paths]
    if len(suites) > 1 and any(files.values()):
        raise InvalidInput(
            "A report file holds one simulation; give one suite with --junit, --html, --json and so on."
        )
    for path in files.values():
        _check_writable(path)
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with open_services(settings) as services:
        with _interrupts() as stop:
            simulations = [
                await playing.submit(services, suite, wishes, source="cli", folder=path.parent)
                for path, suite in zip(paths, suites, strict=True)
            ]
            for simulation in simulations:
                _announce(simulation)
            finished = await _play(services, simulations, stop)
        return await _finish(services, simulations, finished, files, limits)


async def resume_simulation(text: str | None, *, database: str | None, concurrency: int | None) -> int:
    """Go on with a simulation from its journal."""
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with open_services(settings) as services:
        simulation = await playing.find(services, text, unfinished=text is None)
        with _interrupts() as stop:
            _announce(simulation)
            finished = await _play(services, [simulation], stop)
        return await _finish(services, [simulation], finished, {}, [])


async def _finish(
    services: Services,
    simulations: Sequence[Simulation],
    finished: bool,
    files: Mapping[str, Path | None],
    bars: Sequence[Bar],
) -> int:
    results = [await playing.result(services, simulation) for simulation in simulations]
    if not finished:
        return _interrupted(simulations)
    for shown in results:
        _report(shown, files)
    return max((exit_code(shown, bars) for shown in results), key=lambda code: (code == 1, code))


async def _play(services: Services, simulations: Sequence[Simulation], stop: asyncio.Event) -> bool:
    """Play simulations here, or watch whoever holds the lock play them. False where it was interrupted."""
    here = services.lock.acquire()
    if here:
        await services.engine.start(only=[simulation.id for simulation in simulations])
    else:
        note(f"Another process ({services.lock.holder}) plays on this database; it plays this too.")
    try:
        with Progress() as progress:
            watching = asyncio.create_task(_watch(services, simulations, progress))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not watching.done():
                watching.cancel()
                return False
            watching.result()
            return True
    finally:
        if here:
            await services.engine.stop(grace=GRACE)


async def _watch(services: Services, simulations: Sequence[Simulation], progress: Progress) -> None:
    for simulation in simulations:

        async def changed(_: Simulation, summary: Summary) -> None:
            progress.show(summary)

        await playing.follow(services, simulation.id, changed)


@contextmanager
def _interrupts() -> Iterator[asyncio.Event]:
    """The first Ctrl-C or SIGTERM asks for a clean stop, a second one ends the process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        note("\nStopping after the messages that are under way; Ctrl-C again ends at once.")
        stop.set()

    signals: list[Callable[[], object]] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
        signals.append(lambda number=number: loop.remove_signal_handler(number))  # type: ignore[misc]
    try:
        yield stop
    finally:
        for undo in signals:
            undo()


def _interrupted(simulations: Sequence[Simulation]) -> int:
    for simulation in simulations:
        note(f"Interrupted. Everything so far is stored; go on with: {command()} resume {simulation.id}")
    return INTERRUPTED


def _announce(simulation: Simulation) -> None:
    tested = simulation.agent
    agents = dict.fromkeys(scenario.model or tested.model for scenario in simulation.scenarios)
    if tested.endpoint is not None:
        agents = {address_of(tested.endpoint): None}
    note(
        f"{simulation.name}: agent {', '.join(str(name) for name in agents)} · "
        f"user {simulation.models.user} · judge {simulation.models.judge}"
    )
    for warning in simulation.warnings:
        note(f"warning: {warning}")


def _report(shown: Result, files: Mapping[str, Path | None]) -> None:
    say(render_table(shown, width=width(), color=colored()))
    for form, path in files.items():
        if path is not None:
            write_report(shown, form, path)
            note(f"Written: {path}")


def _agreed(services: Services, suite: Suite, wishes: Wishes, *, yes: bool) -> bool:
    told = estimate(services.models, suite, wishes, services.clock.now())
    price = f"about {money(told)}" if told is not None else "an unknown price (the model is in no price list)"
    note(f"{sum(wishes.trials or s.trials for s in suite.scenarios)} trials on {wishes.model}: {price}.")
    if yes or not sys.stdin.isatty():
        return True
    return typer.confirm("Play them?", default=True, err=True)


def _check_writable(path: Path | None) -> None:
    if path is not None and not path.absolute().parent.is_dir():
        raise InvalidInput(f"Cannot write {path}: the folder {path.absolute().parent} does not exist.")
