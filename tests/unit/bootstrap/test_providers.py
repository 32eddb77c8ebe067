"""Providers as settings tell of them."""

import pytest

from sparring.bootstrap.providers import providers
from sparring.domain.errors import InvalidInput
from sparring.settings import ModelLimits, ProviderSettings, Settings


def provider(name: str, told: ProviderSettings, **settings):
    found = providers(Settings(_env_file=None, providers={name: told}, **settings))
    return {each.name: each for each in found}[name]


def test_a_provider_that_is_known_by_name_keeps_what_is_not_told() -> None:
    told = ProviderSettings(requests_per_minute=500, headers={"OpenAI-Project": "p"})
    found = provider("openai", told, openai_api_key="k")
    assert (found.base_url, found.api_key, found.wire) == ("https://api.openai.com/v1", "k", "openai")
    assert (found.requests_per_minute, found.concurrency) == (500, 100)
    assert found.headers == {"OpenAI-Project": "p"}


def test_one_with_an_address_of_its_own_is_another() -> None:
    found = provider("openai", ProviderSettings(base_url="http://127.0.0.1:1/v1"), openai_api_key="k")
    assert (found.api_key, found.needs_key, found.wire) == (None, False, "openai.chat")


def test_another_variable_can_hold_the_key_of_a_known_one(monkeypatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "team")
    found = provider("anthropic", ProviderSettings(api_key_env="TEAM_KEY"))
    assert (found.api_key, found.key_variable) == ("team", "TEAM_KEY")


def test_limits_of_some_models_come_through() -> None:
    told = ProviderSettings(base_url="http://p", models={"small*": ModelLimits(tokens_per_minute=1000)})
    assert provider("p", told).models["small*"].tokens_per_minute == 1000


def test_a_provider_that_nobody_knows_needs_an_address() -> None:
    with pytest.raises(InvalidInput, match=r"providers\.mine has no base_url"):
        provider("mine", ProviderSettings(concurrency=3))
