"""Whether to ask a provider again, and when. Arithmetic only: the caller sleeps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum


class Trouble(StrEnum):
    """What came instead of an answer, where asking again can help."""

    THROTTLED = "throttled"
    """429: the provider is well, but this installation asks too often."""
    FAILING = "failing"
    """408, 409, 5xx, a broken connection, or something that is no answer of an API."""
    SILENT = "silent"
    """Nothing within the time for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call to a model goes on in the face of trouble. Times in seconds."""

    tries: int = 5
    """Requests that may fail before the call does."""
    silent_tries: int = 2
    """The same where the provider says nothing until the timeout, which is long."""
    throttled_for: float = 180.0
    """How long 429s are waited out, counted from the first request."""
    first_pause: float = 0.5
    """The longest first pause; it doubles with each try."""
    longest_pause: float = 20.0

    def pause(
        self, trouble: Trouble, *, tries: int, elapsed: float, retry_after: float | None, chance: float
    ) -> float | None:
        """How long to wait before asking again; None to give up.

        Args:
            tries: requests made so far.
            elapsed: seconds since the first of them.
            retry_after: what the provider asked for.
            chance: in [0, 1): full jitter. With `retry_after` it is added on top, so that those who were told
                the same do not come back in the same moment.
        """
        backoff = chance * min(self.longest_pause, self.first_pause * 2 ** min(tries - 1, 16))
        pause = backoff if retry_after is None else retry_after + chance * min(5.0, 0.5 + retry_after / 10)
        if trouble is Trouble.THROTTLED:
            return pause if elapsed + (retry_after or 0.0) <= self.throttled_for else None
        if tries >= (self.silent_tries if trouble is Trouble.SILENT else self.tries):
            return None
        return pause if pause <= self.throttled_for else None


def trouble_of(status: int) -> Trouble | None:
    """What a status means for asking again: None where that cannot help."""
    if status == 429:
        return Trouble.THROTTLED
    return Trouble.FAILING if status in (408, 409) or 500 <= status <= 599 else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait as the provider's headers ask for: `retry-after-ms`, or `retry-after` as seconds or a date.

    Args:
        headers: case-insensitive, or with lower-case names.
        now: unix seconds.
    """
    if (exact := _number(headers.get("retry-after-ms"))) is not None:
        return exact / 1000
    value = headers.get("retry-after")
    if value is None or (seconds := _number(value)) is not None:
        return None if value is None else seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None
