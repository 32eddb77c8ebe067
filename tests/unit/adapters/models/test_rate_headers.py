"""What providers tell of their limits."""

import pytest
from multidict import CIMultiDict

from sparring.adapters.models.rate_headers import (
    Quota,
    Unit,
    header_names,
    pause_in_words,
    quotas_in_words,
    read_quotas,
)

NOW = 1_700_000_000.0


def read(**headers: str) -> list[Quota]:
    given = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return read_quotas(given, header_names(given), NOW)


def test_openais_headers_tell_requests_and_tokens() -> None:
    told = read(
        x_ratelimit_limit_requests="500",
        x_ratelimit_limit_tokens="200000",
        x_ratelimit_remaining_requests="499",
        x_ratelimit_remaining_tokens="199000",
        x_ratelimit_reset_requests="120ms",
        x_ratelimit_reset_tokens="1m0.5s",
        openai_processing_ms="200",
    )
    assert told == [
        Quota(unit=Unit.REQUESTS, limit=500, remaining=499, reset=0.12),
        Quota(unit=Unit.TOKENS, limit=200_000, remaining=199_000, reset=60.5),
    ]


def test_anthropics_headers_tell_input_and_output_apart_and_name_the_moment() -> None:
    told = read(
        **{
            "Anthropic-Ratelimit-Requests-Limit": "50",
            "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "2023-11-14T22:13:21Z",
            "anthropic-ratelimit-input-tokens-limit": "30000",
            "anthropic-ratelimit-input-tokens-remaining": "29000",
            "anthropic-ratelimit-output-tokens-limit": "8000",
        }
    )
    assert told == [
        Quota(unit=Unit.REQUESTS, limit=50, remaining=49, reset=1.0),
        Quota(unit=Unit.INPUT, limit=30_000, remaining=29_000),
        Quota(unit=Unit.OUTPUT, limit=8000),
    ]


def test_groqs_requests_are_a_days() -> None:
    (told,) = read(
        x_ratelimit_limit_requests="14400",
        x_ratelimit_remaining_requests="14370",
        x_ratelimit_reset_requests="2m59.56s",
    )
    assert told.reset == pytest.approx(179.56)


def test_a_span_that_is_named_counts() -> None:
    (told,) = read(x_ratelimit_limit_requests_day="1000", x_ratelimit_remaining_requests_day="10")
    assert told == Quota(unit=Unit.REQUESTS, limit=1000, span=86400.0, remaining=10)


def test_openrouters_moment_is_in_thousandths() -> None:
    (told,) = read(
        x_ratelimit_limit="20", x_ratelimit_remaining="0", x_ratelimit_reset=str(int((NOW + 12) * 1000))
    )
    assert told == Quota(unit=Unit.REQUESTS, limit=20, remaining=0, reset=12.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("6m0s", 360.0), ("1h2m3s", 3723.0), ("1d", 86400.0), ("soon", None), ("", None)],
)
def test_every_form_of_a_time_is_read(value: str, seconds: float | None) -> None:
    (told,) = read(ratelimit_limit="5", ratelimit_reset=value)
    assert told.reset == seconds


def test_other_headers_tell_nothing() -> None:
    assert read(content_type="application/json", x_ratelimit_limit_images="5") == []


def test_a_limit_that_is_no_number_is_none() -> None:
    (told,) = read(ratelimit_limit="many")
    assert told.limit is None


@pytest.mark.parametrize(
    ("words", "unit", "limit", "span"),
    [
        (
            "Rate limit reached for gpt-4.1 in organization org-1 on tokens per min (TPM): Limit 30000, Used 28039, "
            "Requested 3906. Please try again in 3.89s.",
            Unit.TOKENS,
            30_000,
            60,
        ),
        ("Rate limit reached for o3 on requests per day (RPD): Limit 200, Used 200", Unit.REQUESTS, 200, 86400),
        (
            "This request would exceed the rate limit for your organization of 20,000 input tokens per minute.",
            Unit.INPUT,
            20_000,
            60,
        ),
        (
            "This request would exceed your organization's rate limit of 50 requests per minute",
            Unit.REQUESTS,
            50,
            60,
        ),
    ],
)
def test_a_limit_is_found_in_the_words_of_a_refusal(words: str, unit: Unit, limit: float, span: float) -> None:
    assert quotas_in_words(words) == [Quota(unit=unit, limit=limit, span=span, remaining=0.0)]


def test_words_without_a_limit_tell_none() -> None:
    assert quotas_in_words("Too many requests. Slow down.") == []


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 3.89s.", 3.89),
        ("Please try again in 644ms.", 0.644),
        ("try again in 1m2s", 62.0),
        ("Wait.", None),
    ],
)
def test_a_time_to_wait_is_found_in_the_words(words: str, seconds: float | None) -> None:
    assert pause_in_words(words) == pytest.approx(seconds)
