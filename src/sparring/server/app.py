"""The application: every door, with the checks before it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from starlette.middleware import Middleware
from starlette.routing import Router

from sparring.server import eqho, health, metrics, reference, sigmamind
from sparring.server.access import AccessLog
from sparring.server.auth import KeyCheck
from sparring.server.errors import LastResort, answer, answer_errors
from sparring.server.limits import BodyLimit, RateLimit
from sparring.server.openapi import document, operation_id
from sparring.server.services import Services
from sparring.server.ui.courses import KnownCourses
from sparring.server.ui.pages import for_people
from sparring.server.ui.played import KnownTrials
from sparring.server.ui.routes import router as pages
from sparring.server.ui.sittings import Sittings
from sparring.server.ui.tallies import KnownTallies

TITLE = "Sparring"


def create_app(services: Services, *, watched_only: bool = False) -> FastAPI:
    """The ASGI application over ready services; it starts and stops none of them.

    Args:
        watched_only: whether it tells how the process does, and nothing else.
    """
    checks = [
        Middleware(AccessLog, services.clock),
        Middleware(LastResort, services.clock),
        Middleware(KeyCheck, services),
    ]
    if services.rate_limit is not None:
        checks.append(Middleware(RateLimit, services.rate_limit, services.clock))
    checks.append(Middleware(BodyLimit, services.clock))
    app = FastAPI(
        title=TITLE,
        middleware=checks,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    app.state.services = services
    app.state.courses = KnownCourses()
    app.state.tallies = KnownTallies()
    app.state.trials = KnownTrials()
    app.state.sittings = Sittings()
    answer_errors(app, services.clock, for_people)
    rest = APIRouter(tags=["Server"])
    health.add_routes(rest)
    metrics.add_routes(rest)
    if watched_only:
        app.router.routes.extend(rest.routes)
    else:
        _serve(app, rest)
    return app


def _serve(app: FastAPI, rest: APIRouter) -> None:
    dialect = sigmamind.router("/v1", "SigmaMind")
    other = eqho.router("/v1", "Eqho")
    agents = eqho.agents_router("/eqho/v1", "Eqho")
    mounted = [*other.routes, *eqho.agents_router("/v1", "Eqho").routes]
    app.router.routes.extend((*dialect.routes, *other.routes, *rest.routes, *pages().routes))
    app.mount("/sigmamind", Router(dialect.routes, redirect_slashes=False))
    app.mount("/eqho", Router(mounted, redirect_slashes=False))

    @cache
    def everything() -> dict[str, Any]:
        return document(TITLE, [*dialect.routes, *other.routes, *agents.routes, *rest.routes])

    _serve_made_once(app, "/openapi.json", lambda: answer(everything()))
    _serve_made_once(
        app,
        "/openapi/sigmamind.json",
        lambda: answer(document(f"{TITLE}: the SigmaMind dialect", dialect.routes)),
    )
    _serve_made_once(
        app,
        "/openapi/eqho.json",
        lambda: answer(document(f"{TITLE}: the Eqho dialect", [*other.routes, *agents.routes])),
    )
    _serve_made_once(app, "/docs", lambda: reference.page(everything()))


def _serve_made_once(app: FastAPI, path: str, make: Callable[[], Response]) -> None:
    """Serve what takes a while to make and is only made when somebody asks for it."""
    made = cache(make)

    async def fixed() -> Response:
        return made()

    app.add_api_route(path, fixed, include_in_schema=False)
