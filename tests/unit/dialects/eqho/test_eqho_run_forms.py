"""Results, runs and transcripts as they go out."""

from dataclasses import replace

import pytest

from sparring.dialects.eqho.translate.llm_args import not_acted_on
from sparring.dialects.eqho.translate.messages import message_records
from sparring.dialects.eqho.translate.records import meta
from sparring.dialects.eqho.translate.results import results_record
from sparring.dialects.eqho.translate.runs import error, run_record
from sparring.domain.agent import Agent
from sparring.domain.evaluation import Check, CheckKind, Evidence, Finding, Verdict
from sparring.domain.generation import Generator
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Expectations, ExpectedAction, Scenario
from sparring.domain.simulation import Limits, Models, Simulation, Trial
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Usage,
    UserMessage,
)

WORKSPACE, AGENT, ONE, TWO = "b" * 24, "a" * 24, "1" * 24, "2" * 24
SCENARIO = Scenario(
    id=ONE,
    workspace=WORKSPACE,
    name="One",
    trials=2,
    variables={"plan": "gold"},
    generated={"code": Generator(pattern="[A-Z]{4}")},
    expect=Expectations(assertions=("It is so.",), actions=(ExpectedAction(name="find", arguments={"id": 1}),)),
)
URL = "http://here/page"
SIMULATION = Simulation(
    id="c" * 24,
    workspace=WORKSPACE,
    agent=Agent(id=AGENT, workspace=WORKSPACE, name="A", model="gpt-4o"),
    scenarios=(SCENARIO, replace(SCENARIO, id=TWO, trials=1)),
    models=Models(user="u", judge="j", user_temperature=0.5),
    limits=Limits(max_steps=7, max_errors=2),
    created_at=1.0,
)
QUEUED = Trial(id="d" * 24, simulation=SIMULATION.id, scenario=ONE, number=1, seed=3)
ACTION = Check(
    kind=CheckKind.ACTION,
    subject="find",
    finding=Finding.MET,
    reason="find was called as expected.",
    evidence=(Evidence(message=2, quote="find"),),
)
ASSERTION = Check(kind=CheckKind.ASSERTION, subject="It is so.", finding=Finding.NOT_MET, reason="It is not.")
FAILED = Verdict(
    outcome=Outcome.FAILED,
    reward=0.0,
    breakdown={"ACTION": 1.0, "NL_ASSERTION": 0.0},
    checks=(ACTION, ASSERTION),
    note="Too long.",
)
DONE = replace(
    QUEUED,
    status=Lifecycle.COMPLETED,
    outcome=Outcome.FAILED,
    termination=Termination.MAX_STEPS,
    verdict=FAILED,
    costs={"agent": 0.25, "user": None, "judge": 0.5},
    started_at=2.0,
    completed_at=4.5,
    warnings=("Mind the gap.",),
)


def shown(trial, messages=None):
    return run_record(SIMULATION, trial, messages, scripted=False, url=URL)


def test_a_run_that_waits_has_every_field():
    record = shown(QUEUED)
    assert (record["status"], record["trial"], record["scenario_id"]) == ("pending", 1, ONE)
    empty = (
        "started_at", "completed_at", "duration_in_seconds", "termination_reason", "agent_cost", "user_cost",
        "reward_info", "error", "outcome", "cause", "checks", "judge_cost",
    )  # fmt: skip
    assert all(record[name] is None for name in empty)
    assert "messages" not in record


def test_a_judged_run_tells_its_reward_and_every_check():
    record = shown(DONE, [])
    assert record["messages"] == []
    assert record["reward_info"] == {
        "reward": 0.0,
        "action_checks": [
            {
                "action": {
                    "tool_call_id": None,
                    "name": "find",
                    "arguments": {"id": 1},
                    "requestor": "assistant",
                    "info": None,
                    "compare_args": None,
                },
                "action_match": True,
                "action_reward": 1.0,
                "reason": "find was called as expected.",
                "evidence": [{"message": 2, "quote": "find"}],
                "required": True,
            }
        ],
        "nl_assertions": [
            {
                "nl_assertion": "It is so.",
                "met": False,
                "justification": "It is not.",
                "evidence": [],
                "required": True,
            }
        ],
        "reward_breakdown": {"ACTION": 1.0, "NL_ASSERTION": 0.0},
        "info": {"note": "Too long."},
    }
    assert [check["finding"] for check in record["checks"]] == ["met", "not_met"]
    assert (record["agent_cost"], record["user_cost"], record["judge_cost"]) == (0.25, None, 0.5)
    assert (record["termination_reason"], record["duration_in_seconds"], record["error"]) == (
        "max_steps",
        2.5,
        None,
    )


def test_the_variables_of_a_run_are_those_that_were_made_up_for_it():
    first, again, other = (shown(trial)["dynamic_variables"] for trial in (DONE, DONE, replace(DONE, seed=4)))
    assert first == again
    assert first["plan"] == "gold"
    assert first["code"] != other["code"]


def test_a_run_whose_variables_cannot_be_made_up_is_shown_all_the_same():
    broken = replace(SCENARIO, generated={"due": Generator(date="+1 day")})
    simulation = replace(SIMULATION, scenarios=(broken,))
    assert run_record(simulation, QUEUED, None, scripted=False, url=URL)["dynamic_variables"] == {"plan": "gold"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outcome": Outcome.PASSED}, None),
        ({"outcome": Outcome.ERROR, "cause": Cause.LIMIT, "error": "Too slow.", "verdict": None}, "Too slow."),
        ({"outcome": Outcome.CANCELLED, "status": Lifecycle.CANCELLED, "error": "x"}, None),
    ],
)
def test_only_a_run_that_could_not_be_played_has_an_error(changes, told):
    assert error(replace(DONE, **changes)) == told


def test_an_inconclusive_run_has_no_reward_and_says_why():
    open_check = replace(ASSERTION, finding=Finding.INCONCLUSIVE, reason="It is not said.")
    verdict = Verdict(outcome=Outcome.INCONCLUSIVE, reward=None, breakdown={}, checks=(ACTION, open_check))
    record = shown(replace(DONE, outcome=Outcome.INCONCLUSIVE, verdict=verdict))
    assert record["reward_info"] is None
    assert record["error"] == "inconclusive: It is so: It is not said."
    assert record["checks"][1]["finding"] == "inconclusive"


def test_a_cancelled_run_is_completed_and_its_verdict_is_gone():
    cancelled = replace(DONE, status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED, termination=None)
    record = shown(cancelled)
    assert (record["status"], record["termination_reason"]) == ("completed", "cancelled")
    assert (record["reward_info"], record["checks"], record["error"]) == (None, None, None)


def trials(*outcomes):
    """The three trials of the simulation, those that are given over."""
    rewards = {Outcome.PASSED: 1.0, Outcome.FAILED: 0.0}
    slots = [(ONE, 1), (TWO, 1), (ONE, 2)]
    found = []
    for (scenario, number), outcome in zip(slots, (*outcomes, None, None, None), strict=False):
        trial = replace(QUEUED, id=f"{number}{scenario}", scenario=scenario, number=number)
        if outcome is not None:
            reward = rewards.get(outcome)
            verdict = None
            if reward is not None:
                verdict = Verdict(outcome=outcome, reward=reward, breakdown={}, checks=())
            trial = replace(
                trial, status=Lifecycle.COMPLETED, outcome=outcome, verdict=verdict, costs={"agent": 0.1}
            )
        found.append(trial)
    return found


def results(found, **changes):
    return results_record(replace(SIMULATION, **changes), found, summarize(found), scripted=False, url=URL)


def test_figures_come_when_every_run_has_ended_and_before_that_as_progress():
    running = results(trials(Outcome.PASSED, Outcome.FAILED), status=Lifecycle.RUNNING)
    assert (running["final_score"], running["pass_hat_ks"], running["avg_agent_cost"]) == (None, {}, None)
    assert running["progress"] == {
        "final_score": 0.5,
        "pass_hat_ks": {"1": 0.5},
        "pass_hat_scenarios": {"1": 2, "2": 0},
        "avg_agent_cost": pytest.approx(0.1),
    }
    ended = results(
        trials(Outcome.PASSED, Outcome.FAILED, Outcome.PASSED), status=Lifecycle.COMPLETED, completed_at=9.0
    )
    assert ended["final_score"] == pytest.approx(2 / 3)
    assert ended["pass_hat_ks"] == {"1": 0.5, "2": 1.0}
    assert ended["pass_hat_scenarios"] == {"1": 2, "2": 1}
    assert (ended["completed_runs"], ended["total_runs"], ended["status_reason"]) == (3, 3, None)


def test_without_a_judged_run_there_is_no_score():
    ended = results(trials(Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.ERROR), completed_at=9.0)
    assert (ended["final_score"], ended["pass_hat_ks"]) == (None, {})
    assert (ended["errored_runs"], ended["inconclusive_runs"], ended["completed_runs"]) == (2, 1, 3)


def test_a_cost_that_is_not_known_makes_no_average():
    first, *rest = trials(Outcome.PASSED, Outcome.PASSED, Outcome.PASSED)
    found = [replace(first, costs={"agent": None}), *rest]
    assert results(found, completed_at=9.0)["avg_agent_cost"] is None


def test_the_request_is_told_with_the_models_in_effect():
    record = results(trials(), extra={"eqho": {"lead_llm_args": {"max_tokens": 5, "temperature": 0.5}}})
    assert record["info"]["num_trials"] == 2
    assert (record["info"]["max_steps"], record["info"]["max_errors"]) == (7, 2)
    lead = record["info"]["simulated_lead_info"]["ai_settings"]
    assert (lead["ai_model"], lead["temperature"], lead["max_tokens"], lead["reasoning"]) == ("u", 0.5, 5, None)
    assert record["info"]["agent_info"]["ai_settings"]["ai_model"] == "gpt-4o"


def test_settings_that_ask_for_nothing_are_not_warned_of():
    assert not_acted_on({"frequency_penalty": 0, "reasoning": "none", "text_verbosity": "low"}) == []
    assert not_acted_on({"max_tokens": 1, "reasoning": "high"}) == ["max_tokens", "reasoning"]


def test_a_transcript_has_its_places_costs_and_sources():
    made = Generation(provider="p", model="m", cost=0.5, usage=Usage(input=3, output=2, cached=1, reasoning=1))
    call = ToolCall(id="1", name="find", arguments={"id": 1})
    records = message_records(
        [
            SystemMessage(text="It is Monday."),
            UserMessage(text="Hi ###STOP###", at=1.5),
            AgentMessage(text=None, calls=(call, ToolCall(id="2", name="x", malformed="{")), generation=made),
            ToolResult(call_id="1", name="find", text="1", source="rule 2", at=2.0),
            ToolResult(call_id="2", name="x", text="?", is_error=True, side=Side.USER, source="malformed"),
        ]
    )
    assert [record["turn_idx"] for record in records] == [0, 1, 2, 3, 4]
    assert [record["role"] for record in records] == ["system", "user", "assistant", "tool", "tool"]
    assert records[1]["content"] == "Hi ###STOP###"
    assert (records[1]["tool_calls"], records[1]["cost"], records[1]["usage"]) == (None, None, None)
    assert records[2]["tool_calls"] == [
        {"id": "1", "name": "find", "arguments": {"id": 1}, "requestor": "assistant"},
        {"id": "2", "name": "x", "arguments": {}, "requestor": "assistant", "malformed": "{"},
    ]
    assert (records[2]["content"], records[2]["cost"]) == (None, 0.5)
    assert records[2]["usage"]["prompt_tokens"] == 3
    assert (records[3]["id"], records[3]["error"], records[3]["source"]) == ("1", False, "rule 2")
    assert (records[4]["requestor"], records[4]["error"]) == ("user", True)
    assert records[3]["timestamp"] == "1970-01-01T00:00:02.000Z"


@pytest.mark.parametrize(
    ("page", "total", "last", "before", "after"),
    [(1, 0, 1, None, None), (1, 10, 1, None, None), (1, 11, 2, None, 2), (2, 11, 2, 1, None), (9, 11, 2, 2, None)],
)
def test_a_page_says_where_it_stands(page, total, last, before, after):
    told = meta(page=page, per_page=10, total=total)
    assert (told["last_page"], told["prev_page"], told["next_page"]) == (last, before, after)
