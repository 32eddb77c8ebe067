"""Where records come from: saved JSON files (one record, a list, a page of the API), or the API itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from sparring.adapters.moving.api import VendorApi
from sparring.adapters.moving.arrivals import OURS, Found, Notes
from sparring.adapters.moving.vendors import VENDORS, Vendor
from sparring.dialects.json_documents import read_json
from sparring.domain.errors import InvalidInput, VendorFault

SUITE = "suite"
"""The kind of what an exported suite says of itself."""


def read_files(vendor: Vendor, paths: Sequence[Path]) -> list[Found]:
    """The records of some files.

    Raises:
        InvalidInput: a file cannot be read, is no JSON, or holds something that is no record of the vendor's.
    """
    return [found for path in paths for found in _records(vendor, _content(path), str(path))]


async def read_account(vendor: Vendor, api: VendorApi) -> list[Found]:
    """The records of an account, through the vendor's API.

    Raises:
        VendorFault: the API did not give them, or gave something else.
    """
    listed = await vendor.fetch(api)
    try:
        return [record_of(vendor, one.record, one.where, kind, is_file=False) for kind, one in listed]
    except InvalidInput as error:
        raise VendorFault(f"{error} Nothing was imported.") from None


def moving(vendor: Vendor, found: Sequence[Found], notes: Notes) -> list[Found]:
    """The records that move; how many stay where they are is noted."""
    staying = Counter(one.kind for one in found if one.kind not in (*vendor.taken, SUITE))
    for kind, number in staying.items():
        notes.add(f"{number} {kind}{'s' if number > 1 else ''} stayed at {vendor.name}: results do not move")
    return [one for one in found if one.kind in vendor.taken]


def _content(path: Path) -> Any:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise InvalidInput(f"{path}: this is a folder, not a file.") from None
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror or error}.") from None
    try:
        return read_json(content, str(path))
    except InvalidInput as error:
        told = str(error)
        raise InvalidInput(told if told.startswith(str(path)) else f"{path}: {told}") from None


def _records(vendor: Vendor, content: Any, where: str) -> Iterator[Found]:
    if isinstance(content, list):
        for place, item in enumerate(content):
            yield record_of(vendor, item, f"{where}[{place}]")
        return
    lists = _lists(vendor, content)
    if lists and vendor.kind_of(content) is None:
        if isinstance(said := content.get(OURS), dict):
            yield Found(record=said, kind=SUITE, where=f"{where}, {OURS}")
        for name in lists:
            for place, item in enumerate(content[name]):
                yield record_of(vendor, item, f"{where}, {name}[{place}]", vendor.lists[name])
        return
    yield record_of(vendor, content, where)


def _lists(vendor: Vendor, content: Any) -> list[str]:
    if not isinstance(content, dict):
        return []
    return [name for name in vendor.lists if isinstance(content.get(name), list)]


def record_of(
    vendor: Vendor, item: Any, where: str, expected: str | None = None, *, is_file: bool = True
) -> Found:
    """One record.

    Args:
        expected: its kind, where its shape does not tell.

    Raises:
        InvalidInput: it is no record of this vendor's.
    """
    if not isinstance(item, dict):
        raise InvalidInput(f"{where}: a record is a JSON object; {_told(item)} stands here.")
    kind = vendor.kind_of(item) or expected
    if kind is None:
        _refuse(vendor, item, where)
    return Found(record=item, kind=kind, where=where, is_file=is_file)


def _refuse(vendor: Vendor, item: dict[str, Any], where: str) -> NoReturn:
    others = [
        (other, kind)
        for other in VENDORS.values()
        if other is not vendor and (kind := other.kind_of(item)) in other.taken
    ]
    for other, kind in others:
        raise InvalidInput(
            f"{where}: this is a record of {other.name} ({kind}), not of {vendor.name}; "
            f"use sparring import {other.word}."
        )
    named = ", ".join(list(item)[:8]) or "none"
    raise InvalidInput(
        f"{where}: this is no record of {vendor.name} ({', '.join(vendor.taken)}); its fields: {named}."
    )


def _told(item: Any) -> str:
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(item), "null")
