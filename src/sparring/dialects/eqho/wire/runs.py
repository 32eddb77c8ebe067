"""Simulations, their results and their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, NotRequired, Self

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from sparring.dialects.eqho.wire.forms import MAX_SCENARIOS, MAX_STEPS, MAX_TRIALS, Identified, Meta, Name
from sparring.dialects.extensions import Documented, refused
from sparring.dialects.fields import Number, choice, number, threshold, whole
from sparring.dialects.spending import Dollars, Spent

LLM_ARGS = (
    "ai_model",
    "frequency_penalty",
    "max_tokens",
    "presence_penalty",
    "temperature",
    "reasoning",
    "text_verbosity",
)

RunStatus = Annotated[str, *choice("pending", "running", "completed")]
YesOrNo = Annotated[str, *choice("true", "false")]


class LlmArgs(Documented):
    """The settings of a model; of these, the model and its temperature are acted on."""

    ai_model: Name | None = None
    """Left out, the model of the server's settings."""
    frequency_penalty: Number | None = None
    max_tokens: Number | None = None
    presence_penalty: Number | None = None
    temperature: Annotated[float, *number(0, 2)] | None = None
    reasoning: str | None = None
    text_verbosity: str | None = None


class RunSimulation(Documented):
    """Scenarios to play: exactly one of `scenario_ids` and `scenario_set_id`."""

    agent_id: str
    scenario_ids: Annotated[list[str], Field(min_length=1, max_length=MAX_SCENARIOS)] | None = None
    scenario_set_id: str | None = None
    simulated_lead_llm_args: LlmArgs | None = None
    num_trials: Annotated[int, *whole(1, MAX_TRIALS)] | None = None
    """How often each scenario is played; left out, once."""
    max_steps: Annotated[int, *whole(1, MAX_STEPS)] | None = None
    """Left out, 100."""
    max_errors: Annotated[int, *whole(1, 1_000_000)] | None = None
    """Failed calls of actions in a row; left out, 5."""
    max_cost_usd: Dollars | None = None
    """The budget. Once it is spent no further run begins; what runs goes on to its end."""
    until_decided: Annotated[str, *threshold()] | None = None
    """It ends once it is certain whether pass^k reaches this; the runs that wait are cancelled then."""

    own: ClassVar[frozenset[str]] = frozenset({"max_cost_usd", "until_decided"})

    @model_validator(mode="after")
    def _one_selection(self) -> Self:
        given = [name for name in ("scenario_ids", "scenario_set_id") if getattr(self, name) is not None]
        if len(given) != 1:
            raise refused(f"must have exactly one of scenario_ids and scenario_set_id; {len(given)} came")
        return self


class Resume(Documented):
    """With which budget a simulation goes on."""

    max_cost_usd: Dollars | None = None
    """For all that it spends, what is spent already included; left out, the one that it has."""

    own: ClassVar[frozenset[str]] = frozenset({"max_cost_usd"})


class MoreTrials(Documented):
    """How many trials each scenario is to have in the end."""

    num_trials: Annotated[int, *whole(1, MAX_TRIALS)]


class LlmArgsRecord(TypedDict):
    """The settings of a model as they go out."""

    ai_model: str | None
    frequency_penalty: float | None
    max_tokens: float | None
    presence_penalty: float | None
    temperature: float | None
    reasoning: str | None
    text_verbosity: str | None


class AgentInfo(TypedDict):
    """Who was tested."""

    agent_id: str
    ai_settings: LlmArgsRecord


class LeadInfo(TypedDict):
    """Who played the lead."""

    ai_settings: LlmArgsRecord


class Info(TypedDict):
    """How a simulation was asked for."""

    num_trials: int
    max_steps: int
    max_errors: int
    agent_info: AgentInfo
    simulated_lead_info: LeadInfo


class Figures(TypedDict):
    """The figures over what has ended so far."""

    final_score: float | None
    pass_hat_ks: Mapping[str, float]
    pass_hat_scenarios: Mapping[str, int]
    avg_agent_cost: float | None


class SimulationResults(Identified):
    """A simulation and its figures."""

    agent_id: str
    scenario_ids: Sequence[str]
    info: Info
    total_runs: int
    scenario_set_id: str | None
    created_at: str
    completed_at: str | None
    completed_runs: int
    final_score: float | None
    pass_hat_ks: Mapping[str, float]
    avg_agent_cost: float | None
    pass_hat_scenarios: Mapping[str, int]
    progress: Figures
    status: str
    status_reason: str | None
    max_cost_usd: float | None
    spent_usd: Spent
    errored_runs: int
    inconclusive_runs: int
    warnings: Sequence[str]
    url: str
    scripted: NotRequired[bool]


class ResultList(TypedDict):
    """A page of simulations."""

    results: Sequence[SimulationResults]
    meta: Meta


class EvidenceRecord(TypedDict):
    """Words that stand in a message, verbatim; without a quote the message only."""

    message: int
    quote: str


class ActionCheck(TypedDict):
    """An expected action, and whether it occurred."""

    action: Mapping[str, Any]
    action_match: bool
    action_reward: float
    reason: str
    evidence: Sequence[EvidenceRecord]
    required: bool


class AssertionCheck(TypedDict):
    """An assertion, and whether the judge confirmed it."""

    nl_assertion: str
    met: bool
    justification: str
    evidence: Sequence[EvidenceRecord]
    required: bool


class CheckRecord(TypedDict):
    """One thing that was checked, whatever its kind."""

    kind: str
    subject: str
    finding: str
    reason: str
    evidence: Sequence[EvidenceRecord]
    required: bool


class RewardInfo(TypedDict):
    """How a run was judged."""

    reward: float
    action_checks: Sequence[ActionCheck]
    nl_assertions: Sequence[AssertionCheck]
    reward_breakdown: Mapping[str, float]
    info: Mapping[str, Any]


class SimulationRun(Identified):
    """One conversation of one scenario."""

    agent_id: str
    simulation_results_id: str
    scenario_id: str
    max_steps: int
    max_errors: int
    trial: int
    simulated_lead_llm_args: LlmArgsRecord
    scenario_set_id: str | None
    status: str
    created_at: str
    started_at: str | None
    completed_at: str | None
    duration_in_seconds: float | None
    termination_reason: str | None
    agent_cost: float | None
    user_cost: float | None
    reward_info: RewardInfo | None
    messages: NotRequired[Sequence[Mapping[str, Any]]]
    error: str | None
    outcome: str | None
    cause: str | None
    dynamic_variables: Mapping[str, Any]
    checks: Sequence[CheckRecord] | None
    judge_cost: float | None
    warnings: Sequence[str]
    url: str
    scripted: NotRequired[bool]
