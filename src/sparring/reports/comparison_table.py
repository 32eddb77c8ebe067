"""A comparison for a terminal: what was changed, what came of it, and whether it is chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparring.domain.comparison import Change, Comparison, Conclusion, Pair
from sparring.domain.setups import Alteration, Line
from sparring.reports import comparing, figures
from sparring.reports.lettering import cells, folded, left, painted, right, shortened

_NARROWEST = 40
_WIDEST = 110
_GAP = 2
_NAME = 10
_LINES = 8
"""Changed lines of one text."""
_ALTERATIONS = 10
_ROWS = 40
"""Flaky scenarios."""

_MARKS = {Change.BROKEN: ("✗", "red"), Change.FIXED: ("✓", "green"), Change.FLAKY: ("~", "yellow")}
_COLOURS = {
    Conclusion.WORSE: "red",
    Conclusion.BETTER: "green",
    Conclusion.MIXED: "yellow",
    Conclusion.CHANCE: "yellow",
}


def render_comparison(comparison: Comparison, *, width: int = 80, color: bool = False) -> str:
    """The comparison as text.

    Args:
        width: cells of a line; between 40 and 110 are used.
        color: whether to use ANSI colours.
    """
    page = _Page(min(max(width, _NARROWEST), _WIDEST), color)
    blocks = [
        page.head(comparison),
        page.altered(comparison.alterations, whole=_is_whole(comparison)),
        page.grid(comparison),
        page.foot(comparison),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _is_whole(comparison: Comparison) -> bool:
    return comparison.before.setup.is_whole and comparison.after.setup.is_whole


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    color: bool

    def head(self, comparison: Comparison) -> list[str]:
        sides = (comparison.before, comparison.after)
        names = list(dict.fromkeys(side.name for side in sides))
        told = " → ".join(f"{side.id[:12]} ({figures.moment(side.created_at)})" for side in sides)
        return [
            *self.painted(folded(" → ".join(names), self.width), "bold"),
            *self.painted(folded(told, self.width), "dim"),
        ]

    def altered(self, altered: Sequence[Alteration], *, whole: bool) -> list[str]:
        lines = [self.paint("What was changed", "bold")]
        for one in altered[:_ALTERATIONS]:
            lines += self.alteration(one)
        if len(altered) > _ALTERATIONS:
            lines.append(self.paint(f"  and {len(altered) - _ALTERATIONS} more", "dim"))
        if not altered:
            lines.append("  Nothing that is recorded; the code of an agent that lives elsewhere is not.")
        if not whole:
            told = "A report of an older version does not hold instructions, tools and scenarios."
            lines += self.painted([f"  {line}" for line in folded(told, self.width - 2)], "dim")
        return lines

    def alteration(self, altered: Alteration) -> list[str]:
        heading, word = altered.title, comparing.in_a_word(altered)
        if word is not None:
            return [f"  {line}" for line in folded(f"{heading}: {word}", self.width - 2)]
        lines = [line for line in altered.lines if line.text.strip()]
        counts = [sum(line.sign == sign for line in lines) for sign in "+-"]
        return [
            *(f"  {line}" for line in folded(f"{heading}: +{counts[0]} −{counts[1]} lines", self.width - 2)),
            *(self.line(line, start) for line, start in zip(lines[:_LINES], _starts(lines), strict=False)),
            *([self.paint(f"    and {len(lines) - _LINES} more", "dim")] if len(lines) > _LINES else []),
        ]

    def line(self, line: Line, start: int) -> str:
        """A line from where it differs from its counterpart, where the whole of it has no room."""
        room = self.width - 6
        begin = max(0, start - room // 3) if cells(line.text) > room else 0
        text = shortened(("…" if begin else "") + line.text[begin:], room)
        return "    " + self.paint(f"{line.sign} {text}", "red" if line.sign == "-" else "green")

    def grid(self, comparison: Comparison) -> list[str]:
        if not comparison.counts:
            return []
        order = list(_MARKS)
        moved = sorted(
            (pair for pair in comparison.pairs if pair.change in _MARKS),
            key=lambda pair: (order.index(pair.change), _difference(pair)),
        )
        flaky = [pair for pair in moved if pair.change is Change.FLAKY]
        shown = [pair for pair in moved if pair.change is not Change.FLAKY] + flaky[:_ROWS]
        rows = [_cells(pair) for pair in shown]
        total = _total(comparison)
        titles = ["Before", "Now", "Change"]
        widths = [max(map(cells, column)) for column in zip(titles, *rows, total, strict=True)]
        room = self.width - 2 - sum(widths) - _GAP * len(widths)
        name_width = max(_NAME, min(room, max(map(cells, ["Scenario", *map(_name, shown)]))))
        rule = self.paint("─" * min(self.width, 2 + name_width + sum(widths) + _GAP * len(widths)), "dim")
        lines = [self.paint(_row("  " + left("Scenario", name_width), titles, widths), "bold"), rule]
        for pair, row in zip(shown, rows, strict=True):
            first, *more = folded(_name(pair), name_width)
            lines.append(_row(f"{self.paint(*_MARKS[pair.change])} {left(first, name_width)}", row, widths))
            lines += [f"  {line}" for line in more]
        if len(flaky) > _ROWS:
            lines.append(self.paint(f"  and {len(flaky) - _ROWS} more flaky ones", "dim"))
        same = comparing.same(comparison)
        lines += [f"= {line}" for line in folded(same, self.width - 2)] if same else []
        return [
            *lines,
            rule,
            _row("  " + left("pass^1", name_width), total, widths),
            *self.more(comparison, widths),
        ]

    def more(self, comparison: Comparison, widths: Sequence[int]) -> list[str]:
        """The lines under the total."""
        most = comparison.most
        lines = []
        deep = comparison.pass_hat(most) if most > 1 else None
        if deep is not None:
            lines.append(f"pass^{most} {figures.rate(deep[0])} → {figures.rate(deep[1])}")
        if comparison.interval is not None:
            lines.append(f"change of pass^1, 95 %: {comparing.shift_interval(comparison.interval)}")
        was, now = (figures.money(side.cost) for side in (comparison.before, comparison.after))
        if was != now:
            lines.append(f"a trial cost {was}, now {now}")
        return self.painted([f"  {line}" for line in self.joined(lines, self.width - 2)], "dim")

    def foot(self, comparison: Comparison) -> list[str]:
        found = [
            f"{self.paint(*mark)} {number} {change.value}"
            for change, mark in _MARKS.items()
            if (number := comparison.count(change))
        ]
        same = comparison.count(Change.SAME)
        found += [f"= {same} same"] if same else []
        colour = _COLOURS.get(comparison.conclusion)
        lines = ["   ".join(found), ""] if found else []
        told = folded(comparing.conclusion(comparison), self.width)
        lines += self.painted(told, colour) if colour else told
        outlook = comparing.outlook(comparison)
        lines += folded(outlook, self.width) if outlook else []
        for remark in (*comparing.unpaired(comparison), *comparing.caveats(comparison)):
            lines += self.painted(folded(remark, self.width), "dim")
        return lines

    def joined(self, parts: Iterable[str], width: int) -> list[str]:
        lines: list[str] = []
        for part in parts:
            if lines and cells(f"{lines[-1]} · {part}") <= width:
                lines[-1] += f" · {part}"
            else:
                lines += folded(part, width)
        return lines

    def painted(self, lines: Iterable[str], style: str) -> list[str]:
        return [self.paint(line, style) for line in lines]

    def paint(self, text: str, style: str) -> str:
        return painted(text, style, self.color)


def _starts(lines: Sequence[Line]) -> list[int]:
    """For each line, how many characters it begins with as its counterpart does: 0 without one."""
    starts = [0] * len(lines)
    gone = [place for place, line in enumerate(lines) if line.sign == "-"]
    come = [place for place, line in enumerate(lines) if line.sign == "+"]
    for first, second in zip(gone, come, strict=False):
        starts[first] = starts[second] = _common(lines[first].text, lines[second].text)
    return starts


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    same = 0
    for character, counterpart in zip(one, other, strict=False):
        if character != counterpart:
            break
        same += 1
    return same


def _difference(pair: Pair) -> float:
    return pair.counts.difference if pair.counts is not None else 0.0


def _name(pair: Pair) -> str:
    return f"{pair.name} ≠" if pair.is_altered else pair.name


def _cells(pair: Pair) -> list[str]:
    return [*comparing.rates(pair), comparing.shift(_difference(pair))]


def _total(comparison: Comparison) -> list[str]:
    was, now = comparison.rates or (None, None)
    return [figures.rate(was), figures.rate(now), comparing.shift(comparison.difference)]


def _row(name: str, row: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (" " * _GAP + right(cell, width) for cell, width in zip(row, widths, strict=True))
    return (name + "".join(numbers)).rstrip()
