"""Results: a simulation with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sparring.dialects.eqho.translate.llm_args import args_record, not_acted_on
from sparring.dialects.eqho.translate.records import KEPT
from sparring.dialects.eqho.wire.runs import (
    Figures,
    Info,
    LlmArgs,
    LlmArgsRecord,
    RunSimulation,
    SimulationResults,
)
from sparring.dialects.spelling import timestamp
from sparring.dialects.spending import spent
from sparring.domain.agent import Agent
from sparring.domain.costs import mean
from sparring.domain.gates import read_threshold
from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Lifecycle, Outcome, Role
from sparring.domain.simulation import Simulation, Threshold, Trial
from sparring.domain.templates import compact_json

SOURCE = "eqho"


def kept(body: RunSimulation, key: str | None) -> dict[str, object]:
    """What a simulation keeps of its request: the lead's settings, and beside an idempotency key what was asked."""
    found: dict[str, object] = {}
    if body.simulated_lead_llm_args is not None:
        found["lead_llm_args"] = body.simulated_lead_llm_args.model_dump(exclude_unset=True)
    if key is not None:
        found["asked"] = _asked(body)
    return {KEPT: found} if found else {}


def until(body: RunSimulation) -> Threshold | None:
    """What ends a simulation once it is decided."""
    return None if body.until_decided is None else read_threshold(body.until_decided)


def asks_the_same(simulation: Simulation, body: RunSimulation) -> bool:
    """Whether a request is the one that this simulation was made with."""
    return simulation.source == SOURCE and simulation.extra.get(KEPT, {}).get("asked") == _asked(body)


def _asked(body: RunSimulation) -> str:
    """The request in few letters. Trials and budget of the simulation may have grown since."""
    return sha256(compact_json(body.model_dump(exclude_none=True)).encode()).hexdigest()


def args_warnings(agent: Agent, args: LlmArgs | None) -> tuple[str, ...]:
    """The settings of both models that are only stored."""
    sides = (
        ("ai_settings", agent.extra.get(KEPT, {}).get("ai_settings") or {}),
        ("simulated_lead_llm_args", args.model_dump() if args is not None else {}),
    )
    return tuple(
        f"{side}.{name} is stored and given back, and not acted on."
        for side, kept in sides
        for name in not_acted_on(kept)
    )


def results_record(
    simulation: Simulation, trials: Sequence[Trial], summary: Summary, *, scripted: bool, url: str
) -> SimulationResults:
    """A simulation as it goes out.

    Args:
        url: of its page.
    """
    figures = _figures(simulation, trials, summary)
    ended = simulation.completed_at is not None
    record: SimulationResults = {
        "_id": simulation.id,
        "account_id": simulation.workspace,
        "agent_id": simulation.agent.id,
        "scenario_ids": [scenario.id for scenario in simulation.scenarios],
        "info": _info(simulation),
        "total_runs": len(trials),
        "scenario_set_id": simulation.set_id,
        "created_at": timestamp(simulation.created_at),
        "completed_at": None if simulation.completed_at is None else timestamp(simulation.completed_at),
        "completed_runs": summary.finished,
        "final_score": figures["final_score"] if ended else None,
        "pass_hat_ks": figures["pass_hat_ks"] if ended else {},
        "avg_agent_cost": figures["avg_agent_cost"] if ended else None,
        "pass_hat_scenarios": figures["pass_hat_scenarios"] if ended else {},
        "progress": figures,
        "status": simulation.status.value,
        "status_reason": _reason(simulation),
        "max_cost_usd": simulation.max_cost,
        "spent_usd": spent(summary.costs),
        "errored_runs": summary.count(Outcome.ERROR),
        "inconclusive_runs": summary.count(Outcome.INCONCLUSIVE),
        "warnings": simulation.warnings,
        "url": url,
    }
    if scripted:
        record["scripted"] = True
    return record


def lead_args(simulation: Simulation) -> LlmArgsRecord:
    """The settings of the lead's model as they go out."""
    kept = simulation.extra.get(KEPT, {}).get("lead_llm_args", {})
    return args_record(kept, model=simulation.models.user, temperature=simulation.models.user_temperature)


def agent_args(agent: Agent) -> LlmArgsRecord:
    """The settings of the agent's model as they go out."""
    kept = agent.extra.get(KEPT, {}).get("ai_settings") or {}
    return args_record(kept, model=agent.model, temperature=agent.temperature)


def _info(simulation: Simulation) -> Info:
    return Info(
        num_trials=_num_trials(simulation),
        max_steps=simulation.limits.max_steps,
        max_errors=simulation.limits.max_errors,
        agent_info={"agent_id": simulation.agent.id, "ai_settings": agent_args(simulation.agent)},
        simulated_lead_info={"ai_settings": lead_args(simulation)},
    )


def _num_trials(simulation: Simulation) -> int:
    return max((scenario.trials for scenario in simulation.scenarios), default=1)


def _figures(simulation: Simulation, trials: Sequence[Trial], summary: Summary) -> Figures:
    costs = [trial.costs[Role.AGENT] for trial in trials if trial.is_over and Role.AGENT in trial.costs]
    entered = summary.pass_hat_scenarios
    return Figures(
        final_score=summary.mean_reward,
        pass_hat_ks={str(k): rate for k, rate in summary.pass_hat.items()},
        pass_hat_scenarios={str(k): entered.get(k, 0) for k in range(1, _num_trials(simulation) + 1)},
        avg_agent_cost=mean(costs),
    )


def _reason(simulation: Simulation) -> str | None:
    return "It was cancelled." if simulation.status is Lifecycle.CANCELLED else simulation.status_reason
