"""The tools of an agent: those that a model is offered, and all others, which are stored only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.alias_generators import to_camel

from sparring.dialects.fields import TAG, arguments_schema, choice, text
from sparring.domain.webhooks import MAX_URL, METHODS

MAX_TEXT = 20_480

ToolName = Annotated[str, *text(1, 128, pattern=r"^[A-Za-z0-9_-]+$", like="letters, digits, `_` and `-` only")]


class _Tool(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True, extra="allow")

    description: Annotated[str, *text(0, MAX_TEXT)] | None = None


class FunctionTool(_Tool):
    """A tool that a mock answers in test runs."""

    type: Literal["function"]
    name: ToolName
    parameters: Annotated[dict[str, Any], *arguments_schema()] | None = None
    """JSON Schema of an object."""
    writes: bool | None = None
    """Whether a successful call changes the world."""


class NamedText(BaseModel):
    """A query parameter of a webhook."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")

    key: Annotated[str, *text(1, 256)]
    value: Annotated[str, *text(0, MAX_TEXT)]


class Header(NamedText):
    """A header of a webhook."""

    key: Annotated[
        str,
        *text(
            1, 256, pattern=r"^([!#$%&'*+\-.^_`|~0-9A-Za-z]|\{\{[^{}]+\}\})+$", like="of the characters of headers"
        ),
    ]


class WebhookTool(_Tool):
    """A tool with an address; test runs answer it like a function, and never call it."""

    type: Literal["webhook"]
    name: ToolName
    method: Annotated[str, *choice(*METHODS)] | None = None
    url: Annotated[
        str,
        *text(
            1,
            MAX_URL,
            pattern=r"^([hH][tT][tT][pP][sS]?://|\{\{).+$",
            like="that begins with http:// or https://, or with a placeholder",
        ),
    ]
    headers: list[Header] | None = None
    query_params: list[NamedText] | None = None
    body_params: dict[str, Any] | None = None
    parameters: Annotated[dict[str, Any], *arguments_schema()] | None = None
    """JSON Schema of an object; left out, one text for each `{{placeholder}}`."""
    writes: bool | None = None
    live: bool | None = None
    """Whether simulations of the other dialect really call it, where this server allows that."""


class OtherTool(_Tool):
    """Any other tool: `voice_end_call` and `voice_transfer_call` end the conversation, the rest is stored only."""

    type: Annotated[
        str,
        *text(1, 64),
        Field(json_schema_extra={"not": {"enum": ["function", "webhook"]}}),
    ]


def _kind_of_tool(tool: Any) -> str:
    kind = tool.get("type") if isinstance(tool, Mapping) else getattr(tool, "type", None)
    return f"{TAG}{kind}" if kind in ("function", "webhook") else f"{TAG}other"


AnyTool = Annotated[
    Annotated[FunctionTool, Tag(f"{TAG}function")]
    | Annotated[WebhookTool, Tag(f"{TAG}webhook")]
    | Annotated[OtherTool, Tag(f"{TAG}other")],
    Discriminator(_kind_of_tool),
]
