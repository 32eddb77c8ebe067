"""What a suite file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sparring.domain.agent import Agent
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits, Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """An agent, scenarios to play with it, and how they are played.

    The agent and the scenarios have no ids and no workspace yet; they get them when they are submitted.
    """

    name: str
    agent: Agent
    scenarios: tuple[Scenario, ...]
    """Each with the suite's variables among its own, and with its number of trials."""
    user_model: str | None = None
    judge_model: str | None = None
    trials: int = 1
    """Of the scenarios that say nothing else."""
    seed: int = 0
    max_steps: int = 100
    max_errors: int = 5
    thresholds: tuple[Threshold, ...] = ()
    timeout: float | None = None
    """Seconds on the wall for one trial; None leaves it to the settings."""
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict, compare=False)
    """The file and line of each scenario, by its name."""
    warnings: tuple[str, ...] = field(default=(), compare=False)
    """What is probably meant otherwise, with its place in the file."""

    def limits(self, timeout: float = 900.0) -> Limits:
        """What bounds each trial.

        Args:
            timeout: seconds, where the suite names none.
        """
        return Limits(
            max_steps=self.max_steps,
            max_errors=self.max_errors,
            timeout=timeout if self.timeout is None else self.timeout,
        )
