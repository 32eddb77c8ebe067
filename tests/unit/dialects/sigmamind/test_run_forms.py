"""Batch runs, test runs and chats, as they go out."""

from dataclasses import replace

import pytest

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.batch_runs import (
    SOURCE,
    Tally,
    asks_the_same,
    batch_record,
    remarks,
    run_record,
    run_status,
    snapshot,
)
from sparring.dialects.sigmamind.translate.transcripts import chat, conversation, places
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.dialects.snapshots import is_scripted
from sparring.domain.agent import Agent
from sparring.domain.evaluation import Check, CheckKind, Evidence, Finding, Verdict
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.transcript import AgentMessage, SystemMessage, ToolCall, ToolResult, UserMessage

AGENT = Agent(id="a" * 24, workspace="w", name="A", alias="D5D0p7TUs66TTAEAx")
CASE = Scenario(id="1" * 24, name="n", agent_id=AGENT.id, trials=3, alias="tc_d17T6uReChpyfFeP")
URL = "http://here/page"
SIMULATION = Simulation(
    id="2" * 24,
    workspace="w",
    agent=AGENT,
    scenarios=(CASE, Scenario(id="3" * 24, name="m", trials=2)),
    models=Models(user="u", judge="j"),
    source=SOURCE,
)
TRIAL = Trial(id="4" * 24, simulation=SIMULATION.id, scenario=CASE.id, number=1, seed=1)
SUMMARY = {"name": "A", "agentId": "agent_D5D0p7TUs66TTAEAx", "status": "Live"}

MESSAGES = [
    SystemMessage(text="Be nice."),
    UserMessage(text="Cancel it."),
    AgentMessage(text=None, calls=(ToolCall(id="1", name="cancel"),)),
    ToolResult(call_id="1", name="cancel", text="done"),
    AgentMessage(text="It is"),
    AgentMessage(text="cancelled."),
    UserMessage(text="Thanks! ###STOP###"),
    UserMessage(text="###STOP###"),
]


def check(finding, reason, *evidence, subject="It is cancelled."):
    return Check(kind=CheckKind.ASSERTION, subject=subject, finding=finding, reason=reason, evidence=evidence)


def verdict(outcome, *checks, note=None):
    return Verdict(outcome=outcome, reward=None, breakdown={}, checks=checks, note=note)


def run(trial, **options):
    return run_record(SIMULATION, trial, {}, workspace="org_w", agent=SUMMARY, url=URL, **options)


def test_a_conversation_is_what_was_said_without_tools_and_stop_tokens():
    assert conversation(MESSAGES, CASE) == [
        {"role": "user", "content": "Cancel it."},
        {"role": "assistant", "content": "It is"},
        {"role": "assistant", "content": "cancelled."},
        {"role": "user", "content": "Thanks!"},
    ]
    own_tokens = replace(CASE, stop_tokens=("cancelled",), agent_stop_tokens=("cancelled.",))
    assert [line["content"] for line in conversation(MESSAGES[4:7], own_tokens)] == ["It is", "Thanks! ###STOP###"]


def test_evidence_is_named_by_its_place_in_the_conversation():
    named = places(MESSAGES, CASE)
    lines = conversation(MESSAGES, CASE)
    assert named[0] == "tool traffic before the first message"
    assert named[3] == "tool traffic after message 0"
    assert [lines[int(named[index].split()[-1])]["content"] for index in (1, 4, 5, 6)] == [
        "Cancel it.", "It is", "cancelled.", "Thanks!"
    ]  # fmt: skip


def test_a_chat_shows_the_last_reply_and_the_transcript():
    over = replace(TRIAL, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED)
    told = chat(over, MESSAGES, CASE, agent=SUMMARY, created_at=0.0)
    assert told["chatId"].removeprefix("chat_") == run(TRIAL)["jobId"].removeprefix("job_")
    assert told["transcript"] == "User: Cancel it.\nAgent: It is\nAgent: cancelled.\nUser: Thanks!"
    assert [item["content"] for item in told["response"]] == [["It is"], ["cancelled."]]
    assert len({item["id"] for item in told["messages"]}) == 4
    assert told["status"] == "ended"


@pytest.mark.parametrize(
    ("trial", "status"),
    [
        (TRIAL, "in_progress"),
        (replace(TRIAL, status=Lifecycle.RUNNING), "in_progress"),
        (replace(TRIAL, status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED), "ended"),
        (replace(TRIAL, status=Lifecycle.COMPLETED, outcome=Outcome.ERROR), "error"),
    ],
)
def test_a_chat_is_in_progress_until_its_run_is_over(trial, status):
    told = chat(trial, [], CASE, agent=SUMMARY, created_at=0.0)
    assert (told["status"], told["response"], told["transcript"]) == (status, [], "")


def test_remarks_of_a_run_that_passed_give_the_reason_and_where_it_shows():
    met = check(Finding.MET, "The agent confirmed it.", Evidence(message=5, quote="cancelled."))
    assert remarks(verdict(Outcome.PASSED, met)) == "The agent confirmed it (message 5: “cancelled.”)."
    assert remarks(verdict(Outcome.PASSED, met), places(MESSAGES, CASE)) == (
        "The agent confirmed it (message 2: “cancelled.”)."
    )


def test_remarks_of_a_run_that_failed_give_what_was_not_met():
    met = check(Finding.MET, "Yes.", subject="It was polite.")
    unmet = check(Finding.NOT_MET, "Nothing was cancelled.", Evidence(message=1))
    assert remarks(verdict(Outcome.FAILED, met, unmet)) == ("It is cancelled: Nothing was cancelled (message 1).")
    uncalled = check(Finding.NOT_MET, "cancel_order was never called.", subject="cancel_order")
    assert remarks(verdict(Outcome.FAILED, met, uncalled)) == "cancel_order was never called."


def test_remarks_of_a_run_that_hit_the_limit_say_so():
    told = remarks(verdict(Outcome.FAILED, note="The conversation reached its limit of steps."))
    assert told == "The conversation reached its limit of steps."


def test_remarks_without_any_check_say_that():
    assert remarks(verdict(Outcome.PASSED)) == "There was nothing to check."


@pytest.mark.parametrize("trial", [TRIAL, replace(TRIAL, status=Lifecycle.RUNNING, started_at=60.0)])
def test_a_run_that_is_not_finished_has_its_results_present_and_null(trial):
    told = run(trial)
    assert (told["completedDate"], told["isSuccessful"], told["remarks"], told["error"]) == (
        None,
        None,
        None,
        None,
    )
    assert told["status"] == trial.status.value


@pytest.mark.parametrize(
    ("outcome", "successful", "status"),
    [
        (Outcome.PASSED, True, "completed"),
        (Outcome.FAILED, False, "completed"),
        (Outcome.INCONCLUSIVE, None, "inconclusive"),
    ],
)
def test_a_judged_run_says_how_it_went(outcome, successful, status):
    judged = verdict(outcome, check(Finding.INCONCLUSIVE, "Because."))
    over = replace(
        TRIAL, status=Lifecycle.COMPLETED, outcome=outcome, verdict=judged, started_at=1.0, completed_at=61.5
    )
    told = run(over)
    assert (told["isSuccessful"], told["status"], told["remarks"]) == (successful, status, "Because.")
    assert (told["createdDate"], told["completedDate"]) == ("1970-01-01T00:00:01.000Z", "1970-01-01T00:01:01.500Z")


def test_a_run_that_could_not_be_judged_has_an_error_and_no_result():
    over = replace(
        TRIAL, status=Lifecycle.COMPLETED, outcome=Outcome.ERROR, error="The provider is down.", completed_at=1.0
    )
    told = run(over)
    assert (told["isSuccessful"], told["remarks"]) == (None, None)
    assert (told["status"], told["error"]) == ("error", "The provider is down.")


def test_a_cancelled_run_is_neither_successful_nor_not():
    over = replace(TRIAL, status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED)
    assert (run_status(over), run(over)["isSuccessful"]) == ("cancelled", None)


def test_a_batch_tells_the_planned_number_from_the_start():
    told = batch_record(SIMULATION, [], Tally(passed=1), workspace="org_w", agent=SUMMARY, url=URL)
    assert (told["totalAttempts"], told["successfulAttempts"], told["failedAttempts"]) == (5, 1, 0)


def test_a_snapshot_answers_tools_from_the_variables_and_names_the_model():
    agent, (case,) = snapshot(AGENT, [CASE], model="gpt-4o", scripted=lambda model: False)
    assert (agent.model, case.variables_answer_tools) == ("gpt-4o", True)
    assert not is_scripted(agent, agent.model)
    assert not is_scripted(case, agent.model)


def test_a_snapshot_of_what_a_script_answers_stays_marked():
    scripted = replace(CASE, model="scripted:polite")
    agent, (one, other) = snapshot(
        replace(AGENT, model="gpt-4o"), [scripted, CASE], model=None, scripted=lambda model: model != "gpt-4o"
    )
    assert [is_scripted(record, "gpt-4o") for record in (agent, one, other)] == [False, True, False]
    assert is_scripted(other, "scripted:polite")


@pytest.mark.parametrize(
    ("agent", "cases", "same"),
    [
        ("D5D0p7TUs66TTAEAx", ["tc_d17T6uReChpyfFeP", "3" * 24], True),
        ("agent_D5D0p7TUs66TTAEAx", ["1" * 24, "3" * 24], True),
        ("a" * 24, ["3" * 24, "1" * 24], False),
        ("a" * 24, ["1" * 24], False),
        ("b" * 24, ["1" * 24, "3" * 24], False),
    ],
)
def test_a_repeated_request_is_recognized_in_any_spelling(agent, cases, same):
    body = wire.CreateBatchRun.model_validate({"agentId": agent, "testCases": cases})
    assert asks_the_same(SIMULATION, body) is same
    assert not asks_the_same(replace(SIMULATION, source="cli"), body)


@pytest.mark.parametrize(
    ("page", "size", "total", "pages", "next_one", "previous"),
    [
        (0, 20, 125, 7, True, False),
        (6, 20, 125, 7, False, True),
        (0, 10, 0, 0, False, False),
        (9, 10, 5, 1, False, True),
    ],
)
def test_the_wrapper_says_where_a_page_stands(page, size, total, pages, next_one, previous):
    told = wrapped([], page=page, size=size, total=total)
    assert (told["totalPages"], told["hasNext"], told["hasPrevious"]) == (pages, next_one, previous)
    assert (told["totalCount"], told["page"], told["size"], told["data"]) == (total, page, size, [])
