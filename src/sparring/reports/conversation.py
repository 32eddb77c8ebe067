"""One trial for a terminal: what was said and done, then the verdict with the words that show it."""

from __future__ import annotations

from collections.abc import Iterable

from sparring.domain.evaluation import Check, Finding
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Trial
from sparring.reports import figures
from sparring.reports.excerpts import ShownMessage, quote, shown
from sparring.reports.lettering import folded, left, painted
from sparring.reports.result import Result
from sparring.reports.sections import check_title

_GUTTER = 10
_STYLES = {"user": "bold", "agent": "green", "tool": "dim", "system": "dim"}
_FINDINGS = {
    Finding.MET: ("✓", "green"),
    Finding.NOT_MET: ("✗", "red"),
    Finding.INCONCLUSIVE: ("?", "yellow"),
}


def render_conversation(result: Result, trial: Trial, *, width: int = 80, color: bool = False) -> str:
    """A trial as text.

    Args:
        width: cells of a line; at least 40 are used.
        color: whether to use ANSI colours.
    """
    scenario = result.simulation.scenario(trial.scenario)
    room = max(40, width)
    blocks = [
        _head(scenario, trial, color),
        [
            line
            for message in shown(result.transcripts.get(trial.id, ()), scenario)
            for line in _message(message, room, color)
        ],
        _verdict(result, trial, scenario, room, color),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _head(scenario: Scenario, trial: Trial, color: bool) -> list[str]:
    how = trial.outcome or trial.status
    facts = [f"trial {trial.number}", how.value, figures.duration(trial.seconds), figures.money(trial.cost)]
    if trial.termination is not None:
        facts.insert(2, f"ended by {trial.termination.replace('_', ' ')}")
    return [painted(scenario.name, "bold", color), " · ".join(facts)]


def _message(message: ShownMessage, width: int, color: bool) -> Iterable[str]:
    label = f"{message.index:>3} {message.role}"
    texts = [message.text] if message.text or not message.calls else []
    if message.role == "tool":
        badge = f"{message.source}{', error' if message.is_error else ''}"
        texts = [f"{message.tool} → {message.text}  [{badge}]"]
    texts += [f"calls {call.name} {call.arguments}" for call in message.calls]
    for number, text in enumerate(texts):
        for line_number, line in enumerate(folded(text, width - _GUTTER) or [""]):
            head = label if number == line_number == 0 else ""
            yield painted(left(head, _GUTTER), _STYLES[message.role], color) + line


def _verdict(result: Result, trial: Trial, scenario: Scenario, width: int, color: bool) -> list[str]:
    lines = []
    if trial.error is not None:
        cause = f" ({trial.cause})" if trial.cause is not None else ""
        lines += folded(f"Could not be judged{cause}: {trial.error}", width)
    if trial.verdict is not None:
        if trial.verdict.note is not None:
            lines += folded(trial.verdict.note, width)
        for check in trial.verdict.checks:
            lines += _check(check, result, trial, scenario, width, color)
    for warning in trial.warnings:
        lines += folded(f"warning: {warning}", width)
    return lines


def _check(
    check: Check, result: Result, trial: Trial, scenario: Scenario, width: int, color: bool
) -> Iterable[str]:
    mark, style = _FINDINGS[check.finding]
    gates = "" if check.required else " (shown, does not count)"
    first, *rest = folded(f"{check_title(check)}{gates}", width - 2)
    yield f"{painted(mark, style, color)} {first}"
    yield from (f"  {line}" for line in rest)
    yield from (f"    {line}" for line in folded(check.reason, width - 4))
    for evidence in check.evidence:
        words = quote(evidence, result.transcripts.get(trial.id, ()), scenario)
        if words is not None:
            told = f"{words.message} {words.who}: “{words.words}”" if words.is_verbatim else words.words
            yield from (f"    {painted(line, 'dim', color)}" for line in folded(told, width - 4))
