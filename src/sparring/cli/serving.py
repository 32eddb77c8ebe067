"""`serve` and `mock-llm`: the two commands that stay."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn

from sparring.adapters.engine import InProcessEngine
from sparring.adapters.mock_llm.app import create_app, running
from sparring.adapters.mock_llm.quotas import Limits
from sparring.adapters.models.script_files import load_script
from sparring.adapters.store import is_postgres
from sparring.bootstrap import serving
from sparring.bootstrap.installation import without_secrets
from sparring.bootstrap.logs import open_logged_services
from sparring.bootstrap.services import Services
from sparring.cli.interrupts import SIGNALS, interrupts, unless_stopped
from sparring.cli.terminal import command, say
from sparring.domain.errors import InvalidInput
from sparring.server.invitation import Invitation
from sparring.settings import read_settings


async def serve_app(*, host: str, port: int, database: str | None, worker: bool, demo: bool) -> int:
    """Serve until SIGTERM or Ctrl-C; running trials then get a moment to reach their next stored message."""
    settings = read_settings(database_url=database)
    with interrupts() as stop, _listen(host, port) as listener:
        override = serving.answers_from_script(settings) if demo else None
        async with open_logged_services(
            settings, override=override, wording=serving.WORDING, level="warning"
        ) as services:
            if worker and not services.lock.acquire(everything=True):
                raise InvalidInput(
                    f"Another process ({services.lock.holder}) already plays on "
                    f"{without_secrets(settings.database_url)}. Stop it, name another --database, or serve with "
                    "--no-worker."
                )
            lag = asyncio.create_task(services.metrics.lag.watch())
            if worker:
                await services.engine.start()
                await services.postman.start()
            try:
                shown = await serving.fill_with_demo(services) if demo else None
                if shown and worker and not await unless_stopped(serving.wait_for(services, shown), stop):
                    return 0
                secret = await serving.ensure_key(services)
                invitation = Invitation(services.clock) if _is_loopback(host) else None
                _greet(listener, secret, services, demo=demo, database=database, invitation=invitation)
                server = _server(serving.create_app(services, stop, demo=demo, invitation=invitation))
                await _serve(server, listener, services.engine if worker else None, stop)
            finally:
                lag.cancel()
                if worker:
                    await services.postman.stop()
                    await services.engine.stop()
    return 0


async def work(*, database: str | None, concurrency: int | None, host: str, metrics_port: int | None) -> int:
    """Play whatever comes into a shared database, beside other processes, until SIGTERM or Ctrl-C."""
    settings = read_settings(database_url=database, concurrency=concurrency)
    if not is_postgres(settings.database_url):
        raise InvalidInput(
            "Workers share a PostgreSQL database: set SPARRING_DATABASE_URL to postgresql://..., or name it with "
            "--database. On SQLite one process plays: `sparring serve`, or `sparring run`."
        )
    watched = nullcontext() if metrics_port is None else _listen(host, metrics_port, option="--metrics-port")
    with interrupts() as stop, watched as listener:
        async with open_logged_services(settings, wording=serving.WORDING, level="warning") as services:
            lag = asyncio.create_task(services.metrics.lag.watch())
            await services.engine.start()
            await services.postman.start()
            say(
                f"Plays up to {settings.concurrency} trials at once  ·  "
                f"database {without_secrets(settings.database_url)}"
                + ("" if listener is None else f"  ·  {_address(listener)}/metrics")
            )
            try:
                if listener is not None:
                    server = _server(serving.create_app(services, stop, watched_only=True))
                    await _serve(server, listener, services.engine, stop)
                else:
                    await _until(stop, services.engine)
            finally:
                lag.cancel()
                await services.postman.stop()
                await services.engine.stop()
    return 0


async def _until(stop: asyncio.Event, engine: InProcessEngine) -> None:
    """Wait until told to stop, or until the engine fails, and raise that."""
    ended = asyncio.create_task(engine.ended())
    told = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        told.cancel()


async def serve_mock_llm(
    *, port: int, script: Path | None, latency: float, faults: str, limits: Limits, record: Path | None
) -> int:
    """Serve a script as a model server until SIGTERM or Ctrl-C."""
    app = create_app(
        load_script(script) if script is not None else None,
        latency_ms=latency,
        faults=faults,
        limits=limits,
        record_path=record,
    )
    async with running(app, port=port) as base_url:
        say(f"Model server at {base_url} · OPENAI_BASE_URL={base_url} OPENAI_API_KEY=any sparring run SUITE")
        await _until_told()
    return 0


@contextmanager
def _listen(host: str, port: int, *, option: str = "--port") -> Iterator[socket.socket]:
    """A bound socket, so that a port in use is told before anything else happens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise InvalidInput(
            f"Cannot listen on {host}:{port}: {error.strerror}. Name another with {option}."
        ) from None
    try:
        yield listener
    finally:
        listener.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(
    listener: socket.socket,
    secret: str | None,
    services: Services,
    *,
    demo: bool,
    database: str | None,
    invitation: Invitation | None,
) -> None:
    address = _address(listener)
    say(f"Sparring serves {address}  ·  database {without_secrets(services.settings.database_url)}")
    if invitation is not None:
        say(f"Pages, signed in once: {address}{invitation.path}")
    else:
        say(f"Pages: {address}, to be signed in to with an API key")
    if secret is not None:
        say(f"API key, shown this once: {secret}")
        say(f"  curl -H 'X-API-Key: {secret}' {address}/v1/test-cases")
    elif services.settings.api_key is None:
        listed, new = (command("keys", verb, database=database) for verb in ("list", "create"))
        say(f"API key: one of those of `{listed}`; a new one: `{new}`")
    if demo:
        say("Demo: agents and the judge answer from scripts, whatever model they name.")


class _Server(uvicorn.Server):
    """uvicorn without its own signals: it would raise them again once it has stopped, and exit by them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: Any) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            log_level=logging.WARNING,
            access_log=False,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
    )


async def _serve(
    server: _Server, listener: socket.socket, engine: InProcessEngine | None, stop: asyncio.Event
) -> None:
    """Serve until told to stop, or until the engine fails: a server that plays nothing must not look alive.

    Open connections get a moment to end, and no trial begins in it.
    """
    serving_it = asyncio.create_task(server.serve(sockets=[listener]))
    tasks: set[asyncio.Task[Any]] = {serving_it, asyncio.create_task(stop.wait())}
    if engine is not None:
        tasks.add(asyncio.create_task(engine.ended()))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    ending = [serving_it]
    if engine is not None:
        ending.append(asyncio.create_task(engine.stop()))
    await asyncio.wait(ending)
    for task in (*done, *ending):
        task.result()


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, told.set)
    await told.wait()
