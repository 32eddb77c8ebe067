"""A scenario that is made of a chat."""

from dataclasses import replace

from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.answering import answer
from sparring.domain.chat import Chat, Talk
from sparring.domain.retelling import Draft, retold
from sparring.domain.transcript import Side, ToolCall, ToolResult, Transcript, UserMessage
from sparring.domain.world import World
from sparring.testing import agent_says

AGENT = Agent(
    id="a1",
    workspace="w",
    name="A",
    tools=(Tool(name="look"), Tool(name="pay", writes=True), Tool(name="bye", kind=ToolKind.END)),
)
CHAT = Chat(id="c1", workspace="w", agent=AGENT, variables={"name": "Jo"})
MESSAGES = (
    agent_says("Hi Jo!"),
    UserMessage(text="Pay my   bill."),
    agent_says(None, look={"id": 1}, pay={"n": 2}),
    ToolResult(call_id="call_1", name="look", text='{"open": true}'),
    ToolResult(call_id="call_2", name="pay", text="no money", is_error=True),
    agent_says(None, pay={"n": 2}),
    ToolResult(call_id="call_1", name="pay", text="paid"),
    agent_says("It is paid.", bye={}),
    ToolResult(call_id="call_1", name="bye", text="over", source="end"),
)


def made(draft=None, chat=CHAT, messages=MESSAGES):
    return retold(Talk(chat, messages), draft, id="s1", now=5.0)


def test_facts_and_origin_are_the_chat_s():
    scenario = made()
    assert (scenario.id, scenario.workspace, scenario.agent_id, scenario.created_at) == ("s1", "w", "a1", 5.0)
    assert (scenario.name, scenario.variables) == ("Pay my bill.", {"name": "Jo"})
    assert scenario.instructions.reason == "Pay my   bill."


def test_mocks_answer_what_the_tools_answered_in_the_same_order():
    scenario = made()
    assert set(scenario.mocks) == {"look", "pay"}
    world, said = World(scenario.mocks), Transcript()
    given = []
    for call in (
        ToolCall(id="1", name="pay", arguments={"n": 2}),
        ToolCall(id="2", name="pay", arguments={"n": 2}),
    ):
        world.follow(said)
        result = answer(call, Side.AGENT, world).result
        given.append((result.text, result.is_error))
        said.extend([agent_says(None, pay={"n": 2}), result])
    assert given == [("no money", True), ("paid", False)]
    look = answer(ToolCall(id="3", name="look", arguments={"id": 1}), Side.AGENT, world).result
    assert (look.text, look.source) == ('{"open":true}', "rule 1")
    other = answer(ToolCall(id="4", name="look", arguments={"id": 2}), Side.AGENT, world).result
    assert other.source == "unmocked"


def test_successful_writes_are_expected():
    assert [(action.name, action.arguments) for action in made().expect.actions] == [("pay", {"n": 2})]


def test_a_draft_says_what_the_user_wants_and_what_is_expected():
    scenario = made(Draft(task="You want to pay.", known="You are Jo.", assertions=("It is paid.",)))
    assert (scenario.instructions.task, scenario.instructions.known) == ("You want to pay.", "You are Jo.")
    assert scenario.expect.assertions == ("It is paid.",)


def test_without_a_draft_the_words_of_the_chat_do():
    scenario = made()
    assert scenario.instructions.task
    assert scenario.expect.assertions[0].endswith("It is paid.")


def test_what_the_chat_was_given_of_an_earlier_one_is_left_out():
    chat = replace(CHAT, history=len(MESSAGES))
    scenario = made(chat=chat, messages=(*MESSAGES, UserMessage(text="Thanks.")))
    assert (scenario.name, scenario.mocks) == ("Thanks.", {})
    assert scenario.expect.assertions == ()
