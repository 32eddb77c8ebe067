"""What was changed between two simulations, as a page shows it: facet by facet, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparring.domain.comparison import Comparison
from sparring.domain.setups import Alteration, Facet, Line
from sparring.reports import comparing

OPEN = 12
"""Changed lines of one text that are shown unfolded."""
MOST = 400
"""Changed lines on a page."""
_NAMES: Mapping[Facet, str] = {
    Facet.MODEL: "Who measures",
    Facet.AGENT: "Agent",
    Facet.TOOL: "Tools",
    Facet.LIMIT: "Limits and seed",
    Facet.SCENARIO: "Scenarios",
}
_ALIKE = 0.3
"""The share of a line that it has in common with its counterpart, from which both are one line that was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One changed line: what it has in common with its counterpart, and what it has not."""

    sign: str
    """`-` was there before, `+` is there now."""
    begins: str
    differs: str
    ends: str

    @property
    def is_whole(self) -> bool:
        """Whether all of it came or went."""
        return not self.begins and not self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One text that is another one now."""

    title: str
    word: str | None
    """The change where it fits on one line; None where it has to be shown by its lines."""
    lines: Sequence[LineView]
    added: int
    taken: int

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded from the start."""
        return self.added + self.taken <= OPEN

    @property
    def more(self) -> int:
        """Lines that are not shown."""
        return self.added + self.taken - len(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """All that was changed of one part of the setup."""

    name: str
    changes: Sequence[ChangeView]


def facets(comparison: Comparison) -> list[FacetView]:
    """What was changed, whoever measures first; without the parts that are as they were."""
    room = MOST
    found = []
    for facet, name in _NAMES.items():
        changes = []
        for altered in comparison.alterations:
            if altered.facet is facet:
                changes.append(_change(altered, room))
                room -= len(changes[-1].lines)
        if changes:
            found.append(FacetView(name=name, changes=changes))
    return found


def _change(altered: Alteration, room: int) -> ChangeView:
    word = comparing.in_a_word(altered)
    lines = altered.lines
    is_tool = altered.facet is Facet.TOOL and not altered.part
    shown = () if word is not None and not is_tool else list(_lines(lines))[:room]
    return ChangeView(
        title=altered.title,
        word=word,
        lines=shown,
        added=sum(line.sign == "+" for line in lines) if shown or word is None else 0,
        taken=sum(line.sign == "-" for line in lines) if shown or word is None else 0,
    )


def _lines(lines: Sequence[Line]) -> Iterator[LineView]:
    """Each line beside its counterpart: the first that went beside the first that came, and so on, in each stretch."""
    place = 0
    while place < len(lines):
        gone = _stretch(lines, place, "-")
        come = _stretch(lines, place + len(gone), "+")
        pairs = [_apart(was.text, now.text) for was, now in zip(gone, come, strict=False)]
        for stretch, side in ((gone, 0), (come, 1)):
            for number, line in enumerate(stretch):
                begins, ends = pairs[number] if number < len(pairs) else (0, 0)
                stop = len(line.text) - ends
                yield LineView(
                    sign=("-", "+")[side],
                    begins=line.text[:begins],
                    differs=line.text[begins:stop],
                    ends=line.text[stop:],
                )
        place += len(gone) + len(come)


def _stretch(lines: Sequence[Line], start: int, sign: str) -> list[Line]:
    end = start
    while end < len(lines) and lines[end].sign == sign:
        end += 1
    return list(lines[start:end])


def _apart(one: str, other: str) -> tuple[int, int]:
    """How many characters both begin and end with; nothing where they have too little in common."""
    least = min(len(one), len(other))
    begins = next((place for place in range(least) if one[place] != other[place]), least)
    rest = least - begins
    ends = next((place for place in range(rest) if one[-1 - place] != other[-1 - place]), rest)
    longest = max(len(one), len(other))
    return (begins, ends) if begins + ends >= _ALIKE * longest else (0, 0)
