"""Whose turn it is, and when it is over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.outcomes import Termination
from sparring.domain.transcript import (
    AgentMessage,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.domain.turns import (
    END_TOOL,
    AnswerTool,
    AskAgent,
    AskUser,
    Greet,
    Rules,
    Stop,
    flaw,
    history_flaw,
    is_end_call,
    next_move,
    without_tokens,
)

RULES = Rules(agent_end_tools=frozenset({"hang_up"}), agent_stop_tokens=("<END>",))
USER_STOP, AGENT_STOP = Stop(Termination.USER_STOP), Stop(Termination.AGENT_STOP)
MAX_STEPS, ERRORS = Stop(Termination.MAX_STEPS), Stop(Termination.TOO_MANY_ERRORS)


def calls(*names):
    return tuple(ToolCall(id=f"c{number}", name=name) for number, name in enumerate(names))


def user(text=None, *names):
    return UserMessage(text=text, calls=calls(*names))


def agent(text=None, *names):
    return AgentMessage(text=text, calls=calls(*names))


def result(name="look", id="c0", is_error=False, side=Side.AGENT):
    return ToolResult(call_id=id, name=name, text="r", is_error=is_error, side=side)


def system(text="s"):
    return SystemMessage(text=text)


def answer(message, position, *, ends=False):
    side = Side.USER if isinstance(message, UserMessage) else Side.AGENT
    return AnswerTool(message.calls[position], side, ends)


def move(*messages, rules=RULES, history=0):
    return next_move(Transcript(messages, history=history), rules)


@pytest.mark.parametrize(
    ("rules", "first"),
    [
        (Rules(), AskUser()),
        (Rules(agent_opens=True), AskAgent()),
        (Rules(greeting="Hi!"), Greet("Hi!")),
        (Rules(greeting="Hi!", agent_opens=True), Greet("Hi!")),
    ],
)
def test_the_rules_say_who_opens(rules, first):
    assert move(rules=rules) == first
    assert move(system(), rules=rules, history=1) == first


def test_a_greeting_is_said_once():
    assert move(agent("Hi!"), rules=Rules(greeting="Hi!")) == AskUser()


TWO_CALLS = agent(None, "look", "find")
USER_CALL = user("Wait.", "look")


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([user("Hi.")], AskAgent()),
        ([agent("Hello.")], AskUser()),
        ([agent("Hello."), system()], AskUser()),
        ([TWO_CALLS], answer(TWO_CALLS, 0)),
        ([TWO_CALLS, result()], answer(TWO_CALLS, 1)),
        ([TWO_CALLS, result(), result()], AskAgent()),
        ([USER_CALL], answer(USER_CALL, 0)),
        ([USER_CALL, result(side=Side.USER)], AskUser()),
        ([user("Bye. ###STOP###")], AskAgent()),
        ([agent("Bye. <END>")], AskUser()),
        ([agent(None, "hang_up"), result("hang_up")], AskAgent()),
    ],
)
def test_a_history_decides_by_its_last_message(history, expected):
    rules = Rules(greeting="Hi!", agent_end_tools=frozenset({"hang_up"}), agent_stop_tokens=("<END>",))
    assert move(*history, rules=rules, history=len(history)) == expected


def test_a_history_that_ends_with_the_users_goodbye_call_is_over():
    assert move(user(None, END_TOOL), history=1) == USER_STOP


def test_a_history_that_ends_with_the_agents_end_call_is_over_once_it_is_answered():
    hanging_up = agent(None, "hang_up")
    assert move(hanging_up, history=1) == answer(hanging_up, 0, ends=True)
    assert move(hanging_up, result("hang_up"), history=1) == AGENT_STOP


def test_the_sides_take_turns():
    assert move(user("Hi.")) == AskAgent()
    assert move(user("Hi."), agent("Hello.")) == AskUser()
    assert move(user("")) == AskAgent()


def test_several_calls_of_one_message_are_answered_in_order_and_then_the_caller_goes_on():
    assert move(TWO_CALLS) == answer(TWO_CALLS, 0)
    assert move(TWO_CALLS, result()) == answer(TWO_CALLS, 1)
    assert move(TWO_CALLS, result(), result()) == AskAgent()
    assert move(USER_CALL) == answer(USER_CALL, 0)
    assert move(USER_CALL, result(side=Side.USER)) == AskUser()


def test_the_users_end_needs_no_answer():
    assert move(agent("Hi."), user(None, END_TOOL)) == USER_STOP
    assert move(user("Bye.", END_TOOL)) == USER_STOP


def test_the_users_end_waits_for_the_other_calls_of_its_message():
    last = user(None, "look", END_TOOL)
    assert move(last) == answer(last, 0)
    assert move(last, result(side=Side.USER)) == USER_STOP
    first = user(None, END_TOOL, "look")
    assert move(first) == answer(first, 0, ends=True)
    assert move(first, result(END_TOOL)) == answer(first, 1)
    assert move(first, result(END_TOOL), result()) == USER_STOP


def test_the_agents_end_comes_after_all_calls_of_its_message_are_answered():
    ending = agent("Bye.", "hang_up", "look")
    assert move(ending) == answer(ending, 0, ends=True)
    assert move(ending, result("hang_up")) == answer(ending, 1)
    assert move(ending, result("hang_up"), result(is_error=True)) == AGENT_STOP


def test_an_end_tool_of_one_side_is_any_tool_to_the_other():
    by_agent, by_user = agent(None, END_TOOL), user(None, "hang_up")
    assert move(by_agent, result(END_TOOL)) == AskAgent()
    assert move(by_user) == answer(by_user, 0)
    assert move(by_user, result("hang_up", side=Side.USER)) == AskUser()
    assert is_end_call(by_user.calls[0], Side.AGENT, RULES)
    assert not is_end_call(by_user.calls[0], Side.USER, RULES)


@pytest.mark.parametrize("token", ["###STOP###", "###TRANSFER###", "###OUT-OF-SCOPE###"])
def test_a_stop_token_ends_for_the_user(token):
    assert move(user(f"Thanks. {token}")) == USER_STOP
    assert move(agent(f"Thanks. {token}")) == AskUser()


def test_a_stop_token_beside_a_call_does_not_end():
    calling = user("###STOP###", "look")
    assert move(calling) == answer(calling, 0)
    assert move(calling, result(side=Side.USER)) == AskUser()
    calling = agent("<END>", "look")
    assert move(calling, result()) == AskAgent()


def test_stop_tokens_are_the_rules_own():
    assert move(agent("Bye <END>")) == AGENT_STOP
    assert move(user("Bye <END>")) == AskAgent()
    assert move(user("###STOP###"), rules=Rules(user_stop_tokens=())) == AskAgent()
    assert move(user("over and out"), rules=Rules(user_stop_tokens=("over and out",))) == USER_STOP


def test_the_users_end_tool_may_have_another_name():
    rules = Rules(user_end_tool="terminate_call")
    assert move(user(None, "terminate_call"), rules=rules) == USER_STOP
    other = user(None, END_TOOL)
    assert move(other, rules=rules) == answer(other, 0)


def test_the_greeting_is_a_step():
    rules = Rules(max_steps=1, greeting="Hi!")
    assert move(rules=rules) == Greet("Hi!")
    assert move(agent("Hi!"), rules=rules) == MAX_STEPS


def test_the_limit_of_steps_counts_messages_and_rounds_of_results():
    rules = Rules(max_steps=3)
    assert move(user("Hi."), agent("Hello."), rules=rules) == AskUser()
    assert move(user("Hi."), agent("Hello."), user("Well."), rules=rules) == MAX_STEPS
    assert move(user("Hi."), TWO_CALLS, result(), result(), rules=rules) == MAX_STEPS
    assert move(user("Hi."), agent("Hello."), user("Well."), rules=rules, history=1) == AskAgent()


def test_no_limit_comes_between_a_call_and_its_results():
    failed = result(is_error=True)
    for rules in (Rules(max_steps=1), Rules(max_errors=1)):
        assert move(TWO_CALLS, rules=rules) == answer(TWO_CALLS, 0)
        assert move(TWO_CALLS, failed, rules=rules) == answer(TWO_CALLS, 1)
    assert move(TWO_CALLS, failed, result(), rules=Rules(max_errors=1)) == AskAgent()


def test_errors_in_a_row_end_and_a_success_resets_them():
    rules = Rules(max_errors=2)
    one, failed, good = agent(None, "look"), result(is_error=True), result()
    assert move(one, failed, rules=rules) == AskAgent()
    assert move(one, failed, one, failed, rules=rules) == ERRORS
    assert move(one, failed, one, good, one, failed, rules=rules) == AskAgent()
    assert move(one, failed, agent("Hm."), user("Well?"), one, failed, rules=rules) == ERRORS


def test_errors_of_both_sides_count_together():
    failed = result(is_error=True)
    assert move(USER_CALL, failed, agent(None, "look"), failed, rules=Rules(max_errors=2)) == ERRORS


def test_too_many_errors_wins_over_the_limit_of_steps():
    rules = Rules(max_steps=2, max_errors=1)
    assert move(agent(None, "look"), result(is_error=True), rules=rules) == ERRORS


@pytest.mark.parametrize(
    ("messages", "end"),
    [
        ([user(None, END_TOOL)], USER_STOP),
        ([user("###STOP###")], USER_STOP),
        ([agent("<END>")], AGENT_STOP),
        ([agent(None, "hang_up"), result("hang_up")], AGENT_STOP),
        ([agent(None, "look", "hang_up"), result(is_error=True), result(is_error=True)], AGENT_STOP),
    ],
)
def test_an_end_wins_over_a_limit_of_the_same_step(messages, end):
    rules = Rules(max_steps=1, max_errors=1, agent_end_tools=frozenset({"hang_up"}), agent_stop_tokens=("<END>",))
    assert move(*messages, rules=rules) == end


def test_tokens_are_taken_out_only_where_a_text_is_shown():
    assert without_tokens("Thanks! ###STOP### ###TRANSFER###") == "Thanks!"
    assert without_tokens("Bye <END>", ("<END>",)) == "Bye"
    assert without_tokens("Bye") == "Bye"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ([agent("Hi.")], None),
        ([TWO_CALLS], None),
        ([TWO_CALLS, result(id="c0")], None),
        ([TWO_CALLS, result(id="c0"), result(id="c1"), agent("Done.")], None),
        ([], "no message"),
        ([agent()], "neither text nor a tool call"),
        ([agent(" \n")], "neither text nor a tool call"),
        ([TWO_CALLS, agent("Done.")], "before its call of 'look' had a result"),
        ([TWO_CALLS, result(id="c0"), agent("Done.")], "before its call of 'find' had a result"),
        ([TWO_CALLS, result(id="c1")], "result of call 'c1' where that of 'c0' is due"),
        ([TWO_CALLS, result(id="c0", side=Side.USER)], "where that of 'c0' is due"),
        ([result()], "result of 'look' that no call is waiting for"),
        ([user("Hi.")], "UserMessage"),
        ([system()], "SystemMessage"),
    ],
)
def test_a_reply_must_be_the_agents_own_messages_in_order(said, wrong):
    found = flaw(said, Transcript([user("Hi.")]))
    assert found is None if wrong is None else wrong in found


def called(*ids, kind=AgentMessage):
    return kind(text=None, calls=tuple(ToolCall(id=id, name="look") for id in ids))


def answered(id, side=Side.AGENT):
    return ToolResult(call_id=id, name="look", text="", side=side)


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ([], None),
        ([SystemMessage(text="x"), UserMessage(text="Hi."), AgentMessage(text="Hi.")], None),
        ([called("a", "b"), answered("a"), SystemMessage(text="x"), answered("b")], None),
        ([called("a", "b"), answered("a")], None),
        ([called("a", kind=UserMessage), answered("a", Side.USER)], None),
        ([UserMessage(text="Hi."), answered("a")], (1, "is the result of a call, and none is waiting for one")),
        ([called("a"), answered("a"), answered("a")], (2, "is the result of a call, and none is waiting for one")),
        ([called("a"), UserMessage(text="?")], (1, "comes before the call of 'look' has a result")),
        ([called("a", "b"), answered("b")], (1, "is the result of call 'b' where that of 'a' is due")),
        (
            [called("a"), answered("a", Side.USER)],
            (1, "is a result for the user of a call that the assistant made"),
        ),
        ([UserMessage(text=" ")], (0, "has neither text nor a tool call")),
    ],
)
def test_a_history_that_cannot_have_happened_is_told(history, found):
    assert history_flaw(history) == found


NAMES = st.sampled_from(["look", "find", "hang_up", END_TOOL])
TEXTS = st.sampled_from([None, "", "Hi.", "###STOP###", "<END>"])
MESSAGES = st.one_of(
    st.builds(lambda text, names: user(text, *names), TEXTS, st.lists(NAMES, max_size=3)),
    st.builds(lambda text, names: agent(text, *names), TEXTS, st.lists(NAMES, max_size=3)),
    st.builds(lambda failed: result(is_error=failed), st.booleans()),
    st.builds(system),
)


@given(st.lists(MESSAGES, max_size=12), st.integers(0, 12), st.integers(1, 6), st.integers(1, 3))
def test_there_is_a_next_move_for_whatever_is_in_a_journal(messages, history, max_steps, max_errors):
    rules = Rules(
        max_steps=max_steps, max_errors=max_errors, agent_end_tools=frozenset({"hang_up"}), greeting="Hi!"
    )
    transcript = Transcript(messages, history=min(history, len(messages)))
    chosen = next_move(transcript, rules)
    assert next_move(Transcript(messages, history=transcript.history), rules) == chosen
    waiting = [made for made, side in transcript.unanswered if (side, made.name) != (Side.USER, END_TOOL)]
    assert isinstance(chosen, AnswerTool) == bool(waiting)
    if isinstance(chosen, AnswerTool):
        assert transcript.pending == (chosen.call, chosen.side)
    if isinstance(chosen, AskUser | AskAgent):
        assert transcript.steps < max_steps
        assert transcript.errors_in_a_row < max_errors
