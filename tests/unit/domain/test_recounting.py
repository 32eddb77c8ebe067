"""A conversation that took place, as a scenario that plays it again."""

from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule
from sparring.domain.recounting import recounted
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult, Transcript, UserMessage
from sparring.testing import agent_says, user_says


def called(*calls):
    """Rounds of one call each, with their results: (name, arguments, text[, is_error[, source]])."""
    messages = []
    for number, (name, arguments, text, *more) in enumerate(calls):
        is_error, source = (*more, False, "rule 1")[:2] if len(more) < 2 else more
        messages.append(AgentMessage(text=None, calls=(ToolCall(id=str(number), name=name, arguments=arguments),)))
        messages.append(ToolResult(call_id=str(number), name=name, text=text, is_error=is_error, source=source))
    return messages


def mocks(*calls):
    return recounted(Transcript([user_says("Hi"), *called(*calls)])).mocks


def test_the_persons_words_become_what_the_simulated_user_wants():
    said = [
        user_says("I want\n a refund."),
        agent_says("Which order?"),
        user_says("Number 5."),
        user_says("Thanks."),
    ]
    scenario = recounted(Transcript(said), variables={"a": 1})
    assert scenario.name == "I want a refund."
    assert scenario.instructions.reason == "I want\n a refund."
    assert "- Number 5.\n- Thanks.\n" in scenario.instructions.task
    assert scenario.variables == {"a": 1}
    assert recounted(Transcript(said), name="Refund").name == "Refund"


def test_short_long_and_empty_conversations_have_names_too():
    assert recounted(Transcript()).name == "A conversation"
    long = recounted(Transcript([user_says("word " * 40)]))
    assert len(long.name) <= 60 and long.name.endswith("…")
    assert "end the conversation" in long.instructions.task


def test_results_become_rules_by_their_arguments():
    found = mocks(
        ("find", {"id": 1}, '{"ok":true}'), ("find", {"id": 2}, "gone", True), ("find", {"id": 1}, '{"ok":true}')
    )
    assert found["find"].rules == (
        Rule(when={"id": Matcher(equal=1)}, answer=Answer(value={"ok": True})),
        Rule(when={"id": Matcher(equal=2)}, answer=Answer(value="gone", is_error=True)),
    )


def test_the_same_call_with_two_answers_becomes_a_sequence():
    found = mocks(("count", {}, "1"), ("count", {}, "2"))
    assert found["count"].sequence == (Answer(value=1), Answer(value=2))
    assert found["count"].rules == ()


def test_what_no_mock_answered_and_the_users_own_calls_are_left_out():
    assert mocks(("find", {}, "No mock is defined.", True, "unmocked")) == {}
    own = UserMessage(text=None, calls=(ToolCall(id="1", name="look"),))
    result = ToolResult(call_id="1", name="look", text="x", side=Side.USER)
    assert recounted(Transcript([own, result])).mocks == {}
    assert recounted(Transcript(called(("find", {}, "x"))[:1])).mocks == {}


def test_calls_of_one_message_keep_their_own_results():
    calls = (ToolCall(id="1", name="find", arguments={"n": 1}), ToolCall(id="2", name="find", arguments={"n": 2}))
    results = [ToolResult(call_id=str(n), name="find", text=str(n * 10)) for n in (1, 2)]
    found = recounted(Transcript([AgentMessage(text=None, calls=calls), *results])).mocks
    assert [rule.answer.value for rule in found["find"].rules] == [10, 20]
