"""The door of the settings page: what an installation is, from its settings and its parts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from yarl import URL

from sparring import version
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.adapters.store import database_file
from sparring.domain.errors import InvalidInput
from sparring.server.installation import Installation, Knob, ProviderState
from sparring.settings import Settings, in_force

_SIDE_FILES = ("", "-wal", "-shm")
"""What SQLite keeps beside a database file while it is open."""


def installation(settings: Settings, models: Catalogue) -> Installation:
    """What people are shown; no key and no password is in it."""

    async def reach(name: str) -> str:
        found = next((provider for provider in models.providers if provider.name == name), None)
        if found is None:
            return f"There is no provider {name!r}."
        return (await models.reach(name)).detail

    return Installation(
        version=version(),
        database=_location(settings.database_url),
        database_size=_size_of(settings.database_url),
        providers=[_state(settings, provider) for provider in models.providers],
        reach=reach,
        knobs=[Knob(name=name, value=_shown(value), is_set=is_set) for name, value, is_set in in_force(settings)],
    )


def missing(settings: Settings, provider: Provider) -> str | None:
    """What to set before a provider's models can be asked; None where nothing is missing."""
    if provider.missing is not None:
        return provider.missing
    return "OLLAMA_BASE_URL" if provider.name == "ollama" and settings.ollama_base_url is None else None


def _state(settings: Settings, provider: Provider) -> ProviderState:
    return ProviderState(
        name=provider.name,
        address=_shown(provider.base_url),
        missing=missing(settings, provider),
        listed={role.value: model for role, model in provider.defaults.items()},
    )


def _location(url: str) -> str:
    """The file, wherever the server was started; of any other database its address."""
    try:
        return str(database_file(url).resolve())
    except InvalidInput:
        return _shown(url)


def _size_of(url: str) -> Callable[[], int | None]:
    def size() -> int | None:
        try:
            file = database_file(url)
        except InvalidInput:
            return None
        total = 0
        for ending in _SIDE_FILES:
            with suppress(OSError):
                total += Path(f"{file}{ending}").stat().st_size
        return total

    return size


def _shown(value: str) -> str:
    """A value; of an address that carries one, without its password, its user and its query."""
    if "://" not in value or not ("@" in value or "?" in value):
        return value
    try:
        address = URL(value)
    except ValueError:
        return "an address that cannot be read"
    return str(address.with_user(None).with_query(None))
