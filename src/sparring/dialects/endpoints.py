"""Where an agent lives, as the records of both dialects tell it: in the words of suites.

Python code is named in suites only: nobody chooses over HTTP what this machine runs. For the same reason an
endpoint names only environment variables that begin with `SPARRING_AGENT_`, and private addresses are refused
unless the server allows them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sparring.dialects.complaints import complaint
from sparring.dialects.fields import ERROR_TYPE, TAG, choice, number, text, whole
from sparring.domain.endpoints import (
    ENVIRONMENT,
    FOR_EVERYBODY,
    Endpoint,
    HttpEndpoint,
    OpenAIEndpoint,
    PythonEndpoint,
    ReplyLimits,
    kind_of,
    variables_of,
)
from sparring.domain.errors import InvalidInput

_BLANK_HTTP = HttpEndpoint(url="")
_BLANK = ReplyLimits()


def _refusal(message: str, **values: Any) -> PydanticCustomError:
    return PydanticCustomError(ERROR_TYPE, message, values)


def _address(value: str) -> str:
    try:
        parts = urlsplit(ENVIRONMENT.sub("1", value))
    except ValueError:
        parts = urlsplit("")
    if not value.startswith("${") and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise _refusal("must be an address that begins with http:// or https://")
    return value


def _path(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError:
        raise _refusal("must be a JMESPath") from None
    return value


Address = Annotated[str, *text(1, 2048), AfterValidator(_address)]
Path = Annotated[str, *text(1, 1024), AfterValidator(_path)]
HeaderName = Annotated[
    str, *text(1, 256, pattern=r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", like="of the characters of headers")
]
HeaderValue = Annotated[str, *text(0, 4096, pattern=r"[^\r\n]*", like="without line breaks")]
Headers = dict[HeaderName, HeaderValue]
Variable = Annotated[
    str, *text(1, 256, pattern=r"[A-Za-z_][A-Za-z0-9_]*", like="the name of a variable, not a key")
]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)


class Limits(_Form):
    """What bounds one reply of the agent."""

    timeout: Annotated[float, *number(0.1, 900)] = _BLANK.timeout
    """Seconds until the whole answer is there."""
    max_bytes: Annotated[int, *whole(1, 20_000_000)] = _BLANK.max_bytes
    max_messages: Annotated[int, *whole(1, 1000)] = _BLANK.max_messages
    max_calls: Annotated[int, *whole(1, 10_000)] = _BLANK.max_calls

    def domain(self) -> ReplyLimits:
        """The same in the domain's words."""
        return ReplyLimits(**self.model_dump())


class _Endpoint(_Form):
    headers: Headers = Field(default_factory=dict)
    limits: Limits = Limits()

    @abstractmethod
    def domain(self) -> Endpoint:
        """The same in the domain's words."""

    @model_validator(mode="after")
    def _names_no_secrets(self) -> Self:
        for name in variables_of(self.domain()):
            if not name.startswith(FOR_EVERYBODY):
                raise _refusal(
                    "must name only environment variables that begin with {prefix}, not {name}",
                    prefix=FOR_EVERYBODY,
                    name=name,
                )
        return self


class OpenAIForm(_Endpoint):
    """A server that speaks OpenAI's chat completions."""

    kind: Annotated[str, *choice("openai")]
    base_url: Address
    """Up to and without `/chat/completions`."""
    model: Annotated[str, *text(1, 256)] = "agent"
    api_key_env: Variable | None = None
    """The environment variable that holds its key."""
    own_tools: bool = False
    """Whether it runs tools of its own; it is offered the agent's otherwise, and mocks answer them."""
    body: dict[str, Any] = Field(default_factory=dict)
    """More fields of the request, with placeholders."""

    def domain(self) -> OpenAIEndpoint:
        """The same in the domain's words."""
        return OpenAIEndpoint(
            base_url=self.base_url,
            model=self.model,
            api_key_env=self.api_key_env,
            headers=self.headers,
            own_tools=self.own_tools,
            body=self.body,
            limits=self.limits.domain(),
            guarded=True,
        )


class HttpForm(_Endpoint):
    """A JSON API of any shape."""

    kind: Annotated[str, *choice("http")]
    url: Address
    method: Annotated[str, *choice("POST", "PUT", "PATCH", "GET")] = "POST"
    body: Any = Field(default_factory=lambda: _BLANK_HTTP.body)
    """The request, with placeholders."""
    reply: Path = _BLANK_HTTP.reply
    """JMESPath of what the agent says."""
    end: Path | None = None
    """JMESPath of what is true once the agent has hung up."""
    session: Path | None = None
    """JMESPath of what goes out as `session` from the next request on."""
    tool_calls: Path | None = None
    """JMESPath of the tool calls that the agent made itself."""

    def domain(self) -> HttpEndpoint:
        """The same in the domain's words."""
        return HttpEndpoint(
            url=self.url,
            method=self.method,
            headers=self.headers,
            body=self.body,
            reply=self.reply,
            end=self.end,
            session=self.session,
            tool_calls=self.tool_calls,
            limits=self.limits.domain(),
            guarded=True,
        )


class OtherForm(_Form):
    """No kind that a record may name."""

    kind: Annotated[str, *choice("openai", "http")]

    def domain(self) -> Endpoint:
        """Nothing: its kind is refused before anybody asks."""
        raise AssertionError(self.kind)


def tag_of(kind: str) -> str:
    """The tag of a form, which stands in the places of errors."""
    return f"{TAG}{kind}"


def kind_of_form(value: Any) -> str:
    """The tag of the form that an endpoint is to be read as."""
    kind = value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)
    return tag_of(kind if kind in ("openai", "http") else "other")


AnyEndpoint = Annotated[
    Annotated[OpenAIForm, Tag(tag_of("openai"))]
    | Annotated[HttpForm, Tag(tag_of("http"))]
    | Annotated[OtherForm, Tag(tag_of("other"))],
    Discriminator(kind_of_form),
]


_ANY: TypeAdapter[OpenAIForm | HttpForm | OtherForm] = TypeAdapter(AnyEndpoint)


def admitted(endpoint: Endpoint) -> Endpoint:
    """An endpoint that somebody tells this server of, with the guards of one that came through the API.

    Raises:
        InvalidInput: a record of the API could not name it.
    """
    try:
        return _ANY.validate_python(endpoint_record(endpoint)).domain()
    except ValidationError as error:
        told = [{**one, "loc": ("body", "endpoint", *one["loc"])} for one in error.errors()]
        raise InvalidInput(complaint(told), field="endpoint") from None


def endpoint_record(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as it goes out, with all its fields."""
    told = {name: value for name, value in asdict(endpoint).items() if name not in ("guarded", "folder")}
    if isinstance(endpoint, PythonEndpoint):
        del told["limits"]
    return {"kind": kind_of(endpoint), **told}
