"""Where an agent lives that is not played by a model: the words in suites and in records of the API.

A record of the API is read by the same code as a suite, as a document of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields as fields_of
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from sparring.adapters.suites.documents import Scalar
from sparring.adapters.suites.places import Fields, Place
from sparring.domain.endpoints import (
    ENVIRONMENT,
    KINDS,
    Endpoint,
    HttpEndpoint,
    OpenAIEndpoint,
    PythonEndpoint,
    ReplyLimits,
    kind_of,
)

_KIND = "kind"
LIMITS = tuple(field.name for field in fields_of(ReplyLimits))
OPENAI = (_KIND, "base_url", "model", "api_key_env", "headers", "own_tools", "body", "limits")
HTTP = (_KIND, "url", "method", "headers", "body", "reply", "end", "session", "tool_calls", "limits")
PYTHON = (_KIND, "callable", "limits")
_CALLABLE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Kind(StrEnum):
    """How an agent is talked to."""

    OPENAI = "openai"
    HTTP = "http"
    PYTHON = "python"


class Method(StrEnum):
    """How an HTTP agent is asked."""

    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    GET = "GET"


def read_endpoint(place: Place | None) -> Endpoint | None:
    """Where the agent lives."""
    if place is None:
        return None
    kind = place.get(_KIND)
    if kind is None:
        place.wrong(f"the field {_KIND!r} is missing: one of {', '.join(KINDS)}.")
        return None
    match kind.chosen(Kind):
        case Kind.OPENAI:
            return _read_openai(place.fields(*OPENAI, required=("base_url",)))
        case Kind.HTTP:
            return _read_http(place.fields(*HTTP, required=("url",)))
        case Kind.PYTHON:
            return _read_python(place.fields(*PYTHON, required=("callable",)))
    return None


def template_places(place: Place | None) -> Iterator[Place]:
    """The texts of an endpoint in which placeholders are filled in."""
    for name in ("url", "body"):
        found = place.get(name) if place is not None else None
        if found is not None:
            yield from found.scalars()


def dump_endpoint(endpoint: Endpoint | None) -> Mapping[str, Any] | None:
    """The same in a suite's words, without what has its default."""
    if endpoint is None:
        return None
    told: dict[str, Any] = {_KIND: kind_of(endpoint)}
    for name in {"openai": OPENAI, "http": HTTP, "python": PYTHON}[kind_of(endpoint)][1:-1]:
        value = getattr(endpoint, name)
        if value != _default(type(endpoint), name):
            told[name] = value
    limits = {name: getattr(endpoint.limits, name) for name in LIMITS}
    changed = {name: value for name, value in limits.items() if value != _default(ReplyLimits, name)}
    return told | ({"limits": changed} if changed else {})


def _default(kind: type[Any], name: str) -> Any:
    field = next(field for field in fields_of(kind) if field.name == name)
    return field.default_factory() if callable(field.default_factory) else field.default


def _read_openai(fields: Fields) -> OpenAIEndpoint:
    key = fields.get("api_key_env")
    variable = fields.text("api_key_env")
    if key is not None and variable is not None and not _VARIABLE.fullmatch(variable):
        key.wrong("expected the name of an environment variable, not the key itself.")
    body = fields.get("body")
    if body is not None and isinstance(body.node, Scalar):
        body.expected("a mapping of further fields")
    return OpenAIEndpoint(
        base_url=_address(fields, "base_url"),
        model=fields.text("model") or "agent",
        api_key_env=variable,
        headers=_headers(fields),
        own_tools=bool(fields.boolean("own_tools")),
        body=body.value() if body is not None and not isinstance(body.node, Scalar) else {},
        limits=_limits(fields),
    )


def _read_http(fields: Fields) -> HttpEndpoint:
    body = fields.get("body")
    blank = HttpEndpoint(url="")
    method = fields.chosen("method", Method) or Method.POST
    return HttpEndpoint(
        url=_address(fields, "url"),
        method=method.value,
        headers=_headers(fields),
        body=body.value() if body is not None else None if method is Method.GET else blank.body,
        reply=_path(fields, "reply") or blank.reply,
        end=_path(fields, "end"),
        session=_path(fields, "session"),
        tool_calls=_path(fields, "tool_calls"),
        limits=_limits(fields),
    )


def _read_python(fields: Fields) -> PythonEndpoint:
    name = fields.text("callable") or ""
    place = fields.get("callable")
    if place is not None and name and not _CALLABLE.fullmatch(name):
        place.expected("module:callable, such as my_agent:reply")
    return PythonEndpoint(callable=name, limits=_limits(fields))


def _address(fields: Fields, name: str) -> str:
    url = fields.text(name) or ""
    place = fields.get(name)
    begins_open = url.startswith("${")
    if place is not None and url and not begins_open and not _is_address(url):
        place.expected("an address that begins with http:// or https://")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(ENVIRONMENT.sub("1", url))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _headers(fields: Fields) -> dict[str, str]:
    found = {}
    for name, place in fields.entries("headers", "a mapping from names to texts").items():
        value = place.text(blank=True)
        if not _HEADER.fullmatch(name):
            place.wrong(f"{name!r} is no name of a header.")
        elif value is not None and ("\n" in value or "\r" in value):
            place.wrong("a header's value has no line breaks.")
        else:
            found[name] = value or ""
    return found


def _path(fields: Fields, name: str) -> str | None:
    text = fields.text(name)
    place = fields.get(name)
    if text is None or place is None:
        return None
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        place.wrong(f"this is no JMESPath: {' '.join(str(error).split())[:200]}")
    return text


def _limits(fields: Fields) -> ReplyLimits:
    place = fields.get("limits")
    if place is None:
        return ReplyLimits()
    given = place.fields(*LIMITS)
    whole: Callable[[str], int | None] = lambda name: given.integer(name, 1)  # noqa: E731
    blank = ReplyLimits()
    return ReplyLimits(
        timeout=given.number("timeout", "seconds, more than 0", lambda value: value > 0) or blank.timeout,
        max_bytes=whole("max_bytes") or blank.max_bytes,
        max_messages=whole("max_messages") or blank.max_messages,
        max_calls=whole("max_calls") or blank.max_calls,
    )
