"""`judge`: stored conversations once more, or those of production for the first time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.status import Status

from sparring.adapters.imports.conversations import read_conversations
from sparring.adapters.suites.expectation_files import load_expectations
from sparring.bootstrap import playing
from sparring.bootstrap.judging import (
    Expected,
    OnJudged,
    Price,
    Proceed,
    judge_again,
    open_court,
    price_again,
    terms_of,
)
from sparring.bootstrap.logs import open_logged_services
from sparring.cli.files import check_writable, is_file, render, write_report
from sparring.cli.gates import exit_code, gate_of, read_bars
from sparring.cli.interrupts import INTERRUPTED, interrupts
from sparring.cli.playing import GRACE, UNASKED
from sparring.cli.terminal import colored, note, say, width
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Expectations
from sparring.domain.simulation import Threshold
from sparring.reports.figures import count, money
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
    yes: bool = False
    html: Path | None = None
    database: str | None = None
    concurrency: int | None = None


async def judge(what: str | None, asked: Asked) -> int:
    """Judge a simulation of the database again, or the transcripts of a file."""
    bars = read_bars(asked.fail_under)
    expected = None if asked.assertions is None else load_expectations(asked.assertions)
    if what is not None and what.endswith(TRANSCRIPTS):
        return await _transcripts(Path(what), expected, asked, bars)
    if is_file(what):
        raise InvalidInput(
            f"{what} is a file: transcripts are read from files that end in {' or '.join(TRANSCRIPTS)}, with one "
            "conversation a line."
        )
    return await _simulation(what, expected, asked, bars)


async def _simulation(what: str | None, expected: Expected, asked: Asked, bars: Sequence[Threshold]) -> int:
    if asked.html is not None:
        raise InvalidInput("--html is for transcripts; a simulation has `sparring export --format html`.")
    settings = read_settings(database_url=asked.database, concurrency=asked.concurrency)
    async with open_logged_services(settings) as services:
        simulation = await playing.find(services, what)
        terms = terms_of(services, simulation, expected, model=asked.judge_model, votes=asked.votes)
        if not _agreed(await price_again(services, simulation, terms), asked):
            return INTERRUPTED
        found, stopped = await _watched(
            lambda on_judged, proceed: judge_again(
                services, simulation, terms, on_judged=on_judged, proceed=proceed
            )
        )
    if stopped:
        note("Interrupted. What was judged so far is stored.")
    if found is None or not found.judgements:
        return INTERRUPTED
    told = render_rejudged_json(found) if asked.as_json else None
    say(told or render_rejudged(found, width=width(), color=colored()))
    thresholds = tuple(bars) or found.simulation.thresholds
    shown = Result(simulation=found.simulation, trials=found.judged, summary=summaries(found)[1])
    code = _gated(shown, thresholds) if thresholds else 0
    return INTERRUPTED if stopped else code


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
    async with open_court(settings, asked.judge_model, asked.votes) as court:
        note(f"{path}: {count(len(conversations), 'conversation')} · judge {court.jury.model}")
        if not _agreed(court.price(conversations, expected), asked):
            return INTERRUPTED
        shown, stopped = await _watched(
            lambda on_judged, proceed: court.judge(
                conversations, expected, name=path.name, on_judged=on_judged, proceed=proceed
            )
        )
    if stopped:
        note("Interrupted.")
    if shown is None:
        return INTERRUPTED
    say(render(shown, "json") if asked.as_json else render_review(shown, width=width(), color=colored()))
    if asked.html is not None:
        write_report(shown, "html", asked.html)
        note(f"Written: {asked.html}")
    code = _gated(shown, bars)
    return INTERRUPTED if stopped else code


def _agreed(price: Price, asked: Asked) -> bool:
    """Tell the price; whether it is to be paid. Asks on a terminal, where it is beyond a dollar."""
    if not price.judgements:
        return True
    told = "for a price that no list tells" if price.dollars is None else f"for about {money(price.dollars)}"
    note(f"{count(price.judgements, 'judgement')}, {told if price.dollars != 0 else 'at no cost'}.")
    if asked.yes or not sys.stdin.isatty() or (price.dollars or 0.0) <= UNASKED:
        return True
    return typer.confirm("Judge them?", default=True, err=True)


def _gated(shown: Result, thresholds: Sequence[Threshold]) -> int:
    found = gate_of(replace(shown, simulation=replace(shown.simulation, thresholds=tuple(thresholds))))
    for reason in found.reasons:
        note(reason)
    return exit_code([found])


async def _watched(work: Callable[[OnJudged, Proceed], Coroutine[Any, Any, FoundT]]) -> tuple[FoundT | None, bool]:
    """What the work comes to, with its progress on a terminal, and whether it was interrupted.

    Once interrupted it gets some time to end what it has begun; None where it did not.
    """
    status = Status("Judging", console=Console(stderr=True))
    with interrupts() as stop:
        if sys.stderr.isatty():
            status.start()
        working = asyncio.create_task(
            work(lambda done, of: status.update(f"Judged {done} of {of}"), lambda: not stop.is_set())
        )
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({working}, timeout=GRACE)
            if working.done():
                return working.result(), stop.is_set()
            working.cancel()
            await asyncio.wait({working})
            return None, True
        finally:
            stopping.cancel()
            status.stop()
