"""The statements that find and take out what is over since before a time."""

from __future__ import annotations

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Table,
    bindparam,
    delete,
    func,
    literal_column,
    select,
)

from sparring.adapters.store.schema import chats, deliveries, messages, simulations


def old_statements() -> dict[str, ClauseElement]:
    """Every such statement by its name."""
    before: BindParameter[float] = bindparam("before")
    ended = (chats.c.status == literal_column("'ended'"), chats.c.updated_at < before)
    settled = (deliveries.c.status != literal_column("'pending'"), deliveries.c.updated_at < before)
    return {
        "DELETE_CHAT_MESSAGES": delete(messages).where(messages.c.trial == bindparam("trial")),
        "DELETE_CHAT": delete(chats).where(chats.c.id == bindparam("id")),
        "DELETE_DELIVERY": delete(deliveries).where(deliveries.c.id == bindparam("id")),
        **_of("SIMULATIONS", simulations, simulations.c.completed_at < before),
        **_of("CHATS", chats, *ended),
        **_of("DELIVERIES", deliveries, *settled),
    }


def _of(name: str, table: Table, *old: ColumnElement[bool]) -> dict[str, ClauseElement]:
    oldest = select(table.c.id).where(*old).order_by(table.c.seq)
    return {
        f"COUNT_OLD_{name}": select(func.count()).select_from(table).where(*old),
        f"OLD_{name}": oldest.limit(bindparam("size")).offset(literal_column("0")),
    }
