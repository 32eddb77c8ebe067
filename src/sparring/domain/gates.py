"""Thresholds: whether what was played is good enough, and why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sparring.domain.metrics import ScenarioFigures, Summary
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Threshold

JUDGED_SHARE = 0.9
"""Below this share of judged trials a threshold counts as undecided."""


THRESHOLD = r"pass\^([1-9][0-9]{0,2})=(0(?:\.[0-9]+)?|1(?:\.0+)?)"
"""How a threshold is written, such as `pass^1=0.9`."""


def read_threshold(text: str) -> Threshold | None:
    """A threshold as it is written; None for what is none."""
    match = re.fullmatch(THRESHOLD, text)
    return None if match is None else Threshold(int(match[1]), float(match[2]))


class Standing(StrEnum):
    """How a simulation stands at its gate."""

    CLEARED = "cleared"
    SHORT = "short"
    """The agent fell short."""
    UNDECIDED = "undecided"
    """Too little was judged to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What came of the thresholds."""

    standing: Standing
    reasons: tuple[str, ...] = ()
    """A sentence for each threshold that was not cleared, those that fell short first."""


def gate(
    summary: Summary,
    scenarios: Sequence[Scenario],
    thresholds: Sequence[Threshold],
    *,
    is_decided: bool = False,
) -> Gate:
    """Whether pass^k reaches its thresholds, and every trial of the required scenarios passed.

    Without any threshold no trial may have failed.

    Args:
        scenarios: those that were played; some may be required.
        is_decided: whether it ended early because more trials would have told no more: those that were cancelled
            for that are not missing.
    """
    if is_decided:
        summary = _without_cancelled(summary)
    named = {scenario.id: scenario for scenario in scenarios}
    required = [(named[found.scenario].name, found) for found in summary.scenarios if _is_required(named, found)]
    short = [*_below(summary, thresholds), *(_failed(name, found) for name, found in required if _fails(found))]
    if not thresholds:
        short += _any_failed(summary)
    if short:
        return Gate(standing=Standing.SHORT, reasons=tuple(short))
    open_ones = [_open(name, found) for name, found in required if found.passed < found.planned]
    open_ones += _undecided(summary, thresholds)
    return Gate(standing=Standing.UNDECIDED if open_ones else Standing.CLEARED, reasons=tuple(open_ones))


def _without_cancelled(summary: Summary) -> Summary:
    return replace(
        summary,
        planned=summary.planned - summary.count(Outcome.CANCELLED),
        scenarios=tuple(
            replace(found, planned=found.planned - found.outcomes.get(Outcome.CANCELLED, 0))
            for found in summary.scenarios
        ),
    )


def _is_required(named: Mapping[str, Scenario], found: ScenarioFigures) -> bool:
    return found.scenario in named and named[found.scenario].required


def _fails(found: ScenarioFigures) -> bool:
    return bool(found.outcomes.get(Outcome.FAILED) or found.outcomes.get(Outcome.INCONCLUSIVE))


def _below(summary: Summary, thresholds: Sequence[Threshold]) -> list[str]:
    return [
        f"pass^{bar.k} is {_rate(summary.pass_hat[bar.k])}, below {_rate(bar.rate)}."
        for bar in sorted(thresholds)
        if bar.k in summary.pass_hat and summary.pass_hat[bar.k] < bar.rate
    ]


def _failed(name: str, found: ScenarioFigures) -> str:
    return f"{name!r} is required and passed {found.passed} of {found.planned} trials."


def _any_failed(summary: Summary) -> list[str]:
    failed, unclear = summary.count(Outcome.FAILED), summary.count(Outcome.INCONCLUSIVE)
    parts = [f"{number} {word}" for number, word in ((failed, "failed"), (unclear, "inconclusive")) if number]
    return [f"Of {summary.planned} trials {' and '.join(parts)}."] if parts else []


def _open(name: str, found: ScenarioFigures) -> str:
    return f"{name!r} is required, and only {found.passed} of {found.planned} trials could be judged."


def _undecided(summary: Summary, thresholds: Sequence[Threshold]) -> list[str]:
    if not thresholds:
        unjudged = summary.planned - summary.judged - summary.count(Outcome.INCONCLUSIVE)
        return [f"{unjudged} of {summary.planned} trials could not be judged."] if unjudged else []
    missing = [bar.k for bar in sorted(thresholds) if bar.k not in summary.pass_hat]
    reasons = [f"pass^{k} needs {k} judged trials of a scenario, and none has as many." for k in missing]
    if summary.judged < JUDGED_SHARE * summary.planned:
        share = f"{JUDGED_SHARE:.0%}".replace("%", " %")
        reasons.append(f"Only {summary.judged} of {summary.planned} trials could be judged, fewer than {share}.")
    return reasons


def _rate(rate: float) -> str:
    return f"{rate:.4f}".rstrip("0").ljust(4, "0")
