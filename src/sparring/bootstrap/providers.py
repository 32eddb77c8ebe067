"""From settings to the catalogue of models."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from sparring.adapters.models import provider as listed
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import CONCURRENCY, Provider, Rates
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.models.transport import Transport
from sparring.adapters.models.wires import wire_named
from sparring.adapters.shares import Ledger
from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.domain.outcomes import Role
from sparring.domain.simulation import Models
from sparring.settings import ProviderSettings, Settings
from sparring.simulation.ports import ChatModel, Clock

INITIAL = 8
"""Requests in flight to a provider at the start."""


def catalogue(
    settings: Settings,
    clock: Clock,
    *,
    override: Callable[[str], ChatModel | None] | None = None,
    ledger: Ledger | None = None,
) -> Catalogue:
    """Every model that the settings lead to.

    Args:
        override: asked first for each name, for a server that answers from a script.
        ledger: divides the providers' limits among all processes that play on one database.

    Raises:
        InvalidInput: a provider or a wire of `sparring.toml` cannot be used.
    """

    return Catalogue(
        providers(settings),
        clock=clock,
        scripted=scripted_model,
        override=override,
        transport=Transport(answer_timeout=settings.answer_timeout),
        wires=settings.wires,
        successors=settings.successors,
        outage_limit=settings.outage_limit,
        ledger=ledger,
    )


def providers(settings: Settings) -> list[Provider]:
    """The listed providers, configured or not, and those of `sparring.toml`.

    Raises:
        InvalidInput: a provider of `sparring.toml` cannot be used.
    """
    known = [
        listed.openai(api_key=_plain(settings.openai_api_key), base_url=settings.openai_base_url),
        listed.anthropic(api_key=_plain(settings.anthropic_api_key), base_url=settings.anthropic_base_url),
        listed.google(api_key=_plain(settings.gemini_api_key), base_url=settings.gemini_base_url),
        listed.ollama(base_url=settings.ollama_base_url),
    ]
    by_name = {provider.name: provider for provider in known}
    return [*known, *(_told(name, told, by_name.get(name)) for name, told in settings.providers.items())]


def environment() -> Mapping[str, str]:
    """The variables that providers and agents of one's own may name."""
    return os.environ  # noqa: TID251


def default_models(settings: Settings, models: Catalogue, *, user: str | None, judge: str | None) -> Models:
    """The models of the roles that are not under test: as named, else by settings, else the listed default.

    Raises:
        NotConfigured: none is named and no provider is configured; the message names what to set.
    """
    return Models(
        user=user or settings.user_model or _listed(models, Role.USER),
        judge=default_judge(settings, models, judge),
    )


def default_judge(settings: Settings, models: Catalogue, judge: str | None) -> str:
    """The judge's model, in the same way.

    Raises:
        NotConfigured: none is named and no provider is configured; the message names what to set.
    """
    return judge or settings.judge_model or _listed(models, Role.JUDGE)


def _listed(models: Catalogue, role: Role) -> str:
    name = models.default_model(role)
    if name is None:
        who = "simulated user" if role is Role.USER else role.value
        raise NotConfigured(
            f"The {who} has no model: set SPARRING_{role.upper()}_MODEL, or a provider's key such as "
            "OPENAI_API_KEY; `sparring doctor` tells what there is."
        )
    return name


def _told(name: str, told: ProviderSettings, known: Provider | None) -> Provider:
    """A provider as `sparring.toml` tells of it; one that is known by name keeps what is not told."""
    given: dict[str, Any] = {
        "headers": told.headers,
        "structured": told.structured,
        "concurrency": told.concurrency or CONCURRENCY,
        "initial": told.initial or INITIAL,
        "requests_per_minute": told.requests_per_minute,
        "tokens_per_minute": told.tokens_per_minute,
        "models": {pattern: Rates(**limits.model_dump()) for pattern, limits in told.models.items()},
    }
    if told.api_key_env is not None:
        key = environment().get(told.api_key_env)
        given |= {"api_key": key, "needs_key": True, "key_variable": told.api_key_env}
    if told.base_url is None:
        if known is None:
            raise InvalidInput(f"providers.{name} has no base_url: write its address.")
        if "wire" in told.model_fields_set:
            given["wire"] = _wire(name, told.wire)
        return replace(known, **_of_fields(given, told))
    return Provider(
        name=name, **{"needs_key": False} | given, wire=_wire(name, told.wire), base_url=told.base_url.rstrip("/")
    )


def _of_fields(given: Mapping[str, Any], told: ProviderSettings) -> dict[str, Any]:
    """What was really told, without the defaults."""
    defaults = ProviderSettings.model_fields.keys() - told.model_fields_set
    return {name: value for name, value in given.items() if name not in defaults}


def _wire(name: str, told: str) -> str:
    try:
        return wire_named(told)
    except InvalidInput as error:
        raise InvalidInput(f"providers.{name}.wire: {error}") from None


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
