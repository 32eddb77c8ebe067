"""Requests that are sent again with the same key, and answered with what the first one made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header

from sparring.dialects.fields import text
from sparring.domain.errors import Conflict
from sparring.domain.simulation import Simulation
from sparring.simulation.store import Store

IdempotencyKey = Annotated[
    Annotated[str, *text(1, 255, pattern=r"^[!-~]([ -~]*[!-~])?$", like="visible ASCII only")] | None,
    Header(description="A repeated request with the same key is answered with what the first one made."),
]


async def once(
    store: Store,
    workspace: str,
    key: str | None,
    *,
    same: Callable[[Simulation], bool],
    submit: Callable[[], Awaitable[Simulation]],
) -> Simulation:
    """The simulation that was made with this key, or the one that is made now.

    Args:
        same: whether a simulation was asked for by the same request.

    Raises:
        Conflict: the key was used for another request.
    """
    simulation = await _made(store, workspace, key, same)
    if simulation is not None:
        return simulation
    try:
        return await submit()
    except Conflict:
        # The same request may have come twice at once.
        simulation = await _made(store, workspace, key, same)
        if simulation is None:
            raise
        return simulation


async def _made(
    store: Store, workspace: str, key: str | None, same: Callable[[Simulation], bool]
) -> Simulation | None:
    if key is None:
        return None
    simulation = await store.find_by_idempotency_key(workspace, key)
    if simulation is not None and not same(simulation):
        raise Conflict(f"The Idempotency-Key {key!r} was used for another request.")
    return simulation
