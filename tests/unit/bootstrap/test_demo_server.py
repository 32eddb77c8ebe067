"""A demo server answers from its script, for every model of every provider, and for nothing that is no model."""

import pytest

from sparring.bootstrap.serving import answers_from_script
from sparring.dialects.sigmamind.names import PAGE_MODELS
from sparring.settings import ProviderSettings, Settings

SETTINGS = Settings(_env_file=None, providers={"groq": ProviderSettings(base_url="http://127.0.0.1:1/v1")})


@pytest.mark.parametrize("name", [*PAGE_MODELS, "openai:anything", "ollama:qwen3", "groq:llama", "o3"])
def test_models_of_known_providers_are_answered_from_the_script(name):
    assert answers_from_script(SETTINGS)(name) is not None


@pytest.mark.parametrize("name", ["gtp-4o", "nowhere:model", "openai:", ":model", "scripted:airline", ""])
def test_what_is_no_model_is_left_to_be_refused(name):
    assert answers_from_script(SETTINGS)(name) is None
