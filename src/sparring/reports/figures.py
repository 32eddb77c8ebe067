"""Numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from sparring.domain.costs import UNKNOWN as UNKNOWN
from sparring.domain.costs import money as money
from sparring.domain.costs import money_decimals as money_decimals


def rate(value: float | None) -> str:
    """A rate from 0 to 1 with two digits; only what is exactly 0 or 1 is shown as such."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= value < 1 else f"{value:.2f}"


def interval(bounds: tuple[float, float] | None) -> str:
    """Both ends of an interval."""
    return UNKNOWN if bounds is None else f"{bounds[0]:.2f}–{bounds[1]:.2f}"


def duration(seconds: float | None) -> str:
    """A length of time."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def size(count: int | None) -> str:
    """A number of bytes."""
    if count is None:
        return UNKNOWN
    steps = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    found = next(((count / unit, name) for unit, name in steps if count >= unit), None)
    return f"{count} bytes" if found is None else f"{found[0]:.1f} {found[1]}"


def moment(at: float) -> str:
    """A point in time, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
