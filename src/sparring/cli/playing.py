"""`demo` and `run`: play, show how it goes, report, and leave with the right exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.store import PlayingLock, is_postgres
from sparring.adapters.suites import Suite, load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.estimates import estimate
from sparring.bootstrap.last_time import last_time
from sparring.bootstrap.logs import open_logged_services
from sparring.bootstrap.playing import Wishes
from sparring.bootstrap.services import Services
from sparring.bootstrap.taping import Mode, Taping, taped
from sparring.cli.comparing import Baseline, open_baseline
from sparring.cli.files import check_writable, write_report
from sparring.cli.gates import FELL_SHORT, exit_code, gate_of, read_bars
from sparring.cli.github import tell_github, unheeded
from sparring.cli.interrupts import INTERRUPTED, Stop, interrupts
from sparring.cli.progress import Progress
from sparring.cli.terminal import colored, command, note, say, width
from sparring.domain.comparison import Comparison
from sparring.domain.costs import known, money, reaches
from sparring.domain.endpoints import address_of
from sparring.domain.errors import InvalidInput
from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import ON_REQUEST, Simulation, trial_count
from sparring.reports.figures import count
from sparring.reports.result import Result
from sparring.reports.table import render_table
from sparring.settings import read_settings

GRACE = 20.0

UNASKED = 1.0
"""USD that a command spends without asking a person at a terminal."""


async def play_demo(
    *, trials: int | None, model: str | None, yes: bool, html: Path | None, database: str | None
) -> int:
    """Play the bundled suite; 0 unless it could not be played."""
    check_writable(html)
    suite = load_suite(AIRLINE_SUITE)
    async with open_logged_services(read_settings(database_url=database)) as services:
        user, judge = playing.real_models(services, model)
        wishes = Wishes(trials=trials, model=model, user_model=user, judge_model=judge)
        simulation = await playing.prepare(services, suite, wishes, source="demo", folder=AIRLINE_SUITE.parent)
        if model is not None:
            announce(simulation)
            if not agreed(services, [simulation], yes=yes, unasked=0.0):
                return 0
        with interrupts() as stop:
            await playing.submit(services, [simulation])
            finished = await play(services, [simulation], stop)
        if not finished:
            return interrupted(services, [simulation], stop, database)
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
    until: str | None,
    baseline: str | None,
    fail_worse: bool,
    failed: bool,
    yes: bool,
    database: str | None,
    concurrency: int | None,
    taping: Taping | None = None,
) -> int:
    """Play suite files; the exit code tells how the agent did."""
    deciding = [] if until is None else read_bars([until], "--until-decided")
    wishes = replace(wishes, thresholds=read_bars(bars), until=next(iter(deciding), None))
    suites = [load_suite(path) for path in paths]
    _check_asked(suites, wishes, files, baseline, fail_worse=fail_worse, taping=taping)
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with (
        taped(settings, taping) as tapes,
        open_logged_services(settings, override=tapes.override) as services,
    ):
        if taping is not None and is_postgres(settings.database_url):
            raise InvalidInput(
                "On PostgreSQL other processes may play the trials, and would ask their models. Record and replay on "
                "a file of your own: name it with --database."
            )
        if taping is not None and not services.lock.acquire():
            raise InvalidInput(
                f"{_told_of_holder(services.lock)} Answers can only be recorded or replayed where the trials are "
                "played: name another --database."
            )
        wanted = [tapes.wishes(wishes, suite) for suite in suites]
        if failed:
            wanted = [await _failed_only(services, suite, one) for suite, one in zip(suites, wanted, strict=True)]
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
        for simulation in simulations:
            announce(simulation)
        asks_models = taping is None or taping.mode is Mode.RECORD
        if asks_models and not agreed(services, simulations, yes=yes):
            return INTERRUPTED
        with interrupts() as stop:
            await playing.submit(services, simulations)
            for simulation in simulations:
                tapes.begin(simulation)
            finished = await play(services, simulations, stop)
            for simulation in simulations:
                tapes.end(simulation, await services.store.trials(simulation.id))
        if not finished:
            return interrupted(services, simulations, stop, database)
        places = {
            simulation.id: suite.places for simulation, (_, suite, _) in zip(simulations, wanting, strict=True)
        }
        return await finish(services, simulations, files, database, places, earlier)


def _check_asked(
    suites: Sequence[Suite],
    wishes: Wishes,
    files: Mapping[str, Path | None],
    baseline: str | None,
    *,
    fail_worse: bool,
    taping: Taping | None,
) -> None:
    """Raise InvalidInput where options do not go together, or a file cannot be written."""
    if len(suites) > 1 and any((*files.values(), baseline)):
        raise InvalidInput(
            "A report file holds one simulation, and a baseline is one; give one suite with --junit, --html, --json, "
            "--baseline and so on."
        )
    if len(suites) > 1 and wishes.budget is not None:
        raise InvalidInput("A budget is that of one simulation; give each suite a run and a budget of its own.")
    if len(suites) > 1 and taping is not None:
        raise InvalidInput("Recorded answers are of one suite; give each suite a run and a folder of its own.")
    if fail_worse and baseline is None:
        raise InvalidInput("--fail-worse needs a --baseline to compare with.")
    for path in files.values():
        check_writable(path)


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


async def finish(
    services: Services,
    simulations: Sequence[Simulation],
    files: Mapping[str, Path | None],
    database: str | None,
    places: Mapping[str, Mapping[str, tuple[str, int]]] | None = None,
    baseline: Baseline | None = None,
) -> int:
    """Report on simulations that were played as far as they can be; the exit code."""
    results = [await playing.result(services, simulation) for simulation in simulations]
    compared = None if baseline is None else baseline.against(results[0])
    with unheeded(services.runner.new_id()):
        for shown in results:
            _report(shown, files, compared)
            first = command("show", shown.simulation.id[:12], "--trial", "1", database=database)
            note(f"A conversation: {first}")
            if shown.simulation.status is Lifecycle.PAUSED:
                note(_told_of_pause(shown, database))
    tell_github(results, places or {}, compared)
    gates = [gate_of(shown) for shown in results]
    for found in gates:
        for reason in found.reasons:
            note(reason)
    codes = [exit_code(gates)]
    if baseline is not None and compared is not None:
        with unheeded(services.runner.new_id()):
            codes.append(baseline.report(compared))
    return max(codes, key=lambda code: (code == FELL_SHORT, code))


async def play(services: Services, simulations: Sequence[Simulation], stop: Stop) -> bool:
    """Play simulations here, or watch a server play them, until they are over or paused. False where it was
    interrupted."""
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

        async def changed(changed: Simulation, summary: Summary) -> None:
            progress.show(changed, summary)

        looking = asyncio.create_task(_look_at_spending(services, simulation.id, progress))
        try:
            await playing.follow(services, simulation.id, changed)
        finally:
            looking.cancel()


async def _look_at_spending(services: Services, simulation_id: str, progress: Progress) -> None:
    if progress.shown:
        await playing.follow_spending(
            services, simulation_id, lambda spent: progress.look(spent, services.models.holdups())
        )


def interrupted(services: Services, simulations: Sequence[Simulation], stop: Stop, database: str | None) -> int:
    """Say how to go on with what was interrupted; the exit code."""
    elsewhere = not services.lock.held and services.lock.plays_everything
    told, verb = (
        ("The server goes on playing it; stop that with:", "cancel")
        if elsewhere
        else ("Interrupted. Everything so far is stored; go on with:", "resume")
    )
    for simulation in simulations:
        note(f"{told} {command(verb, simulation.id, database=database)}")
    return stop.code


def _told_of_pause(shown: Result, database: str | None) -> str:
    simulation, summary = shown.simulation, shown.summary
    reason = simulation.status_reason or ON_REQUEST
    budget, spent = simulation.max_cost, known(summary.costs)
    is_spent = budget is not None and reaches(spent, budget)
    larger = ("--budget", f"{2 * spent:.2g}") if is_spent else ()
    on = command("resume", simulation.id, *larger, database=database)
    played = f"{summary.finished} of {count(summary.planned, 'trial')} are played"
    return f"{reason[0].upper()}{reason[1:]}. {played}; go on with: {on}"


def announce(simulation: Simulation) -> None:
    """Tell what is played with what, and what is odd about it."""
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


def _report(shown: Result, files: Mapping[str, Path | None], compared: Comparison | None = None) -> None:
    say(render_table(shown, width=width(), color=colored()))
    for form, path in files.items():
        if path is not None:
            write_report(shown, form, path, compared)
            note(f"Written: {path}")


def agreed(
    services: Services,
    simulations: Sequence[Simulation],
    *,
    yes: bool,
    have: int = 0,
    unasked: float = UNASKED,
) -> bool:
    """Tell the price; whether it is to be played. Asks on a terminal, where it is beyond a dollar.

    Args:
        have: trials that there are already.
        unasked: USD that are spent without asking.
    """
    trials = sum(trial_count(simulation.scenarios) for simulation in simulations)
    now = services.clock.now()
    costs = {simulation.id: estimate(services.models, simulation, now) for simulation in simulations}
    price = None if None in costs.values() else known(costs) * (trials - have) / trials
    budgets = [simulation.max_cost for simulation in simulations if simulation.max_cost is not None]
    note(_told_of_price(trials - have, price, sum(budgets) if budgets else None))
    most = price if price is None or not budgets else min(price, sum(budgets))
    if yes or not sys.stdin.isatty() or (most is not None and most <= unasked) or (most is None and unasked):
        return True
    return typer.confirm("Play them?", default=True, err=True)


def _told_of_price(trials: int, price: float | None, budget: float | None) -> str:
    if price is None:
        told = "for a price that no list tells for all of these models"
    else:
        told = f"for about {money(price)}" if price else "at no cost"
    limit = f", with a budget of {money(budget)}" if budget is not None else ""
    return f"{count(trials, 'trial')}, {told}{limit}."
