"""What every report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sparring.domain.metrics import Summary
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A simulation with its trials, finished or not."""

    simulation: Simulation
    trials: Sequence[Trial]
    summary: Summary
    transcripts: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    """By trial id; a report leaves out the words of trials that have none here."""
