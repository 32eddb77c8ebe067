"""Variables that are made up for each trial: the same for the same seed, on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class NameKind(StrEnum):
    """Which part of a person's name."""

    FULL = "full"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """How a variable's value is made up. Exactly one of the first six is given."""

    pattern: str | None = None
    """A text of this form, such as `[A-Z]{3}[0-9]{3}`."""
    date: str | None = None
    """A date (YYYY-MM-DD) so far from another one: `+7 days`, `-2 weeks`, `+0 days`, or a span: `+3..+10 days`."""
    name: NameKind | None = None
    """A person's name, or a part of one."""
    one_of: tuple[Any, ...] | None = None
    integer: tuple[int, int] | None = None
    """A whole number between these two, both included."""
    text: str | None = None
    """A text with other variables put in, such as `{{first_name}}@example.com`."""
    relative_to: str = "today"
    """For `date`: the variable that holds the other date, YYYY-MM-DD."""
