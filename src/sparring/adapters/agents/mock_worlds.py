"""The mocks of each trial served over HTTP, for agents that run their own tools.

`POST .../mocks/{token}/{tool}` with the arguments as a JSON object is answered as the same call of a played agent
would be: by the same rules, sequences and state. What is served beside it by another protocol (MCP) takes rooms of
the same `MockWorlds` by the same tokens, under a path of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from sparring.domain.errors import InvalidInput, NotConfigured, ScenarioFault
from sparring.domain.templates import compact_json
from sparring.domain.text import storable_message
from sparring.domain.transcript import AgentMessage, Message, Side, ToolCall, ToolResult, Transcript
from sparring.domain.world import World
from sparring.simulation.ports import Clock
from sparring.simulation.trial import Stage

HOST = "127.0.0.1"
PATH = "/mocks"
MAX_BODY = 1_000_000
"""Bytes of the arguments of one call."""

FAILED = 422
"""The status of a tool result that is an error."""


class Room:
    """One trial's mocks, behind an address that nobody can guess.

    A call between two turns (an agent that goes on working after it has answered) is answered as well, and stands
    at the beginning of the agent's next reply.
    """

    def __init__(self, stage: Stage, clock: Clock, url: str) -> None:
        """Serve a stage at an address."""
        self.url = url
        self._stage = stage
        self._clock = clock
        self._seen: Sequence[Message] = stage.history
        self._rounds: list[Message] = []
        self._folded: tuple[Transcript, World] | None = None
        self._calls = 0
        self._most: int | None = None
        self._fault: ScenarioFault | None = None

    @contextmanager
    def turn(self, transcript: Transcript, *, most: int) -> Iterator[None]:
        """The agent's turn: its calls follow this transcript.

        Args:
            most: calls that it may make.

        Raises:
            ScenarioFault: a mock could not do what it says.
        """
        self._seen = tuple(transcript.messages)
        self._folded = None
        self._calls, self._most = 0, most
        try:
            yield
        finally:
            if self._fault is not None:
                raise self._fault

    def taken(self) -> list[Message]:
        """The calls and results since they were last taken."""
        taken, self._rounds = self._rounds, []
        self._seen = (*self._seen, *taken)
        return taken

    async def call(self, tool: str, body: bytes) -> web.Response:
        """Answer a call."""
        self._calls += 1
        if self._most is not None and self._calls > self._most:
            return _error(429, f"This reply has made {self._most} tool calls already; that is its limit.")
        transcript, world = self._world()
        call = _read(tool, body, id=f"call_{len(transcript)}")
        try:
            reply = self._stage.answer(call, Side.AGENT, world)
        except ScenarioFault as fault:
            self._fault = fault
            return _error(500, str(fault))
        now = self._clock.now()
        said = AgentMessage(text=None, calls=(call,), at=now)
        result = ToolResult(
            call_id=call.id,
            name=call.name,
            text=reply.result.text,
            is_error=reply.result.is_error,
            source=reply.result.source,
            at=now,
        )
        made = [storable_message(said), storable_message(result)]
        self._rounds += made
        transcript.extend(made)
        if reply.delay:
            await self._clock.sleep(reply.delay)
        return _answer(result)

    def _world(self) -> tuple[Transcript, World]:
        """The conversation so far with the calls that nobody has taken yet, and the world after it."""
        if self._folded is None:
            transcript = Transcript((*self._seen, *self._rounds), history=len(self._stage.history))
            self._folded = transcript, self._stage.world()
        transcript, world = self._folded
        world.follow(transcript)
        return transcript, world


class MockWorlds:
    """All rooms of a process, behind one small server that begins with the first of them."""

    def __init__(self, clock: Clock, *, host: str = HOST, port: int = 0, url: str | None = None) -> None:
        """Prepare; nothing listens yet.

        Args:
            host: the address to listen on.
            port: the port; 0 takes any that is free.
            url: how agents reach it, where that is another address than it listens on.

        Raises:
            NotConfigured: agents could not be told an address that leads here.
        """
        if url is None and host in ("", "0.0.0.0", "::"):  # noqa: S104
            raise NotConfigured(
                f"Mocks that listen on {host or 'every address'} have no address that agents could be told. Set "
                "SPARRING_MOCKS_URL to the one that leads here, such as http://test-machine:9000."
            )
        if url is not None and not port:
            raise NotConfigured(
                f"Mocks that agents reach at {url} need a port of their own to listen on, the same at each start. "
                "Set SPARRING_MOCKS_PORT."
            )
        self._clock = clock
        self._host = host
        self._port = port
        self._url = url
        self._rooms: dict[str, Room] = {}
        self._runner: web.AppRunner | None = None
        self._base = ""
        self._starting = asyncio.Lock()

    async def start(self) -> str:
        """Listen, if that is not so yet, and give the address that agents are told.

        Raises:
            InvalidInput: the server cannot listen.
        """
        async with self._starting:
            if self._runner is None:
                await self._start()
        return f"{self._base}{PATH}"

    async def open(self, stage: Stage) -> Room:
        """A room for a trial.

        Raises:
            InvalidInput: the server cannot listen.
        """
        await self.start()
        token = self._clock.entropy(20).hex()
        room = self._rooms[token] = Room(stage, self._clock, f"{self._base}{PATH}/{token}")
        return room

    def close_room(self, room: Room) -> None:
        """The trial is over: its address answers no more."""
        self._rooms.pop(room.url.rpartition("/")[2], None)

    async def close(self) -> None:
        """Stop serving."""
        runner, self._runner = self._runner, None
        self._rooms.clear()
        if runner is not None:
            await runner.cleanup()

    async def _start(self) -> None:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post(f"{PATH}/{{token}}/{{tool}}", self._call)
        app.router.add_route("*", "/{path:.*}", _nothing_there)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, backlog=1024).start()
        except OSError as error:
            await runner.cleanup()
            raise InvalidInput(
                f"The mocks cannot be served on {self._host}:{self._port}: {error.strerror or error}. Each process "
                "that plays needs a port of its own: see SPARRING_MOCKS_HOST and SPARRING_MOCKS_PORT."
            ) from None
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._base = (self._url or f"http://{host}:{runner.addresses[0][1]}").rstrip("/")
        self._runner = runner

    async def _call(self, http: web.Request) -> web.Response:
        room = self._rooms.get(http.match_info["token"])
        if room is None:
            return _error(404, "No trial is played at this address, or no longer.")
        try:
            body = await http.read()
        except web.HTTPRequestEntityTooLarge:
            return _error(
                413, f"The arguments are larger than {MAX_BODY:,} bytes, which is the most that is taken."
            )
        return await room.call(http.match_info["tool"], body)


def _read(tool: str, body: bytes, *, id: str) -> ToolCall:
    text = body.decode("utf-8", "replace").strip()
    try:
        arguments = json.loads(text or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        return ToolCall(id=id, name=tool, malformed=text)
    return ToolCall(id=id, name=tool, arguments=arguments)


def _answer(result: ToolResult) -> web.Response:
    """A result as JSON: as it is where it is JSON, else as a JSON text."""
    try:
        value = json.loads(result.text)
    except (ValueError, RecursionError):
        value = result.text
    return _error(FAILED, value) if result.is_error else _json(200, value)


def _error(status: int, told: Any) -> web.Response:
    return _json(status, {"error": told})


def _json(status: int, value: Any) -> web.Response:
    return web.Response(status=status, body=compact_json(value).encode(), content_type="application/json")


async def _nothing_there(http: web.Request) -> web.Response:
    return _error(
        404, f"Nothing is served at {http.method} {http.path}; a tool is called by POST {PATH}/TOKEN/TOOL."
    )
