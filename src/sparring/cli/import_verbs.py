"""The verbs of `import`, each with its options; what they do is elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sparring.cli.verb_parts import Database, run_work

import_app = typer.Typer(help="Other products' records: to the database or a suite file.", no_args_is_help=True)

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Saved JSON: a record, a list, a page. Without any, the vendor's API is asked.", metavar="FILE"
    ),
]
SuiteOutput = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="A suite file instead of the database; a folder for one each agent.", metavar="FILE"
    ),
]
Url = Annotated[str | None, typer.Option(help="The API's address, if it is not the vendor's own.", metavar="URL")]


@import_app.command("tau2")
def import_tau2(
    tasks: Annotated[Path, typer.Argument(help="A domain's tasks.json.")],
    policy: Annotated[Path | None, typer.Option(help="Its policy.md: the agent's instructions.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="By default standard output.")] = None,
    name: Annotated[str | None, typer.Option(help="The suite's name; by default the folder's.")] = None,
) -> None:
    """tau2-bench's tasks.

    Example: [bold]sparring import tau2 tasks.json --policy policy.md -o suite.yaml[/bold]
    """
    from sparring.cli.files import write_tau2_suite

    write_tau2_suite(tasks, policy, output, name)


@import_app.command("sigmamind")
def import_sigmamind(
    files: Files = None,
    url: Url = None,
    output: SuiteOutput = None,
    database: Database = None,
) -> None:
    """SigmaMind's agents and test cases, by the key in SIGMAMIND_API_KEY or from files; their ids stay valid.

    Example: [bold]sparring import sigmamind agents.json cases.json[/bold]
    """
    from sparring.cli.moving import import_records

    run_work(import_records("sigmamind", files or [], url=url, database=database, output=output))


@import_app.command("eqho")
def import_eqho(
    files: Files = None,
    url: Url = None,
    output: SuiteOutput = None,
    database: Database = None,
) -> None:
    """Eqho's agents, actions, scenarios and sets, by the key in EQHO_API_KEY or from files; their ids stay valid.

    Example: [bold]sparring import eqho scenarios.json[/bold]
    """
    from sparring.cli.moving import import_records

    run_work(import_records("eqho", files or [], url=url, database=database, output=output))
