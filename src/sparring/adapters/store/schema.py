"""The tables. SQLite has them now; nothing here is SQLite's alone.

`seq` is the order of creation, also within one second. Small facts that lists, filters and figures ask for are
columns; what is only ever read whole is JSON text in `body`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _seq() -> Column[int]:
    return Column("seq", Integer, primary_key=True)


def _id() -> Column[str]:
    return Column("id", Text, nullable=False, unique=True)


def _where(condition: str) -> dict[str, Any]:
    """What makes an index partial, on each database that can."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


workspaces = Table(
    "workspaces",
    metadata,
    _seq(),
    _id(),
    Column("alias", Text, unique=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("revoked_at", Double),
)

agents = Table(
    "agents",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("alias", Text),
    Column("name", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("workspace", "alias"),
    Index("ix_agents_newest", "workspace", "seq"),
)

actions = Table(
    "actions",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_actions_newest", "workspace", "seq"),
)

scenario_sets = Table(
    "scenario_sets",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_scenario_sets_newest", "workspace", "seq"),
)

scenarios = Table(
    "scenarios",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("alias", Text),
    Column("agent_id", Text),
    Column("name", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    Column("set_id", Text),
    Column("folder", Text),
    UniqueConstraint("workspace", "alias"),
    Index("ix_scenarios_newest", "workspace", "seq"),
    Index("ix_scenarios_of_set", "set_id", "seq", **_where("set_id IS NOT NULL")),
)

simulations = Table(
    "simulations",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("alias", Text),
    Column("idempotency_key", Text),
    Column("agent_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("completed_at", Double),
    Column("body", Text, nullable=False, comment="agent, models and limits as they were"),
    Column("set_id", Text),
    Column("max_cost", Double, comment="USD"),
    Column("status_reason", Text),
    Column("spent", Double, nullable=False, server_default=text("0"), comment="known USD of trials that are over"),
    Column("revision", Integer, nullable=False, server_default=text("0"), comment="grows with its trials"),
    Column("decision", Text, comment="what was decided before all trials were played"),
    Column("at_once", Integer, comment="its trials that may be at play at the same time"),
    UniqueConstraint("workspace", "alias"),
    UniqueConstraint("workspace", "idempotency_key"),
    Index("ix_simulations_newest", "workspace", "seq"),
    Index("ix_simulations_of_agent", "agent_id", "seq"),
    Index("ix_simulations_of_set", "set_id", "seq", **_where("set_id IS NOT NULL")),
    Index("ix_simulations_alias", "alias", **_where("alias IS NOT NULL")),
    Index("ix_simulations_with_budget", "status", **_where("max_cost IS NOT NULL")),
    Index("ix_simulations_paused", "id", **_where("status = 'paused'")),
    Index("ix_simulations_bounded", "status", **_where("at_once IS NOT NULL")),
)

simulation_scenarios = Table(
    "simulation_scenarios",
    metadata,
    Column("simulation", Text, ForeignKey("simulations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False, comment="the scenario as it was"),
)

trials = Table(
    "trials",
    metadata,
    _seq(),
    _id(),
    Column("alias", Text),
    Column("simulation", Text, ForeignKey("simulations.id", ondelete="CASCADE"), nullable=False),
    Column("scenario", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("take", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    Column("cause", Text),
    Column("error", Text),
    Column("termination", Text),
    Column("steps", Integer, nullable=False),
    Column("started_at", Double),
    Column("completed_at", Double),
    Column("costs", Text, nullable=False, comment="USD by role"),
    Column("warnings", Text, nullable=False),
    Column("verdict", Text),
    Column("claim", Integer, nullable=False, server_default="0"),
    Column("place", Integer, nullable=False, server_default="0"),
    Index("ix_trials_of_simulation", "simulation", "seq"),
    Index("ix_trials_by_status", "simulation", "status", "started_at"),
    Index("ix_trials_alias", "alias", **_where("alias IS NOT NULL")),
    # Only what waits, and only what plays, is in these two, however many trials are over.
    Index("ix_trials_queued", "place", "seq", "simulation", **_where("status = 'queued'")),
    Index("ix_trials_running", "status", "simulation", **_where("status = 'running'")),
)

labels = Table(
    "labels",
    metadata,
    Column("trial", Text, ForeignKey("trials.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("person", Text, primary_key=True),
    Column("agrees", Integer, nullable=False),
    Column("finding", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Double, nullable=False),
)

judgements = Table(
    "judgements",
    metadata,
    _seq(),
    _id(),
    Column("judging", Text, nullable=False, comment="the occasion: all that were judged again at once"),
    Column("simulation", Text, nullable=False),
    Column("trial", Text, ForeignKey("trials.id", ondelete="CASCADE"), nullable=False),
    Column("judge", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_judgements_of_simulation", "simulation", "seq"),
    Index("ix_judgements_of_trial", "trial", "seq"),
)

messages = Table(
    "messages",
    metadata,
    Column("trial", Text, primary_key=True),
    Column("take", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)

provider_shares = Table(
    "provider_shares",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("process", Text, primary_key=True),
    Column("weight", Double, nullable=False),
    Column("part", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)

chats = Table(
    "chats",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("alias", Text),
    Column("status", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("workspace", "alias"),
    Index("ix_chats_newest", "workspace", "seq"),
    Index("ix_chats_by_status", "workspace", "status", "seq"),
)

webhooks = Table(
    "webhooks",
    metadata,
    _seq(),
    _id(),
    Column("workspace", Text, nullable=False),
    Column("alias", Text),
    Column("agent_id", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("workspace", "alias"),
    Index("ix_webhooks_newest", "workspace", "seq"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _seq(),
    _id(),
    Column("webhook", Text, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("status", Text, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_deliveries_of_webhook", "webhook", "seq"),
    Index("ix_deliveries_pending", "due_at", "seq", **_where("status = 'pending'")),
)
