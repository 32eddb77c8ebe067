"""Markup, packed small enough to be mailed: a page's own script unpacks it when somebody asks for it.

What tags repeat from one piece to the next is told once, in a table; a character of Unicode's private use stands for
each entry. Pieces lie in chunks, each compressed by itself, so that to read one not everything has to be unpacked.
"""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_PREFIX = "\ue000"
"""Stands for what tells the anchors of one piece from those of the others."""
_FIRST, _LAST = 0xE001, 0xF8FF
_END = "\0"
"""Between two pieces; what is stored holds none."""
_CHUNK = 600_000
"""Characters of a chunk, roughly."""
_WORTH = 60
"""Characters that an entry of the table has to save."""
_TAGS = re.compile(r"(?:<[^>]*>[ \n]*)+(?:\d{1,3}</a> <b>\w+</b>(?:<[^>]*>[ \n]*)*)?")
"""Tags in a row, and the head of a message."""
_PRIVATE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Pieces, packed."""

    table: str
    """What the characters stand for from U+E001 on."""
    chunks: Sequence[str]
    places: Sequence[tuple[int, int]]
    """For each piece its chunk, and its place there."""

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return len(self.table) + sum(map(len, self.chunks))


def pack(pieces: Sequence[tuple[str, str]]) -> Packed:
    """Pack pieces of markup.

    Args:
        pieces: each after what all anchors in it begin with.
    """
    plain = [_loose(prefix, _PRIVATE.sub(_referenced, markup)) for prefix, markup in pieces]
    counted = Counter(tags for piece in plain for tags in _TAGS.findall(piece))
    worth = [tags for tags, number in counted.most_common(_LAST - _FIRST + 1) if number * len(tags) > _WORTH]
    letters = {tags: chr(_FIRST + place) for place, tags in enumerate(worth)}
    chunks: list[list[str]] = [[]]
    places, room = [], _CHUNK
    for piece in plain:
        if room < len(piece) and chunks[-1]:
            chunks.append([])
            room = _CHUNK
        places.append((len(chunks) - 1, len(chunks[-1])))
        chunks[-1].append(_TAGS.sub(lambda found: letters.get(found[0], found[0]), piece))
        room -= len(piece)
    return Packed(
        table=_compressed(worth), chunks=[_compressed(chunk) for chunk in chunks if chunk], places=places
    )


def _loose(prefix: str, markup: str) -> str:
    """With anchors that are the same in every piece."""
    return markup.replace(f'="{prefix}', f'="{_PREFIX}').replace(f'="#{prefix}', f'="#{_PREFIX}')


def _referenced(found: re.Match[str]) -> str:
    """A private character of somebody's own, so that it stands for nothing else."""
    return f"&#{ord(found[0])};"


def _compressed(pieces: Sequence[str]) -> str:
    return b64encode(gzip.compress(_END.join(pieces).encode(), 9, mtime=0)).decode()
