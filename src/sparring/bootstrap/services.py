"""Settings become services here, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.clock import SystemClock
from sparring.adapters.engine import InProcessEngine
from sparring.adapters.metrics import CountingHerald, Metrics
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.players.drafting import ModelDrafter
from sparring.adapters.postman import Postman
from sparring.adapters.store import NoLock, PlayingLock, database_file, is_postgres, open_store
from sparring.adapters.web_calls import GuardedWebCaller
from sparring.bootstrap.agents import endpoint_casting
from sparring.bootstrap.providers import catalogue
from sparring.settings import Settings
from sparring.simulation.chats import Chats
from sparring.simulation.control import Control
from sparring.simulation.heralds import Courier, Herald, WebhookHerald, Wording
from sparring.simulation.ports import ChatModel, Clock, WebCaller
from sparring.simulation.runner import Runner
from sparring.simulation.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that a door needs, ready to use."""

    settings: Settings
    clock: Clock
    store: Store
    models: Catalogue
    casting: EndpointCasting
    runner: Runner
    chats: Chats
    postman: Postman
    """Tells webhooks what has happened, in the process that plays."""
    engine: InProcessEngine
    control: Control
    metrics: Metrics
    """What this process has done and is doing."""
    lock: PlayingLock
    """Held by the one process that plays on this database; on PostgreSQL any number do."""


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    override: Callable[[str], ChatModel | None] | None = None,
    wording: Wording | None = None,
) -> AsyncIterator[Services]:
    """The services of an installation, closed again at the end.

    Args:
        override: asked first for each model's name, for a server that answers from a script.
        wording: what webhooks are told; without it they are told nothing.

    Raises:
        DatabaseUnusable, DatabaseTooNew: the database cannot be used.
        InvalidInput: a setting cannot be used.
    """
    clock = SystemClock()
    store = await open_store(settings.database_url, clock)
    try:
        ledger = store if is_postgres(settings.database_url) else None
        models = catalogue(settings, clock, override=override, ledger=ledger)
        try:
            casting = endpoint_casting(settings, models, clock)
            web = GuardedWebCaller(allow_private=settings.allow_private_networks)
            services = assemble(settings, clock, store, models, casting, web, wording, url=settings.database_url)
            try:
                yield services
            finally:
                services.lock.release()
                await web.close()
                await casting.close()
        finally:
            await models.close()
    finally:
        await store.close()


def assemble(
    settings: Settings,
    clock: Clock,
    store: Store,
    models: Catalogue,
    casting: EndpointCasting,
    web: WebCaller,
    wording: Wording | None = None,
    *,
    url: str | None = None,
) -> Services:
    """Services over parts that are already open.

    Args:
        url: of the store's database; None for one that forgets.
    """
    postman = Postman(Courier(store=store, web=web, clock=clock), store, clock)
    herald = CountingHerald(
        WebhookHerald(store=store, clock=clock, wording=wording, notice=postman.notice) if wording else Herald()
    )
    runner = Runner(store, casting, clock, herald, web if settings.allow_live_tools else None)
    shared = url is not None and is_postgres(url)
    engine = (
        _shared_engine(runner, store, str(url), settings.concurrency, models.is_down)
        if shared
        else InProcessEngine(runner, store, concurrency=settings.concurrency, is_down=models.is_down)
    )
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        models=models,
        casting=casting,
        runner=runner,
        chats=Chats(
            store=store,
            casting=casting,
            clock=clock,
            web=web,
            timeout=settings.trial_timeout,
            default_model=settings.agent_model,
            drafter=ModelDrafter(models),
            herald=herald,
        ),
        postman=postman,
        engine=engine,
        control=Control(store, clock, engine),
        metrics=Metrics(
            store=store, gates=lambda: models.gates, herald=herald, waiting=lambda: len(engine.waiting)
        ),
        lock=NoLock() if url is None or shared else PlayingLock(database_file(url)),
    )


def _shared_engine(
    runner: Runner, store: Store, url: str, concurrency: int, is_down: Callable[[str, str], bool]
) -> InProcessEngine:
    # The queue takes longer to import than most commands do.
    from sparring.adapters.queue.engine import QueueEngine  # noqa: PLC0415
    from sparring.adapters.store.postgres import address  # noqa: PLC0415

    return QueueEngine(runner, store, address(url).conninfo, concurrency=concurrency, is_down=is_down)
