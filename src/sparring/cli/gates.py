"""Thresholds on the command line, and exit codes: 0 good enough, 1 the agent fell short, 3 it cannot be told."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.domain.errors import InvalidInput
from sparring.domain.gates import Gate, Standing, gate, read_threshold
from sparring.domain.simulation import Threshold
from sparring.reports.result import Result

FELL_SHORT = 1
UNDECIDED = 3

_CODES = {Standing.CLEARED: 0, Standing.SHORT: FELL_SHORT, Standing.UNDECIDED: UNDECIDED}


def read_bars(texts: Sequence[str], option: str = "--fail-under") -> list[Threshold]:
    """Thresholds as they stand on a command line. InvalidInput for anything but `pass^K=RATE`."""
    bars = []
    for text in texts:
        bar = read_threshold(text)
        if bar is None:
            raise InvalidInput(
                f"{option} takes pass^K=RATE with a rate from 0 to 1, such as pass^1=0.9, not {text!r}."
            )
        bars.append(bar)
    return bars


def gate_of(shown: Result) -> Gate:
    """How a result stands at the thresholds of its simulation."""
    simulation = shown.simulation
    return gate(shown.summary, simulation.scenarios, simulation.thresholds, is_decided=simulation.is_decided)


def exit_code(gates: Sequence[Gate]) -> int:
    """What a command leaves with: one that fell short counts before one that cannot be told."""
    return max((_CODES[found.standing] for found in gates), key=lambda code: (code == FELL_SHORT, code), default=0)
