"""The statements that divide providers' limits among processes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, ClauseElement, ColumnElement, bindparam, delete, literal_column, select
from sqlalchemy.dialects import postgresql

from sparring.adapters.store.clauses import Now
from sparring.adapters.store.schema import provider_shares as shares


def share_statements() -> dict[str, ClauseElement]:
    """Every such statement by its name. The time is the database's, whatever the clocks of the machines say."""
    of_it = shares.c.provider == bindparam("provider")
    process: BindParameter[str] = bindparam("process")
    added = postgresql.insert(shares).inline()
    given: dict[str, Any] = {name: bindparam(name) for name in ("provider", "process", "weight", "part")}
    saved = added.values({**given, "seen_at": Now()})
    nothing: ColumnElement[float] = literal_column("0.0")
    held = {**given, "weight": nothing, "part": nothing, "seen_at": Now()}
    key = [shares.c.provider, shares.c.process]
    return {
        "KEEP_SHARES": added.values(held).on_conflict_do_nothing(index_elements=key),
        "LOCK_SHARES": select(shares.c.provider).where(of_it, shares.c.process == process).with_for_update(),
        "SHARES": select(shares.c.process, shares.c.weight, shares.c.part, Now() - shares.c.seen_at).where(of_it),
        "SAVE_SHARE": saved.on_conflict_do_update(
            index_elements=key,
            set_={name: saved.excluded[name] for name in ("weight", "part", "seen_at")},
        ),
        "FORGET_SHARES": delete(shares).where(
            of_it, shares.c.process != process, Now() - shares.c.seen_at > bindparam("age")
        ),
    }
