"""Which wire a model is asked on."""

import pytest

from sparring.adapters.models.provider import OPENAI, Provider, anthropic, google, ollama, openai
from sparring.adapters.models.wires import WIRES, make_wire, wire_named, wire_of
from sparring.dialects.sigmamind.names import PAGE_MODELS
from sparring.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("provider", "model", "wire"),
    [
        (openai(), "gpt-5-mini", "openai.responses"),
        (openai(), "gpt-5.2-2025-12-11", "openai.responses"),
        (openai(), "gpt-6-sol", "openai.responses"),
        (openai(), "o4-mini", "openai.responses"),
        (openai(), "gpt-4.1", "openai.chat"),
        (openai(), "gpt-5-chat-latest", "openai.chat"),
        (openai(), "gpt-5-search-api", "openai.chat"),
        (openai(base_url=f"{OPENAI}/"), "o3", "openai.responses"),
        (openai(base_url="http://127.0.0.1:8000/v1"), "gpt-5-mini", "openai.chat"),
        (anthropic(), "claude-haiku-4-5", "anthropic.messages"),
        (google(), "gemini-2.5-flash", "google.generate"),
        (ollama(), "gpt-5-mini", "openai.chat"),
        (
            Provider(name="azure", base_url="https://x.example.com", wire="openai.responses"),
            "mine",
            "openai.responses",
        ),
    ],
)
def test_the_table_knows_the_wire_of_a_model(provider: Provider, model: str, wire: str) -> None:
    assert wire_of(provider, model, {}) == wire


def test_the_configuration_comes_before_the_table_and_its_first_row_counts() -> None:
    told = {"openai:o?-pro": "openai.chat", "openai:o*": "openai.responses", "openai:*": "openai.chat"}
    assert [wire_of(openai(), name, told) for name in ("o3-pro", "o3", "gpt-5")] == [
        "openai.chat",
        "openai.responses",
        "openai.chat",
    ]


def test_the_name_of_a_family_means_its_first_wire() -> None:
    assert [wire_named(name) for name in ("openai", "anthropic", "google")] == [
        "openai.chat",
        "anthropic.messages",
        "google.generate",
    ]
    with pytest.raises(InvalidInput, match="no wire 'vertex'"):
        wire_named("vertex")


@pytest.mark.parametrize("wire", WIRES)
def test_every_wire_marks_its_opaque_parts_with_a_tag_of_its_own(wire: str) -> None:
    provider = Provider(name="it", base_url="http://127.0.0.1", wire=wire)
    tags = {make_wire(other, provider, "m").tag for other in WIRES if other != wire}
    assert make_wire(wire, provider, "m").tag not in tags


@pytest.mark.parametrize("name", PAGE_MODELS)
def test_every_name_of_the_page_has_the_wire_of_its_maker(name: str) -> None:
    provider = {"gpt": openai(), "cla": anthropic(), "gem": google()}[name[:3]]
    assert wire_of(provider, name, {}).startswith({"gpt": "openai", "cla": "anthropic", "gem": "google"}[name[:3]])


def test_each_family_lists_its_models_where_it_does() -> None:
    assert [make().models_path for make in (openai, anthropic, google)] == [
        "/models",
        "/v1/models",
        "/v1beta/models",
    ]
