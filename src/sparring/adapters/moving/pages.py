"""Lists that come in pages, in the forms of both vendors, or as one bare list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sparring.adapters.moving.api import VendorApi
from sparring.domain.errors import VendorFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """How a vendor counts pages."""

    first: int
    page: str
    """The query's name for which page."""
    size: str
    """The query's name for how many records."""
    records: int
    """On a page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a list, and the request and place that it came from."""

    record: Any
    where: str


@dataclass(frozen=True, slots=True)
class _Page:
    items: Sequence[Any]
    number: int | None = None
    """As the answer says it."""
    follows: int | None = None
    """The number of the next page."""
    total: int | None = None


SIGMAMIND = Numbering(first=0, page="page", size="size", records=20)
EQHO = Numbering(first=1, page="page", size="per_page", records=25)


async def listed(
    api: VendorApi, path: str, numbering: Numbering, key: str, id: str, **query: str | int
) -> list[Listed]:
    """All records of a list.

    Args:
        key: the field that holds the records of a page.
        id: the field that tells two records apart.

    Raises:
        VendorFault: a page has no such form, comes twice, or the pages do not add up.
    """
    found: list[Listed] = []
    number: int | None = numbering.first
    while number is not None:
        asked = {**query, numbering.page: number, numbering.size: numbering.records}
        page = _read(await api.get(path, **asked), key, api, path)
        if (flaw := _flaw(page, number, found, id)) is not None:
            _broken(api, path, flaw)
        where = str(api.address(path, asked))
        found += [Listed(record, f"{where}, {place}") for place, record in enumerate(page.items)]
        if page.follows is None and page.total not in (None, len(found)):
            _broken(api, path, f"it says that there are {page.total} records, and {len(found)} came")
        number = page.follows
    return found


def _flaw(page: _Page, number: int, found: Sequence[Listed], id: str) -> str | None:
    """What is wrong with a page, for which nothing ends that asks for all of them."""
    if page.number not in (None, number):
        return f"page {page.number} came when page {number} was asked for"
    known = {_id(one.record, id) for one in found} - {None}
    again = next((text for record in page.items if (text := _id(record, id)) in known), None)
    if again is not None:
        return f"page {number} holds {again} again, which came before"
    if page.follows is None:
        return None
    if not page.items:
        return f"page {number} is empty and another is said to follow"
    return None if page.follows == number + 1 else f"page {page.follows} is said to follow page {number}"


def _id(record: Any, id: str) -> str | None:
    found = record.get(id) if isinstance(record, dict) else None
    return found if isinstance(found, str) else None


def _read(answer: Any, key: str, api: VendorApi, path: str) -> _Page:
    if isinstance(answer, list):
        return _Page(answer)
    items = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        _broken(api, path, f"a page is a list, or an object with the list {key!r}; something else came")
    return _of_meta(items, answer["meta"]) if isinstance(answer.get("meta"), dict) else _of_wrapper(items, answer)


def _of_meta(items: list[Any], meta: dict[str, Any]) -> _Page:
    number, last = _whole(meta.get("current_page")), _whole(meta.get("last_page"))
    follows = _whole(meta.get("next_page"))
    if "next_page" not in meta and number is not None and last is not None and number < last:
        follows = number + 1
    return _Page(items, number=number, follows=follows, total=_whole(meta.get("total")))


def _of_wrapper(items: list[Any], answer: dict[str, Any]) -> _Page:
    number, pages = _whole(answer.get("page")), _whole(answer.get("totalPages"))
    more = answer.get("hasNext")
    if not isinstance(more, bool):
        more = number is not None and pages is not None and number + 1 < pages
    total = _whole(answer.get("totalCount", answer.get("totalCounts")))
    return _Page(items, number=number, follows=number + 1 if more and number is not None else None, total=total)


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _broken(api: VendorApi, path: str, told: str) -> NoReturn:
    raise VendorFault(
        f"The list {path} of {api.account.vendor} is broken: {told}. Nothing was imported. Try again; if it stays "
        "so, save the records as JSON and import the files."
    )
