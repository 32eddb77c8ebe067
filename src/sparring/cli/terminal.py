"""How things are said on a terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import typer

from sparring.reports.lettering import harmless


def say(text: str = "") -> None:
    """A line on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """A line on standard error: what is not the result itself.

    It often tells what somebody else wrote, so nothing in it steers the terminal.
    """
    typer.echo(harmless(text), err=True)


def colored() -> bool:
    """Whether standard output takes colour."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ  # noqa: TID251


def width() -> int:
    """Columns of the terminal, 100 where there is none."""
    return min(shutil.get_terminal_size((100, 24)).columns, 140)


def command(*arguments: str, database: str | None = None) -> str:
    """This program with arguments, as it can be pasted into the same shell, with nothing activated.

    Args:
        database: as it was named by an option, which the next command needs as well.
    """
    named = ("--database", database) if database is not None else ()
    return shlex.join([*_program(), *arguments, *named])


def _program() -> list[str]:
    called = Path(sys.argv[0])
    found = shutil.which("sparring")
    if found is not None and called.name == "sparring" and Path(found).resolve() == called.resolve():
        return ["sparring"]
    if called.name != "sparring":
        return [_short(Path(sys.executable)), "-m", "sparring"]
    return [_short(called)]


def _short(path: Path) -> str:
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path.absolute())
