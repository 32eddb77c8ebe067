"""Whether a model is asked at all: not while its provider is down, but for one request now and then.

It opens when nothing answers any more: ten failures in a row, or a call that gave up while nobody else was answered
either. One good answer closes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparring.adapters.models.failures import Failure

IN_A_ROW = 10
"""Failures in a row that open it, whatever calls they belong to."""

FIRST_PAUSE = 1.0
"""Seconds until one request looks whether the provider is back; they double each time that it is not."""

LONGEST_PAUSE = 30.0

LONGEST_ASKED_FOR = 300.0
"""Seconds that are waited at the most because the provider asks for them."""

OUTAGE_LIMIT = 24 * 3600.0
"""Seconds for which a provider may be down before what waits for it fails, where nothing else is configured."""

_OWN_FAULT = 500
"""A status that may be meant for one request: it takes two callers to say that the provider is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A provider that is down."""

    failure: Failure
    """What came the last time that it was asked."""
    since: float
    """Unix seconds of the first failure."""
    until: float
    """When it is asked again."""
    is_given_up: bool = False
    """Whether it has lasted longer than anybody wants to wait: what needs it fails, until it answers again."""


class Closed(Exception):
    """A model is not asked at present."""

    def __init__(self, outage: Outage, *, tries: int = 0, elapsed: float = 0.0) -> None:
        """Tell the outage, and how often and how long this call has asked."""
        super().__init__(outage.failure.briefly)
        self.outage = outage
        self.tries = tries
        self.elapsed = elapsed


class Circuit:
    """Of one model."""

    __slots__ = (
        "_answered_at",
        "_callers",
        "_failures",
        "_pause",
        "_probing",
        "_since",
        "limit",
        "outage",
        "times",
    )

    def __init__(self, limit: float = OUTAGE_LIMIT) -> None:
        """Begin closed.

        Args:
            limit: seconds for which an outage is waited out; with 0 the circuit never opens.
        """
        self.limit = limit
        self.outage: Outage | None = None
        """While it is open."""
        self.times = 0
        """How often it has opened."""
        self._failures = 0
        self._callers: set[int] = set()
        self._since = 0.0
        self._answered_at = float("-inf")
        self._pause = FIRST_PAUSE
        self._probing: object | None = None

    def check(self, now: float) -> None:
        """Raise Closed where no request may go out now."""
        if self.outage is not None and (now < self.outage.until or self._probing is not None):
            raise Closed(self.outage)

    def sent(self, request: object) -> None:
        """A request goes out."""
        if self.outage is not None:
            self._probing = request

    def over(self, request: object) -> None:
        """Nothing more will be heard of a request."""
        if request is self._probing:
            self._probing = None

    def answered(self, now: float) -> None:
        """The provider answered, if only to refuse."""
        self._answered_at = now
        if self._failures:
            self._failures = 0
            self._callers.clear()
            self.outage, self._pause = None, FIRST_PAUSE

    def failed(self, failure: Failure, now: float, *, caller: int) -> None:
        """Nothing came, or the provider's own failure.

        Args:
            caller: tells those who ask apart.
        """
        if not self._failures:
            self._since = now
        self._failures += 1
        self._callers.add(caller)
        if self.outage is not None:
            if now >= self.outage.until:
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
                self._open(failure, now)
        elif self._failures >= IN_A_ROW and (failure.status != _OWN_FAULT or len(self._callers) > 1):
            self._open(failure, now)

    def gave_up(self, failure: Failure, now: float, *, began: float) -> None:
        """A call has failed for good that began at a moment."""
        if self.outage is None and self._answered_at < began and failure.status != _OWN_FAULT:
            self._open(failure, now)

    def _open(self, failure: Failure, now: float) -> None:
        if not self.limit:
            return
        if self.outage is None:
            self.times += 1
        self.outage = Outage(
            failure=failure,
            since=self._since,
            until=now + max(self._pause, min(failure.retry_after or 0.0, LONGEST_ASKED_FOR)),
            is_given_up=now - self._since > self.limit,
        )
