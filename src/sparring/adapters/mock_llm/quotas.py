"""Limits that a mock model server enforces, and how it tells of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from sparring.adapters.mock_llm.doors import Door
from sparring.adapters.mock_llm.spoiling import Response
from sparring.domain.errors import InvalidInput

COUNTING = ("bucket", "window")

REFUSED = "quota"
"""The fault that a record names where a limit was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server grants, to all of its models together."""

    requests: float | None = None
    """A minute."""
    tokens: float | None = None
    """A minute, those of requests and answers together."""
    minute: float = 60.0
    """Seconds that a minute takes."""
    counting: str = "bucket"
    """`bucket`, which is filled steadily and full at first, or `window`, which looks back over a minute."""
    headers: bool = True
    """Whether each answer tells what is left, as its provider does."""

    def check(self) -> None:
        """Raise InvalidInput where one cannot be used."""
        for name, value in (("requests", self.requests), ("tokens", self.tokens), ("minute", self.minute)):
            if value is not None and value <= 0:
                raise InvalidInput(f"A limit's {name} are more than 0, not {value:g}.", field=name)
        if self.counting not in COUNTING:
            raise InvalidInput(
                f"A server counts as one of {', '.join(COUNTING)}, not {self.counting!r}.", field="counting"
            )


class Count:
    """One limit, and what is used of it."""

    def __init__(self, limit: float, limits: Limits, now: float) -> None:
        """Begin with nothing used."""
        self.limit = limit
        self._span = limits.minute
        self._window = limits.counting == "window"
        self._level = limit
        self._at = now
        self._log: deque[tuple[float, float]] = deque()

    def left(self, now: float) -> float:
        """What may be used now."""
        if self._window:
            while self._log and self._log[0][0] <= now - self._span:
                self._level += self._log.popleft()[1]
        else:
            self._level = min(self.limit, self._level + (now - self._at) * self.limit / self._span)
            self._at = now
        return self._level

    def take(self, now: float, amount: float) -> None:
        """Use an amount."""
        self._level -= amount
        if self._window:
            self._log.append((now, amount))

    def wait(self, now: float, amount: float) -> float:
        """Seconds until an amount may be used."""
        lacking = min(amount, self.limit) - self.left(now)
        if lacking <= 0:
            return 0.0
        if not self._window:
            return lacking * self._span / self.limit
        for at, used in self._log:
            lacking -= used
            if lacking <= 0:
                return at + self._span - now
        return self._span

    def reset(self, now: float) -> float:
        """Seconds until all of it may be used."""
        if self._window:
            return self._log[-1][0] + self._span - now if self._log else 0.0
        return (self.limit - self._level) * self._span / self.limit


class Quotas:
    """The limits of one server."""

    def __init__(self, limits: Limits, now: float) -> None:
        """Begin with nothing used.

        Raises:
            InvalidInput: a limit cannot be used.
        """
        limits.check()
        self._told = limits.headers
        self._counts = {
            name: Count(limit, limits, now)
            for name, limit in (("requests", limits.requests), ("tokens", limits.tokens))
            if limit is not None
        }

    def refusal(self, door: Door, now: float, tokens: float) -> Response | None:
        """The 429 that a request of so many tokens gets, or None where it is granted, and counted."""
        amounts = {"requests": 1.0, "tokens": tokens}
        waits = {name: count.wait(now, amounts[name]) for name, count in self._counts.items()}
        name = max(waits, key=lambda name: waits[name], default=None)
        if name is None or waits[name] <= 0:
            for name, count in self._counts.items():
                count.take(now, amounts[name])
            return None
        told = (
            f"Rate limit reached: {self._counts[name].limit:g} {name} a minute. This server was asked to say so."
        )
        headers = {"Retry-After": str(ceil(waits[name])), **self.headers(door, now)}
        return Response(status=429, body=door.error(429, told), headers=headers, fault=REFUSED, immediate=True)

    def headers(self, door: Door, now: float) -> Mapping[str, str]:
        """What an answer tells of the limits, as the door's provider does."""
        if not self._told or door.quota_headers is None:
            return {}
        found = {}
        for unit, count in self._counts.items():
            names = door.quota_headers
            left, reset = max(0, int(count.left(now))), count.reset(now)
            moment = datetime.fromtimestamp(now + reset, UTC).isoformat().replace("+00:00", "Z")
            found[names.format(what="limit", unit=unit)] = f"{count.limit:g}"
            found[names.format(what="remaining", unit=unit)] = str(left)
            found[names.format(what="reset", unit=unit)] = moment if "anthropic" in names else f"{reset:.3f}s"
        return found
