"""How much of each conversation stands open in a page that has only so much room; the rest is packed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from sparring.reports.packing import Packed, pack

_HOLE = re.compile(r"<!--(\w+)-->")
_DATA = "packed"
"""The hole for what is packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation as markup."""

    anchor: str
    """Its trial's place, with which all anchors in it begin, and the name of its hole in the page."""
    whole: str
    part: Callable[[], str] | None
    """Makes what is to stand open at least; None for a conversation that is packed in any case."""


def filled(page: str, groups: Sequence[Sequence[Talk]], room: int) -> str:
    """The page with its holes filled.

    A hole is a comment with the anchor of a trial; the one called `packed` gets the data for the script.

    Args:
        groups: of each the first conversation comes before any other's second where not all can stand open.
        room: bytes; more are taken where what is packed does not fit.
    """
    shut = [talk for group in groups for talk in group if talk.part is None]
    readable = [talk for group in groups for talk in group if talk.part is not None]
    opened = {talk.anchor: talk.whole for talk in readable}
    taken = sum(map(_bytes, opened.values()))
    folded = shut
    packed = _pack(shut) if taken <= room else None
    if packed is None or taken + packed.size > room:
        folded = [*shut, *readable]
        packed = _pack(folded)
        opened = open_parts(groups, room - packed.size)
    texts = {_DATA: _data(packed)}
    places = {talk.anchor: place for talk, place in zip(folded, packed.places, strict=True)}
    for talk in chain(shut, readable):
        shown = opened.get(talk.anchor, "")
        chunk, place = places.get(talk.anchor, (None, None))
        is_whole = chunk is None or shown == talk.whole
        texts[talk.anchor] = (
            shown if is_whole else f'<div class="packed" data-place="{chunk} {place}">{shown}</div>'
        )
    return _HOLE.sub(lambda hole: texts[hole[1]], page)


def open_parts(groups: Sequence[Sequence[Talk]], room: int) -> dict[str, str]:
    """What stands open, by anchor: a part of as many conversations as can be, then as many as can be as a whole."""
    turns = [talk for talk in chain.from_iterable(zip_longest(*groups)) if talk is not None]
    found: dict[str, str] = {}
    for talk in turns:
        part = talk.part() if talk.part is not None else ""
        if part and (taken := _bytes(part)) <= room:
            found[talk.anchor] = part
            room -= taken
    for talk in turns:
        more = _bytes(talk.whole) - _bytes(found.get(talk.anchor, ""))
        if talk.anchor in found and more <= room:
            found[talk.anchor] = talk.whole
            room -= more
    return found


def _pack(talks: Sequence[Talk]) -> Packed:
    return pack([(f"{talk.anchor}-", talk.whole) for talk in talks])


def _data(packed: Packed) -> str:
    """What is packed, as elements that no browser runs or shows."""
    if not packed.chunks:
        return ""
    named = [("table", packed.table), *((f"chunk-{place}", chunk) for place, chunk in enumerate(packed.chunks))]
    return "\n".join(f'<script type="application/gzip" id="packed-{name}">{data}</script>' for name, data in named)


def _bytes(text: str) -> int:
    return len(text.encode())
