"""Conversations written for the purpose: what is replayed as it was, and that nothing else is taken for it."""

import pytest

from .replays import first_difference, replay
from .written import agent, call, recording, result, user

ECHO = "Is that the reservation you would like to have cancelled today?"

ROUND = [
    agent("Hi! How can I help you today?"),
    user("Cancel it."),
    agent("", call("look", "a", id=1), call("look", "b", id=2.0)),
    result("one ", "a"),
    result("Error: two", "b", error=True),
    agent(None, call("cancel", "c", id="1", why={"b": None, "a": [True]})),
    result('{"done": "\\u00e9"}', "c"),
    agent(" Done.\n"),
    user("Thanks, bye.\n\n###STOP###"),
]

FAITHFUL = {
    "several calls in one message": recording(*ROUND),
    "a user who opens": recording(user("Hello"), agent("Yes?"), user("###TRANSFER###")),
    "calls by the user": recording(
        agent("Restart it."),
        user("Just a second", call("restart", "u1"), call("look", "u2")),
        result("off", "u1", requestor="user"),
        result("on", "u2", requestor="user"),
        user(None, call("restart", "u3")),
        result("off", "u3", requestor="user"),
        user("It works. ###STOP###"),
    ),
    "both sides calling the same tool": recording(
        agent(None, call("look", "x")),
        result("first", "x"),
        agent("And you?"),
        user(None, call("look", "x")),
        result("second", "x", requestor="user"),
        user("###OUT-OF-SCOPE###"),
    ),
    "an agent alone": recording(
        agent("I look.", call("look", "x")), result("", "x"), agent("###STOP###"), ended="agent_stop"
    ),
    "empty ids": recording(
        agent("Hi"), user("?"), agent("", call("look", "")), result("x", ""), agent("A"), user("###STOP###")
    ),
    "texts that look like templates": recording(
        agent("{{greeting}} {{arguments.id}}"),
        user("{{name}}"),
        agent(None, call("look", "x", id="{{x}}")),
        result("{{arguments.id}}", "x"),
        agent("{{state}}"),
        user("###STOP###"),
    ),
    "numbers of every size": recording(
        agent(
            None, call("look", "x", large=12345678901234567890123, small=-0.1, whole=3.0, exact=9007199254740993)
        ),
        result("", "x"),
        agent("A"),
        user("###STOP###"),
    ),
    "a limit of steps": recording(agent("Hi"), user("1"), agent("2"), ended="max_steps"),
    "a limit of errors": recording(
        agent("Hi"),
        user("Go"),
        *(
            part
            for n in range(10)
            for part in (agent(None, call("look", f"{n}")), result("no", f"{n}", error=True))
        ),
        ended="too_many_errors",
    ),
    "a user who repeats the agent": recording(
        agent("Hi"), user("Hm"), agent(ECHO), user(ECHO), agent("Yes?"), user("###STOP###")
    ),
    "a user's tool of the name with which users end": recording(
        agent("Hi"),
        user(None, call("end_conversation", "x")),
        result("on", "x", requestor="user"),
        user("###STOP###"),
    ),
    "goodbyes that go on": recording(
        agent("Hi"),
        user("Bye, have a nice day!"),
        agent("Goodbye!"),
        user("Bye!"),
        agent("Bye!"),
        user("###STOP###"),
    ),
}

UNREPRESENTABLE = {
    "message 1 is empty": recording(agent("Hi"), user(""), agent("So?"), user("###STOP###")),
    "message 2 follows the end": recording(agent("Hi"), user("###STOP###"), agent("Wait")),
    "message 1 is a result before its call": recording(
        agent("Hi"), result("x", "a"), agent(None, call("look", "a")), user("###STOP###")
    ),
    "message 1 is out of turn": recording(agent("Hi"), agent("there"), user("###STOP###")),
    "nobody speaks its end, user_stop": recording(user("Hi"), agent("Done.")),
    "nobody speaks its end, agent_stop": recording(user("Hi"), agent("Done."), ended="agent_stop"),
    "nobody speaks its end, timeout": recording(user("Hi"), agent("Done."), ended="timeout"),
    "nobody speaks its end, too_many_errors": recording(user("Hi"), agent("Done."), ended="too_many_errors"),
}


@pytest.mark.parametrize("name", FAITHFUL)
async def test_a_recording_is_replayed_as_it_was(name, tmp_path):
    (done,) = await replay([FAITHFUL[name]], tmp_path)
    assert (done.difference, done.obstacle) == (None, None)


@pytest.mark.parametrize("reason", UNREPRESENTABLE)
async def test_what_cannot_be_represented_is_told_from_the_conversation(reason, tmp_path):
    (done,) = await replay([UNREPRESENTABLE[reason]], tmp_path)
    assert done.obstacle is not None and done.obstacle.endswith(reason)
    assert done.difference is not None


async def test_recordings_with_the_same_id_are_told_apart_by_their_lines(tmp_path):
    pair = [
        recording(agent("Hi"), user(f"I am the {word}. ###STOP###"), line=line, simulation_id="same")
        for line, word in enumerate(("first", "second"), 1)
    ]
    assert [one.difference for one in await replay(pair, tmp_path)] == [None, None]


def changed(index, **changes):
    messages = [dict(message) for message in ROUND]
    messages[index] |= changes
    return recording(*messages)


ALTERED = {
    "blanks at the end of a text": changed(7, content="Done."),
    "null in place of an empty text": changed(2, content=None),
    "an empty text in place of null": changed(5, content=""),
    "no stop token": changed(8, content="Thanks, bye."),
    "another speaker": changed(8, role="assistant"),
    "another argument": changed(5, tool_calls=[call("cancel", "c", id="1", why={})]),
    "a number of another kind": changed(2, tool_calls=[call("look", "a", id=1), call("look", "b", id=2)]),
    "true in place of 1": changed(2, tool_calls=[call("look", "a", id=True), call("look", "b", id=2.0)]),
    "calls in another order": changed(2, tool_calls=[call("look", "b", id=2.0), call("look", "a", id=1)]),
    "another tool": changed(5, tool_calls=[call("drop", "c", id="1", why={"b": None, "a": [True]})]),
    "a result of another call": changed(3, tool_call_id="b"),
    "another result": changed(3, content="one"),
    "another error flag": changed(4, error=False),
    "another requestor": changed(6, requestor="user"),
    "another end": recording(*ROUND, ended="max_steps"),
    "one more message": recording(*ROUND, agent("Wait")),
    "one message less": recording(*ROUND[:-1]),
}


@pytest.mark.parametrize("what", ALTERED)
async def test_no_difference_is_overlooked(what, tmp_path):
    (done,) = await replay([recording(*ROUND)], tmp_path)
    assert first_difference(ALTERED[what], done.stored, done.trial) is not None
