"""What a person sees while a simulation is played: done, running, failed, money spent."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from sparring.cli.terminal import note
from sparring.domain.costs import UNKNOWN, known, money
from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Lifecycle, Outcome
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
        self._reason: str | None = None
        self._holdups: Sequence[str] = ()
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
        if simulation.status_reason != self._reason:
            self._reason = simulation.status_reason
            if not self.shown and simulation.status is Lifecycle.RUNNING and self._reason is not None:
                note(f"{simulation.name}: {self._reason}")
        self._draw()

    def look(self, spent: Mapping[str, float | None], holdups: Sequence[str]) -> None:
        """Draw what was spent so far, by role and running trials included, and what calls wait for."""
        self._spent, self._holdups = spent, holdups
        self._draw()

    def _draw(self) -> None:
        if self.shown and self._summary is not None:
            waits = [self._reason] if self._reason is not None else self._holdups
            self._live.update(line(self._summary, self._spent, budget=self._budget, waits=waits))


def line(
    summary: Summary,
    spent: Mapping[str, float | None],
    *,
    budget: float | None = None,
    waits: Sequence[str] = (),
) -> Text:
    """The state of a simulation in one line.

    Args:
        spent: USD by role.
        budget: USD that it may spend.
        waits: what it waits for.
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
    parts += [(wait, "yellow") for wait in waits]
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
