"""The chats and webhooks of the store that forgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.errors import NotFound
from sparring.domain.transcript import Message
from sparring.domain.webhooks import Delivery, DeliveryStatus, Webhook
from sparring.simulation.store import Page
from sparring.testing.memory_records import MemoryJournal, check_alias, find, newest


class MemoryChats:
    """The `ChatStore` port in dictionaries."""

    def __init__(self) -> None:
        """Begin empty."""
        self._chats: dict[str, Chat] = {}
        self._webhooks: dict[str, Webhook] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._journals: dict[tuple[str, int], list[Message]] = {}

    def chat_journal(self, chat_id: str) -> MemoryJournal:
        """The journal of a chat."""
        return MemoryJournal(self._journals.setdefault((chat_id, 1), []))

    async def save_chat(self, chat: Chat) -> None:
        """Insert or replace a chat."""
        check_alias("chat", self._chats.values(), chat)
        self._chats[chat.id] = chat

    async def find_chat(self, workspace: str, id: str) -> Chat | None:
        """A chat by id or alias."""
        return find(self._chats, workspace, id)

    async def chats(
        self, workspace: str, page: Page, *, status: ChatStatus | None = None
    ) -> tuple[Sequence[Chat], int]:
        """A page of chats, newest first."""
        here = [chat for chat in self._chats.values() if chat.workspace == workspace]
        return newest([chat for chat in here if status in (None, chat.status)], page)

    async def save_webhook(self, webhook: Webhook) -> None:
        """Insert or replace a webhook."""
        check_alias("webhook", self._webhooks.values(), webhook)
        self._webhooks[webhook.id] = webhook

    async def find_webhook(self, workspace: str | None, id: str) -> Webhook | None:
        """A webhook by id or alias."""
        return find(self._webhooks, workspace, id)

    async def webhooks(
        self, workspace: str, page: Page, *, agent_id: str | None = None, active: bool | None = None
    ) -> tuple[Sequence[Webhook], int]:
        """A page of webhooks, newest first."""
        here = [
            webhook
            for webhook in self._webhooks.values()
            if webhook.workspace == workspace
            and agent_id in (None, webhook.agent_id)
            and active in (None, webhook.active)
        ]
        return newest(here, page)

    async def delete_webhook(self, workspace: str, id: str) -> None:
        """Remove a webhook with its deliveries."""
        webhook = await self.find_webhook(workspace, id)
        if webhook is None:
            raise NotFound("webhook", id)
        del self._webhooks[webhook.id]
        self._deliveries = {key: one for key, one in self._deliveries.items() if one.webhook != webhook.id}

    async def save_delivery(self, delivery: Delivery) -> None:
        """Insert or replace a delivery."""
        if delivery.webhook in self._webhooks:
            self._deliveries[delivery.id] = delivery

    async def deliveries(self, webhook_id: str, page: Page) -> tuple[Sequence[Delivery], int]:
        """A page of a webhook's deliveries, newest first."""
        return newest([one for one in self._deliveries.values() if one.webhook == webhook_id], page)

    async def take_deliveries(self, now: float, count: int, *, until: float) -> Sequence[Delivery]:
        """Take pending deliveries that may be tried, those that are due longest first."""
        waiting = [one for one in self._deliveries.values() if one.status is DeliveryStatus.PENDING]
        due = sorted((one for one in waiting if one.due_at <= now), key=lambda one: one.due_at)[:count]
        self._deliveries |= {one.id: replace(one, due_at=until) for one in due}
        return due
