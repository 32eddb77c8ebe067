"""What every store keeps of chats, webhooks and deliveries."""

from dataclasses import replace

import pytest

from sparring.domain.chat import Chat, ChatStatus, Setting
from sparring.domain.errors import Conflict, NotFound, StaleAppend
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.transcript import AgentMessage, UserMessage
from sparring.domain.webhooks import Delivery, DeliveryStatus, Event, Webhook
from sparring.simulation.store import Page

from .records import ELSEWHERE, HERE, MESSAGES, an_agent


def an_id(number):
    return f"{number:024x}"


def a_chat(number=1, **fields):
    given = {"variables": {"name": "Jo", "deep": [1]}, "created_at": 1.5, "updated_at": 2.5, **fields}
    return Chat(id=an_id(number), workspace=HERE, agent=an_agent(), **given)


def a_webhook(number=1, **fields):
    given = {"name": "CRM", "agent_id": an_id(7), "url": "https://x.example", "secret": "s3cret", **fields}
    return Webhook(
        id=an_id(number), workspace=HERE, events=(Event.BATCH_FAILED, Event.CONVERSATION_ENDED), **given
    )


def a_delivery(number=1, webhook=1, **fields):
    return Delivery(id=an_id(number), webhook=an_id(webhook), event=Event.BATCH_FAILED, body='{"a":1}', **fields)


async def test_a_chat_is_found_as_it_was_by_id_and_by_alias_in_its_workspace_only(store):
    chat = a_chat(
        alias="chat-old", previous=an_id(9), history=4, error="why", status=ChatStatus.ERROR, ended_at=3.0
    )
    await store.save_chat(chat)
    assert await store.find_chat(HERE, chat.id) == chat
    assert await store.find_chat(HERE, "chat-old") == chat
    assert await store.find_chat(ELSEWHERE, chat.id) is None


async def test_the_world_of_a_chat_is_found_as_it_was(store):
    look = ToolMock(rules=(Rule(when={"id": Matcher(regex="^A")}, answer=Answer(value=[1]), times=2),))
    chat = a_chat(setting=Setting(scenario=an_id(5), name="Lost", mocks={"look": look}, state={"a": {"b": None}}))
    await store.save_chat(chat)
    assert await store.find_chat(HERE, chat.id) == chat


async def test_an_alias_of_another_chat_is_refused(store):
    await store.save_chat(a_chat(alias="same"))
    with pytest.raises(Conflict, match="'same' is taken by another chat"):
        await store.save_chat(a_chat(2, alias="same"))


async def test_chats_are_listed_newest_first_by_status(store):
    chats = [a_chat(1), a_chat(2, status=ChatStatus.ENDED), a_chat(3)]
    for chat in chats:
        await store.save_chat(chat)
    await store.save_chat(replace(chats[0], updated_at=9.0))
    found, total = await store.chats(HERE, Page(size=2))
    assert ([chat.id for chat in found], total) == ([an_id(3), an_id(2)], 3)
    found, total = await store.chats(HERE, Page(), status=ChatStatus.IN_PROGRESS)
    assert ([(chat.id, chat.updated_at) for chat in found], total) == ([(an_id(3), 2.5), (an_id(1), 9.0)], 2)
    assert await store.chats(ELSEWHERE, Page()) == ([], 0)


async def test_a_chat_s_journal_keeps_every_message_and_refuses_a_taken_position(store):
    journal = store.chat_journal(an_id(1))
    await journal.append(0, MESSAGES)
    assert tuple(await store.chat_journal(an_id(1)).load()) == MESSAGES
    with pytest.raises(StaleAppend):
        await store.chat_journal(an_id(1)).append(1, [UserMessage(text="late")])
    await store.chat_journal(an_id(2)).append(0, [AgentMessage(text="other")])
    assert len(await journal.load()) == len(MESSAGES)


async def test_a_webhook_is_found_as_it_was_also_without_a_workspace(store):
    webhook = a_webhook(alias="wh_old", active=False, created_at=1.0, updated_at=2.0)
    await store.save_webhook(webhook)
    assert await store.find_webhook(HERE, "wh_old") == webhook
    assert await store.find_webhook(None, webhook.id) == webhook
    assert await store.find_webhook(ELSEWHERE, webhook.id) is None


async def test_webhooks_are_listed_by_agent_and_activity(store):
    for webhook in (a_webhook(1), a_webhook(2, active=False), a_webhook(3, agent_id=an_id(8))):
        await store.save_webhook(webhook)

    async def listed(**where):
        found, total = await store.webhooks(HERE, Page(), **where)
        assert total == len(found)
        return [int(webhook.id, 16) for webhook in found]

    assert await listed() == [3, 2, 1]
    assert await listed(active=True) == [3, 1]
    assert await listed(agent_id=an_id(7), active=False) == [2]


async def test_deliveries_are_due_in_the_order_of_their_moments_until_they_are_made(store):
    await store.save_webhook(a_webhook())
    late, soon, far = a_delivery(1, due_at=20.0), a_delivery(2, due_at=10.0), a_delivery(3, due_at=99.0)
    for delivery in (late, soon, far):
        await store.save_delivery(delivery)
    assert await store.take_deliveries(50.0, 10, until=50.0) == [soon, late]
    await store.save_delivery(soon)
    assert await store.take_deliveries(50.0, 1, until=60.0) == [soon]
    done = replace(soon, status=DeliveryStatus.DELIVERED, attempts=1, answered=204, updated_at=11.0)
    await store.save_delivery(done)
    assert await store.take_deliveries(50.0, 10, until=60.0) == [replace(late, due_at=50.0)]
    assert await store.take_deliveries(59.9, 10, until=70.0) == []
    assert await store.take_deliveries(60.0, 10, until=70.0) == [replace(late, due_at=60.0)]
    assert await store.deliveries(an_id(1), Page(size=2)) == ([far, done], 3)


async def test_a_webhook_takes_its_deliveries_along(store):
    await store.save_webhook(a_webhook())
    await store.save_delivery(a_delivery())
    await store.delete_webhook(HERE, an_id(1))
    await store.save_delivery(a_delivery(2))
    assert await store.take_deliveries(50.0, 10, until=60.0) == []
    assert await store.deliveries(an_id(1), Page()) == ([], 0)
    with pytest.raises(NotFound):
        await store.delete_webhook(HERE, an_id(1))
