"""Runs: a trial with its verdict and its transcript."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.dialects.eqho.translate.checks import action_record
from sparring.dialects.eqho.translate.messages import message_records
from sparring.dialects.eqho.translate.results import lead_args
from sparring.dialects.eqho.wire.runs import (
    ActionCheck,
    AssertionCheck,
    CheckRecord,
    EvidenceRecord,
    RewardInfo,
    SimulationRun,
)
from sparring.dialects.spelling import timestamp
from sparring.domain.errors import ScenarioFault
from sparring.domain.evaluation import Check, CheckKind, Finding, Verdict
from sparring.domain.outcomes import Lifecycle, Outcome, Role, Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message

STATUSES = {
    Lifecycle.QUEUED: "pending",
    Lifecycle.RUNNING: "running",
    Lifecycle.COMPLETED: "completed",
    Lifecycle.CANCELLED: "completed",
}


def run_record(
    simulation: Simulation, trial: Trial, messages: Sequence[Message] | None, *, scripted: bool, url: str
) -> SimulationRun:
    """A run as it goes out, without `messages` where they are None.

    Args:
        url: of its page.
    """
    verdict = trial.verdict if trial.status is Lifecycle.COMPLETED else None
    scenario = _as_played(simulation, trial)
    record: SimulationRun = {
        "_id": trial.id,
        "account_id": simulation.workspace,
        "agent_id": simulation.agent.id,
        "simulation_results_id": simulation.id,
        "scenario_id": trial.scenario,
        "max_steps": simulation.limits.max_steps,
        "max_errors": simulation.limits.max_errors,
        "trial": trial.number,
        "simulated_lead_llm_args": lead_args(simulation),
        "scenario_set_id": simulation.set_id,
        "status": STATUSES[trial.status],
        "created_at": timestamp(simulation.created_at),
        "started_at": _moment(trial.started_at),
        "completed_at": _moment(trial.completed_at) if trial.is_over else None,
        "duration_in_seconds": round(trial.seconds, 6) if trial.is_over and trial.seconds is not None else None,
        "termination_reason": _termination(trial),
        "agent_cost": trial.costs.get(Role.AGENT),
        "user_cost": trial.costs.get(Role.USER),
        "reward_info": None if verdict is None else reward_info(verdict, scenario),
        "error": error(trial),
        "outcome": None if trial.outcome is None else trial.outcome.value,
        "cause": None if trial.cause is None else trial.cause.value,
        "dynamic_variables": scenario.variables,
        "checks": None if verdict is None else [_check(check) for check in verdict.checks],
        "judge_cost": trial.costs.get(Role.JUDGE),
        "warnings": trial.warnings,
        "url": url,
    }
    if messages is not None:
        record["messages"] = message_records(messages)
    if scripted:
        record["scripted"] = True
    return record


def reward_info(verdict: Verdict, scenario: Scenario) -> RewardInfo | None:
    """The reward and the documented checks, or None for a verdict without a reward."""
    if verdict.reward is None:
        return None
    return RewardInfo(
        reward=verdict.reward,
        action_checks=[
            _action_check(check, scenario) for check in verdict.checks if check.kind is CheckKind.ACTION
        ],
        nl_assertions=[_assertion_check(check) for check in verdict.checks if check.kind is CheckKind.ASSERTION],
        reward_breakdown=verdict.breakdown,
        info={} if verdict.note is None else {"note": verdict.note},
    )


def error(trial: Trial) -> str | None:
    """Why a run has no reward, where it has none and was not cancelled."""
    if trial.outcome is Outcome.ERROR:
        return trial.error
    if trial.outcome is not Outcome.INCONCLUSIVE or trial.verdict is None:
        return None
    open_ones = [check for check in trial.verdict.unmet if check.finding is Finding.INCONCLUSIVE]
    return "inconclusive: " + " ".join(f"{check.subject.rstrip('.:')}: {check.reason}" for check in open_ones)


def _as_played(simulation: Simulation, trial: Trial) -> Scenario:
    try:
        return simulation.played(trial)
    except ScenarioFault:
        return simulation.scenario(trial.scenario)


def _termination(trial: Trial) -> str | None:
    if trial.status is Lifecycle.CANCELLED:
        return Termination.CANCELLED.value
    return None if trial.termination is None else trial.termination.value


def _action_check(check: Check, scenario: Scenario) -> ActionCheck:
    met = check.finding is Finding.MET
    return ActionCheck(
        action=action_record(scenario.expect.actions[check.index]),
        action_match=met,
        action_reward=float(met),
        reason=check.reason,
        evidence=_evidence(check),
        required=check.required,
    )


def _assertion_check(check: Check) -> AssertionCheck:
    return AssertionCheck(
        nl_assertion=check.subject,
        met=check.finding is Finding.MET,
        justification=check.reason,
        evidence=_evidence(check),
        required=check.required,
    )


def _check(check: Check) -> CheckRecord:
    return CheckRecord(
        kind=check.kind.value,
        subject=check.subject,
        finding=check.finding.value,
        reason=check.reason,
        evidence=_evidence(check),
        required=check.required,
    )


def _evidence(check: Check) -> list[EvidenceRecord]:
    return [EvidenceRecord(message=one.message, quote=one.quote) for one in check.evidence]


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)
