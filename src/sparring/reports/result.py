"""What every report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sparring.domain.metrics import Summary
from sparring.domain.scenario import Scenario
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
    address: str | None = None
    """Of its page on a server; None where it is not known, or there is none."""

    def address_of(self, scenario: Scenario) -> str | None:
        """The address of its page with this scenario's trials alone."""
        return None if self.address is None else f"{self.address}?{urlencode({'scenario': scenario.id})}"
