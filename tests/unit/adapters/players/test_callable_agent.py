"""The agent under test as Python code."""

import asyncio
import functools
import sys
from dataclasses import replace

import pytest

from sparring.adapters.players.callable_agent import AgentContext, CallableAgent, agent_context, count_arguments
from sparring.domain.errors import AgentFault, InvalidInput, ModelFault
from sparring.domain.transcript import AgentMessage, Side, SystemMessage, ToolCall, ToolResult, Transcript
from sparring.domain.turns import flaw
from sparring.testing import FrozenClock, agent_says, user_says

CONTEXT = AgentContext(conversation="t-1", scenario="Refund", trial=1, seed=7, variables={"a": 1})


async def reply(function, *messages):
    transcript = Transcript(messages or [user_says("Hi")])
    said = await CallableAgent(function, CONTEXT, FrozenClock(7.0)).reply(transcript)
    assert flaw(said, transcript) is None
    return said


async def answered(answer, *messages):
    return await reply(lambda message: answer, *messages)


async def test_a_text_is_what_the_agent_says():
    (said,) = await answered("Hello.")
    assert said == AgentMessage(text="Hello.", at=7.0)


async def test_functions_may_be_sync_or_async_and_take_one_to_three_arguments():
    async def one(message):
        return f"1 {message}"

    def two(message, history):
        return f"2 {history[-1]['content']}"

    async def three(message, history, context):
        return f"3 {context.scenario}"

    def any_number(*given):
        return f"{len(given)} given"

    class Agent:
        async def __call__(self, message):
            return f"object {message}"

        def method(self, message, history=None):
            return f"method {history is not None}"

    def returns_awaitable(message):
        return one(message)

    texts = [
        (await reply(function))[0].text
        for function in (
            one,
            two,
            three,
            any_number,
            Agent(),
            Agent().method,
            functools.partial(three, context=CONTEXT),
            functools.partial(one),
            returns_awaitable,
        )
    ]
    assert texts == ["1 Hi", "2 Hi", "3 Refund", "3 given", "object Hi", "method True", "3 Refund", "1 Hi", "1 Hi"]


async def test_the_history_is_the_whole_conversation_as_a_model_takes_it():
    seen = []
    await reply(
        lambda message, history: seen.append((message, history)) or "Bye.",
        SystemMessage(text="Known customer."),
        agent_says("Hi!"),
        user_says("Find X."),
        agent_says(None, find={"id": "X"}),
        ToolResult(call_id="call_1", name="find", text="here"),
        agent_says("Look at your phone."),
        user_says(None, ToolCall(id="u", name="look")),
        ToolResult(call_id="u", name="look", text="dark", side=Side.USER),
        user_says("It is dark."),
    )
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"id":"X"}'}}
    assert seen == [
        (
            "It is dark.",
            [
                {"role": "system", "content": "Known customer."},
                {"role": "assistant", "content": "Hi!"},
                {"role": "user", "content": "Find X."},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "call_1", "name": "find", "content": "here"},
                {"role": "assistant", "content": "Look at your phone."},
                {"role": "user", "content": "It is dark."},
            ],
        )
    ]


async def test_there_is_no_message_where_it_opens_or_where_results_are_the_news():
    seen = []
    agent = CallableAgent(lambda message: seen.append(message) or "Hi!", CONTEXT, FrozenClock())
    await agent.reply(Transcript())
    call = agent_says(None, find={})
    await agent.reply(Transcript([user_says("X"), call, ToolResult(call_id="call_1", name="find", text="ok")]))
    assert seen == ["", ""]


async def test_calls_that_it_leaves_open_are_for_the_mocks():
    call = {"id": "7", "type": "function", "function": {"name": "find", "arguments": '{"id": "X"}'}}
    (said,) = await answered({"role": "assistant", "content": None, "tool_calls": [call]})
    assert said.calls == (ToolCall(id="7", name="find", arguments={"id": "X"}),)


async def test_calls_may_be_written_flat_with_an_object_of_arguments_and_without_an_id():
    calls = [{"name": "find", "arguments": {"id": "X"}}, {"name": "list"}, ToolCall(id="9", name="end")]
    (said,) = await answered({"content": "Let me look.", "tool_calls": calls})
    assert [(call.name, call.arguments) for call in said.calls] == [
        ("find", {"id": "X"}),
        ("list", {}),
        ("end", {}),
    ]
    assert len({call.id for call in said.calls}) == 3
    assert said.text == "Let me look."


async def test_arguments_that_are_no_json_object_are_kept_as_they_came():
    calls = [{"name": "find", "arguments": "{broken"}, {"name": "find", "arguments": "[1]"}]
    (said,) = await answered({"tool_calls": calls})
    assert [(call.malformed, call.arguments) for call in said.calls] == [("{broken", {}), ("[1]", {})]


async def test_an_agent_that_runs_its_own_tools_returns_several_messages():
    calls = [{"id": "a", "name": "find"}, {"id": "b", "name": "pay"}]
    said = await answered(
        [
            {"role": "assistant", "content": "", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "b", "content": {"paid": False}, "error": True},
            {"role": "tool", "tool_call_id": "a", "content": "found"},
            "It was found,",
            {
                "role": "assistant",
                "content": [{"type": "text", "text": "but "}, {"type": "text", "text": "not paid."}],
            },
        ]
    )
    assert [getattr(message, "call_id", None) for message in said] == [None, "a", "b", None, None]
    found, unpaid = said[1:3]
    assert (found.name, found.text, found.is_error, found.source) == ("find", "found", False, "agent")
    assert (unpaid.text, unpaid.is_error) == ('{"paid":false}', True)
    assert [message.text for message in said[3:]] == ["It was found,", "but not paid."]


async def test_messages_of_the_house_and_of_a_providers_library_are_taken_as_they_are():
    class Dumped:
        def model_dump(self):
            return {"role": "assistant", "content": "From a library."}

    own = AgentMessage(text="Own.")
    said = await answered((own, Dumped()))
    assert said[0] is own
    assert said[1].text == "From a library."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "returned NoneType"),
        (7, "returned int"),
        ([], "empty list"),
        ({"role": "user", "content": "Hi"}, "role 'user'"),
        ({"role": "assistant", "content": 7}, "content of type int"),
        ({"tool_calls": [{"id": "1"}]}, "tool call without a name"),
        ({"tool_calls": ["find"]}, "tool call without a name"),
        ({"tool_calls": [{"name": "find", "arguments": {"x": object()}}]}, "no JSON"),
        ([{"role": "tool", "tool_call_id": "1", "content": "x"}], "result of the call '1'"),
    ],
)
async def test_what_is_no_answer_is_the_agents_fault(answer, words):
    with pytest.raises(AgentFault, match=words):
        await answered(answer)


async def test_what_its_code_raises_is_told_in_its_words():
    def broken(message):
        raise KeyError("flight")

    async def late(message):
        raise TimeoutError

    def leaving(message):
        sys.exit("no key")

    with pytest.raises(AgentFault, match="KeyError: 'flight'"):
        await reply(broken)
    with pytest.raises(AgentFault, match="SystemExit: no key"):
        await reply(leaving)
    with pytest.raises(AgentFault, match="TimeoutError"):
        await reply(late)


async def test_a_fault_that_it_raises_itself_stays_as_it_is():
    async def throttled(message):
        raise ModelFault("slow down", provider="p", model="m", reason="rate_limit")

    with pytest.raises(ModelFault, match="slow down"):
        await reply(throttled)


@pytest.mark.parametrize(
    "function",
    [lambda: "hi", lambda a, b, c, d: "hi", lambda message, *, key: "hi", lambda **named: "hi"],
)
def test_a_function_of_another_form_is_refused(function):
    with pytest.raises(InvalidInput, match="by position"):
        count_arguments(function)


def test_a_function_whose_signature_is_hidden_gets_the_message():
    class Hidden:
        __signature__ = "unreadable"

        def __call__(self, message):
            return message

    assert count_arguments(Hidden()) == 1


async def test_the_context_is_found_from_anywhere_in_the_code_while_it_makes_a_reply():
    async def tool():
        return agent_context().conversation

    async def in_a_task(message):
        return await asyncio.create_task(tool())

    def in_a_thread(message):
        return agent_context().conversation

    for function in (in_a_task, in_a_thread):
        assert (await reply(function))[0].text == "t-1"
    with pytest.raises(InvalidInput, match="only while an agent's code makes a reply"):
        agent_context()


async def test_conversations_at_once_each_find_their_own_context():
    met = asyncio.Barrier(2)

    async def who(message):
        await met.wait()
        return agent_context().conversation

    async def asked(name):
        agent = CallableAgent(who, replace(CONTEXT, conversation=name), FrozenClock())
        (said,) = await agent.reply(Transcript([user_says("Hi")]))
        return said.text

    async with asyncio.TaskGroup() as both:
        one, other = (both.create_task(asked(name)) for name in ("one", "other"))
    assert (one.result(), other.result()) == ("one", "other")
