"""The door of the settings page: what an installation is, from its settings and its parts."""

from __future__ import annotations

from yarl import URL

from sparring import version
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.adapters.store import database_file, is_postgres
from sparring.server.installation import Installation, Knob, ProviderState
from sparring.settings import Settings, in_force


def installation(settings: Settings, models: Catalogue) -> Installation:
    """What people are shown; no key and no password is in it."""

    async def reach(name: str) -> str:
        found = next((provider for provider in models.providers if provider.name == name), None)
        if found is None:
            return f"There is no provider {name!r}."
        return (await models.reach(name)).detail

    return Installation(
        version=version(),
        database=location(settings.database_url),
        providers=lambda: [_state(settings, models, provider) for provider in models.providers],
        reach=reach,
        knobs=[
            Knob(name=name, value=without_secrets(value), is_set=is_set)
            for name, value, is_set in in_force(settings)
        ],
    )


def missing(settings: Settings, provider: Provider) -> str | None:
    """What to set before a provider's models can be asked; None where nothing is missing."""
    if provider.missing is not None:
        return provider.missing
    return "OLLAMA_BASE_URL" if provider.name == "ollama" and settings.ollama_base_url is None else None


def _state(settings: Settings, models: Catalogue, provider: Provider) -> ProviderState:
    lanes = [
        lane for gate in models.gates if gate.provider.name == provider.name for lane in list(gate.lanes.values())
    ]
    outages = [lane.circuit.outage for lane in lanes if lane.circuit.outage is not None]
    longest = min(outages, key=lambda outage: outage.since, default=None)
    return ProviderState(
        name=provider.name,
        address=without_secrets(provider.base_url),
        missing=missing(settings, provider),
        down=None if longest is None else longest.failure.briefly,
        down_since=None if longest is None else longest.since,
        in_flight=sum(lane.in_flight for lane in lanes),
        listed={role.value: model for role, model in provider.defaults.items()},
    )


def location(url: str) -> str:
    """Where a database is, for people: the file, wherever the program was started, or an address without a password."""
    return without_secrets(url) if is_postgres(url) else str(database_file(url).resolve())


def without_secrets(value: str) -> str:
    """A setting for people: an address without its user, password and query, anything else as it is."""
    if "://" not in value or not ("@" in value or "?" in value):
        return value
    try:
        address = URL(value)
    except ValueError:
        return "an address that cannot be read"
    return str(address.with_user(None).with_query(None))
