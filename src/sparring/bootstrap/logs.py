"""Services with a log, for commands; a program that uses this as a library sets up its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from sparring.adapters.logs import set_up_logs
from sparring.bootstrap.providers import providers
from sparring.bootstrap.services import Services, open_services
from sparring.settings import Settings
from sparring.simulation.heralds import Wording
from sparring.simulation.ports import ChatModel


@asynccontextmanager
async def open_logged_services(
    settings: Settings,
    *,
    override: Callable[[str], ChatModel | None] | None = None,
    wording: Wording | None = None,
    level: str = "error",
) -> AsyncIterator[Services]:
    """The services of an installation, as `open_services` says, and a log as the settings want it.

    Args:
        level: the least that is logged where the settings do not say.
    """
    set_up_logs(
        form=settings.log_format,
        level=settings.log_level or level,
        secrets=secrets_of(settings),
        transcripts=settings.log_transcripts,
    )
    async with open_services(settings, override=override, wording=wording) as services:
        yield services


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every key and header that an installation is set up with."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
    for provider in providers(settings):
        yield provider.api_key or ""
        yield from provider.headers.values()
