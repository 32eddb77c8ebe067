"""Where two conversations of one scenario first differ."""

from dataclasses import replace

from sparring.domain.parting import Place, parting
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, UserMessage

SAID = (
    UserMessage(text="Hello.", at=1.0),
    AgentMessage(text=None, calls=(ToolCall(id="1", name="look", arguments={"a": 1, "b": 2}),), at=2.0),
    ToolResult(call_id="1", name="look", text="7"),
    AgentMessage(text="Seven."),
)


def changed(index, **changes):
    return (*SAID[:index], replace(SAID[index], **changes), *SAID[index + 1 :])


def test_times_and_the_ids_of_calls_make_no_difference():
    again = ToolCall(id="9", name="look", arguments={"b": 2, "a": 1})
    found = parting(SAID, changed(1, calls=(again,), at=9.0))
    assert (found.message, found.call) == (None, None)


def test_other_words_are_told_apart_from_other_calls():
    found = parting(SAID, changed(0, text="Good day."))
    assert (found.message, found.call) == (Place(before=0, after=0), None)
    other = changed(1, calls=(ToolCall(id="1", name="look", arguments={"a": 2}),))
    found = parting(changed(0, text="Good day."), other)
    assert (found.message, found.call) == (Place(before=0, after=0), Place(before=1, after=1))


def test_another_answer_of_a_tool_is_where_they_part():
    assert parting(SAID, changed(2, text="8")).message == Place(before=2, after=2)


def test_a_conversation_that_was_over_has_no_place():
    found = parting(SAID[:1], SAID)
    assert (found.message, found.call) == (Place(before=None, after=1), Place(before=None, after=1))
