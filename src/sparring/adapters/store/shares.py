"""What part of each provider's limits is lent to which process."""

from __future__ import annotations

from collections.abc import Mapping

from sparring.adapters import shares
from sparring.adapters.shares import Claim, Share, Standing
from sparring.adapters.store import sql
from sparring.adapters.store.database import Connection

REMEMBERED = 60.0
"""Seconds for which a part that was given back is remembered: its process may have used a minute's limit up."""

_NOBODY = ""
"""The process of the row that tells what is free, and is held while a provider's limits are divided."""


async def divide(
    db: Connection, process: str, claims: Mapping[str, Claim], lent_for: float
) -> Mapping[str, Share]:
    """The part of a process, by provider."""
    # In one order for all, so that no two wait for each other.
    return {
        provider: await _divide(db, provider, process, claims[provider], lent_for) for provider in sorted(claims)
    }


async def _divide(db: Connection, provider: str, process: str, claim: Claim, lent_for: float) -> Share:
    await db.write(sql.KEEP_SHARES, {"provider": provider, "process": _NOBODY})
    await db.row(sql.LOCK_SHARES, {"provider": provider, "process": _NOBODY})
    rows = {row[0]: row[1:] for row in await db.rows(sql.SHARES, {"provider": provider})}
    free_fill, free, _ = rows.pop(_NOBODY)
    _, before, age = rows.pop(process, (0.0, 0.0, lent_for))
    share, left, left_fill = shares.divide(
        claim,
        Standing(
            live=[(weight, part) for weight, part, age in rows.values() if age <= lent_for],
            others=len(rows),
            before=before if age <= lent_for else 0.0,
            free=free,
            free_fill=free_fill,
        ),
    )
    for name, weight, part in ((process, claim.weight, share.part), (_NOBODY, left_fill, left)):
        await db.write(sql.SAVE_SHARE, {"provider": provider, "process": name, "weight": weight, "part": part})
    await db.write(sql.FORGET_SHARES, {"provider": provider, "age": REMEMBERED, "process": _NOBODY})
    return share
