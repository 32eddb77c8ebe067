"""A conversation in short: the words that show what was not met, and what was said around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sparring.domain.evaluation import Finding
from sparring.reports.views.quotes import Piece
from sparring.reports.views.trial import MessageView, ResultView

_AROUND = 1
"""Messages before and after those that are cited."""
_LAST = 4
"""Messages at the end, where none is cited."""
_LONG = 240
"""Characters of a text before and after what is quoted of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """One message in short."""

    index: int
    role: str
    pieces: Sequence[Piece]
    calls: Sequence[Sequence[Piece]]
    """What was called, and what came of it where that is quoted."""


def cited(lines: Sequence[MessageView]) -> list[Glimpse | int]:
    """What is around the words that show what was not met; what is left out as the number of messages."""
    places = [place for place, line in enumerate(lines) if _shows_failure(line)]
    near = {place + step for place in places for step in range(-_AROUND, _AROUND + 1)}
    kept = near or range(len(lines) - _LAST, len(lines))
    found: list[Glimpse | int] = []
    for place, line in enumerate(lines):
        last = found[-1] if found else None
        if place in kept:
            found.append(_glimpse(line))
        elif isinstance(last, int):
            found[-1] = last + 1
        else:
            found.append(1)
    return found


def _shows_failure(line: MessageView) -> bool:
    checks = chain(line.cited_by, *(result.cited_by for result in _results(line)))
    return any(check.check.finding is not Finding.MET for check in checks)


def _results(line: MessageView) -> Iterator[ResultView]:
    results = (line.result, *(call.result for call in line.calls))
    return (result for result in results if result is not None)


def _glimpse(line: MessageView) -> Glimpse:
    own = line.result.pieces if line.result is not None else line.pieces
    calls = [
        [Piece(text=f"{call.name} ", is_quoted=False, anchors=()), *_short(call.pieces)] for call in line.calls
    ]
    answers = [
        _short(call.result.pieces) for call in line.calls if call.result is not None and call.result.cited_by
    ]
    return Glimpse(index=line.message.index, role=line.message.role, pieces=_short(own), calls=[*calls, *answers])


def _short(pieces: Sequence[Piece]) -> list[Piece]:
    """With what is quoted whole, and only a little before and after it."""
    quoted = [place for place, piece in enumerate(pieces) if piece.is_quoted] or [-1]
    return [
        piece
        if piece.is_quoted
        else replace(piece, text=_cut(piece.text, after=place > quoted[0], before=place < quoted[-1]))
        for place, piece in enumerate(pieces)
    ]


def _cut(text: str, *, after: bool, before: bool) -> str:
    """The beginning of a text that stands after a quote, and the end of one that stands before."""
    if len(text) <= 2 * _LONG:
        return text
    head = f"{text[:_LONG].rstrip()} " if after else ""
    tail = f" {text[-_LONG:].lstrip()}" if before else ""
    return f"{head}…{tail}"
