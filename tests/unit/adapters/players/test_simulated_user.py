"""The simulated user by its model."""

from dataclasses import replace

import pytest

from sparring.adapters.players.perspective import BEGINNING
from sparring.adapters.players.simulated_user import HANG_UP, ModelUser, system_prompt
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.errors import UserFault
from sparring.domain.outcomes import Role, Termination
from sparring.domain.scenario import Direction, Expectations, ExpectedAction, Instructions, Medium, Scenario
from sparring.domain.transcript import Generation, Side, ToolCall, ToolResult, Transcript, Usage
from sparring.domain.turns import Rules, Stop, next_move
from sparring.simulation.ports import ModelReply, Occasion
from sparring.testing import FakeModel, FrozenClock, agent_says, user_says

SCENARIO = Scenario(
    id="s",
    name="Refund",
    persona="A 41-year-old office administrator.",
    instructions=Instructions(
        task="You insist on the refund.",
        reason="You want to cancel.",
        known="You are Amelia.",
        unknown="The reservation number.",
        language="de",
    ),
    expect=Expectations(
        assertions=("The agent stays firm.",), actions=(ExpectedAction(name="check_eligibility"),)
    ),
)
OCCASION = Occasion(role=Role.USER, scenario="Refund")
END = ToolCall(id="c9", name="end_conversation", arguments={"reason": "Refused for good."})


def user_of(model, scenario=SCENARIO, **options):
    return ModelUser(scenario, model=model, clock=FrozenClock(7.0), occasion=OCCASION, **options)


async def ask(replies, *messages, scenario=SCENARIO, **options):
    model = FakeModel(replies)
    said = await user_of(model, scenario, **options).speak(Transcript(messages))
    return said, model.requests


async def test_it_speaks_with_the_roles_flipped_and_without_the_agents_tools():
    call = agent_says("Let me look.", check_eligibility={"id": "X"})
    said, (request,) = await ask(
        ["Amelia Sanchez."],
        agent_says("Hi!"),
        user_says("I want to cancel."),
        call,
        ToolResult(call_id="call_1", name="check_eligibility", text="SECRET RESULT"),
        agent_says("Who are you?"),
    )
    assert (said.text, said.calls, said.at) == ("Amelia Sanchez.", (), 7.0)
    assert [(prompt.role, prompt.text) for prompt in request.messages] == [
        ("user", "Hi!"),
        ("assistant", "I want to cancel."),
        ("user", "Let me look."),
        ("user", "Who are you?"),
    ]
    assert (request.tools, request.schema, request.occasion) == ((HANG_UP,), None, OCCASION)


def test_its_prompt_holds_the_scenario_in_labelled_sections():
    prompt = system_prompt(SCENARIO)
    for section in (
        "# Who you are\n\nA 41-year-old office administrator.",
        "# Why you are in contact\n\nYou want to cancel.",
        "# What you know\n\nYou are Amelia.",
        "# What you do not know\n\nThe reservation number.",
        "# Your task\n\nYou insist on the refund.",
    ):
        assert section in prompt
    assert "`de`" in prompt
    assert "{{" not in prompt


def test_its_prompt_leaves_out_what_the_scenario_does_not_say():
    prompt = system_prompt(Scenario(instructions=Instructions(task="Ask for the time.")))
    headings = [line for line in prompt.splitlines() if line.startswith("# ")]
    assert headings[-1] == "# Your task"
    assert "# Who you are" not in headings
    assert "# What you know" not in headings


def test_its_prompt_tells_nothing_of_what_is_checked():
    prompt = system_prompt(SCENARIO)
    assert "stays firm" not in prompt
    assert "check_eligibility" not in prompt


def test_the_rules_of_the_game_stand_before_the_scenario_so_that_they_can_be_cached():
    shared = "You play a person in a conversation."
    other = replace(SCENARIO, persona="Somebody else.")
    one, two = system_prompt(SCENARIO), system_prompt(other)
    assert one.startswith(shared)
    assert one[: one.index("# Who you are")] == two[: two.index("# Who you are")]


def test_values_that_look_like_variables_are_left_alone():
    assert "{{ending}}" in system_prompt(replace(SCENARIO, persona="You collect {{ending}}s."))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({}, ["chat", "You have contacted the other side"]),
        ({"medium": Medium.WEB_VOICE}, ["said aloud", "in words"]),
        ({"medium": Medium.SMS}, ["SMS"]),
        ({"medium": Medium.EMAIL}, ["whole letter"]),
        ({"direction": Direction.OUTBOUND}, ["The other side has contacted you"]),
    ],
)
def test_its_prompt_tells_medium_and_direction(setting, words):
    prompt = system_prompt(replace(SCENARIO, **setting))
    assert all(word in prompt for word in words)


async def test_it_is_told_to_speak_first_where_it_opens():
    _, (request,) = await ask(["Hello."])
    assert [(prompt.role, prompt.text) for prompt in request.messages] == [("user", BEGINNING)]


async def test_it_ends_by_its_tool_and_keeps_its_last_words():
    made = Generation(provider="fake", model="m")
    reply = ModelReply(text="Then never mind.", calls=(END,), generation=made)
    said, _ = await ask([reply], agent_says("I cannot."))
    assert (said.text, said.calls, said.generation) == ("Then never mind.", (END,), made)
    assert next_move(Transcript([said]), Rules()) == Stop(Termination.USER_STOP)


async def test_stop_tokens_stay_in_what_is_stored():
    said, _ = await ask(["Bye. ###STOP###"], agent_says("I cannot."))
    assert said.text == "Bye. ###STOP###"
    assert next_move(Transcript([said]), Rules()) == Stop(Termination.USER_STOP)


async def test_a_scenarios_own_way_to_hang_up_takes_the_place_of_the_usual_one():
    tools = (Tool(name="look"), Tool(name="hang_up", description="Put the phone down.", kind=ToolKind.END))
    scenario = replace(SCENARIO, user_tools=tools)
    _, (request,) = await ask(["Hello."], scenario=scenario)
    assert request.tools == tools
    assert "`hang_up`" in request.system
    assert "end_conversation" not in request.system


async def test_tools_of_its_own_are_offered_beside_the_end_and_their_results_shown():
    scenario = replace(SCENARIO, user_tools=(Tool(name="look"),))
    look = ToolCall(id="c1", name="look")
    _, (request,) = await ask(
        ["It is dark."],
        agent_says("Look at it."),
        user_says(None, look),
        ToolResult(call_id="c1", name="look", text="dark", side=Side.USER),
        scenario=scenario,
    )
    assert [tool.name for tool in request.tools] == ["look", "end_conversation"]
    assert [(p.role, p.text) for p in request.messages[1:]] == [("assistant", None), ("tool", "dark")]


def test_its_prompt_names_the_stop_tokens_that_are_in_force():
    assert "###OUT-OF-SCOPE###" in system_prompt(SCENARIO)
    own = system_prompt(replace(SCENARIO, stop_tokens=("[DONE]",)))
    assert "`[DONE]`" in own
    assert "###" not in own
    assert "###" not in system_prompt(replace(SCENARIO, stop_tokens=()))


async def test_it_hangs_up_after_mutual_goodbyes_without_asking_its_model():
    said, requests = await ask([], user_says("Thanks, bye!"), agent_says("Goodbye!"))
    (call,) = said.calls
    assert (said.text, said.generation, call.name) == (None, None, "end_conversation")
    assert "goodbye" in call.arguments["reason"]
    assert requests == []


async def test_it_hangs_up_with_the_scenarios_own_tool():
    scenario = replace(SCENARIO, user_tools=(Tool(name="hang_up", kind=ToolKind.END),))
    said, _ = await ask([], user_says("Bye!"), agent_says("Goodbye!"), scenario=scenario)
    assert [call.name for call in said.calls] == ["hang_up"]


async def test_it_hangs_up_where_thanks_are_traded_without_end():
    polite = (user_says("Thank you!"), agent_says("You're welcome! Anything else?"))
    said, requests = await ask([], *polite * 3)
    assert "courtesies" in said.calls[0].arguments["reason"]
    assert requests == []


async def test_its_model_is_asked_while_the_agent_has_work_to_do():
    said, requests = await ask(["All right."], user_says("Bye!"), agent_says("I'll cancel it now. Goodbye!"))
    assert said.text == "All right."
    assert len(requests) == 1


async def test_goodbyes_are_left_to_the_model_in_a_replay_and_in_letters():
    goodbyes = (user_says("Thanks, bye!"), agent_says("Goodbye!"))
    replayed, _ = await ask(["Bye bye!"], *goodbyes, notices_goodbyes=False)
    assert replayed.text == "Bye bye!"
    letter, _ = await ask(["Dear all"], *goodbyes, scenario=replace(SCENARIO, medium=Medium.EMAIL))
    assert letter.text == "Dear all"


@pytest.mark.parametrize("nothing", ["", "  "])
async def test_an_answer_with_neither_words_nor_calls_is_a_fault_of_the_simulated_user(nothing):
    with pytest.raises(UserFault, match="simulated user's model 'fake:model'"):
        await ask([nothing], agent_says("Hi!"))


async def test_words_that_are_the_agents_own_are_asked_for_once_more():
    line = "Your reservation has been found. Shall I cancel it for you now?"
    used = Usage(input=10, output=2)
    made = Generation(provider="fake", model="m", cost=0.5, usage=used, seconds=1.0)
    replies = [ModelReply(text=f" {line}", generation=made), ModelReply(text="Yes, please.", generation=made)]
    said, requests = await ask(replies, agent_says(line))
    assert said.text == "Yes, please."
    assert (said.generation.cost, said.generation.usage.input, said.generation.seconds) == (1.0, 20, 2.0)
    assert [prompt.role for prompt in requests[1].messages] == ["user", "assistant", "user"]
    assert "word for word" in requests[1].messages[-1].text


async def test_short_words_may_be_the_same_as_the_agents():
    said, requests = await ask(["Good morning!"], agent_says("Good morning!"))
    assert said.text == "Good morning!"
    assert len(requests) == 1


async def test_the_question_about_an_echo_does_not_stay_in_the_conversation():
    line = "Your reservation has been found. Shall I cancel it for you now?"
    model = FakeModel([line, "Yes.", "Thanks."])
    user, transcript = user_of(model), Transcript([agent_says(line)])
    transcript.extend([await user.speak(transcript), agent_says("It is cancelled.")])
    await user.speak(transcript)
    assert [prompt.text for prompt in model.requests[-1].messages] == [line, "Yes.", "It is cancelled."]
