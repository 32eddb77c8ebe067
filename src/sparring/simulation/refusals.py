"""The conflicts that every store tells in the same words."""

from __future__ import annotations

from sparring.domain.errors import Conflict
from sparring.domain.outcomes import Lifecycle


def alias_taken(kind: str, alias: str) -> Conflict:
    """An alias names one record of its kind in a workspace."""
    return Conflict(f"The alias {alias!r} is taken by another {kind}.")


def agent_in_use(name: str) -> Conflict:
    """An agent stays while a simulation of it is not finished."""
    return Conflict(f"A simulation of the agent {name!r} is not finished; cancel it, or wait for its end.")


def still_playing() -> Conflict:
    """What is not over cannot be removed."""
    return Conflict("The simulation is not over; cancel it, or wait for its end.")


def idempotency_key_used(key: str) -> Conflict:
    """An idempotency key makes one simulation in a workspace."""
    return Conflict(f"A simulation was made with the idempotency key {key!r} already.")


def already_over(status: Lifecycle) -> Conflict:
    """What has ended cannot be cancelled."""
    return Conflict(f"The simulation is already {status.value}; there is nothing to cancel.")
