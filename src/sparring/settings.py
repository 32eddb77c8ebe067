"""Every knob, once. Read from the environment, a `.env` file and `sparring.toml`, in that order of weight."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from sparring.domain.errors import InvalidInput

PREFIX = "SPARRING_"

OF_AGENTS = "SPARRING_AGENT_"
"""Begins the variables that endpoints of agents may name, which are anybody's choice."""

CONFIG_FILE = Path("sparring.toml")


class ModelLimits(BaseModel):
    """Limits of some models of a provider, under `[providers.NAME.models."PATTERN"]` in `sparring.toml`; `*` in the
    pattern stands for anything. The models that fit it share them."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at the most."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    """Requests a minute at the most."""
    tokens_per_minute: float | None = Field(default=None, gt=0)
    """Tokens a minute at the most, those of requests and answers together."""


class ProviderSettings(BaseModel):
    """A provider, under `[providers.NAME]` in `sparring.toml`: one more, or limits and headers of `openai`,
    `anthropic`, `google` or `ollama`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    wire: str = "openai.chat"
    """How it is asked: `openai.chat`, which every OpenAI-compatible server speaks, `openai.responses`,
    `anthropic.messages` or `google.generate`."""
    base_url: str | None = None
    """Its address: on the wires of OpenAI up to and without `/chat/completions` or `/responses`, on the others the
    host without a version. Only the four that are known by name can do without one."""
    api_key_env: str | None = None
    """The environment variable that holds its key."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Headers to send with each request."""
    structured: Literal["json_schema", "json_object", "text"] = "json_schema"
    """How a server of the wire `openai.chat` is asked for an answer's form at first; `text` for one that passes
    over `response_format` without a word."""
    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at the most."""
    initial: int | None = Field(default=None, ge=1)
    """Requests in flight to one model at the beginning; it then doubles with each round of good answers."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    """Requests a minute at the most, to all of its models together."""
    tokens_per_minute: float | None = Field(default=None, gt=0)
    """Tokens a minute at the most, those of requests and answers together, of all of its models."""
    models: dict[str, ModelLimits] = Field(default_factory=dict)
    """Narrower limits by names of models; the first that fits counts."""


class Settings(BaseSettings):
    """What an installation is set up with."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    database_url: str = "sqlite:///sparring.db"
    """Where everything is kept: `sqlite:///FILE`, or `postgresql://...` once more than one machine plays."""
    api_key: SecretStr | None = None
    """A key that always opens the first workspace; unset, `serve` makes one at its first start and shows it."""
    user_model: str | None = None
    """The simulated user's model; unset, the first configured provider's listed default."""
    judge_model: str | None = None
    """The judge's model; unset, the first configured provider's listed default."""
    agent_model: str | None = None
    """The agent's model where neither the agent nor the scenario names one."""
    trial_timeout: float = Field(default=900.0, gt=0)
    """Seconds on the wall for one trial."""
    outage_limit: float = Field(default=86400.0, ge=0)
    """Seconds for which trials wait for a provider that is down before they fail; 0 lets them fail at once."""
    answer_timeout: float = Field(default=300.0, gt=0)
    """Seconds that a model may take for one answer; one that says nothing until then is asked once more."""
    rate_limit: int | None = Field(default=None, ge=1)
    """Requests a minute by API key; unset, none is enforced."""
    allow_private_networks: bool = False
    """Whether agents, webhook tools and webhooks that came through the API may be at addresses of this machine or of
    a private network."""
    allow_live_tools: bool = False
    """Whether simulations really call live webhook actions that no mock answers; test runs never do."""
    mocks_host: str = "127.0.0.1"
    """Where the mocks of agents that run their own tools listen; `0.0.0.0` for agents on other machines, together
    with a port and a URL."""
    mocks_port: int = Field(default=0, ge=0, le=65535)
    """The port of these mocks; 0 takes any that is free. Each process that plays needs one of its own."""
    mocks_url: str | None = Field(default=None, pattern=r"^https?://[^/\s]")
    """How agents reach these mocks where that is another address than they listen on, such as
    `http://test-machine:9000`; it may have a path, behind a proxy that takes it away."""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+/?$")
    """Where people reach the server, such as `https://sparring.example.com`, where a proxy stands before it: the
    `url` of records begins so, and what reports lead to. Unset, records have wherever a request came to, and reports
    that commands write lead nowhere."""
    concurrency: int = Field(default=100, ge=1)
    """Trials at once in one worker."""

    log_level: Literal["debug", "info", "warning", "error"] | None = None
    """The least that is logged, on standard error: `info` tells of each trial and, from `serve`, of each request,
    `debug` of each call to a model. Unset, it is `warning` for what stays, such as `serve`, and `error` for commands
    that tell by themselves how it goes."""
    log_format: Literal["text", "json"] = "text"
    """How it is logged: lines for people, or one JSON object each."""
    log_transcripts: bool = False
    """Whether the messages of conversations are logged as well."""

    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    """OpenAI's key."""
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    """OpenAI's address, or a compatible server's; ends in `/v1`."""
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    """Anthropic's key."""
    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")
    """Anthropic's address, the host without a version."""
    gemini_api_key: SecretStr | None = Field(default=None, validation_alias="GEMINI_API_KEY")
    """Google's key."""
    gemini_base_url: str | None = Field(default=None, validation_alias="GEMINI_BASE_URL")
    """Google's address, the host without a version."""
    ollama_base_url: str | None = Field(default=None, validation_alias="OLLAMA_BASE_URL")
    """Ollama's address, such as `http://localhost:11434`."""
    sigmamind_api_key: SecretStr | None = Field(default=None, validation_alias="SIGMAMIND_API_KEY")
    """The key of `sparring import sigmamind`."""
    eqho_api_key: SecretStr | None = Field(default=None, validation_alias="EQHO_API_KEY")
    """The key of `sparring import eqho`."""
    providers: dict[str, ProviderSettings] = Field(default_factory=dict)
    """More providers, by name; from `sparring.toml`."""
    wires: dict[str, str] = Field(default_factory=dict)
    """Wires of models that are not to be asked on the usual one, by `provider:model` with `*` for anything."""
    successors: dict[str, str] = Field(default_factory=dict)
    """What to name instead of models that their provider has retired; told when it refuses them."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """A command's option, then the environment, then `.env`, then `sparring.toml`."""
        return init_settings, env_settings, dotenv_settings, _Toml(settings_cls)


class _Toml(PydanticBaseSettingsSource):
    """`sparring.toml` in the working folder; its names are those of the settings without the prefix."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        if not CONFIG_FILE.is_file():
            return {}
        try:
            content = tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{CONFIG_FILE} is not valid TOML: {error}") from None
        known = self.settings_cls.model_fields
        stray = [name for name in content if name not in known]
        if stray:
            allowed = ", ".join(sorted(known))
            raise InvalidInput(f"{CONFIG_FILE} has no setting {stray[0]!r}. Allowed: {allowed}.")
        return content


def read_settings(**options: Any) -> Settings:
    """The settings in force; `options` that are None do not count.

    Raises:
        InvalidInput: a value cannot be used; the message names the variable and what is allowed.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise InvalidInput(_told(error)) from None


def in_force(settings: Settings) -> list[tuple[str, str, bool]]:
    """Every setting with its variable, its value in words, and whether it was set; of a secret only whether it was."""
    found = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        is_set = value != field.get_default(call_default_factory=True)
        found.append((_variable(name), _in_words(value), is_set))
    return found


def _in_words(value: Any) -> str:
    match value:
        case SecretStr():
            return "set"
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(value) or "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def stray_variables() -> list[str]:
    """A sentence for each variable of the environment that begins as a setting does and is none."""
    known = [_variable(name) for name in Settings.model_fields]
    stray = (
        name
        for name in sorted(os.environ)  # noqa: TID251
        if name.startswith(PREFIX) and name not in known and not name.startswith(OF_AGENTS)
    )
    return [f"{name} is no setting{_near(name, known)}." for name in stray]


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return f"; {near[0]} is" if near else ""


def _variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def _told(error: ValidationError) -> str:
    lines = []
    for detail in error.errors():
        first, *rest = (str(part) for part in detail["loc"])
        name = first if first.isupper() else f"SPARRING_{first.upper()}"
        path = ".".join((name, *rest))
        lines.append(f"{path}: {detail['msg']} (came: {detail['input']!r})")
    return "; ".join(lines)
