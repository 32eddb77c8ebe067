"""The conflicts that every store tells in the same words."""

from __future__ import annotations

from sparring.domain.costs import money
from sparring.domain.errors import Conflict, NotNow
from sparring.domain.outcomes import Lifecycle

SIMULATION = "simulation"


def alias_taken(kind: str, alias: str) -> Conflict:
    """An alias names one record of its kind in a workspace."""
    return Conflict(f"The alias {alias!r} is taken by another {kind}.")


def overtaken(kind: str) -> Conflict:
    """Only what nobody has changed since it was read is replaced.

    Args:
        kind: of record, in the domain's word.
    """
    return NotNow(kind, "was changed in the meantime.")


def agent_in_use(name: str) -> Conflict:
    """An agent stays while a simulation of it is not finished."""
    return Conflict(f"A simulation of the agent {name!r} is not finished; cancel it, or wait for its end.")


def still_playing() -> Conflict:
    """What is not over cannot be removed."""
    return NotNow(SIMULATION, "is not over; cancel it, or wait for its end.")


def idempotency_key_used(key: str) -> Conflict:
    """An idempotency key makes one simulation in a workspace."""
    return Conflict(f"A simulation was made with the idempotency key {key!r} already.")


def already_over(status: Lifecycle, what: str) -> Conflict:
    """What has ended cannot be stopped.

    Args:
        what: what was asked for, as in "there is nothing to <what>".
    """
    return NotNow(SIMULATION, f"is already {status.value}; there is nothing to {what}.")


def already_paused() -> Conflict:
    """What is paused cannot be paused again."""
    return NotNow(SIMULATION, "is paused already.")


def not_paused(status: Lifecycle) -> Conflict:
    """Only what is paused can be resumed, unless it is given another budget."""
    return NotNow(SIMULATION, f"is {status.value}, not paused; there is nothing to resume.")


def budget_too_small(max_cost: float, spent: float) -> Conflict:
    """What has spent its budget goes on with a larger one only."""
    return NotNow(
        SIMULATION,
        f"has spent {money(spent)}, and its budget would be {money(max_cost)}; resume it with a larger one.",
    )


def nothing_errored() -> Conflict:
    """Only what errored is played again."""
    return NotNow(SIMULATION, "has nothing that ended in an error; there is nothing to play again.")


def cancelled_for_good() -> Conflict:
    """What was cancelled plays nothing any more."""
    return NotNow(SIMULATION, "was cancelled; it plays no more. Play it as a new one.")


def changed_meanwhile() -> Conflict:
    """Two have asked for more trials at once."""
    return NotNow(SIMULATION, "has got more trials in the meantime; look at it, and ask again.")
