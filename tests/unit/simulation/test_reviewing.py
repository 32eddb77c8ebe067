"""Judging conversations of elsewhere."""

import pytest
from courts import Court

from sparring.domain.errors import InvalidInput, JudgeFault
from sparring.domain.evaluation import Finding
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Expectations, ExpectedState, ExpectedWords, ExpectedWrites, Matcher
from sparring.domain.transcript import AgentMessage, ToolCall, UserMessage
from sparring.simulation.jury import Jury
from sparring.simulation.reviewing import Conversation, review
from sparring.testing import FrozenClock

MET, NOT_MET = Finding.MET, Finding.NOT_MET
SAID = (UserMessage(text="Hi."), AgentMessage(text="Hello, Ada."))
FIRST = Conversation(id="one", messages=SAID, instructions="Be kind.", variables={"name": "Ada"})
SECOND = Conversation(id="two", messages=SAID[:1])
KIND = Expectations(assertions=("It is kind.",))


async def reviewed(expect, *found, conversations=(FIRST, SECOND), **how):
    court = Court(*found)
    done = await review(
        conversations,
        expect,
        Jury(court, "judge", FrozenClock(), **how),
        name="chats",
        clock=FrozenClock(),
        concurrency=1,
    )
    return done, court


async def test_each_conversation_is_a_scenario_of_one_trial_with_its_verdict():
    done, court = await reviewed(KIND, MET, NOT_MET)
    assert [scenario.name for scenario in done.simulation.scenarios] == ["one", "two"]
    assert [trial.outcome for trial in done.trials] == [Outcome.PASSED, Outcome.FAILED]
    assert [trial.costs for trial in done.trials] == [{"judge": 1.0}] * 2
    assert done.transcripts[done.trials[0].id] == SAID
    assert (done.simulation.name, done.simulation.models.judge) == ("chats", "judge")
    assert [how["instructions"] for _, how in court.cast] == ["Be kind.", ""]
    assert summarize(done.trials).pass_hat == {1: 0.5}


async def test_checks_by_code_need_no_judge_and_take_the_conversations_variables():
    expect = Expectations(said=(ExpectedWords(contains="{{name}}"),))
    called = Conversation(id="three", messages=(AgentMessage(text=None, calls=(ToolCall(id="", name="pay"),)),))
    done, court = await reviewed(expect, conversations=(FIRST, called))
    assert [trial.outcome for trial in done.trials] == [Outcome.PASSED, Outcome.FAILED]
    assert court.cast == []


async def test_a_conversation_that_cannot_be_judged_is_an_error_and_in_no_rate():
    done, _ = await reviewed(KIND, *[JudgeFault("Unreadable.")] * 4, MET)
    first, second = done.trials
    assert (first.outcome, first.error, first.verdict) == (Outcome.ERROR, "Unreadable.", None)
    assert second.outcome is Outcome.PASSED


async def test_several_votes_decide():
    done, _ = await reviewed(KIND, MET, NOT_MET, NOT_MET, conversations=(FIRST,), votes=3)
    assert done.trials[0].outcome is Outcome.FAILED
    assert done.trials[0].costs == {"judge": 3.0}


@pytest.mark.parametrize(
    "expect",
    [
        Expectations(state=(ExpectedState(path="a", matcher=Matcher(equal=1)),)),
        Expectations(writes=ExpectedWrites()),
    ],
)
async def test_what_a_transcript_cannot_show_is_refused(expect):
    with pytest.raises(InvalidInput, match="have no mocks"):
        await reviewed(expect)


async def test_expectations_that_cannot_be_filled_in_are_an_error_of_that_conversation():
    expect = Expectations(said=(ExpectedWords(regex="(?P<{{name}}>Hello)"),))
    odd = Conversation(id="odd", messages=SAID, variables={"name": "1 2"})
    done, _ = await reviewed(expect, conversations=(FIRST, odd))
    assert [trial.outcome for trial in done.trials] == [Outcome.PASSED, Outcome.ERROR]
    assert "does not compile" in done.trials[1].error


async def test_once_it_is_stopped_the_rest_is_cancelled():
    court = Court(MET, MET)
    done = await review(
        (FIRST, SECOND),
        KIND,
        Jury(court, "judge", FrozenClock()),
        name="chats",
        clock=FrozenClock(),
        concurrency=1,
        proceed=lambda: not court.cast,
    )
    assert [trial.outcome for trial in done.trials] == [Outcome.PASSED, Outcome.CANCELLED]
    assert len(court.cast) == 1


async def test_what_goes_wrong_in_the_program_is_not_wrapped():
    with pytest.raises(RuntimeError, match="odd"):
        await reviewed(KIND, RuntimeError("odd"))
