"""Figures over trials: pass^k, pass@k, intervals, costs. Derived when asked for, never stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean, median

from sparring.domain.intervals import Interval, again, alike
from sparring.domain.intervals import wilson as wilson
from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.domain.simulation import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFigures:
    """How one scenario went."""

    scenario: str
    planned: int
    outcomes: Mapping[Outcome, int]
    pass_hat: Mapping[int, float]
    """k to the chance that k trials in a row all pass; only k up to the number of judged trials."""
    pass_at: Mapping[int, float]
    """k to the chance that at least one of k trials passes."""
    interval: Interval | None
    """95 % Wilson interval of pass^1; None without a judged trial."""
    cost: float | None
    seconds: float | None
    """Median duration of the finished trials."""

    @property
    def passed(self) -> int:
        """Trials that passed."""
        return self.outcomes.get(Outcome.PASSED, 0)

    @property
    def judged(self) -> int:
        """Trials with a verdict that counts: passed and failed."""
        return self.passed + self.outcomes.get(Outcome.FAILED, 0)

    @property
    def is_flaky(self) -> bool:
        """Whether it passed sometimes and failed sometimes."""
        return 0 < self.passed < self.judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How a simulation went, or goes."""

    planned: int
    finished: int
    running: int
    outcomes: Mapping[Outcome, int]
    causes: Mapping[Cause, int]
    scenarios: tuple[ScenarioFigures, ...]
    pass_hat: Mapping[int, float]
    """Mean over the scenarios that have at least k judged trials."""
    pass_hat_scenarios: Mapping[int, int]
    """For each k, how many scenarios entered that mean."""
    pass_at: Mapping[int, float]
    """Mean over the same scenarios."""
    again: Interval | None
    """95 % interval of pass^1 if this suite were played again and again; None without a judged trial."""
    alike: Interval | None
    """95 % interval of pass^1 over situations like these; None with less than two judged scenarios."""
    costs: Mapping[str, float | None]
    """USD by role."""
    mean_reward: float | None

    def count(self, outcome: Outcome) -> int:
        """How many trials ended that way."""
        return self.outcomes.get(outcome, 0)

    @property
    def cost(self) -> float | None:
        """USD of all roles together; None where a price is not known."""
        return _total(self.costs.values())

    @property
    def judged(self) -> int:
        """Trials with a verdict that counts."""
        return self.count(Outcome.PASSED) + self.count(Outcome.FAILED)

    @property
    def flaky(self) -> int:
        """Scenarios that passed sometimes and failed sometimes."""
        return sum(figures.is_flaky for figures in self.scenarios)


def pass_hat(successes: int, trials: int, k: int) -> float:
    """The unbiased estimate of the chance that k trials all pass (tau-bench, arXiv:2406.12045).

    Raises:
        ValueError: k is not between 1 and the number of trials, or there are more successes than trials.
    """
    if not 1 <= k <= trials:
        raise ValueError(f"pass^{k} needs k from 1 to the number of trials, which is {trials}")
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} trials cannot have passed")
    return comb(successes, k) / comb(trials, k)


def pass_at(successes: int, trials: int, k: int) -> float:
    """The unbiased estimate of the chance that at least one of k trials passes (Chen et al., arXiv:2107.03374).

    Raises:
        ValueError: k is not between 1 and the number of trials, or there are more successes than trials.
    """
    return 1 - pass_hat(trials - successes, trials, k)


def summarize(
    trials: Sequence[Trial], order: Sequence[str] = (), *, spent: Mapping[str, float | None] | None = None
) -> Summary:
    """The figures over trials.

    Args:
        trials: of one simulation, finished or not.
        order: scenario ids in the order in which they are shown; others follow as they come.
        spent: USD by role so far, running trials included; left out, what those that are over have cost.
    """
    groups: dict[str, list[Trial]] = {scenario: [] for scenario in order}
    for trial in trials:
        groups.setdefault(trial.scenario, []).append(trial)
    scenarios = tuple(_figures(scenario, group) for scenario, group in groups.items() if group)
    most = max((figures.planned for figures in scenarios), default=0)
    entering = {k: [f for f in scenarios if k in f.pass_hat] for k in range(1, most + 1)}
    counts = [(figures.passed, figures.judged) for figures in scenarios]
    rewards = [t.verdict.reward for t in trials if t.verdict is not None and t.verdict.reward is not None]
    return Summary(
        planned=len(trials),
        finished=sum(trial.is_over for trial in trials),
        running=sum(trial.status is Lifecycle.RUNNING for trial in trials),
        outcomes=_outcomes(trials),
        causes=Counter(trial.cause for trial in trials if trial.cause is not None),
        scenarios=scenarios,
        pass_hat={k: fmean(f.pass_hat[k] for f in found) for k, found in entering.items() if found},
        pass_hat_scenarios={k: len(found) for k, found in entering.items() if found},
        pass_at={k: fmean(f.pass_at[k] for f in found) for k, found in entering.items() if found},
        again=again(counts),
        alike=alike(counts),
        costs=spent if spent is not None else _costs(trials),
        mean_reward=fmean(rewards) if rewards else None,
    )


def _figures(scenario: str, trials: Sequence[Trial]) -> ScenarioFigures:
    outcomes = _outcomes(trials)
    passed = outcomes.get(Outcome.PASSED, 0)
    judged = passed + outcomes.get(Outcome.FAILED, 0)
    seconds = [trial.seconds for trial in trials if trial.seconds is not None]
    return ScenarioFigures(
        scenario=scenario,
        planned=len(trials),
        outcomes=outcomes,
        pass_hat={k: pass_hat(passed, judged, k) for k in range(1, judged + 1)},
        pass_at={k: pass_at(passed, judged, k) for k in range(1, judged + 1)},
        interval=wilson(passed, judged) if judged else None,
        cost=_total(trial.cost for trial in trials if trial.costs),
        seconds=median(seconds) if seconds else None,
    )


def _outcomes(trials: Iterable[Trial]) -> Counter[Outcome]:
    return Counter(trial.outcome for trial in trials if trial.outcome is not None)


def _costs(trials: Sequence[Trial]) -> dict[str, float | None]:
    roles = dict.fromkeys(role for trial in trials for role in trial.costs)
    return {role: _total(t.costs[role] for t in trials if role in t.costs) for role in roles}


def _total(costs: Iterable[float | None]) -> float | None:
    """A sum that is unknown as soon as one part of it is."""
    total = 0.0
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total
