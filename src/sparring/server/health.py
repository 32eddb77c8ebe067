"""Whether the server is alive and can work; needs no key."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sparring.domain.errors import StoreError
from sparring.server.errors import answer, log, refusal
from sparring.server.services import Services


async def healthz() -> Response:
    """The process answers."""
    return answer({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The database answers, and is migrated: a server does not start on one that is not."""
    services: Services = request.app.state.services
    try:
        await services.store.workspaces()
    except StoreError as error:
        log.error("The database does not answer: %s", error)
        return refusal(request.scope["path"], 503, "The database does not answer; see the log.", services.clock)
    return answer({"status": "ready"})


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    router.get("/healthz")(healthz)
    router.get("/readyz", responses={503: {"description": "The database does not answer."}})(readyz)
