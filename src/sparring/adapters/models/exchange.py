"""One question to a provider, asked until there is an answer or no hope of one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from yarl import URL

from sparring.adapters.models.circuit import OUTAGE_LIMIT, Closed
from sparring.adapters.models.failures import Failure, Secrets, of_error, of_text
from sparring.adapters.models.gate import Gate, Lane
from sparring.adapters.models.permits import Permit
from sparring.adapters.models.pieces import Pieces
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.retries import Patience, Trouble, retry_after
from sparring.adapters.models.transport import NoAnswer, Received, Silence, Transport, Unreachable, header_table
from sparring.domain.outcomes import Role
from sparring.simulation.deadlines import standing_still
from sparring.simulation.ports import Clock, Occasion

_log = logging.getLogger(__name__)

Decode = Callable[[bytes, str], Any]
"""From a body and its content type to what it holds; ValueError where it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came in the end."""

    payload: Any = None
    failure: Failure | None = None
    seconds: float = 0.0
    """From the last request to its whole answer."""
    permit: Permit
    """Of the last request."""
    tries: int = 1
    elapsed: float = 0.0
    """Seconds of all requests and of the pauses between them, without the time before they could go out."""


Attempt = tuple[Any, Failure | None, Permit, float]
"""What came, what came instead, what the request was let through with, and the seconds that it took."""


async def persist(
    attempt: Callable[[], Awaitable[Attempt]], lane: Lane, clock: Clock, patience: Patience, *, caller: int
) -> Answer:
    """Try until something comes that trying again would not better.

    Args:
        caller: tells those who ask apart.

    Raises:
        Closed: the provider is down, and is not asked now.
    """
    elapsed = 0.0
    tries = 0
    began = clock.now()
    while True:
        tries += 1
        payload, failure, permit, seconds = await attempt()
        elapsed += seconds
        if _log.isEnabledFor(logging.DEBUG) or (failure is not None and failure.trouble is Trouble.THROTTLED):
            _told(lane, failure, seconds)
        lane.tally.asked("200" if failure is None else failure.status_word, seconds, again=tries > 1)
        if failure is None or not failure.is_outage:
            lane.circuit.answered(clock.now())
        else:
            lane.circuit.failed(failure, clock.now(), caller=caller)
        if failure is not None and failure.trouble is not None:
            pause = patience.pause(
                failure.trouble,
                tries=tries,
                elapsed=elapsed,
                retry_after=failure.retry_after,
                chance=int.from_bytes(clock.entropy(8), "big") / 2**64,
            )
            if failure.is_outage:
                if pause is None:
                    lane.circuit.gave_up(failure, clock.now(), began=began)
                if lane.circuit.outage is not None:
                    raise Closed(lane.circuit.outage, tries=tries, elapsed=elapsed)
            if pause is not None:
                await _rest(lane, pause, clock, throttled=failure.trouble is Trouble.THROTTLED)
                elapsed += pause
                continue
        return Answer(
            payload=payload, failure=failure, permit=permit, seconds=seconds, tries=tries, elapsed=elapsed
        )


def _told(lane: Lane, failure: Failure | None, seconds: float) -> None:
    facts = {
        "provider": lane.gate.provider.name,
        "model": lane.model,
        "status": "200" if failure is None else failure.status_word,
        "seconds": round(seconds, 3),
    }
    level = logging.DEBUG if failure is None or failure.trouble is not Trouble.THROTTLED else logging.INFO
    _log.log(level, "A model was asked.", extra={"facts": facts})


async def _rest(lane: Lane, pause: float, clock: Clock, *, throttled: bool) -> None:
    if not throttled:
        await clock.sleep(pause)
        return
    lane.rests_until = max(lane.rests_until, clock.now() + pause)
    with standing_still():
        await clock.sleep(pause)


class Exchange:
    """The one way to a provider: its headers, its limits, its retries."""

    def __init__(
        self,
        provider: Provider,
        transport: Transport,
        clock: Clock,
        patience: Patience,
        *,
        outage_limit: float = OUTAGE_LIMIT,
    ) -> None:
        """Prepare what every request has in common."""
        self.provider = provider
        self.secrets = Secrets(provider)
        self.gate = Gate(provider, clock, outage_limit=outage_limit)
        self._transport = transport
        self.clock = clock
        self._patience = patience
        fixed = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "sparring"}
        self._headers = header_table(fixed | dict(provider.fixed_headers) | dict(provider.headers))

    def address(self, path: str) -> URL:
        """The address of a path below the provider's base, with the query that the base may have (Azure)."""
        base, _, query = self.provider.base_url.partition("?")
        way, _, own = path.partition("?")
        queries = "&".join(part for part in (own, query) if part)
        return URL(f"{base.rstrip('/')}{way}{'?' if queries else ''}{queries}")

    async def ask(
        self,
        lane: Lane,
        occasion: Occasion,
        url: URL,
        body: bytes,
        decode: Decode,
        pieces: Pieces | None = None,
    ) -> Answer:
        """Send a body until something comes that asking again would not better.

        A place among the requests in flight is held only while one is, never during a pause.

        Args:
            lane: of the model.
            pieces: given what comes of an answer that is streamed.

        Raises:
            Closed: the provider is down, and is not asked now.
        """
        return await persist(
            lambda: self._once(lane, occasion.role, url, body, decode, pieces),
            lane,
            self.clock,
            self._patience,
            caller=occasion.seed,
        )

    async def look(self, path: str) -> Received:
        """Ask for an address of the provider once, outside the window.

        Raises:
            NoAnswer: nothing came.
        """
        return await self._transport.get(self.address(path), self._headers)

    async def _once(
        self, lane: Lane, role: Role, url: URL, body: bytes, decode: Decode, pieces: Pieces | None
    ) -> Attempt:
        permit = await lane.enter(role, len(body))
        try:
            try:
                received = await self._transport.post(url, self._headers, body, pieces)
            except NoAnswer as error:
                if isinstance(error, Unreachable):
                    lane.unsent(permit)
                return None, self._unanswered(error), permit, self.clock.now() - permit.sent
            payload, failure = self._read(received, decode)
            if failure is None:
                lane.good(permit, received.headers)
            elif failure.trouble is Trouble.THROTTLED:
                lane.throttled(permit, received.headers, failure.words, failure.retry_after)
            return payload, failure, permit, self.clock.now() - permit.sent
        finally:
            lane.leave(permit)

    def _read(self, received: Received, decode: Decode) -> tuple[Any, Failure | None]:
        content_type = received.headers.get("Content-Type", "")
        wait = retry_after(received.headers, self.clock.now())
        try:
            payload = decode(received.body, content_type)
        except ValueError:
            payload = None
        if isinstance(payload, list) and len(payload) == 1:
            payload = payload[0]
        if isinstance(payload, dict):
            if error := _error(payload, received.status):
                return None, of_error(error, status=received.status, retry_after=wait, secrets=self.secrets)
            if received.status < 300:
                return payload, None
        return None, of_text(
            received.body, content_type, status=received.status, retry_after=wait, secrets=self.secrets
        )

    def _unanswered(self, error: NoAnswer) -> Failure:
        words = self.secrets.hide(error.detail)
        match error:
            case Silence():
                return Failure(reason="timeout", words=words, trouble=Trouble.SILENT)
            case Unreachable():
                return Failure(reason="unreachable", words=words, trouble=Trouble.FAILING)
        return Failure(reason="unreadable", words=words, trouble=Trouble.FAILING)


def _error(payload: dict[str, Any], status: int) -> Any:
    """The error that a payload tells of: under `error`, or by itself where the status says that it is one."""
    error = payload.get("error")
    if error:
        return error
    if status >= 400:
        return payload.get("detail") or payload.get("errors") or payload
    return None
