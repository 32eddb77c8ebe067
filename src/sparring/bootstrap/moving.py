"""The door of those who move in: records of a vendor's become records of this installation."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.adapters.moving.arrivals import Arrivals, Found
from sparring.adapters.moving.files import moving
from sparring.adapters.moving.vendors import Vendor
from sparring.bootstrap.services import Services
from sparring.domain.errors import Conflict


async def move_in(services: Services, vendor: Vendor, found: Sequence[Found]) -> Arrivals:
    """Store a vendor's records in the first workspace, all or nothing; those that are here already are updated.

    Raises:
        InvalidInput: some of them cannot be used; the message tells which, and why.
    """
    store = services.store
    arrivals = Arrivals(
        store=store,
        workspace=await store.first_workspace(),
        now=services.clock.now(),
        new_id=services.runner.new_id,
    )
    await vendor.arrive(moving(vendor, found, arrivals.notes), arrivals)
    await arrivals.save()
    await _name_workspace(services, arrivals)
    return arrivals


async def _name_workspace(services: Services, arrivals: Arrivals) -> None:
    """Let the workspace answer to the id that it had elsewhere, if it has no such id yet."""
    alias = arrivals.workspace_alias
    if alias is None or (await services.store.workspaces()).get(arrivals.workspace) is not None:
        return
    try:
        await services.store.save_workspace(arrivals.workspace, alias)
    except Conflict:
        arrivals.notes.add(f"another workspace has the id {alias} already")
