"""A conversation as each side is shown it."""

from dataclasses import replace

from sparring.adapters.players.perspective import BEGINNING, SILENCE, Perspective
from sparring.domain.transcript import Generation, Side, SystemMessage, ToolCall, ToolResult, Transcript
from sparring.testing import agent_says, user_says

MADE = Generation(provider="fake", model="m", opaque={"signature": "abc"})
LOOK = ToolCall(id="u1", name="look_at_phone")

MESSAGES = [
    SystemMessage(text="The shop is closed."),
    agent_says("Hi!"),
    user_says("My phone is dead."),
    replace(agent_says("Let me see.", find={"id": "X"}), generation=MADE),
    ToolResult(call_id="call_1", name="find", text="nothing", is_error=True),
    agent_says("Switch it on."),
    user_says(None, LOOK),
    ToolResult(call_id="u1", name="look_at_phone", text="dark", side=Side.USER),
    user_says("It stays dark."),
]


def shown(prompts):
    return [(prompt.role, prompt.text, [call.name for call in prompt.calls]) for prompt in prompts]


def test_the_agent_is_not_shown_what_the_user_does_with_its_own_tools():
    assert shown(Perspective(Side.AGENT).prompts(Transcript(MESSAGES))) == [
        ("assistant", "Hi!", []),
        ("user", "My phone is dead.", []),
        ("assistant", "Let me see.", ["find"]),
        ("tool", "nothing", []),
        ("assistant", "Switch it on.", []),
        ("user", "It stays dark.", []),
    ]


def test_the_user_is_not_shown_what_the_agent_does_with_its_tools():
    assert shown(Perspective(Side.USER).prompts(Transcript(MESSAGES))) == [
        ("user", "Hi!", []),
        ("assistant", "My phone is dead.", []),
        ("user", "Let me see.", []),
        ("user", "Switch it on.", []),
        ("assistant", None, ["look_at_phone"]),
        ("tool", "dark", []),
        ("assistant", "It stays dark.", []),
    ]


def test_a_result_and_the_providers_own_parts_go_back_as_they_came():
    _, _, called, result, *_ = Perspective(Side.AGENT).prompts(Transcript(MESSAGES))
    assert called.opaque == {"signature": "abc"}
    assert (result.call_id, result.name, result.is_error) == ("call_1", "find", True)


def test_system_messages_are_kept_apart():
    view = Perspective(Side.AGENT)
    view.prompts(Transcript(MESSAGES))
    assert view.system == ["The shop is closed."]


def test_prompts_are_extended_and_never_made_anew():
    transcript, view = Transcript(MESSAGES[:4]), Perspective(Side.AGENT)
    first = view.prompts(transcript)
    for prompt in first:
        prompt.memo["encoded"] = object()
    transcript.extend(MESSAGES[4:])
    second = view.prompts(transcript)
    assert len(second) > len(first)
    assert all(new is old for new, old in zip(second, first, strict=False))


def test_a_conversation_that_goes_on_after_a_restart_is_shown_as_it_was():
    for side in Side:
        grown, transcript = Perspective(side), Transcript()
        for message in MESSAGES:
            transcript.extend([message])
            prompts = grown.prompts(transcript)
        afresh = Perspective(side).prompts(Transcript(MESSAGES))
        without_cue = [line for line in shown(prompts) if line[1] != BEGINNING]
        assert without_cue == shown(afresh)


def test_another_transcript_is_read_from_its_beginning():
    view = Perspective(Side.AGENT)
    view.prompts(Transcript(MESSAGES))
    assert shown(view.prompts(Transcript([user_says("Hello?")]))) == [("user", "Hello?", [])]


def test_a_side_that_opens_by_its_model_is_told_to_speak_first_and_sees_that_again_later():
    for side, says in ((Side.AGENT, agent_says), (Side.USER, user_says)):
        transcript, view = Transcript(), Perspective(side)
        assert shown(view.prompts(transcript)) == [("user", BEGINNING, [])]
        opened = replace(says("Hello."), generation=MADE)
        transcript.extend([opened])
        expected = [("user", BEGINNING, []), ("assistant", "Hello.", [])]
        assert shown(view.prompts(transcript)) == expected
        assert shown(Perspective(side).prompts(Transcript([opened]))) == expected


def test_stop_tokens_of_the_other_side_are_not_shown():
    transcript = Transcript([user_says("Bye. ###STOP###"), user_says("###STOP###")])
    prompts = Perspective(Side.AGENT, hidden_tokens=("###STOP###",)).prompts(transcript)
    assert shown(prompts) == [("user", "Bye.", []), ("user", SILENCE, [])]


def test_an_empty_message_of_the_other_side_is_shown_as_silence():
    prompts = Perspective(Side.USER).prompts(Transcript([agent_says(""), agent_says(" \n")]))
    assert shown(prompts) == [("user", SILENCE, []), ("user", SILENCE, [])]
