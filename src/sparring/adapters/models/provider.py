"""Who serves models, and at which address; the four that need no configuration but a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sparring.domain.outcomes import Role

OPENAI = "https://api.openai.com/v1"

ANTHROPIC_VERSION = "2023-06-01"
"""Of the messages API; the only one there has been."""

CONCURRENCY = 100
"""Requests in flight to one provider at the most, where nothing else is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What may be asked of a provider, or of some of its models, by all that play on one database together."""

    concurrency: int | None = None
    """Requests in flight at the most."""
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    """Those of requests and answers together."""


_VERSION = re.compile(r"/v\d+[a-z\d]*(/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One place that serves models. Its `repr` shows no key and no header."""

    name: str
    """The word before the colon in `provider:model`."""
    base_url: str
    """For the family `openai` up to and without `/chat/completions`, for the others the host without a version."""
    wire: str = "openai.chat"
    """How its models are asked: a name of `wires.WIRES`, or `openai` for OpenAI itself, where it depends on the
    model."""
    api_key: str | None = field(default=None, repr=False)
    """Sent in the header of the wire's family; None sends none."""
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
    """Requests in flight to one model at the start, before any answer."""
    requests_per_minute: float | None = None
    """To all of its models together; None for as many as it takes."""
    tokens_per_minute: float | None = None
    """The same for tokens, those of requests and answers together."""
    models: Mapping[str, Rates] = field(default_factory=dict)
    """Narrower limits by names of models, with `*` for anything; the first that fits counts, and the models that
    fit it share it."""
    structured: str = "json_schema"
    """How a server of the wire `openai.chat` is asked for an answer's form at first: `json_schema`, `json_object`,
    or `text` for one that passes over `response_format` without a word."""
    defaults: Mapping[Role, str] = field(default_factory=dict)
    """The model of a role where the settings name none."""

    @property
    def family(self) -> str:
        """Whose manners its wires have: `openai`, `anthropic` or `google`."""
        return self.wire.partition(".")[0]

    def version(self, version: str) -> str:
        """The version's part of a path; nothing where the address itself names one, such as Vertex's."""
        return "" if _VERSION.search(self.base_url) else f"/{version}"

    @property
    def fixed_headers(self) -> Mapping[str, str]:
        """What identifies the caller, and what the family demands beside it."""
        key = (self.api_key or "").strip()
        match self.family:
            case "anthropic":
                return {"anthropic-version": ANTHROPIC_VERSION} | ({"x-api-key": key} if key else {})
            case "google":
                return {"x-goog-api-key": key} if key else {}
        return {"Authorization": f"Bearer {key}"} if key else {}

    @property
    def models_path(self) -> str:
        """Where it lists its models, below its base."""
        versions = {"anthropic": "v1", "google": "v1beta"}
        version = versions.get(self.family)
        return f"{self.version(version) if version else ''}/models"

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
        base_url=base_url or OPENAI,
        wire="openai" if base_url is None or base_url.rstrip("/") == OPENAI else "openai.chat",
        api_key=api_key,
        needs_key=base_url is None,
        key_variable="OPENAI_API_KEY",
        url_variable="OPENAI_BASE_URL",
        defaults={Role.USER: "gpt-5-mini", Role.JUDGE: "gpt-4.1"},
    )


def anthropic(*, api_key: str | None = None, base_url: str | None = None) -> Provider:
    """Anthropic; `base_url` is the host without a version."""
    return Provider(
        name="anthropic",
        base_url=(base_url or "https://api.anthropic.com").rstrip("/"),
        wire="anthropic.messages",
        api_key=api_key,
        key_variable="ANTHROPIC_API_KEY",
        url_variable="ANTHROPIC_BASE_URL",
        defaults={Role.USER: "claude-haiku-4-5-20251001", Role.JUDGE: "claude-sonnet-4-5-20250929"},
    )


def google(*, api_key: str | None = None, base_url: str | None = None) -> Provider:
    """Google's Gemini; `base_url` is the host without a version."""
    return Provider(
        name="google",
        base_url=(base_url or "https://generativelanguage.googleapis.com").rstrip("/"),
        wire="google.generate",
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
