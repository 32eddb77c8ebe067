"""The verbs, each with its options; what they do is elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sparring import version as sparring_version
from sparring.cli.comparison_verbs import add_comparison_verbs
from sparring.cli.control_verbs import add_control_verbs
from sparring.cli.import_verbs import import_app
from sparring.cli.interrupts import INTERRUPTED
from sparring.cli.key_verbs import keys_app
from sparring.cli.verb_parts import (
    AsJson,
    Budget,
    Concurrency,
    Database,
    FailUnder,
    FailWorse,
    Html,
    SimulationId,
    Yes,
)
from sparring.cli.verb_parts import run_work as _run
from sparring.domain.errors import SparringError

app = typer.Typer(
    name="sparring",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(keys_app, name="keys")
app.add_typer(import_app, name="import")

Trials = Annotated[int | None, typer.Option(help="How often each scenario is played.", min=1, max=100)]
_REPLAY_ALL = "--replay=all"


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sparring {sparring_version()}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Tell the version and leave.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Sparring partners for conversational agents: simulated users, judged conversations, figures."""


def main() -> None:
    """Run a command; errors that a person can mend are one sentence and exit code 2."""
    try:
        app(args=_with_values(sys.argv[1:]))
    except SparringError as error:
        typer.echo(f"sparring: {error}", err=True)
        _mark_on_github(error)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _mark_on_github(error: SparringError) -> None:
    from sparring.adapters.suites.problems import SuiteMistakes

    if isinstance(error, SuiteMistakes):
        from sparring.cli.github import mark_mistakes, runs_there

        if runs_there():
            mark_mistakes(error)


def _with_values(arguments: list[str]) -> list[str]:
    """The arguments with `--replay` spelt out: an option whose value may be left out is not known here."""
    return [_REPLAY_ALL if argument == "--replay" else argument for argument in arguments]


@app.command()
def demo(
    trials: Trials = None,
    model: Annotated[str | None, typer.Option(help="Play it on a real model, after telling the price.")] = None,
    yes: Yes = False,
    html: Html = None,
    database: Database = None,
) -> None:
    """Play the bundled airline suite on scripted models: no key, no network.

    Example: [bold]sparring demo[/bold]
    """
    from sparring.cli.playing import play_demo

    _run(play_demo(trials=trials, model=model, yes=yes, html=html, database=database))


@app.command()
def run(
    suites: Annotated[list[Path], typer.Argument(help="Suite files, YAML or JSON.", metavar="SUITE")],
    trials: Trials = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only scenarios with this in their name or as a tag.", metavar="NAME")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The agent's model.", metavar="M")] = None,
    user_model: Annotated[str | None, typer.Option(help="The simulated user's model.", metavar="M")] = None,
    judge_model: Annotated[str | None, typer.Option(help="The judge's model.", metavar="M")] = None,
    seed: Annotated[int | None, typer.Option(help="What chance there is follows from it.")] = None,
    until_decided: Annotated[
        str | None,
        typer.Option(help="End as soon as it is certain whether this bar is reached.", metavar="pass^K=RATE"),
    ] = None,
    budget: Budget = None,
    yes: Yes = False,
    concurrency: Concurrency = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML.", metavar="FILE")] = None,
    html: Html = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write JSON.", metavar="FILE")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown.", metavar="FILE")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write CSV, a row by trial.", metavar="FILE")] = None,
    fail_under: FailUnder = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Compare with this simulation, or with its JSON report.", metavar="SIMULATION|FILE"),
    ] = None,
    fail_worse: FailWorse = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Play only what failed or was flaky last time.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(help="Keep the models' answers in this folder, to play them again.", metavar="DIR"),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            help="Play on recorded answers; with =changed the models answer what was not recorded.",
            metavar="[=changed]",
        ),
    ] = None,
    cassettes: Annotated[Path, typer.Option(help="Where --replay finds the answers.", metavar="DIR")] = Path(
        "cassettes"
    ),
    database: Database = None,
) -> None:
    """Play suite files and report.

    Example: [bold]sparring run suite.yaml --trials 8 --fail-under pass^1=0.9 --junit report.xml[/bold]
    """
    from sparring.bootstrap.playing import Wishes
    from sparring.cli.playing import play_suites, read_taping

    wishes = Wishes(
        trials=trials,
        only=only or (),
        model=model,
        user_model=user_model,
        judge_model=judge_model,
        seed=seed,
        budget=budget,
    )
    files = {"junit": junit, "html": html, "json": json_file, "markdown": markdown, "csv": csv}
    _run(
        play_suites(
            suites,
            wishes,
            files=files,
            bars=fail_under or [],
            until=until_decided,
            baseline=baseline,
            fail_worse=fail_worse,
            failed=failed,
            yes=yes,
            database=database,
            concurrency=concurrency,
            taping=read_taping(record, replay, cassettes),
        )
    )


add_control_verbs(app)
add_comparison_verbs(app)


@app.command()
def show(
    simulation: SimulationId = None,
    trial: Annotated[
        str | None,
        typer.Option(help="Print this trial's conversation: an id, or SCENARIO:NUMBER.", metavar="TRIAL"),
    ] = None,
    as_json: AsJson = False,
    html: Html = None,
    database: Database = None,
) -> None:
    """Show a simulation's figures and the reason of each failure.

    Example: [bold]sparring show[/bold]
    """
    from sparring.cli.records import show_simulation

    _run(show_simulation(simulation, trial=trial, as_json=as_json, html=html, database=database))


@app.command()
def export(
    simulation: Annotated[
        str | None,
        typer.Argument(help="A simulation's id, by default the latest; a suite file for eqho, sigmamind."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="html, json, junit, markdown or csv; eqho or sigmamind of a suite.")
    ] = "html",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="By default standard output.")] = None,
    database: Database = None,
) -> None:
    """Write a simulation as a report, or a suite in a vendor's form.

    Example: [bold]sparring export --format html -o report.html[/bold]
    """
    from sparring.cli.records import export_simulation

    if form in ("eqho", "sigmamind"):
        from sparring.cli.moving import export_suite

        _run(export_suite(simulation, word=form, output=output))
        return
    _run(export_simulation(simulation, form=form, output=output, database=database))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8321,
    database: Database = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Serve only; play nothing.")] = False,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with the demo, and answer from scripts.")
    ] = False,
) -> None:
    """API, pages and a worker in one process.

    Example: [bold]sparring serve --port 8321[/bold]
    """
    from sparring.cli.serving import serve_app

    _run(serve_app(host=host, port=port, database=database, worker=not no_worker, demo=with_demo))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it.", metavar="DIR")] = Path("sparring"),
) -> None:
    """Write the demo's suite for editing.

    Example: [bold]sparring init my-agent[/bold]
    """
    from sparring.cli.files import write_demo_suite

    write_demo_suite(folder)


@app.command("try")
def try_it(
    agent: Annotated[str, typer.Argument(help="A suite file, or the id of an agent.", metavar="AGENT")],
    only: Annotated[
        str | None, typer.Option(help="Tools and variables of the scenario with this in its name.", metavar="NAME")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The agent's model.", metavar="M")] = None,
    database: Database = None,
) -> None:
    """Talk to an agent in the terminal; its tools answer as in a scenario of the suite.

    Example: [bold]sparring try suite.yaml[/bold]
    """
    from sparring.cli.trying import try_agent

    _run(try_agent(agent, only=only, model=model, database=database))


@app.command()
def schema(
    report: Annotated[bool, typer.Option("--report", help="That of JSON reports instead.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="By default standard output.")] = None,
) -> None:
    """The JSON Schema of suite files, for editors that complete and check them, or of JSON reports.

    Example: [bold]sparring schema -o suite.schema.json[/bold]
    """
    from sparring.cli.linting import write_schema

    write_schema(output, of_report=report)


@app.command()
def lint(
    suites: Annotated[list[Path], typer.Argument(help="Suite files, YAML or JSON.", metavar="SUITE")],
    as_json: AsJson = False,
) -> None:
    """Find what makes a suite's verdicts hard to trust: vague assertions, idle tools and mocks, facts given away.

    Exit code 1 where there is something. Example: [bold]sparring lint suite.yaml[/bold]
    """
    from sparring.cli.linting import lint_suites

    raise typer.Exit(lint_suites(suites, as_json=as_json))


@app.command()
def worker(
    concurrency: Concurrency = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Tell how it does, on /metrics and /healthz of this port.", min=0, max=65535)
    ] = None,
    host: Annotated[str, typer.Option(help="Address of that port.")] = "127.0.0.1",
    database: Database = None,
) -> None:
    """Play beside other processes, on this or another machine, whatever comes into a PostgreSQL database.

    Example: [bold]sparring worker --database postgresql://sparring@db/sparring[/bold]
    """
    from sparring.cli.serving import work

    _run(work(database=database, concurrency=concurrency, host=host, metrics_port=metrics_port))


@app.command()
def prune(
    older_than: Annotated[str, typer.Option(help="How long something must be over: 90d, 2w, 12h.", metavar="AGE")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Take old simulations, ended chats and webhooks' deliveries out of the database.

    Example: [bold]sparring prune --older-than 90d --dry-run[/bold]
    """
    from sparring.cli.pruning import prune as prune_old

    _run(prune_old(older_than, dry_run=dry_run, yes=yes, database=database))


@app.command()
def doctor(
    suite: Annotated[
        list[Path] | None,
        typer.Argument(help="Files whose agents and models are looked at too.", metavar="SUITE"),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Try each configured model: a text, two tool rounds, a judgement.")
    ] = False,
    model: Annotated[list[str] | None, typer.Option(help="Try this one instead.", metavar="M")] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Say what is configured, reachable and missing, and what to do.

    With --live it tells the price first, and then pays it.

    Example: [bold]sparring doctor --live[/bold]
    """
    from sparring.cli.doctor import examine

    live = live or bool(model)
    _run(examine(suites=suite or [], live=live, models=model or [], as_json=as_json, database=database))


@app.command("mock-llm")
def mock_llm(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.", min=0, max=65535)] = 8322,
    script: Annotated[Path | None, typer.Option(help="What it says; without one, a polite default.")] = None,
    latency: Annotated[float, typer.Option(help="Milliseconds before each answer.", min=0)] = 0.0,
    faults: Annotated[
        str, typer.Option(help="What share goes wrong: 429:0.3,slow=5:0.05,broken:0.1.", metavar="SPEC")
    ] = "",
    requests_per_minute: Annotated[
        float | None, typer.Option(help="Answer 429 to what is beyond.", metavar="N")
    ] = None,
    tokens_per_minute: Annotated[
        float | None, typer.Option(help="The same for tokens of requests and answers.", metavar="N")
    ] = None,
    minute: Annotated[float, typer.Option(help="How long its minute takes.", metavar="SECONDS")] = 60.0,
    counting: Annotated[
        str, typer.Option(help="Count as a bucket that is filled steadily, or look back over a window.")
    ] = "bucket",
    limit_headers: Annotated[
        bool, typer.Option("--limit-headers/--no-limit-headers", help="Tell what is left with each answer.")
    ] = True,
    record: Annotated[Path | None, typer.Option(help="Append each request and answer, a JSON line each.")] = None,
) -> None:
    """A loopback model server that speaks a provider's wire format from a script.

    Example: [bold]sparring mock-llm --port 8322 --latency 200 --faults 429:0.1[/bold]
    """
    from sparring.adapters.mock_llm.quotas import Limits
    from sparring.cli.serving import serve_mock_llm

    limits = Limits(
        requests=requests_per_minute,
        tokens=tokens_per_minute,
        minute=minute,
        counting=counting,
        headers=limit_headers,
    )
    _run(serve_mock_llm(port=port, script=script, latency=latency, faults=faults, limits=limits, record=record))
