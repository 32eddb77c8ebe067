"""Who serves models, and at which address; the four that need no configuration but a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sparring.domain.outcomes import Role

CONCURRENCY = 100
"""Requests in flight to one provider at the most, where nothing else is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One place that serves models. Its `repr` shows no key and no header."""

    name: str
    """The word before the colon in `provider:model`."""
    base_url: str
    """Up to and without `/chat/completions`."""
    wire: str = "openai"
    api_key: str | None = field(default=None, repr=False)
    """Sent as a bearer token; None sends no `Authorization`."""
    needs_key: bool = True
    key_variable: str | None = None
    """The environment variable to set for a key."""
    url_variable: str | None = None
    """The environment variable to set for another address."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request; their values are kept out of errors like the key."""
    concurrency: int = CONCURRENCY
    """Requests in flight at the most."""
    initial: int = 8
    """Requests in flight at the start, before any answer."""
    structured: str = "json_schema"
    """How an answer's form is asked for at first: `json_schema`, `json_object`, or `text` for a server that
    passes over `response_format` without a word."""
    defaults: Mapping[Role, str] = field(default_factory=dict)
    """The model of a role where the settings name none."""

    @property
    def missing(self) -> str | None:
        """What to set before its models can be reached; None where nothing is missing."""
        if not self.needs_key or self.api_key:
            return None
        return self.key_variable or f"a key for {self.name}"


def openai(*, api_key: str | None = None, base_url: str | None = None) -> Provider:
    """OpenAI, or the compatible server at `base_url` (which ends in `/v1`); that one may do without a key."""
    return Provider(
        name="openai",
        base_url=base_url or "https://api.openai.com/v1",
        api_key=api_key,
        needs_key=base_url is None,
        key_variable="OPENAI_API_KEY",
        url_variable="OPENAI_BASE_URL",
        defaults={Role.USER: "gpt-5-mini", Role.JUDGE: "gpt-4.1"},
    )


def anthropic(*, api_key: str | None = None, base_url: str | None = None) -> Provider:
    """Anthropic, at its OpenAI-compatible address; `base_url` is the host without a version.

    That address takes `response_format` and ignores it, so the form of an answer is asked for in words.
    """
    return Provider(
        name="anthropic",
        base_url=(base_url or "https://api.anthropic.com").rstrip("/") + "/v1",
        api_key=api_key,
        key_variable="ANTHROPIC_API_KEY",
        url_variable="ANTHROPIC_BASE_URL",
        structured="text",
        defaults={Role.USER: "claude-haiku-4-5-20251001", Role.JUDGE: "claude-sonnet-4-5-20250929"},
    )


def google(*, api_key: str | None = None, base_url: str | None = None) -> Provider:
    """Google's Gemini, at its OpenAI-compatible address; `base_url` is the host without a version."""
    return Provider(
        name="google",
        base_url=(base_url or "https://generativelanguage.googleapis.com").rstrip("/") + "/v1beta/openai",
        api_key=api_key,
        key_variable="GEMINI_API_KEY",
        url_variable="GEMINI_BASE_URL",
        defaults={Role.USER: "gemini-2.5-flash", Role.JUDGE: "gemini-2.5-pro"},
    )


def ollama(*, base_url: str | None = None) -> Provider:
    """Ollama, on this machine unless `base_url` names another. Nobody knows its models: it lists no default."""
    return Provider(
        name="ollama",
        base_url=(base_url or "http://localhost:11434").rstrip("/").removesuffix("/v1") + "/v1",
        needs_key=False,
        url_variable="OLLAMA_BASE_URL",
        initial=2,
    )
