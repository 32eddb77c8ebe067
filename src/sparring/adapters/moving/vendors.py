"""The vendors that one can move in from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sparring.adapters.moving import eqho, sigmamind
from sparring.adapters.moving.api import VendorApi
from sparring.adapters.moving.arrivals import Arrivals, Found
from sparring.adapters.moving.pages import Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What is known of one of them."""

    name: str
    """As people say it."""
    word: str
    """In commands."""
    lists: Mapping[str, str | None]
    """The fields under which records stand in pages of lists, with their kind where it is always the same."""
    kind_of: Callable[[Mapping[str, Any]], str | None]
    """What a record is; None where it is nothing of this vendor's."""
    taken: Sequence[str]
    """The kinds of records that move."""
    url: str
    """Where its API is, without `/v1`."""
    key_variable: str
    """The environment variable that holds the key."""
    fetch: Callable[[VendorApi], Awaitable[list[tuple[str, Listed]]]]
    arrive: Callable[[Sequence[Found], Arrivals], Awaitable[None]]


SIGMAMIND = Vendor(
    name=sigmamind.NAME,
    word="sigmamind",
    lists=sigmamind.LISTS,
    kind_of=sigmamind.kind_of,
    taken=sigmamind.TAKEN,
    url="https://api.sigmamind.ai",
    key_variable="SIGMAMIND_API_KEY",
    fetch=sigmamind.fetch,
    arrive=sigmamind.arrive,
)
EQHO = Vendor(
    name=eqho.NAME,
    word="eqho",
    lists=eqho.LISTS,
    kind_of=eqho.kind_of,
    taken=eqho.TAKEN,
    url="https://api.eqho.ai",
    key_variable="EQHO_API_KEY",
    fetch=eqho.fetch,
    arrive=eqho.arrive,
)
VENDORS: Mapping[str, Vendor] = {vendor.word: vendor for vendor in (SIGMAMIND, EQHO)}
