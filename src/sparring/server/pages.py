"""What a browser is shown."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sparring.server.auth import KnownCaller
from sparring.server.services import Services

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_HEADERS = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


async def latest_results(request: Request, caller: KnownCaller) -> HTMLResponse:
    """The latest results as one plain page: without a key from this machine, with one from elsewhere."""
    services: Services = request.app.state.services
    return HTMLResponse(await services.report(caller.workspace), headers=_HEADERS)


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/", response_class=HTMLResponse)(latest_results)
