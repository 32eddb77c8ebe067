"""The report for a terminal: a table, the reasons under it, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparring.reports import figures, headlines
from sparring.reports.excerpts import Quote
from sparring.reports.lettering import cells, folded, left, painted, right, shortened
from sparring.reports.result import Result
from sparring.reports.sections import Account, Failing, Fault, Section, Standing, faults, sections, warnings

_NARROWEST = 40
_WIDEST = 120
_GAP = 2
_NAME = 16
"""The least number of cells for a scenario's name."""
_ACCOUNTS = 3
_QUOTES = 2
_QUOTE = 240
_LONGEST = 1000

_Mark = tuple[str, str]
_NOT_MET: _Mark = ("✗", "red")
_OPEN: _Mark = ("?", "yellow")

_MARKS: dict[Standing, _Mark] = {
    Standing.PASSED: ("✓", "green"),
    Standing.FLAKY: ("~", "yellow"),
    Standing.FAILED: ("✗", "red"),
    Standing.ERROR: ("!", "yellow"),
    Standing.UNFINISHED: ("○", "dim"),
}
_LEGEND = {
    Standing.FLAKY: "~ flaky: passed sometimes, failed sometimes",
    Standing.ERROR: "! some trials could not be judged",
    Standing.UNFINISHED: "○ not judged",
}


def render_table(result: Result, *, width: int = 80, color: bool = False) -> str:
    """The result as text.

    Args:
        width: cells of a line; between 40 and 120 are used.
        color: whether to use ANSI colours.
    """
    page = _Page(min(max(width, _NARROWEST), _WIDEST), color)
    found = sections(result)
    blocks = [
        page.head(result),
        page.grid(result, found),
        page.reasons(found),
        page.faults(faults(result)),
        page.warnings(warnings(result)),
        page.foot(result),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def reason_lines(section: Section, *, width: int = 100) -> list[str]:
    """Why trials of one scenario failed, as plain lines."""
    page = _Page(width, False)
    return [line for failing in section.failings for line in page.failing(failing, len(section.trials))]


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    color: bool

    def head(self, result: Result) -> list[str]:
        simulation = result.simulation
        return [
            *(self.paint(line, "bold") for line in folded(headlines.heading(simulation), self.width)),
            *(self.paint(line, "dim") for line in self.joined(headlines.setup(simulation))),
        ]

    def grid(self, result: Result, found: Sequence[Section]) -> list[str]:
        if not found:
            return ["No trial."]
        ks = headlines.shown_k(result.summary)
        decimals = figures.money_decimals(section.figures.cost for section in found)
        titles = ["Passed", *(f"pass^{k}" for k in ks), "Interval", "Cost", "Median"]
        rows = [_numbers(section, ks, decimals) for section in found]
        total = _totals(result, ks, decimals)
        widths = [max(map(cells, column)) for column in zip(titles, *rows, total, strict=True)]
        room = self.width - 2 - sum(widths) - _GAP * len(widths)
        names = [section.scenario.name for section in found]
        name_width = max(_NAME, min(room, max(map(cells, [*names, "Scenario"]))))
        rule = self.paint("─" * min(self.width, 2 + name_width + sum(widths) + _GAP * len(widths)), "dim")
        lines = [self.paint(_row("  " + left("Scenario", name_width), titles, widths), "bold"), rule]
        for section, row in zip(found, rows, strict=True):
            first, *more = folded(section.scenario.name, name_width)
            lines.append(_row(f"{self.mark(section.standing)} {left(first, name_width)}", row, widths))
            lines.extend(f"  {line}" for line in more)
        lines += [rule, _row("  " + left("All", name_width), total, widths)]
        return [*lines, *(self.paint(line, "dim") for line in self.notes(result, found, ks))]

    def notes(self, result: Result, found: Sequence[Section], ks: Sequence[int]) -> list[str]:
        standings = {section.standing for section in found}
        marks = [text for standing, text in _LEGEND.items() if standing in standings]
        notes = ["interval: 95 % (Wilson) of pass^1"]
        entering = result.summary.pass_hat_scenarios
        notes += [
            f"pass^{k} over {entering.get(k, 0)} of {len(found)} scenarios"
            for k in ks
            if entering.get(k, 0) < len(found)
        ]
        lines = self.joined(headlines.over_all(result.summary)), self.joined(marks, "   "), self.joined(notes)
        return ["", *(line for part in lines for line in part)]

    def reasons(self, found: Sequence[Section]) -> list[str]:
        lines: list[str] = []
        for section in found:
            if not section.failings:
                continue
            lines.append("")
            name = folded(section.scenario.name, self.width - 2)
            lines += self.hanging(name, mark=_MARKS[section.standing], style="bold")
            for failing in section.failings:
                lines += self.failing(failing, len(section.trials))
        return [self.paint("Why trials failed", "bold"), *lines] if lines else []

    def failing(self, failing: Failing, planned: int) -> list[str]:
        mark = _OPEN if failing.is_open else _NOT_MET
        times = "" if len(failing.accounts) == 1 else f" ({_times(failing.trials, planned)})"
        lines = self.hanging(folded(failing.title + times, self.width - 4), indent=2, mark=mark)
        for account in failing.accounts[:_ACCOUNTS]:
            lines += self.account(account, planned)
        if len(failing.accounts) > _ACCOUNTS:
            more = figures.count(len(failing.accounts) - _ACCOUNTS, "more reason")
            lines.append(self.paint(f"    and {more}", "dim"))
        return lines

    def account(self, account: Account, planned: int) -> list[str]:
        times = f"{_times(account.trials, planned)}"
        told = f"{times}: {account.reason}" if account.reason else times
        lines = self.hanging(folded(told, self.width - 4), indent=4)
        for quote in account.quotes[:_QUOTES]:
            lines += self.quote(quote)
        return lines

    def quote(self, quote: Quote) -> list[str]:
        lead = f"[{quote.message}] {quote.who}: "
        words = shortened(quote.words, _QUOTE)
        said = f"“{words}”" if quote.is_verbatim else f"calls {words}"
        lines = folded(lead + said, self.width - 8)
        return [self.paint("      " + ("  " if index else "") + line, "dim") for index, line in enumerate(lines)]

    def faults(self, found: Sequence[Fault]) -> list[str]:
        lines: list[str] = []
        for fault in found:
            cause = (fault.cause.value if fault.cause else "unknown").replace("_", " ")
            many = figures.count(len(fault.trials), "trial")
            names = list(dict.fromkeys(name for name, _ in fault.trials))
            where = names[0] if len(names) == 1 else figures.count(len(names), "scenario")
            heading = folded(f"{cause}: {many} of {where}", self.width - 2)
            lines += ["", *self.hanging(heading, mark=_MARKS[Standing.ERROR])]
            lines += self.hanging(folded(shortened(fault.error, _LONGEST), self.width - 2), indent=2)
        return [self.paint("Could not be judged", "bold"), *lines] if lines else []

    def warnings(self, found: Sequence[tuple[str, int]]) -> list[str]:
        lines: list[str] = []
        for warning, trials in found:
            told = f"{warning} ({figures.count(trials, 'trial')})" if trials else warning
            lines += self.hanging(folded(shortened(told, _LONGEST), self.width - 2), mark=("-", "dim"))
        return [self.paint("Warnings", "bold"), "", *lines] if lines else []

    def foot(self, result: Result) -> list[str]:
        took = headlines.elapsed(result.simulation)
        parts = [headlines.progress(result), headlines.spending(result.summary), *([took] if took else [])]
        decided = headlines.decision(result.simulation)
        page = [] if result.address is None else [f"Its page: {result.address}"]
        return [*(line for told in decided for line in folded(told, self.width)), *self.joined(parts), *page]

    def joined(self, parts: Iterable[str], between: str = " · ") -> list[str]:
        """The parts on as few lines as they fit on."""
        lines: list[str] = []
        for part in parts:
            if lines and cells(lines[-1] + between + part) <= self.width:
                lines[-1] += between + part
            else:
                lines.extend(folded(part, self.width))
        return lines

    def hanging(
        self, lines: Sequence[str], *, indent: int = 0, mark: _Mark | None = None, style: str | None = None
    ) -> list[str]:
        """Indented lines, the first behind a mark."""
        space = " " * indent
        lead = f"{space}{self.paint(*mark)} " if mark else space
        rest = f"{space}  " if mark else space
        first, *more = [self.paint(line, style) if style else line for line in lines]
        return [lead + first, *(rest + line for line in more)]

    def mark(self, standing: Standing) -> str:
        return self.paint(*_MARKS[standing])

    def paint(self, text: str, style: str) -> str:
        return painted(text, style, self.color)


def _numbers(section: Section, ks: Sequence[int], decimals: int) -> list[str]:
    found = section.figures
    return [
        f"{found.passed} of {found.planned}",
        *(figures.rate(found.pass_hat.get(k)) for k in ks),
        figures.interval(found.interval),
        figures.money(found.cost, decimals),
        figures.duration(found.seconds),
    ]


def _totals(result: Result, ks: Sequence[int], decimals: int) -> list[str]:
    summary = result.summary
    passed = sum(found.passed for found in summary.scenarios)
    rates = [figures.rate(summary.pass_hat.get(k)) for k in ks]
    return [f"{passed} of {summary.planned}", *rates, "", figures.money(summary.cost, decimals), ""]


def _row(name: str, row: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (" " * _GAP + right(cell, width) for cell, width in zip(row, widths, strict=True))
    return (name + "".join(numbers)).rstrip()


def _times(trials: Sequence[int], planned: int) -> str:
    which = ", ".join(map(str, trials))
    return f"{len(trials)} of {planned}" + (f", trial {which}" if len(trials) == 1 and planned > 1 else "")
