"""Trials on given lines."""

import asyncio
from dataclasses import replace

import pytest

from sparring.domain import costs
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.errors import AgentFault, Interrupted, LimitReached, MockGap, StaleAppend, UserFault
from sparring.domain.evaluation import Finding
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Lifecycle, Outcome, Termination
from sparring.domain.scenario import Expectations, ExpectedAction, Instructions, Medium, Scenario
from sparring.domain.simulation import Limits, Models, Simulation, Trial
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.simulation import trial as trials
from sparring.simulation.ports import Cast, Judgement
from sparring.testing import FrozenClock, Lines, agent_says, assessed, judge_finds, user_ends, user_says

SCENARIO = Scenario(id="s", name="s", expect=Expectations(assertions=("It is cancelled.",)))
AGENT = Agent(id="a", workspace="w", name="a", greeting="Hi!")
SIMULATION = Simulation(
    id="b", workspace="w", agent=AGENT, scenarios=(SCENARIO,), models=Models(user="u", judge="j")
)
TRIAL = Trial(id="t", simulation="b", scenario="s", number=1, seed=1)
NOW = FrozenClock().now()


class ListJournal:
    """A journal that remembers how its messages came."""

    def __init__(self, stored=()):
        self.stored = list(stored)
        self.batches = []

    async def load(self):
        return list(self.stored)

    async def append(self, position, messages):
        assert position == len(self.stored)
        self.stored.extend(messages)
        self.batches.append(len(messages))


class Runs:
    """An agent that gives whatever it is told to, message sequences included."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.seen = []

    async def reply(self, transcript):
        self.seen.append(list(transcript))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


class Hangs:
    async def reply(self, transcript):
        await asyncio.Event().wait()


async def play(
    user=(),
    agent=(),
    judge=Finding.MET,
    *,
    scenario=SCENARIO,
    under_test=AGENT,
    limits=None,
    journal=None,
    trial=TRIAL,
    **more,
):
    """Play a trial on lines; the greeting is the agent's first line where it has one."""
    simulation = replace(SIMULATION, agent=under_test, limits=limits or Limits())
    if isinstance(agent, list | tuple):
        agent = Lines([agent_says(under_test.greeting), *agent] if under_test.greeting else agent)
    cast = Cast(user=Lines(user), agent=agent, judge=judge if hasattr(judge, "assess") else judge_finds(judge))
    journal = ListJournal() if journal is None else journal
    return await trials.play(simulation, scenario, trial, cast=cast, journal=journal, clock=FrozenClock(), **more)


def kinds(journal):
    return [type(message).__name__ for message in journal.stored]


def calling(*names, **more):
    return AgentMessage(
        text=None, calls=tuple(ToolCall(id=f"c{n}", name=name) for n, name in enumerate(names)), **more
    )


def mocked(**answers):
    return {name: ToolMock(otherwise=Answer(value=value)) for name, value in answers.items()}


async def test_a_conversation_goes_from_greeting_through_a_tool_to_a_verdict():
    scenario = replace(SCENARIO, mocks=mocked(cancel={"ok": True}))
    journal = ListJournal()
    done = await play(
        [user_says("Cancel."), user_ends()],
        [agent_says(None, cancel={"id": "X"}), agent_says("Done.")],
        scenario=scenario,
        journal=journal,
    )
    assert (done.outcome, done.termination, done.verdict.reward) == (Outcome.PASSED, Termination.USER_STOP, 1.0)
    assert (done.status, done.steps, done.completed_at, done.error) == (Lifecycle.COMPLETED, 6, NOW, None)
    assert kinds(journal) == [
        "AgentMessage", "UserMessage", "AgentMessage", "ToolResult", "AgentMessage", "UserMessage"
    ]  # fmt: skip
    result = journal.stored[3]
    assert (result.text, result.source, result.at) == ('{"ok":true}', "static", NOW)


async def test_an_unmet_assertion_fails_the_trial_and_an_undecided_one_leaves_it_open():
    failed = await play([user_ends()], judge=Finding.NOT_MET)
    assert (failed.outcome, failed.verdict.reward) == (Outcome.FAILED, 0.0)
    undecided = await play([user_ends()], judge=Finding.INCONCLUSIVE)
    assert (undecided.outcome, undecided.status, undecided.verdict.reward) == (
        Outcome.INCONCLUSIVE, Lifecycle.COMPLETED, None,
    )  # fmt: skip


async def test_the_greeting_is_said_with_its_variables():
    journal = ListJournal()
    await play(
        [user_ends()],
        scenario=replace(SCENARIO, variables={"name": "Bo"}),
        under_test=replace(AGENT, greeting="Hi {{name}}!"),
        journal=journal,
    )
    assert journal.stored[0] == AgentMessage(text="Hi Bo!", at=NOW)


@pytest.mark.parametrize(
    ("greeting", "opens", "scenario_says", "medium", "first"),
    [
        ("Hi!", None, None, Medium.CHATBOT, "Hi!"),
        ("Hi!", False, None, Medium.CHATBOT, "Hi!"),
        ("Hi!", None, True, Medium.CHATBOT, "Hi!"),
        ("Hi!", True, False, Medium.TELEPHONY, "user"),
        (None, None, None, Medium.CHATBOT, "user"),
        (None, None, None, Medium.SMS, "user"),
        (None, None, None, Medium.EMAIL, "user"),
        (None, None, None, Medium.WEB_VOICE, "agent"),
        (None, None, None, Medium.TELEPHONY, "agent"),
        (None, True, None, Medium.CHATBOT, "agent"),
        (None, False, None, Medium.TELEPHONY, "user"),
        (None, None, True, Medium.CHATBOT, "agent"),
        (None, True, False, Medium.CHATBOT, "user"),
        ("", None, None, Medium.CHATBOT, "user"),
    ],
)
async def test_who_speaks_first(greeting, opens, scenario_says, medium, first):
    journal = ListJournal()
    agent = Lines([agent_says("agent"), agent_says("agent")])
    await play(
        [user_says("user"), user_ends()],
        agent,
        scenario=replace(SCENARIO, medium=medium, agent_opens=scenario_says),
        under_test=replace(AGENT, greeting=greeting, opens=opens),
        journal=journal,
    )
    assert journal.stored[0].text == first


async def test_a_history_is_stored_at_once_and_gone_on_from():
    history = (SystemMessage(text="Friday."), UserMessage(text="Hi."), calling("look"))
    journal = ListJournal()
    done = await play(
        [user_says("unused"), user_ends()],
        Lines([agent_says("unused"), agent_says("Found.")]),
        scenario=replace(SCENARIO, history=history, mocks=mocked(look=1)),
        journal=journal,
    )
    assert tuple(journal.stored[:3]) == history
    assert journal.batches == [3, 1, 1, 1]
    assert kinds(journal)[3:] == ["ToolResult", "AgentMessage", "UserMessage"]
    assert (done.outcome, done.steps) == (Outcome.PASSED, 3)


async def test_each_call_of_a_message_is_answered_once_and_in_order():
    journal = ListJournal()
    scenario = replace(SCENARIO, mocks=mocked(look="1", find="2"))
    await play(
        [user_says("Go."), user_ends()], [calling("look", "find", "look"), agent_says("Done.")],
        scenario=scenario, journal=journal,
    )  # fmt: skip
    results = [message for message in journal.stored if isinstance(message, ToolResult)]
    assert [(r.call_id, r.name, r.text) for r in results] == [
        ("c0", "look", "1"),
        ("c1", "find", "2"),
        ("c2", "look", "1"),
    ]


async def test_the_simulated_users_calls_are_answered_and_counted_as_its_own():
    expected = ExpectedAction(name="pay", side=Side.USER, match_side=True)
    scenario = Scenario(
        id="s", name="s", user_tools=(Tool(name="pay"),), mocks=mocked(pay="paid"),
        expect=Expectations(actions=(expected,)),
    )  # fmt: skip
    journal = ListJournal()
    pay = ToolCall(id="p", name="pay")
    done = await play([user_says(None, pay), user_says("Paid."), user_ends()], [agent_says("Ok.")],
                      scenario=scenario, journal=journal)  # fmt: skip
    assert journal.stored[2].side is Side.USER
    assert isinstance(journal.stored[3], UserMessage)
    assert done.outcome is Outcome.PASSED


async def test_an_agent_that_runs_its_own_tools_is_stored_in_one_piece():
    own = [
        calling("look"),
        ToolResult(call_id="c0", name="look", text="42", source="agent"),
        agent_says("It is 42."),
    ]
    journal = ListJournal()
    done = await play([user_says("?"), user_ends()], Runs(own), journal=journal)
    assert journal.batches == [1, 1, 3, 1]
    assert (done.steps, done.warnings) == (6, ())


async def test_what_an_agent_leaves_unanswered_is_answered_by_the_mocks():
    own = [calling("look", "find"), ToolResult(call_id="c0", name="look", text="42", source="agent")]
    journal = ListJournal()
    agent = Runs(own, [agent_says("Done.")])
    await play(
        [user_says("?"), user_ends()], agent, scenario=replace(SCENARIO, mocks=mocked(find="7")), journal=journal
    )
    assert [(m.text, m.source) for m in journal.stored[3:5]] == [("42", "agent"), ("7", "static")]
    assert len(agent.seen) == 2


HANG_UP = Tool(name="hang_up", kind=ToolKind.END)


async def test_an_agent_hanging_up_ends_the_trial_after_all_its_calls_are_answered():
    journal = ListJournal()
    done = await play(
        [user_says("Bye.")],
        [calling("hang_up", "look")],
        scenario=replace(SCENARIO, mocks=mocked(look=1)),
        under_test=replace(AGENT, tools=(HANG_UP,)),
        journal=journal,
    )
    assert (done.termination, done.outcome) == (Termination.AGENT_STOP, Outcome.PASSED)
    assert [(m.text, m.source) for m in journal.stored[3:]] == [
        ("The conversation has ended.", "end"),
        ("1", "static"),
    ]


async def test_a_mock_of_an_end_tool_answers_it():
    journal = ListJournal()
    done = await play(
        [user_says("Bye.")],
        [calling("hang_up")],
        scenario=replace(SCENARIO, mocks=mocked(hang_up="Transferred.")),
        under_test=replace(AGENT, tools=(HANG_UP,)),
        journal=journal,
    )
    assert (done.termination, journal.stored[-1].text) == (Termination.AGENT_STOP, "Transferred.")


async def test_the_simulated_users_end_tool_may_be_the_scenarios_own():
    own = (Tool(name="pay"), Tool(name="terminate_call", kind=ToolKind.END))
    scenario = replace(SCENARIO, user_tools=own)
    assert trials.user_end_tool(scenario) == "terminate_call"
    ending = user_says(None, ToolCall(id="e", name="terminate_call"))
    assert (await play([ending], scenario=scenario)).termination is Termination.USER_STOP


async def test_stop_tokens_are_the_scenarios_where_it_has_some():
    scenario = replace(SCENARIO, stop_tokens=("over",), agent_stop_tokens=("out",))
    done = await play([user_says("###STOP###"), user_says("over")], [agent_says("Hm?")], scenario=scenario)
    assert (done.termination, done.steps) == (Termination.USER_STOP, 4)
    done = await play([user_says("Bye.")], [agent_says("out")], scenario=scenario)
    assert done.termination is Termination.AGENT_STOP


@pytest.mark.parametrize(
    ("limits", "termination", "words"),
    [
        (Limits(max_steps=3), Termination.MAX_STEPS, "limit of steps"),
        (Limits(max_errors=1), Termination.TOO_MANY_ERRORS, "failed in a row"),
    ],
)
async def test_a_limit_fails_the_trial_and_no_judge_is_asked(limits, termination, words):
    judge = judge_finds(Finding.MET)
    scenario = replace(SCENARIO, mocks={"look": ToolMock(otherwise=Answer(value="no", is_error=True))})
    lines = [agent_says("Well."), user_says("?")] if termination is Termination.MAX_STEPS else [calling("look")]
    done = await play([user_says("Hi."), user_says("?")], lines, judge, scenario=scenario, limits=limits)
    assert (done.outcome, done.termination, done.verdict.reward) == (Outcome.FAILED, termination, 0.0)
    assert words in done.verdict.note
    assert judge.asked == 0


async def test_a_cancelled_trial_keeps_its_costs_and_gets_no_verdict():
    asked = iter([True, True, False])
    judge = judge_finds(Finding.MET)
    spoken = replace(user_says("Hi."), generation=Generation(provider="p", model="m", cost=0.5))
    done = await play([spoken], judge=judge, proceed=lambda: next(asked))
    assert (done.status, done.outcome, done.termination) == (
        Lifecycle.CANCELLED, Outcome.CANCELLED, Termination.CANCELLED,
    )  # fmt: skip
    assert (done.verdict, done.costs["user"], done.steps, judge.asked) == (None, 0.5, 2, 0)


async def test_a_stopping_process_leaves_the_trial_at_its_last_stored_message():
    left = [True, True]

    def proceed():
        if not left:
            raise Interrupted("The process is stopping.")
        return left.pop()

    journal = ListJournal()
    with pytest.raises(Interrupted):
        await play([user_says("Hi.")], journal=journal, proceed=proceed)
    assert kinds(journal) == ["AgentMessage", "UserMessage"]


async def test_a_trial_that_takes_too_long_reaches_its_limit():
    with pytest.raises(LimitReached, match=r"longer than its limit of 0\.01 s") as caught:
        await play([user_says("Hi.")], Hangs(), limits=Limits(timeout=0.01))
    assert not caught.value.retryable


async def test_a_timeout_of_a_players_own_is_not_the_trials_limit():
    with pytest.raises(TimeoutError, match="of my own"):
        await play([user_says("Hi.")], Runs(TimeoutError("of my own")))


async def test_the_time_that_a_process_was_down_is_not_charged_to_a_trial():
    long_ago = [AgentMessage(text="Hi!", at=NOW - 90_000), UserMessage(text="Hello.", at=NOW - 89_000)]
    done = await play(
        [user_says("Hello."), user_ends()],
        [agent_says("Yes?")],
        journal=ListJournal(long_ago),
        limits=Limits(timeout=5),
        trial=replace(TRIAL, started_at=NOW - 90_000),
    )
    assert (done.outcome, done.seconds) == (Outcome.PASSED, 90_000)


async def test_a_trial_whose_conversation_is_over_is_only_judged():
    journal = ListJournal([AgentMessage(text="Hi!"), user_ends()])
    agent, judge = Runs(), judge_finds(Finding.MET)
    done = await play((), agent, judge, journal=journal)
    assert (done.outcome, judge.asked, agent.seen, journal.batches) == (Outcome.PASSED, 1, [], [])


async def test_an_unmocked_call_of_a_trial_that_did_not_pass_is_the_scenarios_gap():
    with pytest.raises(MockGap, match=r"'look'.*mocks: \{look: ") as caught:
        await play([user_says("Go."), user_ends()], [calling("look"), agent_says("Hm.")], Finding.NOT_MET)
    assert caught.value.cost == 0.0


async def test_what_a_gaps_judge_cost_is_told():
    class Costly:
        async def assess(self, transcript):
            made = (Generation(provider="p", model="m", cost=0.25), Generation(provider="p", model="m", cost=0.5))
            return Judgement(assessments=(assessed(Finding.INCONCLUSIVE),), generations=made)

    with pytest.raises(MockGap) as caught:
        await play([user_says("Go."), user_ends()], [calling("look"), agent_says("Hm.")], Costly())
    assert caught.value.cost == 0.75


async def test_an_unmocked_call_of_a_trial_that_passed_is_a_warning():
    done = await play([user_says("Go."), user_ends()], [calling("look"), agent_says("Hm.")])
    assert done.outcome is Outcome.PASSED
    assert len(done.warnings) == 1
    assert "No mock is defined" in done.warnings[0]


async def test_a_call_without_a_mock_is_answered_by_the_variables_where_they_answer_tools():
    scenario = replace(SCENARIO, variables={"order": "A1"}, variables_answer_tools=True)
    journal = ListJournal()
    done = await play(
        [user_says("Go."), user_ends()], [calling("look"), agent_says("Hm.")], scenario=scenario, journal=journal
    )
    assert (journal.stored[3].text, journal.stored[3].source) == ('{"order":"A1"}', "mockData")
    assert done.warnings == ()


async def test_a_scenarios_mock_wins_over_the_agents():
    journal = ListJournal()
    agent = replace(AGENT, mocks=mocked(look="agent's", find="agent's"))
    await play(
        [user_says("Go."), user_ends()], [calling("look", "find"), agent_says("Hm.")],
        scenario=replace(SCENARIO, mocks=mocked(look="scenario's")), under_test=agent, journal=journal,
    )  # fmt: skip
    assert [message.text for message in journal.stored[3:5]] == ["scenario's", "agent's"]


async def test_warnings_about_variables_appear_once_however_often_the_trial_goes_on():
    scenario = replace(SCENARIO, instructions=Instructions(task="{{who}}"), variables={"idle": 1})
    journal = ListJournal()
    done = await play([user_ends()], scenario=scenario, journal=journal)
    assert done.warnings == (
        "No variable answers {{who}}; it stays as it is written.",
        "The variable 'idle' is named nowhere.",
    )
    again = await play([user_ends()], scenario=scenario, journal=journal, trial=done)
    assert again.warnings == done.warnings
    kept = await play([user_ends()], scenario=scenario, trial=replace(TRIAL, warnings=("Before.",)))
    assert kept.warnings == ("Before.", *done.warnings)


async def test_what_cannot_be_stored_is_replaced_before_anybody_sees_it_and_warned_of():
    agent = Runs([AgentMessage(text=None, calls=(ToolCall(id="c", name="look", arguments={"a": ["\ud800"]}),))],
                 [agent_says("Nul \0.")])  # fmt: skip
    scenario = replace(SCENARIO, mocks=mocked(look="got {{arguments.a.0}}"))
    journal = ListJournal()
    done = await play([user_says("Hi\0"), user_ends()], agent, scenario=scenario, journal=journal)
    assert [m.text for m in journal.stored[1:5]] == ["Hi\ufffd", None, "got \ufffd", "Nul \ufffd."]
    assert journal.stored[2].calls[0].arguments == {"a": ["\ufffd"]}
    assert agent.seen[0][1].text == "Hi\ufffd"
    assert done.warnings == (
        "Messages 1, 2, 3, 4 hold U+FFFD, which is stored in place of NUL and of lone surrogates.",
    )


@pytest.mark.parametrize("reply", [[], [agent_says(None)], [agent_says(" ")], [user_says("Hi.")]])
async def test_a_reply_that_is_none_is_the_agents_fault_and_is_not_stored(reply):
    journal = ListJournal()
    with pytest.raises(AgentFault, match=r"^The agent gave "):
        await play([user_says("Hi.")], Runs(reply), journal=journal)
    assert len(journal.stored) == 2


@pytest.mark.parametrize("text", [None, "", " \n"])
async def test_a_simulated_user_that_says_nothing_is_a_fault_of_its_own(text):
    journal = ListJournal()
    with pytest.raises(UserFault, match="neither text nor a tool call"):
        await play([user_says(text)], journal=journal)
    assert len(journal.stored) == 1


async def test_every_message_is_dated_unless_its_player_has_dated_it():
    journal = ListJournal()
    await play([user_says("Hi."), user_ends()], [replace(agent_says("Yes?"), at=5.0)], journal=journal)
    assert [message.at for message in journal.stored] == [NOW, NOW, 5.0, NOW]


async def test_a_worker_that_has_lost_its_trial_stops():
    class Taken(ListJournal):
        async def append(self, position, messages):
            raise StaleAppend("Somebody else's.")

    with pytest.raises(StaleAppend):
        await play(journal=Taken())


def made(cost):
    return Generation(provider="p", model="m", cost=cost)


async def test_costs_are_kept_by_role_with_those_of_earlier_takes():
    done = await play(
        [replace(user_says("Hi."), generation=made(0.5)), replace(user_ends(), generation=made(0.25))],
        [replace(agent_says("Yes?"), generation=made(None))],
        trial=replace(TRIAL, costs={"user": 1.0, "judge": 2.0}),
    )
    assert done.costs == {"user": 1.75, "agent": None, "judge": 2.0}


def test_a_cost_is_unknown_as_soon_as_one_part_is():
    assert costs.add_costs({"user": 1.0}, {"user": None, "agent": 2.0}) == {"user": None, "agent": 2.0}
    assert costs.costs_by_role(Transcript(), [made(1.0), made(2.0)]) == {"agent": 0.0, "user": 0.0, "judge": 3.0}
    assert costs.costs_by_role([UserMessage(text="Hi.")])["user"] == 0.0
