"""What a person sees while a simulation is played: done, running, failed, money spent."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Outcome
from sparring.reports.figures import money

BAR = 24


class Progress:
    """One live line on a terminal; nothing where standard output is none."""

    def __init__(self) -> None:
        """Draw on standard output."""
        self._live = Live(Text(""), console=Console(), refresh_per_second=12, transient=True)
        self._shown = sys.stdout.isatty()

    def __enter__(self) -> Self:
        if self._shown:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._live.stop()

    def show(self, summary: Summary) -> None:
        """Draw the state of a simulation."""
        if self._shown:
            self._live.update(line(summary))


def line(summary: Summary) -> Text:
    """The state of a simulation in one line."""
    filled = round(BAR * summary.finished / summary.planned) if summary.planned else 0
    parts = [
        (f"{summary.finished}/{summary.planned} done", ""),
        (f"{summary.running} running", "dim"),
        (f"{summary.count(Outcome.PASSED)} passed", "green"),
        (f"{summary.count(Outcome.FAILED)} failed", "red" if summary.count(Outcome.FAILED) else "dim"),
    ]
    errors = summary.count(Outcome.ERROR)
    if errors:
        parts.append((f"{errors} errors", "yellow"))
    parts.append((f"{money(summary.cost)} spent", ""))
    text = Text.assemble(("━" * filled, "cyan"), ("━" * (BAR - filled), "dim"), "  ")
    for number, (part, style) in enumerate(parts):
        text.append(" · " if number else "", "dim")
        text.append(part, style)
    return text
