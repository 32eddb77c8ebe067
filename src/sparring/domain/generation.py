"""Variables that are made up for each trial: the same for the same seed, on every machine."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sparring.domain import forms, templates
from sparring.domain.chance import derive
from sparring.domain.errors import ScenarioFault

_SPAN = re.compile(r"([+-]\d{1,6})(?:\s*\.\.\s*([+-]\d{1,6}))?\s*(day|week|month|year)s?")

_FIRST_NAMES = (
    "Amara", "Anders", "Beatriz", "Carlos", "Chiara", "Daniel", "Elena", "Emil", "Farah", "Giulia", "Hana", "Hugo",
    "Ines", "Ivan", "Jonas", "Joanna", "Kenji", "Laila", "Leon", "Lucia", "Marco", "Maya", "Mira", "Nadia", "Noah",
    "Olga", "Omar", "Paul", "Priya", "Rosa", "Samuel", "Sofia", "Tariq", "Thea", "Victor", "Yuki",
)  # fmt: skip
_LAST_NAMES = (
    "Almeida", "Andersen", "Bauer", "Bianchi", "Castillo", "Chen", "Costa", "Diallo", "Fischer", "Fontaine",
    "Garcia", "Haddad", "Hansen", "Ito", "Jansen", "Kaya", "Keller", "Kowalski", "Laurent", "Lindgren", "Mendes",
    "Moreau", "Nakamura", "Novak", "Okafor", "Park", "Petrov", "Ramos", "Rossi", "Sato", "Silva", "Singh",
    "Svensson", "Tanaka", "Vargas", "Weber",
)  # fmt: skip


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
    """A date (YYYY-MM-DD) so far from another one: `+7 days`, `-2 weeks`, `today`, or a span: `+3..+10 days`."""
    name: NameKind | None = None
    """A person's name, or a part of one."""
    one_of: tuple[Any, ...] | None = None
    integer: tuple[int, int] | None = None
    """A whole number between these two, both included."""
    text: str | None = None
    """A text with other variables put in, such as `{{first_name}}@example.com`."""
    relative_to: str = "today"
    """For `date`: the variable that holds the other date, YYYY-MM-DD."""


def values(generated: Mapping[str, Generator], variables: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The variables with those that are made up.

    Each one depends on the seed, on its name and on what it refers to, and on nothing else: one more variable
    changes none of the others.

    Raises:
        ScenarioFault: a generator cannot be used, or some refer to each other in a circle.
    """
    known = dict(variables)
    for name in generated:
        _make(name, generated, known, seed, ())
    return known


def flaws(generated: Mapping[str, Generator], variables: Mapping[str, Any]) -> dict[str, str]:
    """The variables that cannot be made up, and why."""
    found: dict[str, str] = {}
    for name in generated:
        try:
            _make(name, generated, dict(variables), 0, ())
        except ScenarioFault as fault:
            found[name] = str(fault)
    return found


def names_in(generator: Generator) -> list[str]:
    """The variables that a generator refers to."""
    if generator.date is not None:
        return [generator.relative_to]
    return [] if generator.text is None else templates.names(generator.text)


def _make(
    name: str, generated: Mapping[str, Generator], known: dict[str, Any], seed: int, asking: tuple[str, ...]
) -> None:
    if name in known:
        return
    if name in asking:
        circle = " -> ".join((*asking[asking.index(name) :], name))
        raise ScenarioFault(f"The generated variables refer to each other in a circle: {circle}.")
    generator = generated[name]
    for asked in names_in(generator):
        for other in (asked, asked.split(".", 1)[0]):
            if other in generated:
                _make(other, generated, known, seed, (*asking, name))
    try:
        known[name] = _value(generator, known, _Draws(seed, name))
    except ValueError as error:
        raise ScenarioFault(f"The variable {name!r} cannot be generated: {error}.") from None


class _Draws:
    """Numbers by chance for one variable of one trial."""

    def __init__(self, seed: int, name: str) -> None:
        self._seed = seed
        self._name = name
        self._drawn = 0

    def __call__(self, size: int) -> int:
        self._drawn += 1
        return derive(self._seed, "variable", self._name, self._drawn) % size


def _value(generator: Generator, known: Mapping[str, Any], draw: forms.Draw) -> Any:
    if generator.pattern is not None:
        return forms.made(forms.parse(generator.pattern), draw)
    if generator.date is not None:
        return _date(generator.date, generator.relative_to, known, draw)
    if generator.name is not None:
        return _name(generator.name, draw)
    if generator.one_of is not None:
        if not generator.one_of:
            raise ValueError("one_of is empty")
        return generator.one_of[draw(len(generator.one_of))]
    if generator.integer is not None:
        low, high = generator.integer
        if low > high:
            raise ValueError(f"there is no whole number from {low} to {high}")
        return low + draw(high - low + 1)
    if generator.text is not None:
        return templates.fill(generator.text, known)
    raise ValueError("nothing says how")


def _name(kind: NameKind, draw: forms.Draw) -> str:
    first, last = _FIRST_NAMES[draw(len(_FIRST_NAMES))], _LAST_NAMES[draw(len(_LAST_NAMES))]
    return {NameKind.FIRST: first, NameKind.LAST: last, NameKind.FULL: f"{first} {last}"}[kind]


def _date(told: str, relative_to: str, known: Mapping[str, Any], draw: forms.Draw) -> str:
    low, high, unit = _span(told)
    if relative_to not in known:
        raise ValueError(f"it is relative to the variable {relative_to!r}, which there is not")
    start = known[relative_to]
    try:
        day = date.fromisoformat(str(start)[:10])
    except ValueError:
        raise ValueError(f"the variable {relative_to!r} is {start!r}, not a date of the form YYYY-MM-DD") from None
    try:
        return _later(day, low + draw(high - low + 1), unit).isoformat()
    except (OverflowError, ValueError):
        raise ValueError(f"{told!r} from {start} is outside of the years 1 to 9999") from None


def _span(told: str) -> tuple[int, int, str]:
    if told.strip() == "today":
        return 0, 0, "day"
    match = _SPAN.fullmatch(told.strip())
    if match is None:
        raise ValueError(f"the date {told!r} is not of a form such as '+7 days', '-1 month' or '+3..+10 days'")
    low = int(match[1])
    high = low if match[2] is None else int(match[2])
    if low > high:
        raise ValueError(f"the span {told!r} is upside down")
    return low, high, match[3]


def _later(day: date, number: int, unit: str) -> date:
    """The date so much later; the last day of the month where the month has no such day."""
    if unit in ("day", "week"):
        return day + timedelta(days=number * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
