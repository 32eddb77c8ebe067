"""Models that cannot be asked at all, and the trials that need them."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.domain.errors import TrialFault
from sparring.domain.outcomes import Role
from sparring.domain.simulation import Simulation, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Hopeless:
    """What one trial of a simulation has found: its key is wrong, there is no such model, the account is empty."""

    error: str
    """The sentence that each trial ends with."""
    role: Role | None
    """Whose model it is; None where that is not known."""
    scenario: str
    """The scenario's, of the trial that found it."""

    def concerns(self, simulation: Simulation, trial: Trial) -> bool:
        """Whether a trial needs that model: each does, unless it is the agent's and its scenario names another."""
        if self.role is not Role.AGENT:
            return True
        return simulation.scenario(trial.scenario).model == simulation.scenario(self.scenario).model

    def fault(self) -> TrialFault:
        """What a trial meets that needs it."""
        return TrialFault(self.error, retryable=False)
