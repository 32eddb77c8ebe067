"""Where an agent lives that is not played by a model of this installation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sparring.domain.templates import names, texts_in

ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")
"""A place for an environment variable, with what stands there where it is not set."""

FOR_EVERYBODY = "SPARRING_AGENT_"
"""How the environment variables begin that an endpoint may name that comes through the API."""

OF_CONVERSATION = ("message", "history", "conversation", "session", "mocks_url", "scenario", "trial", "seed")
"""The names that a request's template has beside the scenario's variables, which give way to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLimits:
    """What bounds one reply of an agent; beyond it the agent has failed, which is no verdict."""

    timeout: float = 120.0
    """Seconds, from the request to the last byte of the answer."""
    max_bytes: int = 2_000_000
    """Of an answer that came over HTTP."""
    max_messages: int = 20
    """Messages of the agent's own in one reply."""
    max_calls: int = 100
    """Tool calls that it makes in one reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIEndpoint:
    """A server that speaks OpenAI's chat completions.

    `${NAME}` and `${NAME:-otherwise}` in `base_url` and in the values of `headers` are environment variables, put
    in when the agent is asked and never stored.
    """

    base_url: str
    """Up to and without `/chat/completions`."""
    model: str = "agent"
    """The name that goes out."""
    api_key_env: str | None = None
    """The environment variable that holds the key, sent as a bearer token."""
    headers: Mapping[str, str] = field(default_factory=dict)
    own_tools: bool = False
    """Whether it runs tools of its own: it is offered none then, and what it reports of them has happened."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """More fields of the request, with placeholders."""
    limits: ReplyLimits = ReplyLimits()
    guarded: bool = False
    """Whether it came through the API: private addresses are refused then, unless the server allows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEndpoint:
    """Any JSON API, described by a template of the request and by where the parts of an answer stand.

    Placeholders in `url` and `body` are the scenario's variables and `message`, `history`, `conversation`,
    `session`, `mocks_url`, `scenario`, `trial` and `seed`. Environment variables as in OpenAIEndpoint.
    """

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=lambda: {"message": "{{message}}", "conversation": "{{conversation}}"})
    """Any JSON value; a text that is nothing but one placeholder takes the value's type."""
    reply: str = "reply"
    """JMESPath of what the agent says: a text or a message, or a list of them."""
    end: str | None = None
    """JMESPath of what is true once the agent has hung up."""
    session: str | None = None
    """JMESPath of a value that goes out as `session` from the next request on."""
    tool_calls: str | None = None
    """JMESPath of the tool calls that the agent made itself: a list of `{name, arguments, result, error}`."""
    limits: ReplyLimits = ReplyLimits()
    guarded: bool = False
    """As in OpenAIEndpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonEndpoint:
    """A Python callable: `(message, history, context)` to a text or to messages, sync or async."""

    callable: str
    """`module:name`; a name may lead inside, as in `module:agent.reply`."""
    folder: str | None = None
    """Where the module is looked for first."""
    limits: ReplyLimits = ReplyLimits()


Endpoint = OpenAIEndpoint | HttpEndpoint | PythonEndpoint

KINDS: Mapping[str, type[Endpoint]] = {"openai": OpenAIEndpoint, "http": HttpEndpoint, "python": PythonEndpoint}
"""By the word in suites and records."""


def kind_of(endpoint: Endpoint) -> str:
    """The word for an endpoint in suites and records."""
    return next(word for word, kind in KINDS.items() if isinstance(endpoint, kind))


def address_of(endpoint: Endpoint) -> str:
    """Where it is, as it is shown to people."""
    match endpoint:
        case OpenAIEndpoint(base_url=url) | HttpEndpoint(url=url):
            return url
        case PythonEndpoint(callable=name):
            return name


def variables_of(endpoint: Endpoint) -> list[str]:
    """The environment variables that an endpoint names."""
    named = [match[1] for text in texts_of(endpoint) for match in ENVIRONMENT.finditer(text)]
    if isinstance(endpoint, OpenAIEndpoint) and endpoint.api_key_env:
        named.append(endpoint.api_key_env)
    return named


def placeholders_of(endpoint: Endpoint) -> Iterator[str]:
    """The scenario's variables that an endpoint names, each as a placeholder."""
    match endpoint:
        case OpenAIEndpoint():
            given: Any = endpoint.body
        case HttpEndpoint():
            given = [endpoint.url, endpoint.body]
        case PythonEndpoint():
            return
    for text in texts_in(given, keys=True):
        for name in names(text):
            if name not in OF_CONVERSATION:
                yield f"{{{{{name}}}}}"


def texts_of(endpoint: Endpoint) -> Iterator[str]:
    """The texts in which environment variables are put in."""
    match endpoint:
        case OpenAIEndpoint(base_url=url, headers=headers) | HttpEndpoint(url=url, headers=headers):
            yield url
            yield from headers.values()
        case PythonEndpoint():
            return
