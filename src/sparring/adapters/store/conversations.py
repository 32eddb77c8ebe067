"""Chats, webhooks and deliveries in their tables."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sparring.adapters.store import codec, sql
from sparring.adapters.store.catalogue import count
from sparring.adapters.store.database import Connection, Refused, Row
from sparring.adapters.store.records import Record
from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.errors import NotFound
from sparring.domain.webhooks import Delivery, DeliveryStatus, Webhook
from sparring.simulation.refusals import alias_taken
from sparring.simulation.store import Page

_CHAT_COLUMNS = ("id", "workspace", "alias", "status", "created_at", "updated_at")
_WEBHOOK_COLUMNS = ("id", "workspace", "alias", "agent_id", "active", "created_at", "updated_at")
_DELIVERY_COLUMNS = ("id", "webhook", "status", "due_at", "created_at", "updated_at")
_CHAT = Record(Chat, columns=_CHAT_COLUMNS)
_WEBHOOK = Record(Webhook, columns=_WEBHOOK_COLUMNS)
_DELIVERY = Record(Delivery, columns=_DELIVERY_COLUMNS)


async def save_chat(db: Connection, chat: Chat) -> None:
    """Insert or replace a chat."""
    columns = {name: getattr(chat, name) for name in _CHAT_COLUMNS}
    columns |= {"status": chat.status.value, "body": _CHAT.dump(chat)}
    try:
        await db.write(sql.SAVE_CHAT, columns)
    except Refused:
        raise alias_taken("chat", str(chat.alias)) from None


async def find_chat(db: Connection, workspace: str, id: str) -> Chat | None:
    """A chat by id or alias."""
    row = await db.row(sql.FIND_CHAT, {"workspace": workspace, "id": id})
    return None if row is None else _read_chat(row)


async def chats(
    db: Connection, workspace: str, page: Page, status: ChatStatus | None
) -> tuple[Sequence[Chat], int]:
    """A page of chats."""
    where = {"workspace": workspace, "status": None if status is None else status.value}
    rows = await db.rows(sql.CHATS, {**where, "size": page.size, "offset": page.offset})
    return [_read_chat(row) for row in rows], await count(db, sql.COUNT_CHATS, where)


async def save_webhook(db: Connection, webhook: Webhook) -> None:
    """Insert or replace a webhook."""
    columns = {name: getattr(webhook, name) for name in _WEBHOOK_COLUMNS}
    try:
        await db.write(
            sql.SAVE_WEBHOOK, {**columns, "active": int(webhook.active), "body": _WEBHOOK.dump(webhook)}
        )
    except Refused:
        raise alias_taken("webhook", str(webhook.alias)) from None


async def find_webhook(db: Connection, workspace: str | None, id: str) -> Webhook | None:
    """A webhook by id or alias."""
    row = await db.row(sql.FIND_WEBHOOK, {"workspace": workspace, "id": id})
    return None if row is None else _read_webhook(row)


async def webhooks(
    db: Connection, workspace: str, page: Page, agent_id: str | None, active: bool | None
) -> tuple[Sequence[Webhook], int]:
    """A page of webhooks."""
    where = {"workspace": workspace, "agent_id": agent_id, "active": None if active is None else int(active)}
    rows = await db.rows(sql.WEBHOOKS, {**where, "size": page.size, "offset": page.offset})
    return [_read_webhook(row) for row in rows], await count(db, sql.COUNT_WEBHOOKS, where)


async def delete_webhook(db: Connection, workspace: str, id: str) -> None:
    """Remove a webhook; its deliveries go with it."""
    webhook = await find_webhook(db, workspace, id)
    if webhook is None:
        raise NotFound("webhook", id)
    await db.write(sql.DELETE_WEBHOOK, {"id": webhook.id})


async def save_delivery(db: Connection, delivery: Delivery) -> None:
    """Insert or replace a delivery; one whose webhook is gone is dropped."""
    columns = {name: getattr(delivery, name) for name in _DELIVERY_COLUMNS}
    columns |= {"status": delivery.status.value, "body": _DELIVERY.dump(delivery)}
    with suppress(Refused):
        await db.write(sql.SAVE_DELIVERY, columns)


async def deliveries(db: Connection, webhook_id: str, page: Page) -> tuple[Sequence[Delivery], int]:
    """A page of a webhook's deliveries."""
    where = {"webhook": webhook_id}
    rows = await db.rows(sql.DELIVERIES, {**where, "size": page.size, "offset": page.offset})
    return [_read_delivery(row) for row in rows], await count(db, sql.COUNT_DELIVERIES, where)


async def take_deliveries(db: Connection, now: float, limit: int, until: float) -> Sequence[Delivery]:
    """Pending deliveries that may be tried, and are not due for anybody else before a moment."""
    rows = await db.rows(sql.DUE_DELIVERIES, {"now": now, "count": limit})
    taken = [_read_delivery(row) for row in rows]
    if taken:
        ids = codec.dump([delivery.id for delivery in taken]).decode()
        await db.write(sql.LEND_DELIVERIES, {"ids": ids, "until": until})
    return taken


def _read_chat(row: Row) -> Chat:
    *columns, body = row
    told = dict(zip(_CHAT_COLUMNS, columns, strict=True))
    return _CHAT.load(body, **{**told, "status": ChatStatus(told["status"])})


def _read_webhook(row: Row) -> Webhook:
    *columns, body = row
    told = dict(zip(_WEBHOOK_COLUMNS, columns, strict=True))
    return _WEBHOOK.load(body, **{**told, "active": bool(told["active"])})


def _read_delivery(row: Row) -> Delivery:
    *columns, body = row
    told = dict(zip(_DELIVERY_COLUMNS, columns, strict=True))
    return _DELIVERY.load(body, **{**told, "status": DeliveryStatus(told["status"])})
