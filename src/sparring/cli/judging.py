"""`judge`: stored conversations once more, or those of production for the first time."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.status import Status

from sparring.adapters.imports.conversations import read_conversations
from sparring.adapters.suites.expectation_files import load_expectations
from sparring.bootstrap import playing
from sparring.bootstrap.judging import Expected, OnJudged, judge_again, judge_transcripts, open_jury
from sparring.bootstrap.services import open_services
from sparring.cli.files import check_writable, render, write_report
from sparring.cli.gates import exit_code, gate_of, read_bars
from sparring.cli.interrupts import INTERRUPTED, interrupts, unless_stopped
from sparring.cli.terminal import colored, note, say, width
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Expectations
from sparring.domain.simulation import Threshold
from sparring.reports.figures import count
from sparring.reports.rejudgements import render_rejudged, render_rejudged_json, summaries
from sparring.reports.result import Result
from sparring.reports.review_table import render_review
from sparring.settings import read_settings
from sparring.simulation.reviewing import check_expectations

FoundT = TypeVar("FoundT")

TRANSCRIPTS = (".jsonl", ".ndjson")
"""How files of conversations end; anything else names a simulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command."""

    judge_model: str | None = None
    votes: int = 1
    assertions: Path | None = None
    fail_under: Sequence[str] = ()
    as_json: bool = False
    html: Path | None = None
    database: str | None = None
    concurrency: int | None = None


async def judge(what: str | None, asked: Asked) -> int:
    """Judge a simulation of the database again, or the transcripts of a file."""
    bars = read_bars(asked.fail_under)
    expected = None if asked.assertions is None else load_expectations(asked.assertions)
    if what is not None and what.endswith(TRANSCRIPTS):
        return await _transcripts(Path(what), expected, asked, bars)
    return await _simulation(what, expected, asked, bars)


async def _simulation(what: str | None, expected: Expected, asked: Asked, bars: Sequence[Threshold]) -> int:
    if asked.html is not None:
        raise InvalidInput("--html is for transcripts; a simulation has `sparring export --format html`.")
    settings = read_settings(database_url=asked.database, concurrency=asked.concurrency)
    async with open_services(settings) as services:
        simulation = await playing.find(services, what)
        found = await _watched(
            lambda on_judged: judge_again(
                services, simulation, expected, model=asked.judge_model, votes=asked.votes, on_judged=on_judged
            )
        )
    if found is None:
        note("Interrupted. What was judged so far is stored.")
        return INTERRUPTED
    told = render_rejudged_json(found) if asked.as_json else None
    say(told or render_rejudged(found, width=width(), color=colored()))
    thresholds = tuple(bars) or found.simulation.thresholds
    shown = Result(simulation=found.simulation, trials=found.judged, summary=summaries(found)[1])
    return _gated(shown, thresholds) if thresholds else 0


async def _transcripts(path: Path, expected: Expected, asked: Asked, bars: Sequence[Threshold]) -> int:
    if not isinstance(expected, Expectations):
        raise InvalidInput(
            f"{asked.assertions} is a suite; for transcripts, give a file with one list of assertions."
            if expected is not None
            else f"Say what is expected of the conversations in {path}, with --assertions FILE."
        )
    check_expectations(expected)
    check_writable(asked.html)
    conversations = read_conversations(path)
    settings = read_settings(concurrency=asked.concurrency)
    async with open_jury(settings, asked.judge_model, asked.votes) as jury:
        note(f"{path}: {count(len(conversations), 'conversation')} · judge {jury.model}")
        shown = await _watched(
            lambda on_judged: judge_transcripts(
                conversations,
                expected,
                jury,
                name=path.name,
                concurrency=settings.concurrency,
                on_judged=on_judged,
            )
        )
    if shown is None:
        return INTERRUPTED
    say(render(shown, "json") if asked.as_json else render_review(shown, width=width(), color=colored()))
    if asked.html is not None:
        write_report(shown, "html", asked.html)
        note(f"Written: {asked.html}")
    return _gated(shown, bars)


def _gated(shown: Result, thresholds: Sequence[Threshold]) -> int:
    found = gate_of(replace(shown, simulation=replace(shown.simulation, thresholds=tuple(thresholds))))
    for reason in found.reasons:
        note(reason)
    return exit_code([found])


async def _watched(work: Callable[[OnJudged], Awaitable[FoundT]]) -> FoundT | None:
    """What the work comes to, with its progress shown on a terminal; None where it was interrupted."""
    shown = sys.stderr.isatty()
    status = Status("Judging", console=Console(stderr=True))
    found: list[FoundT] = []

    async def working() -> None:
        found.append(await work(lambda done, of: status.update(f"Judged {done} of {of}")))

    with interrupts() as stop:
        if shown:
            status.start()
        try:
            done = await unless_stopped(working(), stop)
        finally:
            status.stop()
    return found[0] if done else None
