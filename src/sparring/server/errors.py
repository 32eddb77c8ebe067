"""Refusals: one body for every status, in the form of the dialect that a path belongs to."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sparring.dialects.complaints import complaint, field_steps, sentence, steps
from sparring.dialects.eqho.wire import forms as eqho
from sparring.dialects.fields import ERROR_TYPE, REFUSAL_TYPE
from sparring.dialects.sigmamind.wire import NAMES, ErrorBody
from sparring.dialects.spelling import timestamp
from sparring.domain.errors import Conflict, InvalidInput, NotFound, NotNow, SparringError
from sparring.simulation.ports import Clock

log = logging.getLogger("sparring.server")

_STATUS: Mapping[type[SparringError], int] = {NotFound: 404, Conflict: 409}

ForPeople = Callable[[Request, int, str], Awaitable[Response | None]]
"""A refusal as a page; None where no page was asked for."""


_EQHO = ("/v1/simulation", "/v1/actions", "/eqho")
"""The paths below which refusals have Eqho's form."""

_PROBLEMS = 100
"""As many things that are wrong with a request are told."""


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    try:
        body = orjson.dumps(value)
    except TypeError:
        # Numbers beyond 64 bits, which a suite file may hold and orjson does not write.
        body = json.dumps(value).encode("ascii")
    return Response(body, status, headers, media_type="application/json")


def refusal(
    path: str, status: int, message: str, clock: Clock, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a request that is refused."""
    if _is_eqho(path):
        return answer(eqho.Refusal(detail=message), status, headers)
    body = ErrorBody(
        error=HTTPStatus(status).phrase,
        message=message,
        path=path,
        status=status,
        timestamp=timestamp(clock.now()),
    )
    return answer(body, status, headers)


def unusable(path: str, problems: Sequence[eqho.Problem], message: str, clock: Clock) -> Response:
    """The answer to a request of which something cannot be used."""
    if _is_eqho(path):
        return answer(eqho.UnusableRequest(detail=problems[:_PROBLEMS]), 422)
    return refusal(path, 400, message, clock)


class LastResort:
    """Answers 500 to what nobody expected, with an id under which the log tells more."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        """Stand around an application."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            return
        except Exception:
            id = self._clock.entropy(6).hex()
            log.exception("%s %s failed (%s)", scope["method"], scope["path"], id)
            if started:
                raise
            message = f"Something went wrong in this server. Its log tells more under {id}."
            await refusal(scope["path"], 500, message, self._clock)(scope, receive, send)


def answer_errors(app: FastAPI, clock: Clock, for_people: ForPeople) -> None:
    """Give every error that a request can meet its answer.

    Args:
        for_people: the same as a page, where somebody looks at it in a browser.
    """

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message, headers = _told(request, error)
        shown = await for_people(request, error.status_code, message)
        return shown or refusal(request.scope["path"], error.status_code, message, clock, headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = error.errors()
        return unusable(request.scope["path"], [_problem(one) for one in errors], complaint(errors), clock)

    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, InvalidInput)
        place = ("body", *field_steps(error.field or ""))
        problem = eqho.Problem(loc=place, msg=str(error), type=_VALUE_ERROR)
        return unusable(request.scope["path"], [problem], str(error), clock)

    async def known(request: Request, error: Exception) -> Response:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), None)
        if status is None:
            raise error
        path = request.scope["path"]
        return refusal(path, status, _worded(error, path), clock)

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(InvalidInput, unfit)
    app.add_exception_handler(SparringError, known)


_VALUE_ERROR = "value_error"


def _problem(error: Mapping[str, Any]) -> eqho.Problem:
    kind = _VALUE_ERROR if error["type"] in (ERROR_TYPE, REFUSAL_TYPE) else error["type"]
    return eqho.Problem(loc=steps(error), msg=sentence(error), type=kind)


def _worded(error: Exception, path: str) -> str:
    """What an error says, in the words of the dialect that a path belongs to."""
    if isinstance(error, NotNow) and not _is_eqho(path):
        return f"The {NAMES.get(error.kind, error.kind)} {error.why}"
    return str(error)


def _is_eqho(path: str) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in _EQHO)


def _told(request: Request, error: HTTPException) -> tuple[str, Mapping[str, str] | None]:
    method, path = request.method, request.scope["path"]
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(request.app.routes, path)))
        return f"{method} is not served at {path}; allowed: {allowed}.", {"Allow": allowed}
    if error.status_code == HTTPStatus.NOT_FOUND and error.detail == HTTPStatus.NOT_FOUND.phrase:
        return f"Nothing is served at {path}.", error.headers
    return str(error.detail), error.headers


def _methods(routes: Sequence[BaseRoute], path: str) -> set[str]:
    """The methods that are served at a path."""
    found: set[str] = set()
    for route in routes:
        if isinstance(route, Mount) and path.startswith(f"{route.path}/"):
            found |= _methods(route.routes, path.removeprefix(route.path))
        elif isinstance(route, Route) and route.path_regex.match(path):
            found |= route.methods or set()
    return found
