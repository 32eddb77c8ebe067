"""Small plots, as the numbers from which a template draws them: no colours, no text of anybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparring.domain.intervals import Interval, of_sample
from sparring.domain.metrics import Summary
from sparring.reports.figures import interval, rate

_WIDTH, _HEIGHT = 300, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 8, 22
_KS = (1, 2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 200, 500, 1000)
_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One figure with its interval, in pixels and in words."""

    k: int
    x: float
    y: float
    low: float | None
    high: float | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line across the plot, for a rate."""

    name: str
    left: int
    right: int
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """pass^1 to pass^k."""

    points: Sequence[Point]
    marks: Sequence[Mark]
    width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def line(self) -> str:
        """The points of the line."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def words(self) -> str:
        """The same for who does not see it."""
        return "; ".join(point.words for point in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Rates in a row, from the oldest to the newest."""

    points: Sequence[tuple[float, float]]
    words: str
    width: int = 120
    height: int = 28

    @property
    def line(self) -> str:
        """The points of the line."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


def trend(rates: Sequence[float]) -> Trend:
    """Rates of 0 to 1 as a small line without axes; the newest stands at the right."""
    width, height, edge = 120, 28, 4
    step = min(16.0, (width - 2 * edge) / max(1, len(rates) - 1))
    first = width - edge - step * (len(rates) - 1)
    return Trend(
        points=[
            (round(first + step * place, 1), round(edge + (1 - value) * (height - 2 * edge), 1))
            for place, value in enumerate(rates)
        ],
        words=", ".join(map(rate, rates)),
        width=width,
        height=height,
    )


def curve(summary: Summary) -> Curve:
    """pass^k over k, each with its 95 % interval over situations like these."""
    ks = [k for k in _KS if k in summary.pass_hat][:_MOST]
    room = (_WIDTH - _LEFT - _RIGHT) / max(1, len(ks))
    return Curve(
        points=[_point(summary, k, _LEFT + room * (place + 0.5)) for place, k in enumerate(ks)],
        marks=[Mark(name=f"{value:g}", left=_LEFT, right=_WIDTH - _RIGHT, y=_y(value)) for value in (0, 0.5, 1)],
    )


def _y(value: float) -> float:
    """Where a rate stands."""
    return round(_TOP + (1 - value) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _point(summary: Summary, k: int, x: float) -> Point:
    value, bounds = summary.pass_hat[k], _interval(summary, k)
    words = f"pass^{k} {rate(value)}" + (f" ({interval(bounds)})" if bounds is not None else "")
    return Point(
        k=k,
        x=round(x, 1),
        y=_y(value),
        low=None if bounds is None else _y(bounds[0]),
        high=None if bounds is None else _y(bounds[1]),
        words=words,
    )


def _interval(summary: Summary, k: int) -> Interval | None:
    """Of a single scenario, what its interval of pass^1 says of k in a row; of several, how they differ."""
    entering = [figures for figures in summary.scenarios if k in figures.pass_hat]
    if k == 1 and len(entering) > 1:
        return summary.alike
    if len(entering) == 1:
        bounds = entering[0].interval
        return None if bounds is None else (bounds[0] ** k, bounds[1] ** k)
    return of_sample([figures.pass_hat[k] for figures in entering], sum(f.judged / k for f in entering))
