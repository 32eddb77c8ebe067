"""A provider's limit where nobody names it: learnt from what it refuses.

Twice in a row that a provider's bucket is found empty tell its rate: what was granted between the two, by the time
between them. A long time to wait tells of a window, and what was granted in the last one is its limit.
"""

from __future__ import annotations

import math

from sparring.adapters.models.allowances import Allowance, Counting

IN_A_ROW = 4
"""Refusals in a row that say more than that one request was unwelcome."""

_LONG = 3.0
"""Seconds to wait that are not for a bucket."""

_CAUTION = 0.95
"""Part of a measured rate that is asked for."""

_GROWTH = 0.003
"""Part by which a guess grows in a second without a refusal."""

_SHORTEST = 0.5
"""Seconds between two empty buckets that say something of the rate."""

_WITHOUT_REASON = 0.2
"""Part of answers that are refusals, above which they have nothing to do with how often is asked."""

_ENOUGH = 60
"""Answers that make that part known."""

_FORGIVEN = 120.0
"""Seconds without another guess after one that was mistaken."""


class Guess:
    """What a provider may allow, put into the allowance of all requests to it."""

    __slots__ = (
        "_allowance",
        "_answers",
        "_at",
        "_began",
        "_empty_at",
        "_granted",
        "_not_before",
        "_refusals",
        "active",
    )

    def __init__(self, allowance: Allowance) -> None:
        """Guess nothing yet."""
        self._allowance = allowance
        self.active = False
        self._empty_at: float | None = None
        self._granted = 0
        self._at = -math.inf
        self._began = -math.inf
        self._not_before = -math.inf
        self._answers = 0
        self._refusals = 0

    def was_mistaken(self, now: float) -> bool:
        """Whether refusals were found, not long ago, to have nothing to do with how often is asked."""
        return now < self._not_before

    def accepted(self, now: float) -> None:
        """A request was granted."""
        self._granted += 1
        if not self.active:
            return
        self._answers += 1
        allowance = self._allowance
        passed = now - self._at
        if allowance.counting is Counting.BUCKET and passed >= 1.0:
            self._at = now
            self._ask_for(allowance.granted * (1 + _GROWTH * min(passed, 10.0)))
        elif (
            allowance.counting is Counting.WINDOW
            and passed > allowance.span
            and allowance.recent > allowance.granted - 1
        ):
            self._at = now
            more = allowance.granted + max(1.0, allowance.granted * _GROWTH)
            allowance.adjust(more, more)

    def refused(self, sent: float, now: float, retry_after: float | None, in_a_row: int) -> bool:
        """A request was refused. Returns whether the bucket was found empty for the first time.

        Args:
            sent: when the request went out.
        """
        if self.active:
            if sent >= self._began:
                self._reconsider(now)
            return False
        if in_a_row < IN_A_ROW or now < self._not_before:
            return False
        if retry_after is not None and retry_after > _LONG and self._allowance.recent >= 1:
            self._begin(now)
            self._allowance.assume(self._allowance.recent, now, counting=Counting.WINDOW)
            return False
        first = self._empty_at is None
        if (rate := self._measure(now)) is not None:
            self._begin(now)
            limit = rate * self._allowance.span * _CAUTION
            self._allowance.assume(limit, now, counting=Counting.BUCKET, depth=_depth(limit))
        return first

    def _begin(self, now: float) -> None:
        self.active = True
        self._at = self._began = now
        self._answers = self._refusals = 0

    def _measure(self, now: float) -> float | None:
        """Requests a second that were granted since the bucket was last empty, which it is now again."""
        last = self._empty_at
        if last is not None and now - last < _SHORTEST:
            return None
        granted, self._granted, self._empty_at = self._granted, 0, now
        return granted / (now - last) if last is not None and granted else None

    def _reconsider(self, now: float) -> None:
        allowance = self._allowance
        self._answers += 1
        self._refusals += 1
        if self._answers >= _ENOUGH and self._refusals > _WITHOUT_REASON * self._answers:
            self.active = False
            self._not_before = now + _FORGIVEN
            self._empty_at = None
            allowance.assume(math.inf, now, counting=Counting.UNKNOWN)
            return
        if self._answers >= 4 * _ENOUGH:
            self._answers = self._refusals = 0
        if allowance.counting is Counting.WINDOW:
            self._at = now
            allowance.adjust(max(1.0, allowance.recent), max(1.0, allowance.recent))
        elif self._granted >= 5 and (rate := self._measure(now)) is not None:
            self._at = now
            self._ask_for(rate * allowance.span * _CAUTION)

    def _ask_for(self, limit: float) -> None:
        self._allowance.adjust(limit, _depth(limit))


def _depth(limit: float) -> float:
    """A second's worth of a minute's limit, for a bucket of unknown depth."""
    return max(1.5, limit / 60)
