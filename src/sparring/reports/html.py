"""The report as one self-contained HTML page, without scripts and without a request to any other host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sparring.domain.evaluation import Check, Finding
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.simulation import Trial
from sparring.domain.transcript import Message
from sparring.reports import figures, headlines
from sparring.reports.excerpts import Quote, ShownMessage, marked, shown
from sparring.reports.result import Result
from sparring.reports.sections import (
    Section,
    check_quotes,
    check_title,
    faults,
    sections,
    warnings,
    worst_first,
)

_ENDINGS = {
    Termination.USER_STOP: "ended by the user",
    Termination.AGENT_STOP: "ended by the agent",
    Termination.MAX_STEPS: "limit of steps",
    Termination.TOO_MANY_ERRORS: "too many errors in a row",
    Termination.CANCELLED: "cancelled",
}
_ORDER = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR, Outcome.CANCELLED, Outcome.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check of a trial."""

    title: str
    finding: str
    required: bool
    reason: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message; each piece of its text and each call with whether a check cites it."""

    message: ShownMessage
    pieces: Sequence[tuple[str, bool]]
    calls: Sequence[tuple[str, bool]]
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """One trial."""

    trial: Trial
    outcome: str
    facts: str
    checks: Sequence[CheckView]
    messages: Sequence[MessageView]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One scenario with its trials, those first that did not pass."""

    section: Section
    trials: Sequence[TrialView]


def render_html(result: Result) -> str:
    """The result as a page."""
    found = worst_first(sections(result))
    ks = headlines.shown_k(result.summary)
    decimals = figures.money_decimals(section.figures.cost for section in found)
    return _rendered(
        "report.html.jinja",
        title=headlines.title(result.simulation),
        state=headlines.state(result.simulation),
        setup=headlines.setup(result.simulation),
        facts=_facts(result),
        when=figures.moment(result.simulation.created_at),
        id=result.simulation.id,
        ks=ks,
        summary=result.summary,
        passed=sum(section.figures.passed for section in found),
        sections=[_section(section, result) for section in found],
        over_all=headlines.over_all(result.summary),
        faults=faults(result),
        warnings=warnings(result),
        money=lambda value: figures.money(value, decimals),
        rate=figures.rate,
        interval=figures.interval,
        duration=figures.duration,
        count=figures.count,
    )


def _facts(result: Result) -> list[str]:
    took = headlines.elapsed(result.simulation)
    return [headlines.progress(result), headlines.spending(result.summary), *([took] if took else [])]


def _section(section: Section, result: Result) -> SectionView:
    trials = sorted(
        section.trials, key=lambda trial: _ORDER.index(trial.outcome) if trial.outcome else len(_ORDER)
    )
    views = [_trial(trial, result.transcripts.get(trial.id, ()), section) for trial in trials]
    return SectionView(section=section, trials=views)


def _trial(trial: Trial, messages: Sequence[Message], section: Section) -> TrialView:
    checks = sorted(trial.verdict.checks if trial.verdict else (), key=_rank)
    views = [_check(check, messages, section) for check in checks]
    cited: dict[int, list[str]] = {}
    for view in views:
        for quote in view.quotes:
            cited.setdefault(quote.message, []).append(quote.words)
    facts = [
        _ENDINGS[trial.termination] if trial.termination else "",
        figures.duration(trial.seconds) if trial.seconds is not None else "",
        f"cost {figures.money(trial.cost) if trial.cost is not None else 'unknown'}" if trial.costs else "",
        f"attempt {trial.attempt}" if trial.attempt > 1 else "",
    ]
    return TrialView(
        trial=trial,
        outcome=trial.outcome.value if trial.outcome else trial.status.value,
        facts=" · ".join(fact for fact in facts if fact),
        checks=views,
        messages=[_message(message, cited) for message in shown(messages, section.scenario)],
    )


def _rank(check: Check) -> int:
    order = (Finding.NOT_MET, Finding.INCONCLUSIVE, Finding.MET)
    return order.index(check.finding) + (0 if check.required else len(order))


def _check(check: Check, messages: Sequence[Message], section: Section) -> CheckView:
    return CheckView(
        title=check_title(check),
        finding=check.finding.value.replace("_", " "),
        required=check.required,
        reason=check.reason,
        quotes=check_quotes(check, messages, section.scenario),
    )


def _message(message: ShownMessage, cited: dict[int, list[str]]) -> MessageView:
    made = message.generation
    words = cited.get(message.index, ())
    facts: list[str] = []
    if made is not None:
        facts = [
            made.model,
            figures.duration(made.seconds) if made.seconds is not None else "",
            figures.money(made.cost) if made.cost is not None else "cost unknown",
        ]
    return MessageView(
        message=message,
        pieces=marked(message.text, words),
        calls=[(call.text, call.text in words) for call in message.calls],
        facts=" · ".join(fact for fact in facts if fact),
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = PackageLoader("sparring.reports", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)
