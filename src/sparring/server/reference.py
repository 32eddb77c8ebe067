"""`/docs`: the OpenAPI document as one plain page that asks no other host for anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse

_TEMPLATES = Environment(loader=PackageLoader("sparring.server"), autoescape=True)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_DEPTH = 6


def page(document: Mapping[str, Any]) -> HTMLResponse:
    """The page of an OpenAPI document."""
    html = _TEMPLATES.get_template("reference.html").render(
        title=document["info"]["title"], operations=list(_operations(document))
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            responses = operation["responses"]
            good: Mapping[str, Any] = next((responses[status] for status in responses if status < "300"), {})
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "description": operation.get("description", ""),
                "parameters": operation.get("parameters", ()),
                "responses": responses,
                "body": _schema(operation.get("requestBody", {}), document),
                "answer": _schema(good, document),
            }


def _schema(holder: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    schema = holder.get("content", {}).get("application/json", {}).get("schema")
    if not schema:
        return ""
    return orjson.dumps(_resolved(schema, document, _DEPTH), option=orjson.OPT_INDENT_2).decode()


def _resolved(value: Any, document: Mapping[str, Any], depth: int) -> Any:
    """The schema with its references put in, down to a depth."""
    if isinstance(value, list):
        return [_resolved(item, document, depth) for item in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if not name:
        return {key: _resolved(item, document, depth) for key, item in value.items()}
    return _resolved(document["components"]["schemas"][name], document, depth - 1) if depth else name
