"""The report for programs: one JSON document with everything, in a versioned form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sparring.domain.evaluation import Check, Verdict
from sparring.domain.metrics import ScenarioFigures, Summary
from sparring.domain.setups import Setup, setup_of
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Message,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)
from sparring.reports.result import Result
from sparring.reports.sections import sections

FORMAT = 1
"""Raised when a field changes its meaning or goes away; fields may be added without."""


def render_json(result: Result) -> str:
    """The result as JSON text."""
    return json.dumps(document(result), ensure_ascii=False, indent=2) + "\n"


def document(result: Result) -> dict[str, Any]:
    """The result as plain values.

    Costs are US dollars, and null where a price is not known; times are unix seconds, durations seconds.
    """
    return {
        "format": FORMAT,
        "simulation": {**_simulation(result.simulation), "url": result.address},
        "setup": setup(setup_of(result.simulation)),
        "summary": _summary(result.summary),
        "scenarios": [
            {
                "id": section.scenario.id,
                "name": section.scenario.name,
                "folder": section.scenario.folder,
                "tags": list(section.scenario.tags),
                "required": section.scenario.required,
                "standing": section.standing.value,
                **_figures(section.figures),
                "trials": [_trial(trial, result.transcripts.get(trial.id)) for trial in section.trials],
            }
            for section in sections(result)
        ],
    }


def setup(made: Setup) -> dict[str, Any]:
    """What decides how trials fall out, as texts by name; what is as it always is, is left out."""
    return {
        "agent": dict(made.agent),
        "tools": {name: dict(parts) for name, parts in made.tools.items()},
        "models": dict(made.models),
        "limits": dict(made.limits),
        "scenarios": {name: dict(parts) for name, parts in made.scenarios.items()},
    }


def _simulation(simulation: Simulation) -> dict[str, Any]:
    limits = simulation.limits
    return {
        "id": simulation.id,
        "name": simulation.name,
        "status": simulation.status.value,
        "status_reason": simulation.status_reason,
        "source": simulation.source,
        "agent": {"id": simulation.agent.id, "name": simulation.agent.name, "model": simulation.agent.model},
        "models": {"user": simulation.models.user, "judge": simulation.models.judge},
        "limits": {"max_steps": limits.max_steps, "max_errors": limits.max_errors, "timeout": limits.timeout},
        "seed": simulation.seed,
        "max_cost": simulation.max_cost,
        "thresholds": {str(bar.k): bar.rate for bar in simulation.thresholds},
        "warnings": list(simulation.warnings),
        "created_at": simulation.created_at,
        "started_at": simulation.started_at,
        "completed_at": simulation.completed_at,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "planned": summary.planned,
        "finished": summary.finished,
        "judged": summary.judged,
        "outcomes": {outcome.value: number for outcome, number in summary.outcomes.items()},
        "causes": {cause.value: number for cause, number in summary.causes.items()},
        "pass_hat": {str(k): value for k, value in summary.pass_hat.items()},
        "pass_hat_scenarios": {str(k): number for k, number in summary.pass_hat_scenarios.items()},
        "pass_at": {str(k): value for k, value in summary.pass_at.items()},
        "intervals": {
            "this_suite_again": None if summary.again is None else list(summary.again),
            "situations_like_these": None if summary.alike is None else list(summary.alike),
        },
        "flaky": summary.flaky,
        "mean_reward": summary.mean_reward,
        "cost": summary.cost,
        "costs": dict(summary.costs),
    }


def _figures(figures: ScenarioFigures) -> dict[str, Any]:
    return {
        "planned": figures.planned,
        "outcomes": {outcome.value: number for outcome, number in figures.outcomes.items()},
        "pass_hat": {str(k): value for k, value in figures.pass_hat.items()},
        "pass_at": {str(k): value for k, value in figures.pass_at.items()},
        "interval": None if figures.interval is None else list(figures.interval),
        "flaky": figures.is_flaky,
        "cost": figures.cost,
        "median_seconds": figures.seconds,
    }


def _trial(trial: Trial, messages: Sequence[Message] | None) -> dict[str, Any]:
    return {
        "id": trial.id,
        "number": trial.number,
        "seed": trial.seed,
        "attempt": trial.attempt,
        "status": trial.status.value,
        "outcome": None if trial.outcome is None else trial.outcome.value,
        "cause": None if trial.cause is None else trial.cause.value,
        "error": trial.error,
        "termination": None if trial.termination is None else trial.termination.value,
        "verdict": None if trial.verdict is None else _verdict(trial.verdict),
        "costs": dict(trial.costs),
        "steps": trial.steps,
        "warnings": list(trial.warnings),
        "started_at": trial.started_at,
        "seconds": trial.seconds,
        "messages": None if messages is None else [_message(message) for message in messages],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "reward": verdict.reward,
        "breakdown": dict(verdict.breakdown),
        "note": verdict.note,
        "checks": [_check(check) for check in verdict.checks],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "kind": check.kind.value,
        "subject": check.subject,
        "finding": check.finding.value,
        "required": check.required,
        "reason": check.reason,
        "evidence": [{"message": found.message, "quote": found.quote} for found in check.evidence],
    }


def _message(message: Message) -> dict[str, Any]:
    match message:
        case SystemMessage():
            return {"role": "system", "content": message.text, "at": message.at}
        case ToolResult():
            return {
                "role": "tool",
                "id": message.call_id,
                "name": message.name,
                "content": message.text,
                "error": message.is_error,
                "requestor": message.side.value,
                "source": message.source,
                "at": message.at,
            }
        case UserMessage() | AgentMessage():
            return {
                "role": "user" if isinstance(message, UserMessage) else "assistant",
                "content": message.text,
                "tool_calls": [_call(call) for call in message.calls],
                "at": message.at,
                "generation": None if message.generation is None else _generation(message.generation),
            }


def _call(call: ToolCall) -> dict[str, Any]:
    found: dict[str, Any] = {"id": call.id, "name": call.name, "arguments": dict(call.arguments)}
    return found if call.malformed is None else {**found, "malformed": call.malformed}


def _generation(made: Generation) -> dict[str, Any]:
    usage = made.usage
    return {
        "provider": made.provider,
        "model": made.model,
        "cost": made.cost,
        "seconds": made.seconds,
        "usage": None
        if usage is None
        else {"input": usage.input, "output": usage.output, "cached": usage.cached, "reasoning": usage.reasoning},
    }
