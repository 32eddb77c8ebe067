"""The verbs of `keys`, each with its options; what they do is elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from sparring.cli.verb_parts import AsJson, Database, run_work

keys_app = typer.Typer(help="API keys of the first workspace.", no_args_is_help=True)


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What it is for.")] = "default",
    read_only: Annotated[bool, typer.Option("--read-only", help="It may not change anything.")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Make an API key and print it, once.

    Example: [bold]sparring keys create --name ci[/bold]
    """
    from sparring.cli.keys import create

    run_work(create(name=name, read_only=read_only, as_json=as_json, database=database))


@keys_app.command("list")
def list_keys(as_json: AsJson = False, database: Database = None) -> None:
    """List API keys, without their secrets.

    Example: [bold]sparring keys list[/bold]
    """
    from sparring.cli.keys import listing

    run_work(listing(as_json=as_json, database=database))


@keys_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Its id, or the last four characters of the key.")],
    database: Database = None,
) -> None:
    """Revoke an API key; it is refused from then on.

    Example: [bold]sparring keys revoke a1b2[/bold]
    """
    from sparring.cli.keys import revoke

    run_work(revoke(key, database=database))
