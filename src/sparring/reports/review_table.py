"""Judged transcripts for a terminal: check by check, and why conversations failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sparring.domain.intervals import wilson
from sparring.domain.verdict import Check, Finding
from sparring.reports import figures, headlines
from sparring.reports.excerpts import Quote
from sparring.reports.lettering import cells, folded, left, painted, right, shortened
from sparring.reports.result import Result
from sparring.reports.sections import Failing, Section, Standing, check_title, faults, sections

_NARROWEST = 40
_WIDEST = 120
_GAP = 2
_NAME = 12
_SHOWN = 20
"""Conversations that are told of one by one."""
_REASON = 1000
_QUOTES = 2
_QUOTE = 240

_TITLES = ("Met", "Not met", "Open", "Rate", "Interval")


def render_review(result: Result, *, width: int = 80, color: bool = False) -> str:
    """The judged conversations as text.

    Args:
        width: cells of a line; between 40 and 120 are used.
        color: whether to use ANSI colours.
    """
    page = _Page(min(max(width, _NARROWEST), _WIDEST), color)
    failed = [section for section in sections(result) if section.failings]
    blocks = [page.head(result), page.grid(result), *page.reasons(failed), *page.faults(result), page.foot(result)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    color: bool

    def head(self, result: Result) -> list[str]:
        told = f"{figures.count(len(result.trials), 'conversation')} · judge {result.simulation.models.judge}"
        title = headlines.title(result.simulation)
        return [*self.painted(title, "bold"), *self.painted(told, "dim")]

    def grid(self, result: Result) -> list[str]:
        rows = [(title, _numbers(found)) for title, found in _by_check(result).items()]
        summary = result.summary
        rate = figures.rate(summary.pass_hat.get(1))
        passed = sum(found.passed for found in summary.scenarios)
        bounds = figures.interval(wilson(passed, summary.judged) if summary.judged else None)
        whole = [str(passed), str(summary.judged - passed), str(summary.planned - summary.judged), rate, bounds]
        columns = zip(_TITLES, whole, *(row for _, row in rows), strict=True)
        widths = self.fitting([max(map(cells, column)) for column in columns])
        room = self.width - 2 - sum(widths) - _GAP * len(widths)
        name_width = max(_NAME, min(room, max(cells(title) for title in ("Passed", *(name for name, _ in rows)))))
        rule = self.paint("─" * min(self.width, 2 + name_width + sum(widths) + _GAP * len(widths)), "dim")
        lines = [self.paint(_row("  " + left("Check", name_width), _TITLES, widths), "bold"), rule]
        for title, row in rows:
            first, *more = folded(title, name_width)
            mark = ("✗", "red") if row[1] != "0" else ("?", "yellow") if row[2] != "0" else ("✓", "green")
            lines.append(_row(f"{self.paint(*mark)} {left(first, name_width)}", row, widths))
            lines += [f"  {line}" for line in more]
        return [*lines, rule, _row("  " + left("Passed", name_width), whole, widths)]

    def fitting(self, widths: Sequence[int]) -> list[int]:
        """The widths of as many columns as leave room for the names."""
        kept = list(widths)
        while 2 + _NAME + sum(kept) + _GAP * len(kept) > self.width:
            kept.pop()
        return kept

    def reasons(self, failed: Sequence[Section]) -> list[list[str]]:
        blocks = [self.section(section) for section in failed[:_SHOWN]]
        if len(failed) > _SHOWN:
            more = figures.count(len(failed) - _SHOWN, "more conversation")
            blocks.append(self.painted(f"and {more}; --json and --html have all of them", "dim"))
        return blocks

    def section(self, section: Section) -> list[str]:
        failed = section.standing is Standing.FAILED
        mark = self.paint("✗", "red") if failed else self.paint("?", "yellow")
        first, *more = folded(section.scenario.name, self.width - 2)
        lines = [f"{mark} {self.paint(first, 'bold')}", *(f"  {self.paint(line, 'bold')}" for line in more)]
        for failing in section.failings:
            lines += self.failing(failing)
        return lines

    def failing(self, failing: Failing) -> list[str]:
        mark = self.paint("?", "yellow") if failing.is_open else self.paint("✗", "red")
        first, *more = folded(failing.title, self.width - 4)
        lines = [f"  {mark} {first}", *(f"    {line}" for line in more)]
        for account in failing.accounts:
            lines += [f"    {line}" for line in folded(shortened(account.reason, _REASON), self.width - 4) if line]
            for quote in account.quotes[:_QUOTES]:
                lines += self.quote(quote)
        return lines

    def quote(self, quote: Quote) -> list[str]:
        words = shortened(quote.words, _QUOTE)
        said = f"“{words}”" if quote.is_verbatim else f"calls {words}"
        lines = folded(f"[{quote.message}] {quote.who}: {said}", self.width - 8)
        return [self.paint("      " + ("  " if index else "") + line, "dim") for index, line in enumerate(lines)]

    def faults(self, result: Result) -> list[list[str]]:
        blocks = []
        for fault in faults(result):
            names = ", ".join(name for name, _ in fault.trials[:_SHOWN])
            many = figures.count(len(fault.trials), "conversation")
            lines = folded(f"{many} could not be judged: {names}", self.width - 2)
            told = folded(shortened(fault.error, _REASON), self.width - 2)
            mark = self.paint("!", "yellow")
            blocks.append([f"{mark} {lines[0]}", *(f"  {line}" for line in (*lines[1:], *told))])
        return blocks

    def foot(self, result: Result) -> list[str]:
        took = headlines.elapsed(result.simulation)
        counts = headlines.progress(result).partition(": ")[2]
        cost = result.summary.cost
        price = "cost unknown" if cost is None else f"cost {figures.money(cost)}"
        told = [
            figures.count(len(result.trials), "conversation") + f": {counts}",
            price,
            *([took] if took else []),
        ]
        return folded(" · ".join(told), self.width)

    def painted(self, text: str, style: str) -> list[str]:
        return [self.paint(line, style) for line in folded(text, self.width)]

    def paint(self, text: str, style: str) -> str:
        return painted(text, style, self.color)


def _by_check(result: Result) -> dict[str, Counter[Finding]]:
    """What each check found, over all conversations; checks are told apart by their words."""
    found: dict[str, Counter[Finding]] = {}
    for trial in result.trials:
        for check in trial.verdict.checks if trial.verdict is not None else ():
            found.setdefault(_title(check), Counter())[check.finding] += 1
    return found


def _title(check: Check) -> str:
    return check_title(check) + ("" if check.required else " (not required)")


def _numbers(found: Counter[Finding]) -> list[str]:
    met, not_met = found[Finding.MET], found[Finding.NOT_MET]
    known = met + not_met
    return [
        str(met),
        str(not_met),
        str(found[Finding.INCONCLUSIVE]),
        figures.rate(met / known if known else None),
        figures.interval(wilson(met, known) if known else None),
    ]


def _row(name: str, row: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (" " * _GAP + right(cell, width) for cell, width in zip(row, widths, strict=False))
    return (name + "".join(numbers)).rstrip()
