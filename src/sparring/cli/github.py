"""What GitHub Actions is told, where a command runs there: marks on the suite's lines, and a summary of the job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sparring.adapters.suites.problems import SuiteMistakes
from sparring.cli.terminal import note, say
from sparring.domain.comparison import Comparison
from sparring.reports.annotations import render_annotations, render_mark
from sparring.reports.comparison_markdown import render_comparison_markdown
from sparring.reports.markdown import render_markdown
from sparring.reports.result import Result

_MAX_BYTES = 1_000_000
"""GitHub takes 1 MiB for the summary of one step."""


def tell_github(
    results: Sequence[Result],
    places: Mapping[str, Mapping[str, tuple[str, int]]],
    compared: Comparison | None = None,
) -> None:
    """Mark the scenarios that did not pass and add to the job's summary; elsewhere nothing happens.

    Args:
        places: by simulation, the file and line of each of its scenarios.
        compared: what became of it since another one.
    """
    if runs_there():
        for shown in results:
            lines = places.get(shown.simulation.id, {})
            marks = render_annotations(
                shown, {name: (_in_repository(file), at) for name, (file, at) in lines.items()}
            )
            if marks:
                say(marks.rstrip("\n"))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")  # noqa: TID251 - what GitHub sets is no setting of ours
    if summary:
        told = [render_markdown(shown) for shown in results]
        told += [] if compared is None else [render_comparison_markdown(compared)]
        _append(Path(summary), "\n".join(told))


def runs_there() -> bool:
    """Whether this is a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"  # noqa: TID251 - what GitHub sets is no setting of ours


@contextmanager
def unheeded(token: str) -> Iterator[None]:
    """What is printed meanwhile commands nothing there, whatever an agent or a model has said.

    Args:
        token: what ends it; nobody who is quoted may know it.
    """
    if not runs_there():
        yield
        return
    say(f"::stop-commands::{token}")
    try:
        yield
    finally:
        say(f"::{token}::")


def mark_mistakes(mistakes: SuiteMistakes) -> None:
    """Mark the lines of a suite that cannot be read."""
    for problem in mistakes.problems:
        at = problem.position
        say(render_mark("error", str(problem), file=_in_repository(at.file), line=at.line, column=at.column))


def _in_repository(file: str) -> str:
    """A file as GitHub knows it, whatever folder of the checkout this runs in."""
    checkout = os.environ.get("GITHUB_WORKSPACE")  # noqa: TID251 - what GitHub sets is no setting of ours
    if not checkout:
        return file
    here = Path(file).absolute()
    return str(here.relative_to(checkout)) if here.is_relative_to(checkout) else file


def _append(path: Path, text: str) -> None:
    try:
        room = _MAX_BYTES - (path.stat().st_size if path.exists() else 0)
        with path.open("ab") as file:
            file.write(text.encode("utf-8")[: max(room, 0)])
    except OSError as error:
        note(f"warning: the summary could not be written to {path}: {error.strerror}.")
