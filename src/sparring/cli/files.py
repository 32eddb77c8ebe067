"""Files that commands write: suites and reports."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.imports.tau2 import import_tau2
from sparring.adapters.suites import dump_suite
from sparring.cli.terminal import command, note, say
from sparring.domain.comparison import Comparison
from sparring.domain.errors import InvalidInput
from sparring.reports.comparison_markdown import render_comparison_markdown
from sparring.reports.csv import render_csv
from sparring.reports.html import render_html
from sparring.reports.json import render_json
from sparring.reports.junit import render_junit
from sparring.reports.markdown import render_markdown
from sparring.reports.result import Result

FORMS: dict[str, Callable[[Result], str]] = {
    "csv": render_csv,
    "html": render_html,
    "json": render_json,
    "junit": render_junit,
    "markdown": render_markdown,
}


def render(shown: Result, form: str) -> str:
    """A result in one of the forms. InvalidInput for any other."""
    if form not in FORMS:
        raise InvalidInput(f"--format takes {', '.join(FORMS)}, not {form!r}.")
    return FORMS[form](shown)


def write(path: Path, text: str) -> None:
    """Write a text file. InvalidInput where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"Cannot write {path}: {error.strerror}.") from None


def make_folder(path: Path) -> None:
    """Make a folder where there is none. InvalidInput where that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"Cannot make the folder {path}: {error.strerror}.") from None


def is_file(text: str | None) -> bool:
    """Whether what was named is a file, where an id is looked for."""
    return text is not None and Path(text).is_file()


def check_writable(path: Path | None) -> None:
    """Tell before anything is played that its report could not be written."""
    if path is None:
        return
    folder = path.absolute().parent
    if not folder.is_dir():
        raise InvalidInput(f"Cannot write {path}: the folder {folder} does not exist.")
    if path.is_dir():
        raise InvalidInput(f"Cannot write {path}: it is a folder.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise InvalidInput(f"Cannot write {path}: this user may not write there.")


def write_report(shown: Result, form: str, path: Path, compared: Comparison | None = None) -> None:
    """Write a result in one of the forms.

    Args:
        compared: what became of it since another one; Markdown tells that, too.
    """
    more = f"\n{render_comparison_markdown(compared)}" if compared is not None and form == "markdown" else ""
    write(path, render(shown, form) + more)


def write_demo_suite(folder: Path) -> None:
    """Copy the demo's suite into a folder that does not hold one yet."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(f"{folder} is there already and not empty; name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted(AIRLINE_SUITE.parent.iterdir()):
            if source.suffix in (".yaml", ".md"):
                shutil.copyfile(source, folder / source.name)
    except OSError as error:
        raise InvalidInput(f"Cannot write {folder}: {error.strerror}.") from None
    say(f"Written: {', '.join(str(path) for path in sorted(folder.iterdir()))}")
    say(f"Play it: {command('run', str(folder / AIRLINE_SUITE.name))}")


def write_tau2_suite(tasks: Path, policy: Path | None, output: Path | None, name: str | None) -> None:
    """Import tau2-bench's tasks; what has no counterpart is listed."""
    suite, notes = import_tau2(tasks, policy, name=name)
    text = dump_suite(suite)
    if output is None:
        say(text)
    else:
        write(output, text)
    for line in notes:
        note(f"note: {line}")
    count = len(suite.scenarios)
    note(f"{count} scenario{'' if count == 1 else 's'}{f' written to {output}' if output else ''}.")
