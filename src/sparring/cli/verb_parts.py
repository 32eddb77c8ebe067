"""What verbs have in common: options, and how their work is run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

Database = Annotated[
    str | None,
    typer.Option(
        "--database", help="sqlite:///FILE or postgresql://...; by default SPARRING_DATABASE_URL.", metavar="URL"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
SimulationId = Annotated[
    str | None, typer.Argument(help="An id in either spelling or its unique beginning; by default the latest.")
]
Html = Annotated[Path | None, typer.Option(help="Write a single-page report.", metavar="FILE")]
FailUnder = Annotated[
    list[str] | None, typer.Option(help="A bar to clear, such as pass^1=0.9.", metavar="pass^K=RATE")
]
FailWorse = Annotated[bool, typer.Option("--fail-worse", help="End with 1 if it got worse by more than chance.")]
Concurrency = Annotated[int | None, typer.Option(help="Trials at once.", min=1)]
Budget = Annotated[
    float | None,
    typer.Option(help="USD that it may spend in all; then no further trial begins.", min=0.0001, metavar="USD"),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before money is spent.")]


def run_work(work: Coroutine[Any, Any, int]) -> None:
    """Run a verb's work; its number is the exit code."""
    try:
        import uvloop
    except ImportError:
        code = asyncio.run(work)
    else:
        code = uvloop.run(work)
    if code:
        raise typer.Exit(code)
