"""JSON bodies, read strictly: what two readers could read differently, or nobody could store, is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sparring.domain.errors import InvalidInput
from sparring.domain.text import is_storable
from sparring.server.complaints import came, field_name

MAX_DEPTH = 100
_INT64 = 2**63

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
        InvalidInput: it is no JSON or no object; it names a field twice, is nested deeper than 100, or holds a
            number beyond 64 bits, NaN, or a text with NUL or a lone surrogate.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"The body is not JSON: {error.msg} in {where}.") from None
    except RecursionError:
        raise InvalidInput(_TOO_DEEP) from None
    if not isinstance(value, dict):
        raise InvalidInput(f"The body must be a JSON object; {came(value)}.")
    _check_inside(value)
    return value


_TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH} levels."


def _check_content_type(request: Request) -> None:
    came = request.headers.get("content-type", "")
    kind = came.split(";", 1)[0].strip().lower()
    if kind != "application/json":
        shown = f"{came[:100]!r} came" if came else "none came"
        raise HTTPException(415, f"The Content-Type must be application/json; {shown}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidInput(f"The body names the field {_shown(twice)} twice.")
    return found


def _no_constant(name: str) -> None:
    raise InvalidInput(f"The body is not JSON: {name} is no number of JSON.")


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise InvalidInput(f"The body holds a number that is too large: {digits[:40]}.")
    return value


def _int(digits: str) -> int:
    if len(digits) > 20 or not -_INT64 <= (value := int(digits)) < 2 * _INT64:
        raise InvalidInput(f"The body holds a whole number beyond 64 bits: {digits[:40]}.")
    return value


Place = tuple["Place", str | int] | None
"""Where in a document something is: the place that holds it, and the last step."""


def _check_inside(document: dict[str, Any]) -> None:
    """Walk the document, level by level and without recursion."""
    level: list[tuple[Place, dict[str, Any] | list[Any]]] = [(None, document)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[Place, dict[str, Any] | list[Any]]] = []
        for place, holder in level:
            steps = holder.items() if isinstance(holder, dict) else enumerate(holder)
            for step, item in steps:
                if isinstance(step, str):
                    _check_text(step, place)
                if isinstance(item, str):
                    _check_text(item, (place, step))
                elif isinstance(item, dict | list):
                    below.append(((place, step), item))
        if not below:
            return
        level = below
    raise InvalidInput(_TOO_DEEP)


def _check_text(text: str, place: Place) -> None:
    if not is_storable(text):
        where = field_name(_steps(place)) or "The body"
        what = "NUL" if "\0" in text else "a lone surrogate"
        raise InvalidInput(f"{where} must be text that can be stored; it holds {what}.", field=where)


def _steps(place: Place) -> list[str | int]:
    steps: list[str | int] = []
    while place is not None:
        place, step = place
        steps.append(step)
    return steps[::-1]


def _shown(key: str) -> str:
    return json.dumps(key[:60])
