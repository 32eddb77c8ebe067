"""The door of those who move in: records of a vendor's become records of this installation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from sparring.adapters.clock import SystemClock
from sparring.adapters.models.transport import Transport
from sparring.adapters.moving.api import Account, VendorApi
from sparring.adapters.moving.arrivals import Arrivals, Found
from sparring.adapters.moving.sources import moving, read_account, read_files
from sparring.adapters.moving.vendors import Vendor
from sparring.bootstrap.services import Services
from sparring.domain.errors import Conflict, InvalidInput, NotConfigured
from sparring.settings import Settings

ANSWER_TIMEOUT = 60.0
"""Seconds for one page."""


async def read_records(settings: Settings, vendor: Vendor, files: Sequence[Path], url: str | None) -> list[Found]:
    """A vendor's records: those of the files or, where there are none, all of the account's.

    Raises:
        InvalidInput: a file cannot be used, or there is no key for the API.
        VendorFault: the API did not give them.
    """
    if files:
        if url is not None:
            raise InvalidInput("Name files or --url, not both: what is in files is asked for nowhere else.")
        return read_files(vendor, files)
    key: SecretStr | None = getattr(settings, f"{vendor.word}_api_key")
    if key is None:
        raise NotConfigured(
            f"Set {vendor.key_variable} to import through {vendor.name}'s API, or name files of saved records."
        )
    account = Account(
        vendor=vendor.name, url=url or vendor.url, key=key.get_secret_value(), key_variable=vendor.key_variable
    )
    transport = Transport(answer_timeout=ANSWER_TIMEOUT)
    try:
        return await read_account(vendor, VendorApi(account=account, transport=transport, clock=SystemClock()))
    finally:
        await transport.close()


async def move_in(services: Services, vendor: Vendor, found: Sequence[Found]) -> Arrivals:
    """Store a vendor's records in the first workspace, all or nothing; those that are here already are updated.

    Raises:
        InvalidInput: some of them cannot be used; the message tells which, and why.
    """
    store = services.store
    arrivals = Arrivals(store=store, workspace=await store.first_workspace(), now=services.clock.now())
    await vendor.arrive(moving(vendor, found, arrivals.notes), arrivals)
    await arrivals.save()
    await _name_workspace(services, arrivals)
    return arrivals


async def _name_workspace(services: Services, arrivals: Arrivals) -> None:
    """Let the workspace answer to the id that it had elsewhere, if it has no such id yet."""
    alias = arrivals.workspace_alias
    if alias is None:
        return
    known = (await services.store.workspaces()).get(arrivals.workspace)
    if known is not None:
        if known != alias:
            arrivals.notes.add(f"the workspace is called {known} already, so that workspaceId is not {alias}")
        return
    try:
        await services.store.save_workspace(arrivals.workspace, alias)
    except Conflict:
        arrivals.notes.add(f"another workspace has the id {alias} already")
