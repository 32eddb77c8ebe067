"""What a provider grants in a span of time, reckoned on this side so that it is not asked in vain.

Providers count in two ways. Some fill a bucket steadily: a burst empties it, and from then on the rate is even.
Others look back over a window: after a burst nothing is granted until the burst is a window old. An `Allowance` begins
with the bucket, and keeps the window's count beside it. The first time that the two disagree, it lets one request
through alone, and the answer to that one tells which it is.
"""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum

MINUTE = 60.0

RESERVE = 0.02
"""Part of a bucket that is left in it, for what this side does not see exactly: delays on the way, sizes of answers
that are still being written."""

LATE = 0.01
"""Part of a window that is waited beyond it, for the same reason."""

_CLEAR = 0.01
"""Part of a limit by which two counts must differ to say something."""

_FULL = 0.9
"""Part of a limit that must have been used within a window for a refusal to say that a window is counted."""


_LEAST = 1e-9
"""The smallest part of a limit, so that nothing is divided by 0."""


class Counting(StrEnum):
    """How a provider counts."""

    UNKNOWN = "unknown"
    BUCKET = "bucket"
    WINDOW = "window"


class Spent:
    """What was sent at one moment, as it is counted in one allowance."""

    __slots__ = ("amount", "at", "total")

    def __init__(self, at: float, amount: float, total: float) -> None:
        """Note a moment, an amount, and all that had been sent with it."""
        self.at = at
        self.amount = amount
        self.total = total


class Allowance:
    """Requests or tokens in a span of time. Amounts are in that unit, times in unix seconds."""

    __slots__ = (
        "_again",
        "_at",
        "_corrected",
        "_depth",
        "_hints",
        "_log",
        "_pause",
        "_probe",
        "_synced",
        "counting",
        "level",
        "limit",
        "recent",
        "share",
        "span",
        "total",
    )

    def __init__(self, limit: float = math.inf, *, span: float = MINUTE) -> None:
        """Begin with a full bucket.

        Args:
            limit: what is granted in a span; infinite where nothing is known.
        """
        self.limit = limit
        self.span = span
        self.share = 1.0
        self.level = limit
        """What is left in the bucket."""
        self.counting = Counting.UNKNOWN
        self.recent = 0.0
        """What was spent in the last span."""
        self.total = 0.0
        """What was ever sent, refused or not, as it was expected."""
        self._depth = limit
        self._log: deque[Spent] = deque()
        self._at = -math.inf
        self._corrected = -math.inf
        self._pause = -math.inf
        self._probe: Spent | None = None
        self._synced = -math.inf
        self._again: float | None = None
        self._hints: tuple[float, float] | None = None

    @property
    def granted(self) -> float:
        """This side's part of the limit."""
        return self.limit * self.share if self.limit != math.inf else math.inf

    def wait(self, now: float, amount: float) -> float:
        """Seconds until an amount may be spent; infinite where an answer that is awaited decides that."""
        pause = max(0.0, self._pause - now)
        if self.limit == math.inf:
            return pause
        self._refill(now)
        granted = self.granted
        # What is larger than the whole bucket goes when that is full.
        lacking = min(amount + self._reserve, self._depth * self.share) - self.level
        wait = lacking * self.span / granted if lacking > 1e-9 * granted else 0.0
        if self.counting is not Counting.BUCKET:
            wait = max(wait, self._window_wait(now, amount))
        return max(wait, pause)

    def spend(self, now: float, amount: float) -> Spent:
        """Count an amount that is sent now."""
        self._refill(now)
        self._expire(now)
        self.level -= amount
        self.recent += amount
        self.total += amount
        spent = Spent(now, amount, self.total)
        self._log.append(spent)
        if self.recent > self.granted and self.counting is not Counting.BUCKET and self._probe is None:
            self._probe = spent
        return spent

    def spent_lately(self, now: float) -> float:
        """What was spent in the last span."""
        self._expire(now)
        return self.recent

    def correct(self, spent: Spent, actual: float) -> None:
        """Count what was really used instead of what was expected."""
        level = self.level
        self._add(spent, actual - spent.amount)
        if spent.at <= self._synced:
            # The provider's own figure, which the level was taken from, holds this already.
            self.level = level

    def accepted(self, spent: Spent, now: float) -> None:
        """What was spent was granted."""
        if spent is self._probe:
            self._probe = None
            self._probed(now)

    def released(self, spent: Spent) -> None:
        """What was spent never reached the provider, or was not counted there."""
        self._add(spent, -spent.amount)
        self.done(spent)

    def done(self, spent: Spent) -> None:
        """Nothing more will be heard of what was spent."""
        if spent is self._probe:
            self._probe = None

    def refused(self, spent: Spent, now: float, retry_after: float | None) -> None:
        """The provider said that this allowance is used up, and did not count the request."""
        amount = spent.amount
        probing = spent is self._probe
        self.released(spent)
        if self.limit == math.inf or (spent.at < self._corrected and not probing):
            return
        self._refill(now)
        self._expire(now)
        self._corrected = now
        unseen = self.level - self._reserve - amount
        clearly = probing or unseen > _CLEAR * self.granted
        if self.counting is not Counting.WINDOW and clearly:
            if self.recent >= _FULL * self.granted:
                self.counting = Counting.WINDOW
            else:
                self._lower_depth(unseen, amount)
        if self.counting is Counting.WINDOW:
            self._come_again(now, amount, retry_after)
        else:
            wait = min(retry_after or 0.0, self.span)
            self.level = min(self.level, amount + self._reserve - wait * self.granted / self.span, 0.0)

    def told(self, limit: float, span: float | None, now: float) -> None:
        """The provider named its limit."""
        if span is not None and span != self.span:
            self.span = span
        if limit == self.limit:
            return
        known = self.limit != math.inf
        self._refill(now)
        self._expire(now)
        self.level = self.level + (limit - self.limit) * self.share if known else limit * self.share - self.recent
        self.limit = self._depth = limit
        self.level = min(self.level, self.granted)

    def left(self, sent: float, after: float, now: float, remaining: float, reset: float | None) -> None:
        """The provider told what is left.

        Args:
            sent: when the request went out that was answered so.
            after: what has been sent since.
            reset: seconds after which all of it is there again.
        """
        self._refill(now)
        least = remaining - after
        most = least + (now - sent) * self.limit / self.span
        if reset is not None:
            used = self.limit - remaining
            self._compare(used, reset)
            if self.counting is Counting.BUCKET or reset < 0.5 * used * self.span / self.limit:
                self._depth = min(self.limit, max(1.0, remaining + reset * self.limit / self.span))
        if sent < self._synced:
            return
        if self.level > most:
            self.level = most
        elif self.share == 1.0 and self.level < least:
            self.level = min(least, self.limit)
            self._depth = max(self._depth, self.level)
        else:
            return
        self._synced = max(self._synced, sent)

    def pause(self, until: float) -> None:
        """Spend nothing before a moment."""
        self._pause = max(self._pause, until)

    def assume(self, limit: float, now: float, *, counting: Counting, depth: float | None = None) -> None:
        """Take a limit for granted that nobody told, or none where it is infinite.

        Args:
            depth: of the bucket, which is empty now; None for one that is full and holds the whole limit.
        """
        self._expire(now)
        self.limit = limit / self.share
        self._depth = (limit if depth is None else depth) / self.share
        self.level = limit if depth is None else min(self.level, 0.0)
        self.counting = counting
        self._at = self._corrected = now

    def adjust(self, limit: float, depth: float) -> None:
        """Change an assumed limit."""
        self.limit, self._depth = limit / self.share, depth / self.share

    def divide(self, share: float, now: float) -> None:
        """Take a part of the limit, from 0 to 1, where others take the rest. What is gained begins empty."""
        self._refill(now)
        self.share = max(share, _LEAST)
        if self.limit != math.inf:
            self.level = min(self.level, self._depth * share)

    def gain(self, part: float, now: float) -> None:
        """Take over what is left of a part of the limit that another had."""
        self._refill(now)
        if self.limit != math.inf:
            self.level = min(self.level + part * self.limit, self._depth * self.share)

    @property
    def _reserve(self) -> float:
        return RESERVE * self._depth * self.share

    def _lower_depth(self, amount: float, least: float) -> None:
        """The bucket was not as deep as it looked."""
        self._depth = max(self._depth - max(amount, 0.0) / self.share, 1.1 * least / self.share)

    def _refill(self, now: float) -> None:
        if now > self._at and self.limit != math.inf:
            if self._at > -math.inf:
                if now - self._corrected > self.span:
                    self._depth = self.limit
                room = self._depth * self.share
                if self.level < room:
                    self.level = min(room, self.level + (now - self._at) * self.granted / self.span)
            self._at = now

    def _expire(self, now: float) -> None:
        log, oldest = self._log, now - self.span * (1 + LATE)
        while log and log[0].at <= oldest:
            self.recent -= log.popleft().amount
        if not log:
            self.recent = 0.0

    def _add(self, spent: Spent, amount: float) -> None:
        spent.amount += amount
        self.level -= amount
        if self._log and spent.at >= self._log[0].at:
            self.recent += amount

    def _window_wait(self, now: float, amount: float) -> float:
        self._expire(now)
        over = self.recent + amount - self.granted
        if over <= 1e-9 * self.granted or not self._log:
            return 0.0
        if self.counting is Counting.UNKNOWN:
            return math.inf if self._probe is not None else 0.0
        wait = self._until_expired(now, over)
        if self._again is not None:
            wait = min(wait, max(0.0, self._again - now)) if self._probe is None else math.inf
        return wait

    def _until_expired(self, now: float, over: float) -> float:
        for spent in self._log:
            over -= spent.amount
            if over <= 1e-9 * self.granted:
                return max(0.0, spent.at + self.span * (1 + LATE) - now)
        return self.span

    def _come_again(self, now: float, amount: float, retry_after: float | None) -> None:
        """A window that began before this side's count of it did is over sooner than that count says."""
        self._again = None
        if retry_after is None:
            return
        over = self.recent + amount - self.granted
        if now + retry_after < now + self._until_expired(now, over) - 0.05 * self.span:
            self._again = now + retry_after
        elif over <= 0:
            self.pause(now + min(retry_after, self.span))

    def _probed(self, now: float) -> None:
        """More was granted than a window of this side's count would hold."""
        if self.counting is Counting.UNKNOWN:
            self.counting = Counting.BUCKET
        elif self._again is not None:
            began, self._again = self._again, None
            while self._log and self._log[0].at < began:
                self.recent -= self._log.popleft().amount

    def _compare(self, used: float, reset: float) -> None:
        """How long a bucket takes to be full again grows with what was used; the end of a window does not."""
        if self.counting is not Counting.UNKNOWN or used <= 0.02 * self.limit or used < 3 or reset <= 0:
            return
        if self._hints is None:
            self._hints = used, reset
            return
        before, reset_before = self._hints
        if used < 2 * before:
            return
        whole, whole_before = reset * self.limit / used, reset_before * self.limit / before
        if abs(whole / whole_before - 1) < 0.25:
            self.counting = Counting.BUCKET
            self.span = _known_span(whole)
        elif reset <= reset_before + 1 and reset > 1.2 * used * self.span / self.limit:
            self.counting = Counting.WINDOW
        self._hints = used, reset


def _known_span(seconds: float) -> float:
    """A span that somebody would grant a number for, where one is close."""
    for known in (1.0, MINUTE, 3600.0, 86400.0):
        if 0.7 < seconds / known < 1.4:
            return known
    return seconds
