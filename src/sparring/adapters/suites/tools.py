"""Tools, in the plain form and in the form of OpenAI's API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sparring.adapters.suites.documents import Table
from sparring.adapters.suites.inclusion import included
from sparring.adapters.suites.places import Fields, Place
from sparring.domain.agent import Tool, ToolKind

PLAIN = ("name", "description", "parameters", "writes", "ends", "type", "derived", "strict")
OPENAI = ("type", "function")
FUNCTION = ("name", "description", "parameters", "strict")
_KINDS = {
    "function": ToolKind.FUNCTION,
    "webhook": ToolKind.WEBHOOK,
    "terminate_call": ToolKind.END,
    "call_transfer": ToolKind.END,
}


def read_tools(place: Place | None) -> tuple[Tool, ...]:
    """A list of tools, or the file of one."""
    return tuple(_unique([(item, _read_tool(item)) for item in _items(place)]))


def tool_places(place: Place | None) -> Iterator[tuple[str, Place]]:
    """The tools' names, each with where it stands."""
    for item in _items(place):
        name = (item.get("function") or item).get("name")
        if name is not None and (text := name.text()) is not None:
            yield text, name


def description_places(place: Place | None) -> Iterator[Place]:
    """Where the tools' descriptions stand."""
    for item in _items(place):
        text = (item.get("function") or item).get("description")
        if text is not None:
            yield text


def _items(place: Place | None) -> list[Place]:
    if place is not None and isinstance(place.node, Table):
        source = included(place)
        place = source.document() if source is not None else None
    return [] if place is None else place.items("a list of tools, or {file: tools.json}")


def _unique(tools: Iterable[tuple[Place, Tool | None]]) -> Iterable[Tool]:
    seen: dict[str, Place] = {}
    for place, tool in tools:
        if tool is None:
            continue
        if tool.name in seen:
            line = seen[tool.name].position.line
            place.wrong(f"a second tool of the name {tool.name!r}; the first is in line {line}.")
            continue
        seen[tool.name] = place
        yield tool


def _read_tool(place: Place) -> Tool | None:
    is_openai = isinstance(place.node, Table) and any(key.text == "function" for key, _ in place.node.pairs)
    if is_openai:
        outer = place.fields(*OPENAI, required=OPENAI)
        inner = outer.get("function")
        _kind(outer)
        fields = inner.fields(*FUNCTION, required=("name",)) if inner is not None else None
    else:
        fields = place.fields(*PLAIN, required=("name",))
    name = fields.text("name") if fields is not None else None
    if fields is None or name is None:
        return None
    strict = fields.boolean("strict")
    tool = Tool(
        name=name,
        description=fields.text("description", blank=True) or "",
        kind=_kind(fields),
        writes=bool(fields.boolean("writes")),
        derived=bool(fields.boolean("derived")),
        extra={} if strict is None else {"strict": strict},
    )
    schema = fields.get("parameters")
    return tool if schema is None else _with_schema(tool, schema)


def _with_schema(tool: Tool, schema: Place) -> Tool | None:
    if not isinstance(schema.node, Table):
        schema.expected("a JSON Schema of the arguments, as a mapping")
        return None
    kind = schema.get("type")
    if kind is not None and kind.value() != "object":
        kind.expected("'object', because arguments come by name")
        return None
    return Tool(
        name=tool.name,
        description=tool.description,
        parameters=schema.value(),
        kind=tool.kind,
        writes=tool.writes,
        derived=tool.derived,
        extra=tool.extra,
    )


def _kind(fields: Fields) -> ToolKind:
    kind = ToolKind.FUNCTION
    if (place := fields.get("type")) is not None:
        text = place.text()
        if text in _KINDS:
            kind = _KINDS[text]
        elif text is not None:
            place.expected(f"one of {', '.join(_KINDS)}")
    return ToolKind.END if fields.boolean("ends") else kind
