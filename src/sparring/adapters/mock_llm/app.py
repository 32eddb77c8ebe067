"""The mock model server itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from sparring.adapters.clock import SystemClock
from sparring.adapters.mock_llm import openai_wire as wire
from sparring.adapters.mock_llm.answers import Answers
from sparring.adapters.mock_llm.anthropic_wire import AnthropicDoor
from sparring.adapters.mock_llm.doors import ChatDoor, Door, Given
from sparring.adapters.mock_llm.faults import Fault, read_faults
from sparring.adapters.mock_llm.google_wire import GoogleDoor
from sparring.adapters.mock_llm.quotas import Limits, Quotas
from sparring.adapters.mock_llm.record import Record
from sparring.adapters.mock_llm.responses_wire import ResponsesDoor
from sparring.adapters.mock_llm.spoiling import Response, spoil
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.models.scripts import Script
from sparring.domain.errors import InvalidInput, ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import Clock

HOST = "127.0.0.1"
CHAT = ChatDoor()
DOORS: Mapping[str, Door] = {
    "chat/completions": CHAT,
    "responses": ResponsesDoor(),
    "v1/messages": AnthropicDoor(),
    "models/{place:[^/]+:(?:generateContent|streamGenerateContent)}": GoogleDoor(),
}
"""Under any base."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MAX_BODY = 64 * 1024 * 1024


class MockModels:
    """One server's state: its script, its faults, its record, and how many requests came."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        latency_ms: float = 0.0,
        faults: str = "",
        limits: Limits | None = None,
        record_path: Path | None = None,
        seed: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """See `create_app`."""
        if latency_ms < 0:
            raise InvalidInput(f"A latency is 0 ms or more, not {latency_ms:g}.", field="latency")
        self.requests = 0
        self._clock = clock or SystemClock()
        self._answers = Answers(script or scripted_model("polite").script, seed)
        self._latency = latency_ms / 1000
        self._faults = read_faults(faults, seed=seed)
        self._quotas = Quotas(limits or Limits(), self._clock.now())
        self._record = Record(record_path) if record_path is not None else None

    def at(self, door: Door) -> Handler:
        """What answers the requests at a door."""

        async def answered(http: web.Request) -> web.StreamResponse:
            raw = await http.read()
            self.requests += 1
            fault = self._faults.of(self.requests)
            model, _, method = http.match_info.get("place", "").rpartition(":")
            response, role, body = self._answer(door, raw, fault, model, streams=method.startswith("stream"))
            if self._record is not None:
                self._record.write(self._clock.now(), http.path, role, body, response)
            delay = self._latency + response.delay
            if delay and not response.immediate:
                await asyncio.sleep(delay)
            return await _send(http, response)

        return answered

    async def models(self, _: web.Request) -> web.Response:
        """`GET /v1/models`."""
        listed = [{"id": role.value, "object": "model", "created": 0, "owned_by": "sparring"} for role in Role]
        return _json(200, orjson.dumps({"object": "list", "data": listed}))

    def close(self) -> None:
        """Close the record."""
        if self._record is not None:
            self._record.close()

    def _answer(
        self, door: Door, raw: bytes, fault: Fault | None, model: str, *, streams: bool
    ) -> tuple[Response, Role | None, Any]:
        body: Any = None
        role: Role | None = None
        try:
            body = orjson.loads(raw)
            asked = wire.check(_read(door, {**body, "model": model} if model and isinstance(body, dict) else body))
            role = wire.role(asked)
            if fault is not None and fault.kind == "status":
                return spoil(fault, door, None), role, body
            answer = self._answers.to(asked, role)
        except orjson.JSONDecodeError:
            told = "The request body is not valid JSON."
            return Response(status=400, body=door.error(400, told)), role, raw.decode("utf-8", "replace")
        except (wire.BadRequest, ModelFault) as error:
            return Response(status=400, body=door.error(400, str(error))), role, body
        moment = self._clock.now()
        refused = self._quotas.refusal(door, moment, len(raw) // 4 + 1 + answer.words)
        if refused is not None:
            return refused, role, body
        now, headers = int(moment), self._quotas.headers(door, moment)
        streams = streams or bool(asked.get("stream"))
        if fault is None and not streams and door is CHAT:
            whole = wire.completion(self.requests, asked["model"], now, answer.choices, answer.words, len(raw))
            return Response(body=whole, headers=headers), role, body
        given = Given(
            number=self.requests,
            model=asked["model"],
            now=now,
            said=answer.said,
            finish=answer.finish,
            asked=len(raw) // 4 + 1,
            words=answer.words,
            forced=asked.get("forced"),
        )
        if fault is not None:
            return spoil(fault, door, given), role, body
        if streams:
            events = door.events(given)
            return Response(body=events, content_type="text/event-stream", headers=headers), role, body
        return Response(body=orjson.dumps(door.answer(given)), headers=headers), role, body


def create_app(
    script: Script | None = None,
    *,
    latency_ms: float = 0.0,
    faults: str = "",
    limits: Limits | None = None,
    record_path: Path | None = None,
    seed: int = 0,
    clock: Clock | None = None,
) -> web.Application:
    """The server as an application of aiohttp's.

    Args:
        script: what it answers; None for the polite default.
        latency_ms: how long each answer takes.
        faults: which part of the answers is spoiled, as `read_faults` reads it.
        limits: how much it grants; None for as much as is asked for.
        record_path: a file to which a JSON line is appended for each request, before it is answered.
        seed: decides which requests are spoiled, and the chance of the script.

    Raises:
        InvalidInput: the faults, the limits or the latency cannot be read, or the record cannot be written.
    """
    models = MockModels(
        script,
        latency_ms=latency_ms,
        faults=faults,
        limits=limits,
        record_path=record_path,
        seed=seed,
        clock=clock,
    )
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post("/v1/chat/completions", models.at(CHAT))
    app.router.add_get("/v1/models", models.models)
    app.router.add_get("/v1beta/models", models.models)
    for path, door in DOORS.items():
        app.router.add_post(f"/{{base:.*}}{path}", models.at(door))
    app.router.add_route("*", "/{path:.*}", _nothing_there)

    async def close(_: web.Application) -> None:
        models.close()

    app.on_cleanup.append(close)
    return app


@asynccontextmanager
async def running(app: web.Application, *, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on the loopback; yields its base URL, which ends in `/v1`.

    Raises:
        InvalidInput: the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            raise InvalidInput(
                f"Port {port} of {HOST} cannot be used: {error.strerror or error}. Choose another with --port.",
                field="port",
            ) from None
        yield f"http://{HOST}:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def _read(door: Door, body: Any) -> Mapping[str, Any]:
    try:
        return door.read(body)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise wire.BadRequest(f"The request is not in the form of this API: {error!r}.") from None


async def _nothing_there(http: web.Request) -> web.Response:
    told = (
        f"Nothing is served at {http.method} {http.path}. There is POST /v1/chat/completions, /v1/responses, "
        "/v1/messages and /v1beta/models/MODEL:generateContent, and GET /v1/models."
    )
    return _json(404, wire.error(404, told))


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


async def _send(http: web.Request, response: Response) -> web.StreamResponse:
    headers = {"Content-Type": response.content_type, **response.headers}
    if not response.breaks:
        return web.Response(status=response.status, body=response.body, headers=headers)
    stream = web.StreamResponse(status=response.status, headers=headers)
    stream.content_length = len(response.body) * 2
    await stream.prepare(http)
    await stream.write(response.body)
    if http.transport is not None:
        http.transport.close()
    return stream
