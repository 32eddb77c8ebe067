"""Batch runs and their test runs: a simulation and its trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sparring.dialects import snapshots
from sparring.dialects.sigmamind import wire
from sparring.dialects.spelling import (
    AGENT,
    BATCH,
    CASE,
    JOB,
    means,
    spell,
    spell_chat,
    timestamp,
)
from sparring.dialects.spending import spent
from sparring.domain.agent import Agent
from sparring.domain.evaluation import Check, Evidence, Verdict
from sparring.domain.gates import read_threshold
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Threshold, Trial

SOURCE = "sigmamind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many attempts of a batch are over, by how they ended."""

    passed: int = 0
    failed: int = 0
    inconclusive: int = 0
    errored: int = 0
    cancelled: int = 0
    spent: Mapping[str, float | None] = field(default_factory=dict)
    """USD by role, those that run included."""


def kept(body: wire.CreateBatchRun) -> dict[str, object]:
    """What a batch keeps of its request: its budget may grow, and is still the one that was asked for."""
    return {SOURCE: {"maxCostUsd": body.max_cost_usd}} if body.max_cost_usd is not None else {}


def until(body: wire.CreateBatchRun) -> Threshold | None:
    """What ends a batch once it is decided."""
    return None if body.until_decided is None else read_threshold(body.until_decided)


def snapshot(
    agent: Agent, scenarios: Sequence[Scenario], *, model: str | None, scripted: Callable[[str | None], bool]
) -> tuple[Agent, tuple[Scenario, ...]]:
    """Agent and scenarios as a batch plays them: here the variables answer the calls that have no mock."""
    cases = [replace(scenario, variables_answer_tools=True) for scenario in scenarios]
    return snapshots.snapshot(agent, cases, model=model, scripted=scripted)


def asks_the_same(simulation: Simulation, body: wire.CreateBatchRun) -> bool:
    """Whether a request is the one that this simulation was made with."""
    agent, scenarios = simulation.agent, simulation.scenarios
    return (
        simulation.source == SOURCE
        and means(AGENT, body.agent_id, agent.id, agent.alias)
        and simulation.extra.get(SOURCE, {}).get("maxCostUsd") == body.max_cost_usd
        and simulation.until == until(body)
        and len(body.test_cases) == len(scenarios)
        and all(
            means(CASE, text, scenario.id, scenario.alias)
            for text, scenario in zip(body.test_cases, scenarios, strict=True)
        )
    )


def created_batch(
    simulation: Simulation, cases: Sequence[wire.TestCase], *, workspace: str, agent: wire.AgentSummary, url: str
) -> wire.CreatedBatchRun:
    """A batch run as its creation answers it.

    Args:
        url: of its page.
    """
    record = wire.CreatedBatchRun(
        batchId=spell(BATCH, simulation.id, simulation.alias),
        workspaceId=workspace,
        agent=agent,
        createdDate=timestamp(simulation.created_at),
        url=url,
    )
    if any(case.get("scripted") for case in cases):
        record["scripted"] = True
    return record


def batch_record(
    simulation: Simulation,
    cases: Sequence[wire.TestCase],
    tally: Tally,
    *,
    workspace: str,
    agent: wire.AgentSummary,
    url: str,
) -> wire.BatchRun:
    """A batch run as it goes out."""
    return wire.BatchRun(
        **created_batch(simulation, cases, workspace=workspace, agent=agent, url=url),
        status=simulation.status.value,
        statusReason=simulation.status_reason,
        testCases=cases,
        successfulAttempts=tally.passed,
        failedAttempts=tally.failed,
        totalAttempts=sum(scenario.trials for scenario in simulation.scenarios),
        erroredAttempts=tally.errored,
        inconclusiveAttempts=tally.inconclusive,
        cancelledAttempts=tally.cancelled,
        maxCostUsd=simulation.max_cost,
        spentUsd=spent(tally.spent),
        warnings=simulation.warnings,
    )


def run_record(
    simulation: Simulation,
    trial: Trial,
    case: wire.TestCase,
    *,
    workspace: str,
    agent: wire.AgentSummary,
    url: str,
    places: Mapping[int, str] | None = None,
) -> wire.TestRunItem:
    """A test run as it goes out, without its conversation.

    Args:
        url: of its page.
        places: how to name each message; None where the transcript holds nothing but what was said.
    """
    done = trial.verdict is not None and trial.status is Lifecycle.COMPLETED
    record = wire.TestRunItem(
        batchId=spell(BATCH, simulation.id, simulation.alias),
        workspaceId=workspace,
        agent=agent,
        testCase=case,
        jobId=spell(JOB, trial.id, trial.alias),
        chatId=spell_chat(trial.id, trial.alias),
        createdDate=timestamp(simulation.created_at if trial.started_at is None else trial.started_at),
        completedDate=timestamp(trial.completed_at) if trial.is_over and trial.completed_at is not None else None,
        isSuccessful=_SUCCESS.get(trial.outcome) if trial.outcome is not None else None,
        remarks=remarks(trial.verdict, places) if done and trial.verdict is not None else None,
        status=run_status(trial),
        error=trial.error if trial.outcome is Outcome.ERROR else None,
        warnings=trial.warnings,
        url=url,
    )
    if case.get("scripted"):
        record["scripted"] = True
    return record


_SUCCESS = {Outcome.PASSED: True, Outcome.FAILED: False}
_OUTCOME_STATUS = {Outcome.INCONCLUSIVE: "inconclusive", Outcome.ERROR: "error", Outcome.CANCELLED: "cancelled"}


def run_status(trial: Trial) -> str:
    """The one word for where a run is and, once it is over, whether it can be counted."""
    if not trial.is_over or trial.outcome is None:
        return trial.status.value
    return _OUTCOME_STATUS.get(trial.outcome, "completed")


def remarks(verdict: Verdict, places: Mapping[int, str] | None = None) -> str:
    """Why a run passed or not, with the message that shows it."""
    deciding = verdict.unmet or verdict.checks
    told = [verdict.note] if verdict.note else []
    told += [_told(check, places, named=len(verdict.checks) > 1) for check in deciding]
    return " ".join(told) or "There was nothing to check."


def _told(check: Check, places: Mapping[int, str] | None, *, named: bool) -> str:
    shown = "; ".join(_shown(evidence, places) for evidence in check.evidence)
    reason = check.reason.strip()
    if shown:
        reason = f"{reason.rstrip('.')} ({shown})."
    subject = check.subject.rstrip(".:")
    return f"{subject}: {reason}" if named and not reason.startswith(f"{subject} ") else reason


def _shown(evidence: Evidence, places: Mapping[int, str] | None) -> str:
    default = f"message {evidence.message}"
    place = default if places is None else places.get(evidence.message, default)
    return f"{place}: “{evidence.quote}”" if evidence.quote else place
