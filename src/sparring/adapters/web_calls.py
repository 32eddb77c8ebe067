"""Requests to addresses that came from outside: webhook tools of agents, and webhooks that are told of events."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from sparring.adapters.addresses import PrivateAddress, check_address, check_literal, guarded_connector
from sparring.domain.errors import InvalidInput
from sparring.domain.webhooks import WebCall
from sparring.simulation.ports import WebAnswer, WebFault

TIMEOUT = 30.0
"""Seconds from the request to the whole answer, redirects included."""

MAX_BYTES = 1_000_000
"""Of an answer."""

MAX_REDIRECTS = 5

_MOVED = (301, 302, 303, 307, 308)
_KEEPS_METHOD = (307, 308)


class GuardedWebCaller:
    """Sends each request once, to public addresses only unless it is told otherwise.

    An address is checked after its name is resolved, and again at each redirect. The headers of a call do not go
    along to another host.
    """

    def __init__(
        self, *, allow_private: bool = False, timeout: float = TIMEOUT, max_bytes: int = MAX_BYTES
    ) -> None:
        """Take the limits; the connections are opened by the first request, in its event loop."""
        self._allow_private = allow_private
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._session: ClientSession | None = None

    async def send(self, call: WebCall) -> WebAnswer:
        """The whole answer, whatever its status.

        Raises:
            WebFault: it may not be sent there, or no answer came that could be read.
        """
        try:
            return await self._follow(call)
        except (PrivateAddress, InvalidInput) as error:
            raise WebFault(str(error)) from None
        except TimeoutError:
            raise WebFault(f"No answer came within {self._timeout:g} s.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise WebFault(f"No answer came: {_reason(error)}.") from None

    async def check(self, url: str) -> None:
        """Look where an address leads now; each request looks again.

        Raises:
            InvalidInput: it is no http address, or leads to a private network and that is not allowed.
        """
        if self._allow_private:
            return
        check_literal(url)
        try:
            await check_address(url, allow_private=False)
        except PrivateAddress:
            raise
        except InvalidInput:
            # A name that is not known yet may be known when there is something to tell it.
            return

    async def close(self) -> None:
        """Let go of the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _follow(self, call: WebCall) -> WebAnswer:
        method, url = call.method, URL(call.url).update_query(list(call.query)) if call.query else URL(call.url)
        headers, body = list(call.headers), _body(call)
        session = self._session or self._open()
        for _ in range(MAX_REDIRECTS + 1):
            if not self._allow_private:
                check_literal(url)
            async with session.request(
                method, url, headers=_with_type(headers, body), data=body, allow_redirects=False
            ) as response:
                target = response.headers.get("Location")
                if not call.follows or response.status not in _MOVED or target is None:
                    return WebAnswer(status=response.status, text=await self._read(response))
            moved = url.join(URL(target))
            if moved.origin() != url.origin():
                headers = []
            if response.status not in _KEEPS_METHOD and method != "GET":
                method, body = "GET", None
            url = moved
        raise WebFault(f"The address redirects more than {MAX_REDIRECTS} times.")

    async def _read(self, response: ClientResponse) -> str:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._max_bytes:
                raise WebFault(f"The answer is longer than {self._max_bytes:,} bytes.")
        try:
            return body.decode(response.charset or "utf-8", "replace")
        except LookupError:
            return body.decode("utf-8", "replace")

    def _open(self) -> ClientSession:
        self._session = ClientSession(
            connector=TCPConnector(limit=0) if self._allow_private else guarded_connector(limit=0),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=self._timeout, sock_connect=min(10.0, self._timeout)),
            headers={"User-Agent": "sparring"},
        )
        return self._session


def _body(call: WebCall) -> bytes | None:
    if call.text is not None:
        return call.text.encode()
    return None if call.body is None else orjson.dumps(call.body)


def _with_type(headers: list[tuple[str, str]], body: bytes | None) -> list[tuple[str, str]]:
    named = {name.lower() for name, _ in headers}
    typed = body is None or "content-type" in named
    return headers if typed else [*headers, ("Content-Type", "application/json")]


def _reason(error: Any) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the host {error.host} is not known"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return f"{error} is no http address"
    return str(error).rstrip(".") or type(error).__name__
