"""Taking out what is old: simulations with their trials, chats, and what webhooks were told."""

from __future__ import annotations

from sparring.adapters.store import sql
from sparring.adapters.store.catalogue import count
from sparring.adapters.store.database import Connection
from sparring.simulation.store import Old


async def prunable(db: Connection, before: float) -> Old:
    """How much is over since before a time."""
    where = {"before": before}
    return Old(
        simulations=await count(db, sql.COUNT_OLD_SIMULATIONS, where),
        chats=await count(db, sql.COUNT_OLD_CHATS, where),
        deliveries=await count(db, sql.COUNT_OLD_DELIVERIES, where),
    )


async def prune(db: Connection, before: float, most: int) -> Old:
    """Take out up to so many of each."""
    where = {"before": before, "size": most}
    simulations = await db.rows(sql.OLD_SIMULATIONS, where)
    for (id,) in simulations:
        await db.write(sql.DELETE_MESSAGES, {"simulation": id})
        await db.write(sql.DELETE_SIMULATION, {"id": id})
    chats = await db.rows(sql.OLD_CHATS, where)
    for (id,) in chats:
        await db.write(sql.DELETE_CHAT_MESSAGES, {"trial": id})
        await db.write(sql.DELETE_CHAT, {"id": id})
    deliveries = await db.rows(sql.OLD_DELIVERIES, where)
    for (id,) in deliveries:
        await db.write(sql.DELETE_DELIVERY, {"id": id})
    return Old(simulations=len(simulations), chats=len(chats), deliveries=len(deliveries))
