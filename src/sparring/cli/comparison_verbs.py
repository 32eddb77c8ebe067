"""The verbs that look at what was played once more; what they do is elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sparring.cli.verb_parts import AsJson, Concurrency, Database, FailUnder, FailWorse, Html, Yes, run_work


def compare(
    first: Annotated[
        str | None,
        typer.Argument(help="Before: a simulation or a JSON report; by default the one before B.", metavar="A"),
    ] = None,
    second: Annotated[
        str | None, typer.Argument(help="Now: a simulation or a JSON report; by default the latest.", metavar="B")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Compare although the judge or the user is another model.")
    ] = False,
    fail_worse: FailWorse = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Tell what was changed between two simulations, what became of each scenario, and whether that is chance.

    Example: [bold]sparring compare main.json 6918f0[/bold]
    """
    from sparring.cli.comparing import compare_simulations

    run_work(
        compare_simulations(first, second, force=force, fail_worse=fail_worse, as_json=as_json, database=database)
    )


def judge(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A simulation, by default the latest, or a file of transcripts (.jsonl).", metavar="WHAT"
        ),
    ] = None,
    judge_model: Annotated[
        str | None,
        typer.Option(help="The judge's model; of a simulation by default the one that judged it.", metavar="M"),
    ] = None,
    votes: Annotated[int, typer.Option(help="How often each conversation is judged; most votes win.", min=1)] = 1,
    assertions: Annotated[
        Path | None,
        typer.Option(help="What is expected instead: a suite, or a list of assertions.", metavar="FILE"),
    ] = None,
    fail_under: FailUnder = None,
    as_json: AsJson = False,
    html: Html = None,
    yes: Yes = False,
    concurrency: Concurrency = None,
    database: Database = None,
) -> None:
    """Judge stored conversations again without playing them, or transcripts of production.

    Example: [bold]sparring judge 6918f0 --judge-model openai:gpt-5 --votes 3[/bold]
    """
    from sparring.cli.judging import Asked
    from sparring.cli.judging import judge as judge_it

    asked = Asked(
        judge_model=judge_model,
        votes=votes,
        assertions=assertions,
        fail_under=fail_under or (),
        as_json=as_json,
        yes=yes,
        html=html,
        database=database,
        concurrency=concurrency,
    )
    run_work(judge_it(what, asked))


def add_comparison_verbs(app: typer.Typer) -> None:
    """Give a program these verbs."""
    for verb in (compare, judge):
        app.command()(verb)
