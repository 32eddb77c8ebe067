"""Which model a name means."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sparring.adapters.models.catalogue import Catalogue, family
from sparring.adapters.models.provider import Provider, anthropic, google, ollama, openai
from sparring.adapters.models.wired_model import WiredModel
from sparring.dialects.sigmamind.names import PAGE_MODELS
from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ChatModel, ModelReply, ModelRequest
from sparring.testing.clock import FrozenClock

KEY = "sk-test-0123456789abcdef"
ALL = (
    openai(api_key=KEY),
    anthropic(api_key="anthropic-key"),
    google(api_key="google-key"),
    ollama(),
    Provider(name="router", base_url="https://router.example.com/api/v1", api_key="r", key_variable="ROUTER_KEY"),
)


class Script:
    """A model that only has a name."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: ModelRequest) -> ModelReply:
        raise NotImplementedError


def catalogue(*providers: Provider, **options: object) -> Catalogue:
    return Catalogue(providers, clock=FrozenClock(), **options)  # type: ignore[arg-type]


@pytest.fixture
async def full() -> AsyncIterator[Catalogue]:
    made = catalogue(*ALL)
    yield made
    await made.close()


def asked(model: ChatModel) -> tuple[str, str, str | None]:
    """Provider, outgoing name and service tier."""
    assert isinstance(model, WiredModel)
    return model.provider, model.model, model.tier


@pytest.mark.parametrize("name", PAGE_MODELS)
def test_every_name_of_the_page_resolves_to_a_provider(full: Catalogue, name: str) -> None:
    provider, outgoing, tier = asked(full.model(name))
    assert provider == {"gpt": "openai", "cla": "anthropic", "gem": "google"}[name[:3]]
    assert outgoing == name.removesuffix("-fast-tier")
    assert tier == ("priority" if name.endswith("-fast-tier") else None)


def test_the_page_has_26_names() -> None:
    assert len(set(PAGE_MODELS)) == 26


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai:gpt-5-mini", ("openai", "gpt-5-mini", None)),
        ("openai:gpt-5-mini-fast-tier", ("openai", "gpt-5-mini", "priority")),
        ("anthropic:claude-sonnet-4-5-20250929", ("anthropic", "claude-sonnet-4-5-20250929", None)),
        ("google:gemini-2.5-flash", ("google", "gemini-2.5-flash", None)),
        ("ollama:qwen3", ("ollama", "qwen3", None)),
        ("ollama:qwen3:8b", ("ollama", "qwen3:8b", None)),
        ("router:google/gemini-2.0-flash-exp:free", ("router", "google/gemini-2.0-flash-exp:free", None)),
        ("router:some-fast-tier", ("router", "some-fast-tier", None)),
        ("o4-mini", ("openai", "o4-mini", None)),
        ("o3", ("openai", "o3", None)),
        ("gpt-4o-2024-08-06", ("openai", "gpt-4o-2024-08-06", None)),
    ],
)
def test_names_are_read_as_provider_and_model(
    full: Catalogue, name: str, expected: tuple[str, str, str | None]
) -> None:
    model = full.model(name)
    assert asked(model) == expected
    assert model.name == name


def test_a_name_gives_the_same_model_each_time(full: Catalogue) -> None:
    assert full.model("gpt-4o") is full.model("gpt-4o")


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("gpt-4o", "OPENAI_API_KEY"),
        ("openai:gpt-4o", "OPENAI_API_KEY"),
        ("claude-haiku-4-5-20251001", "ANTHROPIC_API_KEY"),
        ("gemini-2.5-flash", "GEMINI_API_KEY"),
    ],
)
@pytest.mark.parametrize("providers", [(), (openai(), anthropic(), google(), ollama())])
def test_an_unconfigured_model_names_the_variable_to_set(
    providers: tuple[Provider, ...], name: str, variable: str
) -> None:
    with pytest.raises(NotConfigured, match=variable):
        catalogue(*providers).model(name)


def test_a_configured_provider_without_its_key_names_the_variable_to_set() -> None:
    with pytest.raises(NotConfigured, match="ROUTER_KEY"):
        catalogue(replace(ALL[4], api_key=None)).model("router:anything")


def test_a_misspelt_provider_lists_the_closest(full: Catalogue) -> None:
    with pytest.raises(InvalidInput, match=r"no provider 'opnai'\. Closest: openai\."):
        full.model("opnai:gpt-4o")


def test_a_provider_that_resembles_nothing_lists_what_there_is(full: Catalogue) -> None:
    with pytest.raises(InvalidInput, match="There are: openai, anthropic, google, ollama, router, scripted"):
        full.model("qwen3:8b")


def test_a_misspelt_bare_name_lists_the_closest_models(full: Catalogue) -> None:
    with pytest.raises(InvalidInput, match=r"Closest: .*gpt-4o-mini"):
        full.model("gtp-4o-mini")


@pytest.mark.parametrize("name", ["", "llama3", "openai:", ":gpt-4o"])
def test_a_name_that_means_nothing_is_refused(full: Catalogue, name: str) -> None:
    with pytest.raises(InvalidInput):
        full.model(name)


def test_a_scripted_model_is_made_from_what_follows_the_colon() -> None:
    made = catalogue(scripted=Script)
    assert made.model("scripted:folder/script.yaml").name == "folder/script.yaml"


def test_scripted_models_can_be_left_out() -> None:
    with pytest.raises(NotConfigured, match="scripted"):
        catalogue().model("scripted:demo")


def test_an_override_is_asked_before_the_providers() -> None:
    made = catalogue(override=lambda name: Script("instead") if name == "gpt-4o" else None)
    assert made.model("gpt-4o").name == "instead"
    with pytest.raises(NotConfigured):
        made.model("gpt-4o-mini")


def test_a_status_tells_what_would_come_of_it(full: Catalogue) -> None:
    assert full.status("gpt-4o").ready
    assert full.status("gpt-4o").provider == "openai"
    missing = catalogue(openai()).status("gpt-4o")
    assert not missing.ready
    assert missing.problem is not None
    assert "OPENAI_API_KEY" in missing.problem


def test_the_default_model_is_that_of_the_first_configured_provider() -> None:
    made = catalogue(openai(), anthropic(api_key="a"), google(api_key="g"), ollama())
    assert made.default_model(Role.USER) == "anthropic:claude-haiku-4-5-20251001"
    assert made.default_model(Role.JUDGE) == "anthropic:claude-sonnet-4-5-20250929"
    assert catalogue(*ALL).default_model(Role.USER) == "openai:gpt-5-mini"


def test_without_a_configured_provider_there_is_no_default_model() -> None:
    assert catalogue(openai(), anthropic(), google(), ollama()).default_model(Role.USER) is None


def test_the_agent_has_no_default_model(full: Catalogue) -> None:
    assert full.default_model(Role.AGENT) is None


@pytest.mark.parametrize("name", [provider.name for provider in ALL])
def test_every_listed_default_can_be_asked(full: Catalogue, name: str) -> None:
    provider = next(provider for provider in full.providers if provider.name == name)
    for model in provider.defaults.values():
        assert full.status(f"{name}:{model}").ready
        assert family(model) == name


def test_a_compatible_server_at_the_openai_address_needs_no_key() -> None:
    made = catalogue(openai(base_url="http://127.0.0.1:8000/v1"))
    assert made.status("gpt-4o").ready


def test_the_addresses_of_the_listed_providers_are_as_documented() -> None:
    assert openai().base_url == "https://api.openai.com/v1"
    assert anthropic().base_url == "https://api.anthropic.com"
    assert google().base_url == "https://generativelanguage.googleapis.com"
    assert ollama().base_url == "http://localhost:11434/v1"
    assert anthropic(base_url="http://127.0.0.1:9/").base_url == "http://127.0.0.1:9"
    assert google(base_url="http://127.0.0.1:9").base_url == "http://127.0.0.1:9"
    assert ollama(base_url="http://box:11434/v1/").base_url == "http://box:11434/v1"


def test_a_provider_never_shows_its_key_or_headers() -> None:
    provider = Provider(
        name="azure", base_url="https://x.example.com", api_key=KEY, headers={"api-key": "header-secret"}
    )
    assert KEY not in repr(provider)
    assert "header-secret" not in repr(provider)


@pytest.mark.parametrize(
    ("provider", "named"),
    [
        (openai(base_url="localhost:8000/v1"), "OPENAI_BASE_URL"),
        (openai(base_url="ftp://localhost/v1"), "OPENAI_BASE_URL"),
        (Provider(name="mine", base_url="http://"), r"\[providers.mine\] base_url"),
        (Provider(name="mine", base_url="http://host", wire="smoke"), "smoke"),
        (openai(api_key="sk-one\nsk-two"), "OPENAI_API_KEY"),
    ],
)
def test_a_provider_that_cannot_work_is_refused_at_once(provider: Provider, named: str) -> None:
    with pytest.raises(InvalidInput, match=named) as caught:
        catalogue(provider)
    assert "sk-one" not in str(caught.value)


def test_a_key_may_end_in_a_line_break() -> None:
    assert catalogue(openai(api_key=f"{KEY}\n")).status("gpt-4o").ready
