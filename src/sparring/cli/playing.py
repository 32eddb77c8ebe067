"""`demo`, `run` and `resume`: play, show how it goes, report, and leave with the right exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.store import PlayingLock
from sparring.adapters.suites import Suite, load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.estimates import estimate
from sparring.bootstrap.last_time import last_time
from sparring.bootstrap.playing import Wishes
from sparring.bootstrap.services import Services, open_services
from sparring.bootstrap.taping import Mode, Taping, taped
from sparring.cli.comparing import Baseline, open_baseline
from sparring.cli.files import check_writable, write_report
from sparring.cli.gates import FELL_SHORT, exit_code, gate_of, read_bars
from sparring.cli.github import tell_github
from sparring.cli.interrupts import INTERRUPTED, interrupts
from sparring.cli.progress import Progress
from sparring.cli.terminal import colored, command, note, say, width
from sparring.domain.endpoints import address_of
from sparring.domain.errors import InvalidInput
from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation, trial_count
from sparring.reports.figures import count, money
from sparring.reports.result import Result
from sparring.reports.table import render_table
from sparring.settings import read_settings

GRACE = 20.0


async def play_demo(
    *, trials: int | None, model: str | None, yes: bool, html: Path | None, database: str | None
) -> int:
    """Play the bundled suite; 0 unless it could not be played."""
    check_writable(html)
    suite = load_suite(AIRLINE_SUITE)
    async with open_services(read_settings(database_url=database)) as services:
        user, judge = playing.real_models(services, model)
        wishes = Wishes(trials=trials, model=model, user_model=user, judge_model=judge)
        simulation = await playing.prepare(services, suite, wishes, source="demo", folder=AIRLINE_SUITE.parent)
        if model is not None and not _agreed(services, simulation, yes=yes):
            return 0
        with interrupts() as stop:
            await playing.submit(services, [simulation])
            finished = await _play(services, [simulation], stop)
        if not finished:
            return _interrupted(services, [simulation], database)
        shown = await playing.result(services, simulation)
        _report(shown, {"html": html})
    say("Next: read a conversation, serve the API and these results at http://127.0.0.1:8321, edit the suite.")
    say(f"  {command('show', simulation.id[:12], '--trial', '1', database=database)}")
    say(f"  {command('serve', database=database)}")
    say(f"  {command('init', 'my-agent')}")
    undecided = shown.summary.count(Outcome.ERROR) == shown.summary.planned
    return 2 if undecided else 0


async def play_suites(
    paths: Sequence[Path],
    wishes: Wishes,
    *,
    files: Mapping[str, Path | None],
    bars: Sequence[str],
    baseline: str | None,
    fail_worse: bool,
    failed: bool,
    database: str | None,
    concurrency: int | None,
    taping: Taping | None = None,
) -> int:
    """Play suite files; the exit code tells how the agent did."""
    wishes = replace(wishes, thresholds=read_bars(bars))
    suites = [load_suite(path) for path in paths]
    if len(suites) > 1 and any((*files.values(), baseline)):
        raise InvalidInput(
            "A report file holds one simulation, and a baseline is one; give one suite with --junit, --html, --json, "
            "--baseline and so on."
        )
    if len(suites) > 1 and taping is not None:
        raise InvalidInput("Recorded answers are of one suite; give each suite a run and a folder of its own.")
    if fail_worse and baseline is None:
        raise InvalidInput("--fail-worse needs a --baseline to compare with.")
    for path in files.values():
        check_writable(path)
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with taped(settings, taping) as tapes, open_services(settings, override=tapes.override) as services:
        if taping is not None and not services.lock.acquire():
            raise InvalidInput(
                f"{_told_of_holder(services.lock)} Answers can only be recorded or replayed where the trials are "
                "played: name another --database."
            )
        with interrupts() as stop:
            wanted = [tapes.wishes(wishes, suite) for suite in suites]
            if failed:
                wanted = [
                    await _failed_only(services, suite, one) for suite, one in zip(suites, wanted, strict=True)
                ]
            wanting = [
                (path, suite, one)
                for path, suite, one in zip(paths, suites, wanted, strict=True)
                if one.names is None or one.names
            ]
            if not wanting:
                return 0
            simulations = [
                await playing.prepare(services, suite, one, source="cli", folder=path.parent)
                for path, suite, one in wanting
            ]
            earlier = (
                None
                if baseline is None
                else await open_baseline(services, baseline, simulations[0], fail_worse=fail_worse)
            )
            await playing.submit(services, simulations)
            for simulation in simulations:
                tapes.begin(simulation)
                _announce(simulation)
            finished = await _play(services, simulations, stop)
        places = {
            simulation.id: suite.places for simulation, (_, suite, _) in zip(simulations, wanting, strict=True)
        }
        return await _finish(services, simulations, finished, files, database, places, earlier)


async def _failed_only(services: Services, suite: Suite, wishes: Wishes) -> Wishes:
    """The wishes for what did not pass last time; what is left out is told."""
    last = await last_time(services, suite, wishes)
    told = f"{len(last.passed)} passed last time"
    if last.never:
        told += f", {len(last.never)} never played (not with --failed): {', '.join(last.never)}"
    if last.unsettled:
        note(f"{suite.name}: {count(len(last.unsettled), 'scenario')} failed or flaky last time; {told}.")
    else:
        say(f"{suite.name}: nothing to play: {told}.")
    return replace(wishes, names=frozenset(last.unsettled))


def read_taping(record: Path | None, replay: str | None, cassettes: Path) -> Taping | None:
    """What the options say of recorded answers. InvalidInput where they contradict each other."""
    if record is not None and replay is not None:
        raise InvalidInput("--record and --replay exclude each other; --replay=changed records what changed.")
    if record is not None:
        return Taping(mode=Mode.RECORD, folder=record)
    if replay is None:
        return None
    if replay not in ("all", Mode.CHANGED):
        raise InvalidInput(f"--replay takes no value but changed, not {replay!r}; the folder goes to --cassettes.")
    return Taping(mode=Mode.CHANGED if replay == Mode.CHANGED else Mode.REPLAY, folder=cassettes)


async def resume_simulation(text: str | None, *, database: str | None, concurrency: int | None) -> int:
    """Go on with a simulation from its journal."""
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with open_services(settings) as services:
        simulation = await playing.find(services, text, unfinished=text is None)
        with interrupts() as stop:
            _announce(simulation)
            finished = await _play(services, [simulation], stop)
        return await _finish(services, [simulation], finished, {}, database)


async def _finish(
    services: Services,
    simulations: Sequence[Simulation],
    finished: bool,
    files: Mapping[str, Path | None],
    database: str | None,
    places: Mapping[str, Mapping[str, tuple[str, int]]] | None = None,
    baseline: Baseline | None = None,
) -> int:
    results = [await playing.result(services, simulation) for simulation in simulations]
    if not finished:
        return _interrupted(services, simulations, database)
    for shown in results:
        _report(shown, files)
        first = command("show", shown.simulation.id[:12], "--trial", "1", database=database)
        note(f"A conversation: {first}")
    tell_github(results, places or {})
    gates = [gate_of(shown) for shown in results]
    for found in gates:
        for reason in found.reasons:
            note(reason)
    codes = [exit_code(gates)]
    if baseline is not None:
        codes.append(baseline.report(results[0]))
    return max(codes, key=lambda code: (code == FELL_SHORT, code))


async def _play(services: Services, simulations: Sequence[Simulation], stop: asyncio.Event) -> bool:
    """Play simulations here, or watch a server play them. False where it was interrupted."""
    ids = [simulation.id for simulation in simulations]
    here = await playing.play_here(services, ids)
    if not here:
        note(_told_of_holder(services.lock))
    with Progress() as progress:
        watching = asyncio.create_task(_watch(services, simulations, progress))
        waiting = {watching, asyncio.create_task(stop.wait())}
        if not here:
            waiting.add(asyncio.create_task(playing.play_when_free(services, ids)))
        try:
            while not (watching.done() or stop.is_set()):
                done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                waiting -= done
                for task in done:
                    task.result()
            return watching.done()
        finally:
            for task in waiting:
                task.cancel()
            await services.engine.stop(grace=GRACE)


def _told_of_holder(lock: PlayingLock) -> str:
    if lock.plays_everything:
        return f"The server of process {lock.holder} plays on this database; it plays this too."
    return f"Process {lock.holder} plays on this database; this is played once that one has ended."


async def _watch(services: Services, simulations: Sequence[Simulation], progress: Progress) -> None:
    for simulation in simulations:

        async def changed(_: Simulation, summary: Summary) -> None:
            progress.show(summary)

        await playing.follow(services, simulation.id, changed)


def _interrupted(services: Services, simulations: Sequence[Simulation], database: str | None) -> int:
    elsewhere = not services.lock.held and services.lock.plays_everything
    told, verb = (
        ("The server goes on playing it; stop that with:", "cancel")
        if elsewhere
        else ("Interrupted. Everything so far is stored; go on with:", "resume")
    )
    for simulation in simulations:
        note(f"{told} {command(verb, simulation.id, database=database)}")
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


def _agreed(services: Services, simulation: Simulation, *, yes: bool) -> bool:
    """Tell the models and the price; whether it is to be played."""
    _announce(simulation)
    told = estimate(services.models, simulation, services.clock.now())
    price = f"about {money(told)}" if told is not None else "a price that no list tells for all of these models"
    note(f"{trial_count(simulation.scenarios)} trials, for {price}.")
    if yes or not sys.stdin.isatty():
        return True
    return typer.confirm("Play them?", default=True, err=True)
