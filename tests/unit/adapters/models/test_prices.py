"""What a call costs."""

from datetime import UTC, datetime

import pytest
from genai_prices import calc_price
from genai_prices.types import Usage as ListedUsage

from sparring.adapters.models.prices import Prices, find, nearest_models, own_server
from sparring.domain.transcript import Usage
from sparring.testing.clock import FrozenClock

OPENAI = "https://api.openai.com/v1"
ANTHROPIC = "https://api.anthropic.com"
GOOGLE = "https://generativelanguage.googleapis.com"
NOW = 1_795_000_000.0

MODELS = [
    (OPENAI, "gpt-4o-mini-2024-07-18"),
    (OPENAI, "gpt-5-mini"),
    (OPENAI, "gpt-5.2"),
    (OPENAI, "gpt-4.1"),
    (ANTHROPIC, "claude-sonnet-4-5-20250929"),
    (ANTHROPIC, "claude-haiku-4-5-20251001"),
    (GOOGLE, "gemini-2.5-flash"),
    (GOOGLE, "gemini-2.5-pro"),
    (GOOGLE, "gemini-3-flash-preview"),
    ("https://api.groq.com/openai/v1", "llama-3.3-70b-versatile"),
    ("https://api.deepseek.com", "deepseek-chat"),
]


@pytest.mark.parametrize(("base_url", "model"), MODELS)
@pytest.mark.parametrize("usage", [Usage(input=1_200, output=80, cached=1_024), Usage(input=250_000, output=9)])
async def test_the_price_is_the_list_s_own(base_url: str, model: str, usage: Usage) -> None:
    listed = calc_price(
        ListedUsage(input_tokens=usage.input, output_tokens=usage.output, cache_read_tokens=usage.cached),
        model,
        provider_api_url=base_url,
        genai_request_timestamp=datetime.fromtimestamp(NOW, UTC),
    )
    cost = await Prices(FrozenClock(NOW)).cost(base_url, model, None, usage)
    assert cost == pytest.approx(float(listed.total_price))
    assert cost > 0


async def test_the_priority_tier_costs_more() -> None:
    usage = Usage(input=1_000_000, output=0)
    prices = Prices(FrozenClock(NOW))
    plain = await prices.cost(OPENAI, "gpt-5-mini", "default", usage)
    fast = await prices.cost(OPENAI, "gpt-5-mini", "priority", usage)
    assert plain is not None
    assert fast is not None
    assert fast > plain


async def test_a_priority_tier_without_a_listed_price_has_none() -> None:
    usage = Usage(input=1_000_000, output=0)
    assert await Prices(FrozenClock(NOW)).cost(OPENAI, "gpt-3.5-turbo", None, usage) is not None
    assert await Prices(FrozenClock(NOW)).cost(OPENAI, "gpt-3.5-turbo", "priority", usage) is None


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        (OPENAI, "gpt-made-up"),
        ("https://models.example.com/v1", "gpt-4o"),
        ("http://127.0.0.1:8000/v1", "gpt-4o"),
        ("http://localhost:11434/v1", "gpt-4o"),
        ("http://vllm:8000/v1", "gpt-4o"),
        ("https://gpu.internal/v1", "gpt-4o"),
        ("http://[::1]:8000/v1", "gpt-4o"),
    ],
)
async def test_an_unknown_price_is_none_and_not_zero(base_url: str, model: str) -> None:
    assert await Prices(FrozenClock(NOW)).cost(base_url, model, None, Usage(input=10, output=10)) is None


async def test_without_usage_there_is_no_cost() -> None:
    assert await Prices(FrozenClock(NOW)).cost(OPENAI, "gpt-4o", None, None) is None


def test_a_model_that_is_listed_without_a_price_is_free_only_if_its_name_says_so() -> None:
    free = find("https://openrouter.ai/api/v1", "agentica-org/deepcoder-14b-preview:free", None, NOW)
    assert free is not None
    assert free.of(Usage(input=1000, output=1000)) == 0.0
    assert find("https://api.cerebras.ai/v1", "qwen-3-coder-480b", None, NOW) is None


def test_more_cached_tokens_than_input_do_not_make_a_price_negative() -> None:
    price = find(OPENAI, "gpt-4o", None, NOW)
    assert price is not None
    assert price.of(Usage(input=10, output=0, cached=50)) == pytest.approx(10 * 1.25 / 1e6)


async def test_a_price_that_changes_with_the_date_is_looked_up_again() -> None:
    clock = FrozenClock(1_780_000_000.0)
    prices = Prices(clock)
    usage = Usage(input=1000, output=1000)
    assert await prices.cost(OPENAI, "gpt-5-mini", "priority", usage) is None
    await clock.sleep(NOW - clock.now())
    assert await prices.cost(OPENAI, "gpt-5-mini", "priority", usage) is not None


@pytest.mark.parametrize("address", ["http://10.0.0.5/v1", "http://192.168.1.2:1234/v1", "http://box.local/v1"])
def test_addresses_of_private_networks_are_own_servers(address: str) -> None:
    assert own_server(address)


def test_names_near_a_misspelt_one_come_from_the_list_of_that_provider() -> None:
    assert "gpt-5-mini" in nearest_models(OPENAI, "gpt-5-minii")
    assert nearest_models("http://localhost:8000/v1", "gpt-5-minii") == []
    assert nearest_models("https://models.example.com/v1", "gpt-5-minii") == []


def test_reasoning_tokens_have_a_price_of_their_own_where_the_list_says_so() -> None:
    price = find("https://api.perplexity.ai", "sonar-deep-research", None, NOW)
    assert price is not None
    plain = price.of(Usage(input=0, output=1000))
    assert price.of(Usage(input=0, output=1000, reasoning=1000)) < plain


def test_tokens_that_are_put_into_the_cache_cost_what_the_provider_asks_for_them() -> None:
    price = find(ANTHROPIC, "claude-sonnet-4-5-20250929", None, NOW)
    assert price is not None
    usage = Usage(input=1_000, cached=600, written=300, output=100)
    plain, read, written, spoken = 100 * 3e-6, 600 * 0.3e-6, 300 * 3.75e-6, 100 * 15e-6
    assert price.of(usage) == pytest.approx(plain + read + written + spoken)


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        (OPENAI, "gpt-5-mini"),
        (ANTHROPIC, "claude-haiku-4-5-20251001"),
        (GOOGLE, "gemini-2.5-flash"),
    ],
)
def test_cached_tokens_are_cheaper_at_every_listed_provider(base_url: str, model: str) -> None:
    price = find(base_url, model, None, NOW)
    assert price is not None
    assert price.of(Usage(input=1_000, cached=900)) < 0.5 * price.of(Usage(input=1_000))
