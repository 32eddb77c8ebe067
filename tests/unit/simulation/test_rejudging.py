"""Judging stored conversations again: nothing is played, nothing is replaced, every vote counts."""

from dataclasses import replace

import pytest
from courts import Court

from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import InvalidInput, JudgeFault, ModelFault, NotConfigured, ProviderDown
from sparring.domain.evaluation import Finding
from sparring.domain.generation import Generator
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Role, Termination
from sparring.domain.rejudgement import flips
from sparring.domain.scenario import Expectations, ExpectedState, ExpectedWords, Matcher, Scenario
from sparring.domain.simulation import Models, Simulation, plan
from sparring.domain.transcript import ToolResult
from sparring.simulation.rejudging import Rejudging, Terms
from sparring.testing import FrozenClock, MemoryStore, agent_says, user_ends, user_says

MET, NOT_MET, OPEN = Finding.MET, Finding.NOT_MET, Finding.INCONCLUSIVE
SCENARIO = Scenario(id="s", name="Parcel", trials=2, expect=Expectations(assertions=("It looks.",)))
SIMULATION = Simulation(
    id="b",
    workspace="w",
    agent=Agent(id="a", workspace="w", name="a", instructions="Be kind to {{who}}.", tools=(Tool(name="pay"),)),
    scenarios=(SCENARIO,),
    models=Models(user="u", judge="j"),
)
TALK = (user_says("Hi."), agent_says("Hello."), user_ends())


class Archive:
    """A store with one played simulation, and the use case over it."""

    def __init__(self, *found, simulation=SIMULATION):
        self.clock = FrozenClock()
        self.store = MemoryStore(self.clock)
        self.court = Court(*found)
        self.simulation = simulation
        self.rejudging = Rejudging(self.store, self.court, self.clock)

    async def fill(self, *conversations, **ended):
        """Each trial with its conversation; `ended` is how all of them did."""
        count = sum(scenario.trials for scenario in self.simulation.scenarios)
        trials = plan(self.simulation, [f"t{number}" for number in range(count)])
        await self.store.save_simulation(self.simulation, trials)
        for trial, said in zip(await self.store.claim(99), conversations, strict=False):
            await self.store.journal(trial).append(0, said)
            done = {"outcome": Outcome.PASSED, "termination": Termination.USER_STOP, **ended}
            await self.store.save_trial(replace(trial, status=Lifecycle.COMPLETED, completed_at=2.0, **done))
        return self

    async def judge(self, **terms):
        return await self.rejudging.judge(self.simulation, Terms(**terms), concurrency=1)


async def outcomes(archive, **terms):
    found = await archive.judge(**terms)
    return [trial.outcome for trial in found.judged]


async def test_every_conversation_is_judged_and_stored_beside_its_verdict():
    archive = await Archive(NOT_MET, MET).fill(TALK, TALK)
    before = await archive.store.trials("b")
    found = await archive.judge(judge="other")
    assert [trial.outcome for trial in found.judged] == [Outcome.FAILED, Outcome.PASSED]
    stored = await archive.store.rejudgements("b")
    assert stored == list(found.judgements.values())
    assert {(one.judging, one.judge, one.votes, one.cost) for one in stored} == {(found.judging, "other", 1, 1.0)}
    assert len({one.id for one in stored}) == 2
    assert await archive.store.trials("b") == before, "what was found at first stays"


async def test_the_judge_is_the_one_of_the_simulation_where_no_other_is_named():
    archive = await Archive(MET).fill(TALK)
    found = await archive.judge()
    ((scenario, how),) = archive.court.cast
    assert scenario.name == "Parcel"
    assert (how["model"], how["instructions"], how["temperature"]) == ("j", "Be kind to {{who}}.", 0.0)
    assert found.simulation.models.judge == "j"


async def test_other_expectations_are_judged_instead_and_only_for_the_scenarios_that_have_some():
    simulation = replace(SIMULATION, scenarios=(SCENARIO, replace(SCENARIO, id="s2", name="Other")))
    archive = await Archive(*[(MET, NOT_MET), MET] * 2, simulation=simulation).fill(TALK, TALK, TALK, TALK)
    changed = Expectations(assertions=("It looks.", "It is kind."))
    found = await archive.judge(expect={"s": changed})
    assert {scenario.id: scenario.expect for scenario in found.simulation.scenarios} == {
        "s": changed,
        "s2": SCENARIO.expect,
    }
    assert [trial.outcome for trial in found.judged] == [Outcome.FAILED, Outcome.PASSED] * 2


async def test_checks_without_a_judge_are_worked_out_from_the_stored_messages():
    said = Expectations(said=(ExpectedWords(contains="hello"), ExpectedWords(contains="refund", absent=True)))
    archive = await Archive().fill(TALK, (user_says("Hi."), agent_says("A refund!"), user_ends()))
    found = await archive.judge(expect={"s": said})
    assert [trial.outcome for trial in found.judged] == [Outcome.PASSED, Outcome.FAILED]
    assert archive.court.cast == [], "there is nothing to ask a judge"
    assert [flip.subject for flip in flips(None, found.judged[0].verdict)] == ["“hello”", "not “refund”"]


async def test_the_state_is_that_after_the_stored_conversation():
    scenario = replace(
        SCENARIO, trials=1, state={"paid": False}, mocks={"pay": ToolMock(otherwise=Answer(value=1))}
    )
    archive = Archive(simulation=replace(SIMULATION, scenarios=(scenario,)))
    await archive.fill(TALK)
    state = Expectations(state=(ExpectedState(path="paid", matcher=Matcher(equal=True)),))
    assert await outcomes(archive, expect={"s": state}) == [Outcome.FAILED]


async def test_several_votes_are_asked_for_with_different_temperature_and_seed_and_most_of_them_win():
    archive = await Archive(MET, NOT_MET, NOT_MET).fill(TALK)
    found = await archive.judge(votes=3)
    (judgement,) = found.judgements.values()
    assert judgement.outcome is Outcome.FAILED
    assert judgement.splits == {"0": {"met": 1, "not_met": 2}}
    assert (judgement.votes, judgement.cost) == (3, 3.0)
    assert "Votes: 2 not met, 1 met." in judgement.verdict.checks[0].reason
    assert [how["temperature"] for _, how in archive.court.cast] == [0.0, 1.0, 1.0]
    assert len({how["occasion"].seed for _, how in archive.court.cast}) == 3


async def test_votes_that_agree_are_told_as_one():
    archive = await Archive(MET, MET, MET).fill(TALK)
    (judgement,) = (await archive.judge(votes=3)).judgements.values()
    assert judgement.splits == {}
    assert judgement.verdict.checks[0].reason == "as told"


async def test_a_fault_of_the_judge_is_asked_again_and_what_it_cost_is_counted():
    archive = await Archive(JudgeFault("Unreadable.", cost=2.0), MET).fill(TALK)
    (judgement,) = (await archive.judge()).judgements.values()
    assert (judgement.outcome, judgement.cost) == (Outcome.PASSED, 3.0)


async def test_a_judge_that_gives_nothing_to_rely_on_is_an_error_and_no_verdict():
    faults = [JudgeFault(f"Unreadable {number}.", cost=None) for number in range(4)]
    archive = await Archive(*faults, MET).fill(TALK, TALK)
    first, second = (await archive.judge()).judgements.values()
    assert (first.outcome, first.verdict, first.error, first.cost) == (Outcome.ERROR, None, "Unreadable 3.", None)
    assert second.outcome is Outcome.PASSED


async def test_a_vote_that_fails_for_good_leaves_the_decision_to_the_others():
    refused = ModelFault("No.", provider="p", model="m", reason="refused", retryable=False)
    archive = await Archive(refused, NOT_MET, NOT_MET).fill(TALK)
    assert await outcomes(archive, votes=3) == [Outcome.FAILED]


async def test_a_provider_that_is_down_is_waited_for():
    down = ProviderDown(
        "Down.", provider="p", model="m", reason="refused", waiting="waiting for p", until=1_700_000_300.0
    )
    archive = await Archive(*[down] * 9, MET).fill(TALK)
    assert await outcomes(archive) == [Outcome.PASSED]


async def test_a_judge_that_cannot_be_asked_at_all_ends_it_and_what_was_judged_stays():
    wrong_key = ModelFault(
        "Answered 401.", provider="p", model="m", reason="refused", status=401, retryable=False, hopeless=True
    )
    archive = await Archive(MET, wrong_key, MET, MET).fill(TALK, TALK, TALK, TALK)
    with pytest.raises(NotConfigured, match="Answered 401"):
        await archive.judge()
    assert len(await archive.store.rejudgements("b")) == 1


async def test_what_a_lost_answer_of_the_judges_model_cost_is_counted():
    cut_off = ModelFault("Cut off.", provider="p", model="m", reason="length", role=Role.JUDGE, cost=2.0)
    archive = await Archive(cut_off, MET).fill(TALK)
    (judgement,) = (await archive.judge()).judgements.values()
    assert judgement.cost == 3.0


async def test_trials_that_errored_when_all_had_been_said_get_a_verdict():
    errored = {"outcome": Outcome.ERROR, "cause": Cause.JUDGE, "error": "No answer.", "termination": None}
    archive = await Archive(MET).fill(TALK, TALK[:2], **errored)
    found = await archive.judge()
    assert [trial.outcome for trial in found.judged] == [Outcome.PASSED]
    assert (found.judged[0].error, len(found.trials)) == (None, 2), "one broke off in the middle"


async def test_conversations_that_a_limit_ended_have_lost_whatever_a_judge_would_say():
    archive = await Archive().fill(TALK, termination=Termination.MAX_STEPS)
    assert await outcomes(archive) == [Outcome.FAILED]
    assert archive.court.cast == []


async def test_a_call_that_nothing_answered_is_no_fault_of_the_agent():
    said = (
        user_says("Hi."),
        agent_says(None, pay={}),
        ToolResult(call_id="call_1", name="pay", text="No mock.", is_error=True, source="unmocked"),
        agent_says("Hello."),
        user_ends(),
    )
    archive = await Archive(NOT_MET, MET).fill(said, said)
    first, second = (await archive.judge()).judgements.values()
    assert (first.outcome, first.verdict) == (Outcome.ERROR, None)
    assert "pay" in first.error
    assert second.outcome is Outcome.PASSED


async def test_cancelled_and_unplayed_trials_are_left_out():
    archive = await Archive(MET).fill(TALK)
    await archive.store.cancel("w", "b")
    assert await outcomes(archive) == [Outcome.PASSED]


async def test_nothing_that_could_be_judged_is_told():
    archive = await Archive().fill()
    with pytest.raises(InvalidInput, match="nothing to judge"):
        await archive.judge()


@pytest.mark.parametrize("votes", [0, 16, -1])
async def test_a_number_of_votes_that_makes_no_sense_is_refused(votes):
    archive = await Archive().fill(TALK)
    with pytest.raises(InvalidInput, match="1 to 15"):
        await archive.judge(votes=votes)


async def test_what_was_judged_before_an_interruption_stays():
    archive = await Archive(MET, RuntimeError("stop")).fill(TALK, TALK)
    with pytest.raises(RuntimeError, match="stop"):
        await archive.judge()
    assert [one.outcome for one in await archive.store.rejudgements("b")] == [Outcome.PASSED]


async def test_progress_is_told_and_many_are_judged_at_once():
    archive = await Archive(*[MET] * 2).fill(TALK, TALK)
    told = []
    await archive.rejudging.judge(archive.simulation, Terms(), on_judged=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


async def test_once_it_is_stopped_the_rest_is_left_out():
    archive = await Archive(MET, MET).fill(TALK, TALK)
    found = await archive.rejudging.judge(
        archive.simulation, Terms(), concurrency=1, proceed=lambda: not archive.court.cast
    )
    assert len(found.judged) == 1
    none = await archive.rejudging.judge(archive.simulation, Terms(), proceed=lambda: False)
    assert none.judged == ()


async def test_variables_that_cannot_be_made_up_are_an_error_of_that_trial():
    scenario = replace(SCENARIO, generated={"day": Generator(date="+1 day", relative_to="nowhere")})
    archive = await Archive(simulation=replace(SIMULATION, scenarios=(scenario,))).fill(TALK)
    (judgement,) = (await archive.judge()).judgements.values()
    assert (judgement.outcome, judgement.verdict) == (Outcome.ERROR, None)
    assert judgement.error
