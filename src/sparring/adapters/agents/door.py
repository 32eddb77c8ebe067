"""HTTP to agents: one request, one bounded answer, nothing sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from sparring.adapters.addresses import PrivateAddress, check_literal, guarded_connector
from sparring.adapters.agents.environment import hide
from sparring.adapters.json_answers import loads
from sparring.domain.errors import AgentFault, InvalidInput
from sparring.simulation.ports import Clock

PAUSES = (0.1, 0.3, 0.6, 1.0, 2.0)
"""Seconds between two tries to connect to an agent that is not there (yet)."""

KNOCK = 5.0
"""Seconds within which somebody should answer who is only looked for."""

_CONNECT = 10.0
_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to an agent."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str]
    body: Any
    max_bytes: int
    guarded: bool
    secrets: tuple[str, ...] = ()
    """What must not be seen in an error."""


class Refused(AgentFault):
    """The agent's server answered with a status that is no success."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, retryable=False)
        self.status = status


class AgentDoor:
    """The way to agents over HTTP, opened by the first request, in its event loop.

    A request goes out once. Only a connection that was never made is tried again: nothing was sent then. No
    connection is kept, so that none is used that the agent has closed meanwhile. Redirects are not followed.
    """

    def __init__(self, clock: Clock, *, allow_private: bool = False) -> None:
        """Take the clock that pauses between tries.

        Args:
            allow_private: whether guarded agents may be at private addresses, too.
        """
        self._clock = clock
        self._allow_private = allow_private
        self._sessions: dict[bool, ClientSession] = {}

    async def ask(self, question: Question) -> Any:
        """The answer, as JSON.

        Raises:
            AgentFault: there is none that can be used; the message says why.
        """
        async with self.answering(question) as response:
            return await self.read(response, question)

    async def read(self, response: ClientResponse, question: Question) -> Any:
        """An answer that came whole, as JSON.

        Raises:
            AgentFault: it is too long, or no JSON.
        """
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > question.max_bytes:
                raise too_long(question.max_bytes)
        try:
            return loads(bytes(body))
        except ValueError:
            kind = response.headers.get("Content-Type", "no content type")
            raise AgentFault(
                f"The agent answered with what is no JSON ({kind}): {_quoted(bytes(body), question)}",
                retryable=False,
            ) from None

    @asynccontextmanager
    async def answering(self, question: Question) -> AsyncIterator[ClientResponse]:
        """The answer as it begins, its status checked.

        Raises:
            AgentFault: see `ask`.
        """
        response = await self._send(question)
        try:
            async with response:
                if response.status >= 300:
                    raise await _refused(response, question)
                yield response
        except (aiohttp.ClientError, OSError) as error:
            words = str(error) or type(error).__name__
            raise AgentFault(
                f"The agent's answer broke off: {hide(words, question.secrets)}.", retryable=False
            ) from None

    async def knock(self, method: str, url: str, *, headers: Mapping[str, str], guarded: bool) -> int:
        """The status with which anybody answers at an address; asked once, and what comes is not read.

        Raises:
            AgentFault: nobody does.
        """
        question = Question(url=url, method=method, headers=headers, body=None, max_bytes=0, guarded=guarded)
        try:
            async with asyncio.timeout(KNOCK):
                response = await self._send(question, pauses=())
        except TimeoutError:
            raise AgentFault(f"Nobody answers at {url} within {KNOCK:g} s. Check that it runs.") from None
        response.close()
        return response.status

    async def close(self) -> None:
        """Let go of all connections."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def _send(self, question: Question, pauses: Sequence[float] = PAUSES) -> ClientResponse:
        guarded = question.guarded and not self._allow_private
        try:
            url = URL(question.url)
            if guarded:
                check_literal(url)
        except (InvalidInput, ValueError) as error:
            raise AgentFault(f"The agent cannot be asked: {error}", retryable=False) from None
        session = self._sessions.get(guarded) or self._open(guarded)
        body = _encoded(question.body)
        for pause in (*pauses, None):
            try:
                return await session.request(
                    question.method,
                    url,
                    data=body,
                    headers={"Content-Type": "application/json", "User-Agent": "sparring", **question.headers},
                    allow_redirects=False,
                )
            except PrivateAddress as error:
                raise AgentFault(f"The agent cannot be asked: {error}", retryable=False) from None
            except aiohttp.ClientConnectorCertificateError as error:
                raise AgentFault(f"No secure connection to the agent: {error}.", retryable=False) from None
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                if pause is None:
                    raise AgentFault(_unreachable(question, error), retryable=False) from None
                await self._clock.sleep(pause)
            except (aiohttp.ClientError, OSError, ValueError) as error:
                words = hide(str(error) or type(error).__name__, question.secrets)
                raise AgentFault(f"The agent gave no answer: {words}.", retryable=False) from None
        raise AssertionError("the last try returns or raises")

    def _open(self, guarded: bool) -> ClientSession:
        connector = guarded_connector(limit=0, force_close=True) if guarded else None
        session = self._sessions[guarded] = ClientSession(
            connector=connector or TCPConnector(limit=0, force_close=True),
            cookie_jar=DummyCookieJar(),
            # The whole reply has a limit of its own, which covers several requests and the mocks between them.
            timeout=ClientTimeout(total=None, sock_connect=_CONNECT),
        )
        return session


def too_long(most: int) -> AgentFault:
    """An answer that is longer than so many bytes."""
    return AgentFault(
        f"The agent's answer is longer than {most:,} bytes; its limit is limits.max_bytes.",
        retryable=False,
    )


def _encoded(body: Any) -> bytes | None:
    try:
        return None if body is None else orjson.dumps(body)
    except TypeError as error:
        raise AgentFault(f"What the agent is to be sent is no JSON: {error}.", retryable=False) from None


async def _refused(response: ClientResponse, question: Question) -> Refused:
    status = response.status
    if status < 400:
        where = response.headers.get("Location", "elsewhere")
        return Refused(
            f"The agent answered {status}, a redirect to {where}. Redirects are not followed; name the address "
            "itself.",
            status,
        )
    body = await response.content.read(20_000)
    return Refused(f"The agent answered {status}: {_quoted(body, question)}", status)


def _quoted(body: bytes, question: Question) -> str:
    words = hide(" ".join(body[:20_000].decode("utf-8", "replace").split()), question.secrets)
    if not words:
        return "nothing at all"
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _unreachable(question: Question, error: Exception) -> str:
    where = URL(question.url).origin()
    reason = "no connection in time"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        reason = f"the host {error.host} is not known"
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = str(error.os_error.strerror or error.os_error)
    return f"The agent cannot be reached at {where}: {reason}. Check that it runs, and its address."
