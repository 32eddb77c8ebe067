"""The report for pull requests and chats: Markdown as GitHub reads it."""

from __future__ import annotations

import re

from sparring.reports import figures, headlines
from sparring.reports.excerpts import Quote
from sparring.reports.lettering import shortened, visible
from sparring.reports.result import Result
from sparring.reports.sections import Account, Failing, Fault, Section, faults, sections, warnings

_SPECIAL = re.compile(r"([\\`*_\[\]|~#])")
_QUOTES = 2
_LONGEST = 400


def render_markdown(result: Result) -> str:
    """The result as Markdown, in which nothing that an agent or a model wrote formats, links or mentions."""
    found = sections(result)
    simulation = result.simulation
    took = headlines.elapsed(simulation)
    facts = [
        *headlines.decision(simulation),
        headlines.progress(result),
        headlines.spending(result.summary),
        *([took] if took else []),
    ]
    blocks = [
        f"# {_text(headlines.heading(simulation))}",
        " · ".join(map(_text, headlines.setup(simulation))),
        _table(result, found),
        *headlines.over_all(result.summary),
        " · ".join([*map(_text, facts), *_page(result.address)]),
        *_reasons(found),
        *_faults(faults(result)),
        *_warnings(warnings(result)),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(result: Result, found: list[Section]) -> str:
    ks = headlines.shown_k(result.summary)
    decimals = figures.money_decimals(section.figures.cost for section in found)
    titles = ["Scenario", "", "Passed", *(f"pass^{k}" for k in ks), "95 % interval", "Cost", "Median"]
    lines = [_row(titles), _row([":--", ":--", *("--:" for _ in titles[2:])])]
    for section in found:
        part = section.figures
        numbers = [
            f"{part.passed} of {part.planned}",
            *(figures.rate(part.pass_hat.get(k)) for k in ks),
            figures.interval(part.interval),
            figures.money(part.cost, decimals),
            figures.duration(part.seconds),
        ]
        lines.append(_row([_text(section.scenario.name), section.standing.value, *map(_text, numbers)]))
    summary = result.summary
    passed = sum(part.passed for part in summary.scenarios)
    rates = [figures.rate(summary.pass_hat.get(k)) for k in ks]
    total = [f"{passed} of {summary.planned}", *rates, "", figures.money(summary.cost, decimals), ""]
    lines.append(_row(["**All**", "", *map(_text, total)]))
    return "\n".join(lines)


def _page(address: str | None) -> list[str]:
    return [] if address is None else [f"[every conversation](<{address}>)"]


def _reasons(found: list[Section]) -> list[str]:
    blocks = []
    for section in found:
        if section.failings:
            lines = [f"**{_text(section.scenario.name)}**", ""]
            for failing in section.failings:
                lines += _failing(failing, len(section.trials))
            blocks.append("\n".join(lines))
    return ["## Why trials failed", *blocks] if blocks else []


def _failing(failing: Failing, planned: int) -> list[str]:
    kind = "undecided" if failing.is_open else "not met"
    lines = [f"- {_text(failing.title)} ({kind} in {len(failing.trials)} of {planned})"]
    for account in failing.accounts:
        lines += _account(account)
    return lines


def _account(account: Account) -> list[str]:
    which = ("trial " if len(account.trials) == 1 else "trials ") + ", ".join(map(str, account.trials))
    lines = [f"  - {_text(account.reason)} ({which})" if account.reason else f"  - {which}"]
    return [*lines, *(f"    - {_quote(quote)}" for quote in account.quotes[:_QUOTES])]


def _quote(quote: Quote) -> str:
    words = _text(shortened(quote.words, _LONGEST))
    said = f"“{words}”" if quote.is_verbatim else f"calls {words}"
    return f"\\[{quote.message}\\] {_text(quote.who)}: {said}"


def _faults(found: list[Fault]) -> list[str]:
    lines = []
    for fault in found:
        cause = (fault.cause.value if fault.cause else "unknown").replace("_", " ")
        lines.append(
            f"- {cause}, {figures.count(len(fault.trials), 'trial')}: {_text(shortened(fault.error, 1000))}"
        )
    return ["## Could not be judged", "\n".join(lines)] if lines else []


def _warnings(found: list[tuple[str, int]]) -> list[str]:
    lines = [
        f"- {_text(warning)}" + (f" ({figures.count(trials, 'trial')})" if trials else "")
        for warning, trials in found
    ]
    return ["## Warnings", "\n".join(lines)] if lines else []


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(text: str) -> str:
    """A text on one line in which nothing is markup."""
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", plain).replace("@", "&#64;").replace("://", ":&#8203;//")
