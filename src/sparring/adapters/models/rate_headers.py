"""What providers tell of their limits: in the headers of each answer, and in the words of a 429."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sparring.adapters.models.allowances import MINUTE


class Unit(IntEnum):
    """What is counted."""

    REQUESTS = 0
    INPUT = 1
    """Tokens that are sent."""
    OUTPUT = 2
    """Tokens that are written."""
    TOKENS = 3
    """Both together."""

    @property
    def words(self) -> str:
        """As it is told."""
        return ("requests", "input tokens", "output tokens", "tokens")[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One limit, as a provider told it."""

    unit: Unit
    limit: float | None = None
    span: float | None = None
    """Seconds, where they were told."""
    remaining: float | None = None
    reset: float | None = None
    """Seconds from now until all of it is there again."""


@dataclass(frozen=True, slots=True)
class Names:
    """The headers that tell one limit, in lower case."""

    unit: Unit
    span: float | None
    limit: str
    remaining: str
    reset: str


_HEADER = re.compile(
    r"(?:x-)?ratelimit-limit(?:-(?P<unit>requests?|req|tokens))?(?:-(?P<span>second|minute|hour|day))?"
    r"|anthropic-ratelimit-(?P<own>requests|tokens|input-tokens|output-tokens)-limit"
)
_SPANS = {"second": 1.0, "minute": MINUTE, "hour": 3600.0, "day": 86400.0}
_UNITS = {"tokens": Unit.TOKENS, "input-tokens": Unit.INPUT, "output-tokens": Unit.OUTPUT}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_IN_OPENAI_WORDS = re.compile(r"(?i)(tokens|requests) per (min|day)\b.{0,40}?limit:? ?(\d+)")
_IN_ANTHROPIC_WORDS = re.compile(
    r"(?i)rate limit\b.{0,60}? of ([\d,]+) (requests|input tokens|output tokens|tokens) per minute"
)
_AGAIN = re.compile(r"(?i)try again in ((?:\d+(?:\.\d+)?(?:ms|[dhms]))+)")


def header_names(headers: Iterable[str]) -> tuple[Names, ...]:
    """The limits that the headers of an answer tell."""
    return tuple(found for name in headers if (found := _names(name.lower())) is not None)


def read_quotas(headers: Mapping[str, str], names: Iterable[Names], now: float) -> list[Quota]:
    """The limits as an answer tells them.

    Args:
        headers: case-insensitive.
        now: unix seconds.
    """
    return [
        Quota(
            unit=name.unit,
            limit=_amount(headers.get(name.limit)),
            span=name.span,
            remaining=_amount(headers.get(name.remaining)),
            reset=_reset(headers.get(name.reset), now),
        )
        for name in names
    ]


def quotas_in_words(text: str) -> list[Quota]:
    """The limits that a refusal names in its message, as OpenAI's and Anthropic's do."""
    found = []
    for unit, span, limit in _IN_OPENAI_WORDS.findall(text):
        seconds = MINUTE if span.lower() == "min" else _SPANS["day"]
        found.append(Quota(unit=_unit(unit.lower()), limit=float(limit), span=seconds, remaining=0.0))
    for limit, unit in _IN_ANTHROPIC_WORDS.findall(text):
        name = unit.lower().replace(" ", "-")
        found.append(Quota(unit=_unit(name), limit=float(limit.replace(",", "")), span=MINUTE, remaining=0.0))
    return [quota for quota in found if quota.limit]


def pause_in_words(text: str) -> float | None:
    """Seconds to wait as a refusal's message asks for, such as `Please try again in 3.89s`."""
    found = _AGAIN.search(text)
    return None if found is None else _duration(found[1])


def _names(name: str) -> Names | None:
    found = _HEADER.fullmatch(name)
    if found is None:
        return None
    unit, span = found["own"] or found["unit"] or "requests", found["span"]
    before, after = (name[: -len("limit")], "") if found["own"] else name.split("ratelimit-limit")
    if not found["own"]:
        before += "ratelimit-"
    return Names(_unit(unit), _SPANS.get(span or ""), name, f"{before}remaining{after}", f"{before}reset{after}")


def _unit(name: str) -> Unit:
    return _UNITS.get(name, Unit.REQUESTS)


def _amount(value: str | None) -> float | None:
    return float(value) if value is not None and _NUMBER.fullmatch(value) else None


def _reset(value: str | None, now: float) -> float | None:
    """Seconds from now: told as a duration, as seconds, or as a moment in one of three forms."""
    if not value:
        return None
    if _NUMBER.fullmatch(value):
        number = float(value)
        if number > 1e11:
            number /= 1000
        return max(0.0, number - now) if number > 1e8 else number
    if (duration := _duration(value)) is not None:
        return duration
    try:
        return max(0.0, datetime.fromisoformat(value).timestamp() - now)
    except ValueError:
        return None


def _duration(value: str) -> float | None:
    found = _DURATION.fullmatch(value)
    if found is None or not value:
        return None
    days, hours, minutes, seconds, thousandths = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds + thousandths / 1000
