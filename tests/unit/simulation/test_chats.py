"""Chats: what is journalled, in which order, and what happens when something fails."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.chat import ChatStatus, Setting
from sparring.domain.errors import Conflict, InvalidInput, ModelFault, NotConfigured, StaleAppend
from sparring.domain.mocks import Answer, Changes, Rule, ToolMock
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, UserMessage
from sparring.simulation.chats import MAX_MOVES, Chats, Listener
from sparring.simulation.live_tools import BROKEN_OFF
from sparring.simulation.ports import WebAnswer, WebFault
from sparring.testing import FrozenClock, Lines, MemoryStore, agent_says

HERE = "00000000000000000000000a"
LOOK = Tool(
    name="look",
    kind=ToolKind.WEBHOOK,
    parameters={"type": "object", "properties": {"order": {}, "token": {}}, "required": ["order", "token"]},
    extra={
        "url": "https://shop.example/orders/{{order}}",
        "headers": [{"key": "Authorization", "value": "Bearer {{token}}"}],
    },
)
PAY = Tool(name="pay", kind=ToolKind.WEBHOOK, writes=True, extra={"url": "https://pay.example", "method": "POST"})
AGENT = Agent(id="0000000000000000000000a1", workspace=HERE, name="A", model="m", tools=(LOOK, PAY))
DOWN = ModelFault("The provider is down.", provider="p", model="m", reason="unreachable")


class Casting:
    """One player for all turns, which looks its line up in the transcript."""

    def __init__(self, *lines):
        self.lines = Lines(lines)
        self.cast = []

    def cast_agent(self, agent, scenario, occasion, *, on_text=None):
        self.cast.append((agent, scenario.variables))
        return self.lines


class Web:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    async def send(self, call):
        self.calls.append(call)
        answer = self.answers[len(self.calls) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def chats_of(*lines, web=None, store=None, **options):
    clock = FrozenClock()
    casting = Casting(*lines)
    chats = Chats(store=store or MemoryStore(clock), casting=casting, clock=clock, web=web or Web(), **options)
    return chats, casting


def told(talk):
    return [
        (type(message).__name__.removesuffix("Message"), message.text or [call.name for call in message.calls])
        if not isinstance(message, ToolResult)
        else (message.source, message.text)
        for message in talk.messages
    ]


async def test_a_message_is_answered_and_the_next_one_goes_on():
    chats, _ = chats_of(agent_says("Hi."), agent_says("Fine."))
    begun = await chats.create(AGENT, "Hello", variables={})
    gone_on = await chats.respond(begun.chat, "How are you?")
    assert told(gone_on) == [("User", "Hello"), ("Agent", "Hi."), ("User", "How are you?"), ("Agent", "Fine.")]
    assert gone_on.chat.status is ChatStatus.IN_PROGRESS
    assert (await chats.talk(gone_on.chat)).messages == tuple(gone_on.messages)


async def test_a_greeting_stands_before_the_first_message():
    chats, _ = chats_of(agent_says("never said"), agent_says("Sure."))
    talk = await chats.create(replace(AGENT, greeting="Hi {{name}}!"), "Help", variables={"name": "Jo"})
    assert told(talk) == [("Agent", "Hi Jo!"), ("User", "Help"), ("Agent", "Sure.")]


async def test_an_agent_that_would_open_by_its_model_answers_the_person_instead():
    chats, casting = chats_of(agent_says("Sure."))
    talk = await chats.create(replace(AGENT, opens=True), "Help", variables={})
    assert told(talk) == [("User", "Help"), ("Agent", "Sure.")]
    assert casting.lines.asked == 1


async def test_an_earlier_chat_is_context_and_no_message_of_the_new_one():
    chats, _ = chats_of(agent_says("Hi."), agent_says("Again."))
    first = await chats.create(AGENT, "Hello", variables={})
    second = await chats.create(
        replace(AGENT, greeting="Welcome!"), "Me again", variables={}, previous=(first.chat.id, first.messages)
    )
    assert second.chat.history == 2
    assert told(second) == [("User", "Hello"), ("Agent", "Hi."), ("User", "Me again"), ("Agent", "Again.")]


async def test_context_ends_before_a_call_that_was_never_answered():
    chats, _ = chats_of(agent_says("Sure."))
    broken = [UserMessage(text="Pay"), agent_says("One moment.", pay={}, look={})]
    broken.append(ToolResult(call_id="call_1", name="pay", text="done"))
    talk = await chats.create(AGENT, "And?", variables={}, previous=("0" * 24, broken))
    assert told(talk)[:2] == [("User", "Pay"), ("User", "And?")]


async def test_variables_are_those_of_the_moment():
    chats, casting = chats_of(agent_says("Hi."), agent_says("Fine."))
    talk = await chats.create(AGENT, "Hello", variables={"a": 1, "b": 2})
    talk = await chats.update(talk.chat, change=lambda known: {**known, "b": 3})
    await chats.respond(talk.chat, "More")
    assert [variables for _, variables in casting.cast] == [{"a": 1, "b": 2}, {"a": 1, "b": 3}]


async def test_a_chat_follows_its_agent_s_record_and_outlives_it():
    chats, _ = chats_of(agent_says("1"), agent_says("2"), agent_says("3"))
    talk = await chats.create(AGENT, "Hello", variables={})
    await chats.store.save_agent(replace(AGENT, name="Renamed"))
    talk = await chats.respond(talk.chat, "More")
    assert talk.chat.agent.name == "Renamed"
    await chats.store.delete_agent(HERE, AGENT.id)
    talk = await chats.respond(talk.chat, "More")
    assert talk.chat.agent.name == "Renamed"


async def test_a_webhook_tool_is_really_called_with_the_chat_s_variables():
    web = Web(WebAnswer(status=200, text='{"state":"shipped"}'))
    chats, casting = chats_of(
        agent_says(None, look={"order": "a/1", "token": "made up"}), agent_says("Shipped."), web=web
    )
    talk = await chats.create(AGENT, "Where is it?", variables={"token": "s3cret"})
    assert told(talk)[2:] == [("live", '{"state":"shipped"}'), ("Agent", "Shipped.")]
    (call,) = web.calls
    assert (call.method, call.url) == ("GET", "https://shop.example/orders/a%2F1")
    assert call.headers == (("Authorization", "Bearer s3cret"),)
    offered = casting.cast[0][0].tool("look").parameters
    assert (list(offered["properties"]), offered["required"]) == (["order"], ["order"])


@pytest.mark.parametrize(
    ("answer", "text", "source"),
    [
        (WebAnswer(status=404, text="no such order"), "HTTP 404: no such order", "live"),
        (WebAnswer(status=500, text=""), "HTTP 500", "live"),
        (WebFault("No answer came within 30 s."), "No answer came within 30 s.", "unanswered"),
    ],
)
async def test_a_webhook_that_fails_is_an_error_result(answer, text, source):
    chats, _ = chats_of(agent_says(None, look={"order": "1"}), agent_says("Sorry."), web=Web(answer))
    talk = await chats.create(AGENT, "Where is it?", variables={"token": "t"})
    assert (talk.messages[2].text, talk.messages[2].is_error, talk.messages[2].source) == (text, True, source)
    assert talk.chat.status is ChatStatus.IN_PROGRESS


async def test_a_webhook_is_not_called_without_its_values():
    web = Web()
    chats, _ = chats_of(agent_says(None, look={}), agent_says("Which one?"), web=web)
    talk = await chats.create(AGENT, "Where is it?", variables={"token": "t"})
    assert talk.messages[2].text == "No value was given for order."
    assert web.calls == []


async def test_other_tools_are_answered_by_the_agent_s_mocks_or_refused():
    agent = replace(
        AGENT,
        tools=(Tool(name="find"), Tool(name="guess")),
        mocks={"find": ToolMock(otherwise=Answer(value={"found": "{{what}}"}))},
    )
    chats, _ = chats_of(agent_says(None, find={}, guess={}), agent_says("Found."))
    talk = await chats.create(agent, "Find it", variables={"what": "it"})
    assert told(talk)[2:4] == [
        ("static", '{"found":"it"}'),
        ("unmocked", "No mock is defined for this call of 'guess'."),
    ]


async def test_the_agent_s_end_tool_ends_the_chat():
    agent = replace(AGENT, tools=(Tool(name="bye", kind=ToolKind.END),))
    chats, _ = chats_of(agent_says("Bye.", bye={}))
    talk = await chats.create(agent, "That is all", variables={})
    assert talk.chat.status is ChatStatus.ENDED
    with pytest.raises(InvalidInput, match="has ended"):
        await chats.respond(talk.chat, "Hello?")


async def test_a_model_that_fails_leaves_the_message_and_both_are_answered_next_time():
    chats, _ = chats_of(DOWN, agent_says("Here I am."))
    talk = await chats.create(AGENT, "Hello", variables={})
    assert (talk.chat.status, talk.chat.error) == (ChatStatus.ERROR, "The provider is down.")
    assert told(talk) == [("User", "Hello")]
    talk = await chats.respond(talk.chat, "Anybody?")
    assert (talk.chat.status, talk.chat.error) == (ChatStatus.IN_PROGRESS, None)
    assert told(talk) == [("User", "Hello"), ("User", "Anybody?"), ("Agent", "Here I am.")]


async def test_an_agent_that_only_calls_tools_comes_to_an_end():
    agent = replace(AGENT, tools=(Tool(name="find"),))
    chats, _ = chats_of(*[agent_says(None, find={})] * MAX_MOVES)
    talk = await chats.create(agent, "Find it", variables={})
    assert talk.chat.status is ChatStatus.ERROR
    assert f"within {MAX_MOVES} messages" in talk.chat.error


async def test_an_agent_that_takes_too_long_is_an_error():
    class Slow(Lines):
        async def reply(self, transcript):
            await asyncio.Event().wait()

    chats, casting = chats_of(timeout=0.01)
    casting.lines = Slow([])
    talk = await chats.create(AGENT, "Hello", variables={})
    assert talk.chat.status is ChatStatus.ERROR
    assert "within 0.01 s" in talk.chat.error
    assert told(talk) == [("User", "Hello")]


async def test_an_agent_without_a_model_stores_nothing():
    class Unreachable(Casting):
        def cast_agent(self, *given, **options):
            raise NotConfigured("Set a key.")

    chats, _ = chats_of()
    chats = replace(chats, casting=Unreachable())
    with pytest.raises(NotConfigured):
        await chats.create(AGENT, "Hello", variables={})
    assert await chats.store.chats(HERE, page_of_all()) == ([], 0)


def page_of_all():
    from sparring.simulation.store import Page

    return Page()


async def test_of_two_messages_at_once_the_second_waits_and_nothing_is_interleaved():
    chats, casting = chats_of()
    turns = asyncio.Queue()

    class Waiting(Lines):
        async def reply(self, transcript):
            heard = transcript[-1].text
            await turns.get()
            return (agent_says(f"About {heard}."),)

    casting.lines = Waiting([])
    turns.put_nowait(1)
    talk = await chats.create(AGENT, "one", variables={})
    async with asyncio.TaskGroup() as group:
        group.create_task(chats.respond(talk.chat, "two"))
        group.create_task(chats.respond(talk.chat, "three"))
        ended = group.create_task(chats.end(talk.chat))
        turns.put_nowait(2)
        turns.put_nowait(3)
    assert told(ended.result()) == [
        ("User", "one"), ("Agent", "About one."),
        ("User", "two"), ("Agent", "About two."),
        ("User", "three"), ("Agent", "About three."),
    ]  # fmt: skip
    assert ended.result().chat.status is ChatStatus.ENDED


async def test_a_chat_that_another_process_answers_in_is_a_conflict():
    class Lost(MemoryStore):
        def chat_journal(self, chat_id):
            journal = super().chat_journal(chat_id)

            class Taken:
                load = journal.load

                async def append(self, position, messages):
                    if position:
                        raise StaleAppend("taken")
                    await journal.append(position, messages)

            return Taken()

    chats, _ = chats_of(agent_says("Hi."), store=Lost(FrozenClock()))
    with pytest.raises(Conflict, match="Another process"):
        await chats.create(AGENT, "Hello", variables={})


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("survives", range(7))
async def test_a_process_that_is_killed_loses_nothing_and_pays_for_nothing_twice(survives):
    """After any number of stored appends the next message finds everything that was said and called."""
    store = MemoryStore(FrozenClock())
    lines = [agent_says("One moment.", look={"order": "1"}, pay={}), agent_says("Done."), agent_says("Fine.")]
    web = Web(*[WebAnswer(status=200, text="ok")] * 4)
    chats, casting = chats_of(*lines, web=web, store=store)
    appended = 0
    original = store.chat_journal

    def dying(chat_id):
        journal = original(chat_id)

        class Dying:
            load = journal.load

            async def append(self, position, messages):
                nonlocal appended
                if appended >= survives:
                    raise Killed
                appended += bool(messages)
                await journal.append(position, messages)

        return Dying()

    store.chat_journal = dying
    agent = replace(AGENT, greeting="Hi!")
    with suppress(Killed):
        await chats.create(agent, "Pay, and look", variables={"token": "t"})
    ((chat,), _) = await store.chats(HERE, page_of_all())
    store.chat_journal = original
    before = list((await chats.talk(chat)).messages)
    paid = sum(call.method == "POST" for call in web.calls)
    casting.lines = Lines([agent_says("never"), *lines])
    talk = await chats.respond(chat, "And?")
    after = list(talk.messages)
    assert after[: len(before)] == before
    assert after[0].text == "Hi!"
    assert UserMessage(text="And?", at=after[-2].at) in after
    assert isinstance(after[-1], AgentMessage)
    calls = [call for message in after if isinstance(message, AgentMessage) for call in message.calls]
    results = [message for message in after if isinstance(message, ToolResult)]
    assert [call.id for call in calls] == [result.call_id for result in results]
    if any(isinstance(message, AgentMessage) and message.calls for message in before):
        assert sum(call.method == "POST" for call in web.calls) == paid
        left = [result for result in results if result not in before and result.name == "pay"]
        assert all((one.text, one.is_error, one.source) == (BROKEN_OFF, True, "unanswered") for one in left)


async def test_a_listener_is_told_the_chat_and_then_what_the_agent_s_side_does():
    chats, _ = chats_of(agent_says(None, pay={}), agent_says("Paid."), web=Web(WebAnswer(status=200, text="ok")))
    heard = []
    listener = Listener(
        begun=lambda chat: heard.append("begun"),
        message=lambda chat, place, message: heard.append((place, type(message).__name__)),
    )
    await chats.create(replace(AGENT, greeting=None), "Pay", variables={}, listener=listener)
    assert heard == ["begun", (1, "AgentMessage"), (2, "ToolResult"), (3, "AgentMessage")]


async def test_a_call_that_is_no_call_is_told_so_and_no_address_is_asked():
    broken = AgentMessage(text=None, calls=(ToolCall(id="1", name="pay", malformed="{oops"),))
    web = Web()
    chats, _ = chats_of(broken, agent_says("Sorry."), web=web)
    talk = await chats.create(AGENT, "Pay", variables={})
    assert (talk.messages[2].source, web.calls) == ("malformed", [])


REFUND = Setting(
    scenario="0000000000000000000000c1",
    name="Refund",
    mocks={
        "pay": ToolMock(
            rules=(Rule(answer=Answer(value="paid", changes=Changes(set={"paid": True})), times=1),),
            otherwise=Answer(value="{{state.paid}}"),
        )
    },
    state={"paid": False},
)


async def test_in_the_world_of_a_scenario_its_mocks_answer_also_where_an_address_would_be_called():
    web = Web()
    lines = (agent_says(None, pay={"amount": 1}), agent_says("Done."), agent_says(None, pay={}), agent_says("So."))
    chats, casting = chats_of(*lines, web=web)
    begun = await chats.create(AGENT, "Pay", variables={}, setting=REFUND)
    gone_on = await chats.respond(begun.chat, "Again")
    assert [one for one in told(gone_on) if one[0] in ("rule 1", "otherwise")] == [
        ("rule 1", "paid"),
        ("otherwise", "true"),
    ]
    assert web.calls == []
    assert (await chats.store.find_chat(HERE, begun.chat.id)).setting == REFUND
    assert len(casting.cast) == 2


async def test_a_scenario_of_such_a_chat_has_its_world():
    chats, _ = chats_of(agent_says("Hi."))
    begun = await chats.create(AGENT, "Hello", variables={"a": 1}, setting=REFUND)
    made = await chats.scenario(begun.chat, judge=None)
    assert (made.mocks, made.state, made.variables) == (REFUND.mocks, {"paid": False}, {"a": 1})
