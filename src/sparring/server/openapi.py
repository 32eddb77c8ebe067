"""The OpenAPI documents: one of everything, and one of each dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel
from starlette.routing import BaseRoute

VERSION = "1.0"

_SCHEMES = {
    "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearerAuth": {"type": "http", "scheme": "bearer"},
}


def operation_id(route: APIRoute) -> str:
    """The function's name, with the method where one function answers to two."""
    return to_camel(route.name) + ("ByPut" if "PUT" in (route.methods or ()) else "")


def document(title: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of some routes."""
    made = get_openapi(title=title, version=VERSION, routes=routes)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    # The framework documents 422 in its own form for every operation that does not document it itself.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path in made["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
            if "401" in operation["responses"]:
                operation["security"] = [{name: []} for name in _SCHEMES]
    made["components"]["securitySchemes"] = _SCHEMES
    _drop_titles(made)
    return made


def _drop_titles(value: Any) -> None:
    """Take out the titles that are made of field names and say nothing more."""
    if isinstance(value, dict):
        if isinstance(value.get("title"), str) and ("type" in value or "anyOf" in value or "$ref" in value):
            del value["title"]
        for item in value.values():
            _drop_titles(item)
    elif isinstance(value, list):
        for item in value:
            _drop_titles(item)
