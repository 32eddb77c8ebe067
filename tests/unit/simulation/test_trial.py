"""Trials on given lines."""

from dataclasses import replace

from sparring.domain.agent import Agent
from sparring.domain.evaluation import Finding
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.transcript import ToolResult
from sparring.simulation import trial as trials
from sparring.simulation.ports import Cast
from sparring.testing import FrozenClock, Lines, agent_says, judge_finds, user_ends, user_says


class ListJournal:
    def __init__(self):
        self.stored = []

    async def load(self):
        return list(self.stored)

    async def append(self, position, messages):
        assert position == len(self.stored)
        self.stored.extend(messages)


SCENARIO = Scenario(id="s", name="s", expect=Expectations(assertions=("It is cancelled.",)))
AGENT = Agent(id="a", workspace="w", name="a", greeting="Hi!")
SIMULATION = Simulation(
    id="b", workspace="w", agent=AGENT, scenarios=(SCENARIO,), models=Models(user="u", judge="j")
)
TRIAL = Trial(id="t", simulation="b", scenario="s", number=1, seed=1)


async def test_a_conversation_goes_from_greeting_through_a_tool_to_a_verdict():
    scenario = replace(SCENARIO, mocks={"cancel": ToolMock(otherwise=Answer(value={"ok": True}))})
    user = Lines([user_says("Cancel."), user_ends()])
    agent = Lines([agent_says("Hi!"), agent_says(None, cancel={"id": "X"}), agent_says("Done.")])
    journal = ListJournal()
    done = await trials.play(
        SIMULATION,
        scenario,
        TRIAL,
        cast=Cast(user=user, agent=agent, judge=judge_finds(Finding.MET)),
        journal=journal,
        clock=FrozenClock(),
    )
    assert (done.outcome, done.termination, done.verdict.reward) == (Outcome.PASSED, Termination.USER_STOP, 1.0)
    assert [type(m).__name__ for m in journal.stored] == [
        "AgentMessage", "UserMessage", "AgentMessage", "ToolResult", "AgentMessage", "UserMessage"
    ]  # fmt: skip
    result = journal.stored[3]
    assert isinstance(result, ToolResult)
    assert (result.text, result.source) == ('{"ok":true}', "static")
