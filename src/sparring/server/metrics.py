"""`/metrics`, for Prometheus; behind a key."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sparring.dialects.sigmamind.wire import ErrorBody
from sparring.domain.errors import StoreError
from sparring.server.auth import METRICS
from sparring.server.errors import log, refusal
from sparring.server.openapi import refused
from sparring.server.services import Services

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request) -> Response:
    """What the process has done and is doing."""
    services: Services = request.app.state.services
    if services.metrics is None:
        return refusal(METRICS, 404, "This server tells no metrics.", services.clock)
    try:
        return Response(await services.metrics(), media_type=CONTENT_TYPE)
    except StoreError as error:
        log.error("The database does not answer: %s", error)
        return refusal(METRICS, 503, "The database does not answer; see the log.", services.clock)


def add_routes(router: APIRouter) -> None:
    """Serve the endpoint."""
    router.get(
        METRICS,
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            401: refused(ErrorBody, "Without a valid key."),
            503: {"description": "The database does not answer."},
        },
    )(metrics)
