"""A finished simulation with everything that a report must be able to show."""

from sparring.domain.agent import Agent
from sparring.domain.evaluation import Check, CheckKind, Evidence, Finding, Verdict
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.transcript import AgentMessage, Generation, ToolCall, ToolResult, UserMessage
from sparring.reports.result import Result

HOSTILE = '<img src=x onerror=alert(1)> & "quotes" | pipe `code` \x1b[31m @everyone'
OFFER = "I can offer you a full refund of $120."


def check(kind, subject, finding, reason, *evidence, index=0):
    return Check(
        kind=kind,
        subject=subject,
        finding=finding,
        reason=reason,
        evidence=tuple(Evidence(message=message, quote=quote) for message, quote in evidence),
        index=index,
    )


def verdict(outcome, *checks, note=None):
    reward = {Outcome.PASSED: 1.0, Outcome.FAILED: 0.0}.get(outcome)
    return Verdict(outcome=outcome, reward=reward, breakdown={}, checks=checks, note=note)


def scenario(name, *, trials=4, folder=None):
    return Scenario(
        id=f"id-{name}", name=name, folder=folder, trials=trials, expect=Expectations(assertions=("It is fine.",))
    )


def trial(scenario, number, outcome, checks=(), *, note=None, cost=0.0123, seconds=4.2, **fields):
    return Trial(
        id=f"{scenario.id}-{number}",
        simulation="s1",
        scenario=scenario.id,
        number=number,
        seed=number,
        status=Lifecycle.COMPLETED if outcome is not Outcome.CANCELLED else Lifecycle.CANCELLED,
        outcome=outcome,
        verdict=verdict(outcome, *checks, note=note)
        if outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE)
        else None,
        termination=Termination.USER_STOP,
        costs={"agent": cost, "user": 0.004, "judge": 0.002},
        started_at=100.0,
        completed_at=100.0 + seconds,
        **fields,
    )


def transcript():
    made = Generation(provider="openai", model="gpt-4o-mini", cost=0.001, seconds=1.25)
    return [
        AgentMessage(text="Hi! How can I help you today?", at=100.0),
        UserMessage(text="Cancel my flight and give me my money back.", generation=made),
        AgentMessage(text=None, calls=(ToolCall(id="c", name="check_refund", arguments={"id": "4WQ150"}),)),
        ToolResult(call_id="c", name="check_refund", text='{"eligible":false}', source="rule 1"),
        AgentMessage(text=f"I understand. {OFFER} Is that all right?", generation=made),
        UserMessage(text="Yes, thank you. ###STOP###"),
    ]


def finished():
    refused = scenario("Refund refused outside the policy", folder="Cancellation")
    cancelled = scenario("Cancellation within the policy", folder="Cancellation")
    wrong = scenario("Wrong passenger")
    angry = scenario("Angry customer who writes a very long name for a scenario, so that it has to be folded")
    broken = scenario("Provider is down")
    stopped = scenario("Never played", trials=1)
    met = check(
        CheckKind.ASSERTION, "The agent does not offer a refund.", Finding.MET, "It refused.", (4, "refuse")
    )
    offered = check(
        CheckKind.ASSERTION,
        "The agent does not offer a refund.",
        Finding.NOT_MET,
        "The agent offered a full refund although the policy forbids it for this fare.",
        (4, OFFER),
    )
    forbidden = check(
        CheckKind.FORBIDDEN,
        "check_refund",
        Finding.NOT_MET,
        "check_refund must not be called, and was.",
        (2, "check_refund"),
    )
    hostile = check(CheckKind.ASSERTION, HOSTILE, Finding.NOT_MET, HOSTILE, (1, "Cancel my flight"))
    unclear = check(
        CheckKind.ASSERTION, "The agent is polite.", Finding.INCONCLUSIVE, "One cannot tell.", (0, "Hi!")
    )
    trials = [
        *(trial(refused, n, Outcome.FAILED, [offered]) for n in (1, 3)),
        trial(refused, 2, Outcome.FAILED, [offered, forbidden], seconds=75.0),
        trial(refused, 4, Outcome.PASSED, [met]),
        *(trial(cancelled, n, Outcome.PASSED, [met], cost=0.25) for n in range(1, 5)),
        *(trial(wrong, n, Outcome.FAILED, [hostile]) for n in range(1, 4)),
        trial(wrong, 4, Outcome.FAILED, [unclear], note="The conversation reached its limit of steps."),
        *(trial(angry, n, Outcome.PASSED, [met]) for n in range(1, 3)),
        trial(angry, 3, Outcome.INCONCLUSIVE, [unclear]),
        trial(angry, 4, Outcome.PASSED, [met], cost=None, warnings=("No mock is defined for this call of 'x'.",)),
        *(
            trial(broken, n, Outcome.ERROR, cause=Cause.PROVIDER, error="openai gpt-4o-mini: 503 overloaded")
            for n in range(1, 5)
        ),
        trial(stopped, 1, Outcome.CANCELLED),
    ]
    scenarios = (refused, cancelled, wrong, angry, broken, stopped)
    simulation = Simulation(
        id="65f0c0ffee0000000000abcd",
        workspace="w",
        name="Airline support",
        agent=Agent(id="a", workspace="w", name="Airline agent", model="openai:gpt-4o-mini"),
        scenarios=scenarios,
        models=Models(user="openai:gpt-4o-mini", judge="openai:gpt-4o"),
        seed=7,
        warnings=("The judge is the model under test.",),
        status=Lifecycle.COMPLETED,
        created_at=1_715_770_000.0,
        started_at=1_715_770_000.0,
        completed_at=1_715_770_134.0,
    )
    messages = transcript()
    return Result(
        simulation=simulation,
        trials=trials,
        summary=summarize(trials, [s.id for s in scenarios]),
        transcripts={t.id: messages for t in trials if t.outcome not in (Outcome.ERROR, Outcome.CANCELLED)},
    )


def empty():
    """The same before a trial was planned."""
    return Result(simulation=finished().simulation, trials=[], summary=summarize([]))
