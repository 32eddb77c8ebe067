"""The few lines about a simulation as a whole."""

from __future__ import annotations

from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import ON_REQUEST, Simulation
from sparring.reports.figures import count, duration, interval, money, rate
from sparring.reports.result import Result

_OUTCOMES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.ERROR: "errored",
    Outcome.CANCELLED: "cancelled",
}


def title(simulation: Simulation) -> str:
    """What was played."""
    return simulation.name or simulation.agent.name


def heading(simulation: Simulation) -> str:
    """What was played, and where it stands as long as it is not through."""
    told = state(simulation)
    return title(simulation) + (f" ({told})" if told else "")


def setup(simulation: Simulation) -> list[str]:
    """What it was played with."""
    trials = {scenario.trials for scenario in simulation.scenarios}
    times = f" × {count(trials.pop(), 'trial')}" if len(trials) == 1 else ""
    return [
        count(len(simulation.scenarios), "scenario") + times,
        f"agent {_answering(simulation)}",
        f"user {simulation.models.user}",
        f"judge {simulation.models.judge}",
        f"seed {simulation.seed}",
    ]


def _answering(simulation: Simulation) -> str:
    """The models that play the agent, or its name where none does."""
    models = {scenario.model or simulation.agent.model for scenario in simulation.scenarios}
    known = sorted(model for model in models if model)
    return simulation.agent.name if simulation.agent.endpoint or not known else ", ".join(known)


def progress(result: Result) -> str:
    """How the trials ended, and how many are still to come."""
    summary = result.summary
    parts = [f"{summary.count(outcome)} {word}" for outcome, word in _OUTCOMES.items() if summary.count(outcome)]
    waiting = summary.planned - summary.finished
    if waiting:
        parts.append(f"{waiting} still to come")
    return f"{count(summary.planned, 'trial')}: {', '.join(parts) or 'none'}"


def decision(simulation: Simulation) -> list[str]:
    """What was decided before all trials were played; nothing where they all were."""
    reason = simulation.status_reason
    return [reason] if simulation.is_decided and reason is not None else []


def spending(summary: Summary) -> str:
    """What it cost, by role."""
    if summary.cost == 0:
        return "cost $0"
    by_role = ", ".join(f"{role} {_known(cost)}" for role, cost in summary.costs.items())
    return f"cost {_known(summary.cost)}" + (f" ({by_role})" if by_role else "")


def over_all(summary: Summary) -> list[str]:
    """What the rates of all scenarios together say, and of what: nothing where nothing was judged."""
    if summary.again is None:
        return []
    told = f"All {rate(summary.pass_hat[1])}: this suite again {interval(summary.again)}"
    if summary.alike is not None:
        told += f", situations like these {interval(summary.alike)}"
    most = shown_k(summary)[-1]
    lines = [f"{told} (95 %)"]
    if most > 1 and most in summary.pass_at:
        lines.append(f"pass@{most} {rate(summary.pass_at[most])}: at least one of {most} trials passes")
    return lines


def elapsed(simulation: Simulation) -> str | None:
    """How long it took on the wall; None while it runs."""
    if simulation.completed_at is None:
        return None
    return duration(simulation.completed_at - (simulation.started_at or simulation.created_at))


def state(simulation: Simulation) -> str | None:
    """Its lifecycle and the reason for it, where that is worth a word."""
    if simulation.status is Lifecycle.COMPLETED:
        return None
    reason = simulation.status_reason
    return simulation.status.value if reason in (None, ON_REQUEST) else f"{simulation.status.value}: {reason}"


def shown_k(summary: Summary) -> list[int]:
    """The k of the pass^k that are shown: 1, and the largest number of trials of a scenario."""
    most = max((figures.planned for figures in summary.scenarios), default=1)
    return [1] if most == 1 else [1, most]


def _known(cost: float | None) -> str:
    return "unknown" if cost is None else money(cost)
