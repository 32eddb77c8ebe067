"""The OpenAPI documents: one of everything, and one of each dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel
from starlette.routing import BaseRoute

VERSION = "1.0"

_SCHEMES = {
    "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearerAuth": {"type": "http", "scheme": "bearer"},
}


_PLACE = "#/components/schemas/"

_REFUSALS: dict[str, type] = {}
"""What requests are refused with, by the name in the documents."""


def refused(form: type, words: str) -> dict[str, Any]:
    """The documentation of a refusal.

    It is a reference and no `model`: for one of those the framework makes a validator for each status of each
    operation, which took three quarters of the time that the server needs to start.
    """
    _REFUSALS[form.__name__] = form
    reference = {"$ref": _PLACE + form.__name__}
    return {"description": words, "content": {"application/json": {"schema": reference}}}


def operation_id(route: APIRoute) -> str:
    """The function's name, with the method where one function answers to two."""
    return to_camel(route.name) + ("ByPut" if "PUT" in (route.methods or ()) else "")


def document(title: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of some routes."""
    made = get_openapi(title=title, version=VERSION, routes=routes)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_refusals(str(made["paths"])))
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


def _refusals(paths: str) -> dict[str, Any]:
    """The schemas of the refusals that are named there, with those that they refer to."""
    found: dict[str, Any] = {}
    for name, form in _REFUSALS.items():
        if f"'{_PLACE}{name}'" in paths:
            schema = TypeAdapter(form).json_schema(ref_template=_PLACE + "{model}")
            found |= schema.pop("$defs", {})
            found[name] = schema
    return found


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
