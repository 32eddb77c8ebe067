"""JSON bodies, read strictly: what two readers could read differently, or nobody could store, is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sparring.dialects import json_documents
from sparring.dialects.complaints import came
from sparring.domain.errors import InvalidInput

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRoute(APIRoute):
    """A route whose body, if it takes one, is JSON."""

    def get_route_handler(self) -> Handler:
        """The handler, with the body read beforehand."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler

        async def handle(request: Request) -> Response:
            body = await request.body()
            if body:
                _check_content_type(request)
                request = _ReadRequest(request, body, read_json(body))
            return await handler(request)

        return handle


class _ReadRequest(Request):
    """A request whose JSON has been read."""

    def __init__(self, request: Request, content: bytes, value: dict[str, Any]) -> None:
        super().__init__(request.scope, request.receive)
        self._content = content
        self._value = value

    async def body(self) -> bytes:
        return self._content

    async def json(self) -> Any:
        return self._value


def read_json(body: bytes) -> dict[str, Any]:
    """The object that a JSON document is.

    Raises:
        InvalidInput: it is no object, or no JSON that can be stored.
    """
    value = json_documents.read_json(body)
    if not isinstance(value, dict):
        raise InvalidInput(f"The body must be a JSON object; {came(value)}.")
    return value


def _check_content_type(request: Request) -> None:
    came = request.headers.get("content-type", "")
    kind = came.split(";", 1)[0].strip().lower()
    if kind != "application/json":
        shown = f"{came[:100]!r} came" if came else "none came"
        raise HTTPException(415, f"The Content-Type must be application/json; {shown}.")
