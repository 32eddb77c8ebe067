"""A comparison as its page shows it: which scenarios were asked for, by pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sparring.domain.comparison import Change, Comparison, Conclusion, Pair
from sparring.reports import comparing
from sparring.server.ui import addresses

ROWS = 100
"""Scenarios on one page."""

SIGNS: Mapping[Change, str] = {
    Change.BROKEN: "✗",
    Change.FIXED: "✓",
    Change.FLAKY: "~",
    Change.SAME: "=",
    Change.ADDED: "+",
    Change.REMOVED: "−",
    Change.UNJUDGED: "?",
}
"""A shape beside each colour."""

_TONES: Mapping[Change, str] = {Change.BROKEN: "failed", Change.FIXED: "passed", Change.FLAKY: "flaky"}
_WORDS: Mapping[Change, str] = {
    Change.ADDED: "only now",
    Change.REMOVED: "only before",
    Change.UNJUDGED: "not judged",
}
_CONCLUDED: Mapping[Conclusion, str] = {
    Conclusion.WORSE: "failed",
    Conclusion.BETTER: "passed",
    Conclusion.MIXED: "flaky",
    Conclusion.CHANCE: "flaky",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of change, and how many scenarios have it."""

    change: Change
    count: int
    href: str
    is_chosen: bool

    @property
    def sign(self) -> str:
        """Its shape."""
        return SIGNS[self.change]

    @property
    def word(self) -> str:
        """Its name."""
        return _WORDS.get(self.change, self.change.value)

    @property
    def tone(self) -> str:
        """The class of its colour."""
        return _TONES.get(self.change, "soft")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLine:
    """One scenario in the table."""

    pair: Pair
    kind: Kind
    before: str
    after: str
    difference: str
    href: str
    """Its conversations side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The scenarios that are shown."""

    kinds: Sequence[Kind]
    lines: Sequence[PairLine]
    found: int
    chosen: str
    """The kind that is asked for; empty for all."""
    all: str
    """Where all are shown."""
    previous: str | None
    next: str | None
    number: int
    last: int


def lines(comparison: Comparison) -> list[PairLine]:
    """All scenarios, in the order in which they matter."""
    order = list(Change)
    pairs = sorted(
        comparison.pairs,
        key=lambda pair: (order.index(pair.change), 0.0 if pair.counts is None else pair.counts.difference),
    )
    ids = (comparison.before.id, comparison.after.id)
    kinds = {kind.change: kind for kind in _kinds(comparison, "")}
    return [_line(pair, kinds[pair.change], ids) for pair in pairs]


def table(comparison: Comparison, change: str, number: int) -> Table:
    """The scenarios of one kind, or all; of an unknown kind there are none."""
    ids = (comparison.before.id, comparison.after.id)
    found = [line for line in lines(comparison) if change in ("", line.pair.change.value)]
    last = max(1, -(-len(found) // ROWS))
    return Table(
        kinds=_kinds(comparison, change),
        lines=found[(number - 1) * ROWS : number * ROWS],
        found=len(found),
        chosen=change,
        all=_address(ids, ""),
        previous=_address(ids, change, number - 1) if 1 < number <= last else None,
        next=_address(ids, change, number + 1) if number < last else None,
        number=number,
        last=last,
    )


def tone(comparison: Comparison) -> str:
    """The class of the conclusion's colour."""
    return _CONCLUDED.get(comparison.conclusion, "soft")


def _kinds(comparison: Comparison, chosen: str) -> list[Kind]:
    """The kinds that there are."""
    ids = (comparison.before.id, comparison.after.id)
    return [
        Kind(change=one, count=count, href=_address(ids, one.value), is_chosen=one.value == chosen)
        for one in Change
        if (count := comparison.count(one))
    ]


def _address(ids: tuple[str, str], change: str, number: int = 1) -> str:
    wanted = {"change": change, "page": "" if number == 1 else str(number)}
    narrowed = {name: value for name, value in wanted.items() if value}
    address = addresses.comparison(*ids)
    return f"{address}&{urlencode(narrowed)}" if narrowed else address


def _line(pair: Pair, kind: Kind, ids: tuple[str, str]) -> PairLine:
    was, now = comparing.rates(pair)
    one = pair.after or pair.before
    assert one is not None
    return PairLine(
        pair=pair,
        kind=kind,
        before=was,
        after=now,
        difference="" if pair.counts is None else comparing.shift(pair.counts.difference),
        href=addresses.side_by_side(*ids, scenario=one.id),
    )
