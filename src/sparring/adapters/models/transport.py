"""HTTP to the providers: one session for all of them, one exchange at a time, nothing decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from sparring.adapters.models.pieces import Pieces
from sparring.adapters.models.turns import Turns

CONNECT_TIMEOUT = 10.0
"""Seconds until a connection stands."""

ANSWER_TIMEOUT = 300.0
"""Seconds from the request to the whole answer."""


class NoAnswer(Exception):
    """Nothing came that could be read."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unreachable(NoAnswer):
    """No connection could be made."""


class Broken(NoAnswer):
    """The connection broke before the answer was whole."""


class Silence(NoAnswer):
    """The time for an answer was over."""


@dataclass(frozen=True, slots=True)
class Received:
    """One answer as it came."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class Transport:
    """Sends requests over connections that are kept; opened by the first request, in its event loop."""

    def __init__(
        self, *, connect_timeout: float = CONNECT_TIMEOUT, answer_timeout: float = ANSWER_TIMEOUT
    ) -> None:
        """Take the timeouts, in seconds."""
        self._timeout = ClientTimeout(total=answer_timeout, sock_connect=connect_timeout)
        self._connect_timeout = connect_timeout
        self.answer_timeout = answer_timeout
        self._session: ClientSession | None = None
        self._turns = Turns()

    async def post(
        self, url: URL, headers: CIMultiDict[str], body: bytes, pieces: Pieces | None = None
    ) -> Received:
        """Send a body and read the whole answer, whatever its status. Redirects are not followed.

        Args:
            pieces: is fed a streamed answer while it comes.

        Raises:
            NoAnswer: which of its kinds says what happened.
        """
        return await self._exchange("POST", url, headers, body, pieces)

    async def get(self, url: URL, headers: CIMultiDict[str]) -> Received:
        """Ask for an address, with the same care."""
        return await self._exchange("GET", url, headers, None)

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(
        self,
        method: str,
        url: URL,
        headers: CIMultiDict[str],
        body: bytes | None,
        pieces: Pieces | None = None,
    ) -> Received:
        session = self._session or self._open()
        await self._turns.take()
        try:
            async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
                answer = await (response.read() if pieces is None else _watched(response, pieces))
            await self._turns.take()
            return Received(response.status, response.headers, answer)
        except aiohttp.ConnectionTimeoutError:
            raise Unreachable(f"no connection within {self._connect_timeout:g} s") from None
        except TimeoutError:
            raise Silence(f"no answer within {self.answer_timeout:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(_reason(error)) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Broken(_reason(error)) from None

    def _open(self) -> ClientSession:
        self._session = ClientSession(
            # The limiter of each provider bounds what is in flight; a second limit here would only hide it.
            connector=TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=30),
            cookie_jar=DummyCookieJar(),
            timeout=self._timeout,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        )
        return self._session


async def _watched(response: ClientResponse, pieces: Pieces) -> bytes:
    if response.status >= 300 or response.content_type != "text/event-stream":
        return await response.read()
    body = bytearray()
    pieces.begin()
    async for chunk in response.content.iter_any():
        body += chunk
        pieces.feed(chunk)
    return bytes(body)


def header_table(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Headers in the form that is cheapest to send again and again."""
    return CIMultiDict(headers)


def _reason(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"the host {error.host} is not known"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return f"no secure connection to {error.host}: {error.os_error or error}"
        case aiohttp.ClientConnectorError():
            return f"{error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "the connection broke in the middle of the answer"
    return str(error) or type(error).__name__
