"""What a person sees while a simulation is played: done, running, failed, money spent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from sparring.domain.costs import UNKNOWN, known, money
from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation

BAR = 24


class Progress:
    """One live line on a terminal; nothing where standard output is none."""

    def __init__(self) -> None:
        """Draw on standard output."""
        self._live = Live(Text(""), console=Console(), refresh_per_second=12, transient=True)
        self._summary: Summary | None = None
        self._budget: float | None = None
        self._spent: Mapping[str, float | None] = {}
        self.shown = sys.stdout.isatty()
        """Whether anybody sees it."""

    def __enter__(self) -> Self:
        if self.shown:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shown:
            self._live.stop()

    def show(self, simulation: Simulation, summary: Summary) -> None:
        """Draw the state of a simulation."""
        self._summary, self._budget = summary, simulation.max_cost
        self._draw()

    def spend(self, costs: Mapping[str, float | None]) -> None:
        """Draw what was spent so far, by role and running trials included."""
        self._spent = costs
        self._draw()

    def _draw(self) -> None:
        if self.shown and self._summary is not None:
            self._live.update(line(self._summary, self._spent, budget=self._budget))


def line(summary: Summary, spent: Mapping[str, float | None], *, budget: float | None = None) -> Text:
    """The state of a simulation in one line.

    Args:
        spent: USD by role.
        budget: USD that it may spend.
    """
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
    parts.append((_spending(spent, budget), ""))
    text = Text.assemble(("━" * filled, "cyan"), ("━" * (BAR - filled), "dim"), "  ")
    for number, (part, style) in enumerate(parts):
        text.append(" · " if number else "", "dim")
        text.append(part, style)
    return text


def _spending(spent: Mapping[str, float | None], budget: float | None) -> str:
    limit = "" if budget is None else f" of {money(budget)}"
    if None in spent.values():
        return f"{UNKNOWN}{limit} spent"
    by_role = ", ".join(f"{role} {money(cost)}" for role, cost in spent.items() if cost)
    return f"{money(known(spent))}{limit} spent" + (f" ({by_role})" if by_role else "")
