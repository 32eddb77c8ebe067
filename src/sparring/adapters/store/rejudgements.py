"""Later judgements of trials in their table."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.adapters.store import sql
from sparring.adapters.store.database import Connection
from sparring.adapters.store.records import Record
from sparring.domain.errors import NotFound
from sparring.domain.outcomes import Outcome
from sparring.domain.rejudgement import Rejudgement

_FACTS = ("id", "judging", "simulation", "trial", "judge", "outcome", "created_at")
_JUDGEMENT = Record(Rejudgement, columns=_FACTS)


async def add(db: Connection, judgement: Rejudgement) -> None:
    """Insert a judgement."""
    if await db.row(sql.TRIAL_STANDING, {"id": judgement.trial}) is None:
        raise NotFound("trial", judgement.trial)
    facts = {name: getattr(judgement, name) for name in _FACTS}
    facts["outcome"] = judgement.outcome.value
    await db.write(sql.ADD_JUDGEMENT, {**facts, "body": _JUDGEMENT.dump(judgement)})


async def of_simulation(db: Connection, simulation_id: str) -> Sequence[Rejudgement]:
    """The later judgements of a simulation's trials, the oldest first."""
    found = []
    for *facts, body in await db.rows(sql.JUDGEMENTS, {"simulation": simulation_id}):
        columns = dict(zip(_FACTS, facts, strict=True))
        columns["outcome"] = Outcome(columns["outcome"])
        found.append(_JUDGEMENT.load(body, **columns))
    return found
