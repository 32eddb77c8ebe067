"""Thresholds and exit codes: 0 good enough, 1 the agent fell short, 3 it cannot be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Outcome
from sparring.reports.result import Result

FELL_SHORT = 1
UNDECIDED = 3
JUDGED_SHARE = 0.9
"""Below this share of judged trials a threshold counts as undecided."""

_BAR = re.compile(r"pass\^(\d+)=(0(?:\.\d+)?|1(?:\.0+)?)")


@dataclass(frozen=True, slots=True)
class Bar:
    """pass^k must be at least the rate."""

    k: int
    rate: float


def read_bars(texts: Sequence[str]) -> list[Bar]:
    """Bars as they stand on a command line. InvalidInput for anything but `pass^K=RATE`."""
    bars = []
    for text in texts:
        match = _BAR.fullmatch(text)
        if match is None or match[1] == "0":
            raise InvalidInput(
                f"--fail-under takes pass^K=RATE with a rate from 0 to 1, such as pass^1=0.9, not {text!r}."
            )
        bars.append(Bar(int(match[1]), float(match[2])))
    return bars


def exit_code(shown: Result, bars: Sequence[Bar]) -> int:
    """What a command leaves with."""
    summary = shown.summary
    unjudged = summary.planned - summary.judged - summary.count(Outcome.INCONCLUSIVE)
    if not bars:
        if summary.count(Outcome.FAILED) or summary.count(Outcome.INCONCLUSIVE):
            return FELL_SHORT
        return UNDECIDED if unjudged else 0
    if any(bar.k in summary.pass_hat and summary.pass_hat[bar.k] < bar.rate for bar in bars):
        return FELL_SHORT
    missing = any(bar.k not in summary.pass_hat for bar in bars)
    return UNDECIDED if missing or summary.judged < JUDGED_SHARE * summary.planned else 0
