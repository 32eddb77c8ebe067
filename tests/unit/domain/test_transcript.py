"""The transcript: what it folds in, and how calls and results pair."""

import pytest

from sparring.domain.transcript import (
    AgentMessage,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
    side_of,
)


def call(id="c", name="look"):
    return ToolCall(id=id, name=name)


def result(id="c", *, is_error=False, name="look"):
    return ToolResult(call_id=id, name=name, text="r", is_error=is_error)


ONE = UserMessage(text="Hi.")
TWO = AgentMessage(text=None, calls=(call("a"), call("b")))


def test_a_step_is_one_message_or_one_round_of_results():
    transcript = Transcript([SystemMessage(text="s"), ONE, TWO])
    assert transcript.steps == 2
    transcript.extend([result("a")])
    assert transcript.steps == 2
    transcript.extend([result("b")])
    assert transcript.steps == 3


def test_history_makes_no_steps_and_no_errors_of_ours():
    transcript = Transcript([ONE, TWO, result("a", is_error=True), result("b", is_error=True)], history=3)
    assert (transcript.steps, transcript.errors_in_a_row) == (1, 1)
    assert transcript.history == 3


def test_a_success_resets_the_errors_in_a_row():
    transcript = Transcript()
    seen = []
    for is_error in [True, True, False, True]:
        transcript.extend([AgentMessage(text=None, calls=(call(),)), result(is_error=is_error)])
        seen.append(transcript.errors_in_a_row)
    assert seen == [1, 2, 0, 1]


def test_calls_wait_in_order_until_each_has_its_result():
    transcript = Transcript([TWO])
    assert transcript.pending == (TWO.calls[0], Side.AGENT)
    assert list(transcript.unanswered) == [(TWO.calls[0], Side.AGENT), (TWO.calls[1], Side.AGENT)]
    transcript.extend([result("a")])
    assert transcript.pending == (TWO.calls[1], Side.AGENT)
    transcript.extend([result("b")])
    assert transcript.pending is None


def test_it_reads_like_a_sequence():
    transcript = Transcript([ONE, TWO])
    assert (len(transcript), transcript[1], list(transcript)) == (2, TWO, [ONE, TWO])
    assert list(transcript.messages) == [ONE, TWO]


def test_calls_come_with_their_message_and_their_side():
    by_user = UserMessage(text=None, calls=(call("u"),))
    transcript = Transcript([ONE, TWO, result("a"), result("b"), by_user])
    assert [(index, made.id, side) for index, made, side in transcript.calls()] == [
        (1, "a", Side.AGENT), (1, "b", Side.AGENT), (4, "u", Side.USER),
    ]  # fmt: skip


@pytest.mark.parametrize("ids", [("a", "b"), ("", ""), ("x", "x")])
def test_results_pair_by_order_within_a_round_whatever_the_ids(ids):
    spoken = AgentMessage(text=None, calls=tuple(map(call, ids)))
    first, second = (result(id) for id in ids)
    transcript = Transcript([spoken, first, second, result("stray"), spoken, first])
    assert transcript.results() == {(0, 0): (1, first), (0, 1): (2, second), (4, 0): (5, first)}


def test_a_message_is_from_the_side_that_spoke_it():
    assert (side_of(ONE), side_of(TWO)) == (Side.USER, Side.AGENT)
