"""Simulations in a store, with whatever a model may have written in them."""

from dataclasses import replace

from tests.wire.sigmamind.served import NOW, WORKSPACE

from sparring.domain.agent import Agent
from sparring.domain.evaluation import Check, CheckKind, Evidence, Finding, Verdict
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.simulation import Models, Simulation, plan, trial_count
from sparring.domain.transcript import AgentMessage, Generation, ToolCall, ToolResult, UserMessage

HOSTILE = "<img src=x onerror=alert(1)>'\"&{{7*7}}"
SIMULATION = "69c50fbd" + 16 * "1"
MADE = Generation(provider="p", model="m", cost=0.002, seconds=1.5)


def scenario(number=1, **changes):
    return Scenario(
        **{
            "id": f"69c50fbd{number:016x}",
            "workspace": WORKSPACE,
            "name": f"Scenario {number}",
            "instructions": Instructions(task="Ask."),
            "trials": 3,
            **changes,
        }
    )


def simulation(*scenarios, **changes):
    return Simulation(
        **{
            "id": SIMULATION,
            "workspace": WORKSPACE,
            "agent": Agent(id="69c50fbd" + 16 * "2", workspace=WORKSPACE, name="Agent", model="openai:a"),
            "scenarios": scenarios or (scenario(1), scenario(2)),
            "models": Models(user="openai:u", judge="openai:j"),
            "name": "Nightly",
            "created_at": NOW,
            **changes,
        }
    )


def check(finding=Finding.NOT_MET, **changes):
    return Check(
        **{
            "kind": CheckKind.ASSERTION,
            "subject": "The agent asks who it is.",
            "finding": finding,
            "reason": "It never asked.",
            "evidence": (Evidence(message=1, quote="Here you are"),),
            **changes,
        }
    )


def judged(trial, *checks, outcome=None):
    """The trial, over, with that verdict."""
    failed = any(one.finding is Finding.NOT_MET for one in checks)
    outcome = outcome or (Outcome.FAILED if failed else Outcome.PASSED)
    verdict = Verdict(outcome=outcome, reward=float(outcome is Outcome.PASSED), breakdown={}, checks=tuple(checks))
    return replace(
        trial,
        status=Lifecycle.COMPLETED,
        outcome=outcome,
        verdict=verdict,
        cause=Cause.AGENT if outcome is Outcome.FAILED else None,
        termination=Termination.USER_STOP,
        steps=4,
        costs={"agent": 0.004, "user": 0.001, "judge": 0.002},
        started_at=NOW,
        completed_at=NOW + trial.number,
    )


def errored(trial, error="The provider refused."):
    return replace(
        trial,
        status=Lifecycle.COMPLETED,
        outcome=Outcome.ERROR,
        cause=Cause.PROVIDER,
        error=error,
        started_at=NOW,
        completed_at=NOW + 1,
    )


SAID = (
    UserMessage(text="Where is my flight?", at=NOW, generation=MADE),
    AgentMessage(text="Here you are: gate 7.", at=NOW + 2.5, generation=MADE),
    AgentMessage(
        text=None,
        calls=(ToolCall(id="1", name="look", arguments={"id": "X"}), ToolCall(id="2", name="look")),
        at=NOW + 3,
    ),
    ToolResult(call_id="1", name="look", text='{"gate": 7}', source="rule 2", at=NOW + 3),
    ToolResult(call_id="2", name="look", text="no mock answers", is_error=True, source="unmocked", at=NOW + 3),
    UserMessage(text="Thanks ###STOP###", at=NOW + 4, generation=MADE),
)


async def store(served, one, results=(), said=SAID, *, first=100):
    """Keep a simulation and what became of its first trials; gives all its trials in their order.

    `first` is the number in the id of its first trial.
    """
    ids = [f"69c50fbd{number:016x}" for number in range(first, first + trial_count(one.scenarios))]
    await served.store.save_simulation(one, plan(one, ids))
    await served.store.claim(len(results), simulation=one.id)
    for trial, result in zip(await served.store.trials(one.id), results, strict=False):
        await served.store.journal(trial).append(0, said)
        await served.store.save_trial(result(trial))
    return await served.store.trials(one.id)
