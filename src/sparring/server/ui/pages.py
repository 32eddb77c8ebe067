"""What all pages share: who may see them, their headers, their frame, and how they say that something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sparring.domain.errors import Conflict, InvalidInput, NotFound, SparringError
from sparring.domain.text import is_storable
from sparring.reports import figures
from sparring.reports.views.rendering import environment
from sparring.server.services import Services
from sparring.server.ui import addresses, static
from sparring.server.ui.courses import KnownCourses
from sparring.server.ui.played import KnownTrials
from sparring.server.ui.sessions import Visitor, visitor_of_cookie, visitor_of_secret
from sparring.server.ui.sittings import Sittings
from sparring.server.ui.tallies import KnownTallies

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_MOST_FIELDS = 3000
_LONGEST_FORM = 100_000
_MOST_FIELDS_OF_RECORD = 10_000
_LONGEST_RECORD = 2_000_000
_TITLES: Mapping[int, str] = {
    400: "That cannot be done",
    401: "Signed out",
    403: "Not allowed",
    404: "Nothing here",
    409: "Not as things stand",
}
_STATUS: Mapping[type[SparringError], int] = {InvalidInput: 400, NotFound: 404, Conflict: 409}

PLACES = (
    ("/start", "Start", "s"),
    (addresses.AGENTS, "Agents", "a"),
    (addresses.COMPARE, "Compare", "c"),
    ("/settings", "Settings", ""),
)
"""What every page leads to: addresses, names, and keys."""

_API = ("/v1", "/sigmamind", "/eqho", "/openapi")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SignInNeeded(Exception):
    """Nobody is signed in."""


class FormOfBefore(Exception):
    """A form of this server that was made for somebody who has signed out, or in anew, since."""

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self.fields = fields


class PageRoute(APIRoute):
    """A route that answers with a page also where something is wrong."""

    def get_route_handler(self) -> Handler:
        """The handler, with errors turned into pages."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInNeeded:
                return _to_sign_in(request)
            except FormOfBefore as form:
                sent = [(name, value) for name, value in form.fields.pairs if name != "csrf"]
                return page(request, "send-again.html.jinja", status=403, sent=sent)
            except HTTPException as error:
                return _complaint(request, error.status_code, str(error.detail))
            except RequestValidationError:
                return _complaint(request, 400, "This address is not one of a page.")
            except SparringError as error:
                status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), None)
                if status is None:
                    raise
                return _complaint(request, status, str(error))

        return handle


def services_of(request: Request) -> Services:
    """The parts behind the doors."""
    services: Services = request.app.state.services
    return services


def courses_of(request: Request) -> KnownCourses:
    """What is known of conversations that are over."""
    courses: KnownCourses = request.app.state.courses
    return courses


def tallies_of(request: Request) -> KnownTallies:
    """What is known of simulations that are over."""
    tallies: KnownTallies = request.app.state.tallies
    return tallies


def trials_of(request: Request) -> KnownTrials:
    """What is known of the trials of simulations that are over."""
    trials: KnownTrials = request.app.state.trials
    return trials


def sittings_of(request: Request) -> Sittings:
    """What is being judged again."""
    sittings: Sittings = request.app.state.sittings
    return sittings


def cookie_name(request: Request) -> str:
    """By port, which cookies do not tell apart: two servers on one machine keep out of each other's way."""
    return f"sparring-{request.url.port or 0}"


async def find_visitor(request: Request) -> Visitor | None:
    """Who asks, by cookie or by a key in a header."""
    services = services_of(request)
    cookie = request.cookies.get(cookie_name(request), "")
    found = await visitor_of_cookie(services, cookie) if cookie else None
    if found is None and (secret := request.headers.get("x-api-key", "").strip()):
        found = await visitor_of_secret(services, secret)
    return found


async def _visitor(request: Request) -> Visitor:
    found = await find_visitor(request)
    if found is None:
        raise SignInNeeded
    request.state.visitor = found
    return found


KnownVisitor = Annotated[Visitor, Depends(_visitor)]


class Fields(dict[str, str]):
    """The fields of a form; of a name that comes several times the last."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs
        """Every name and value, in order."""

    def all(self, name: str) -> list[str]:
        """Every value of a name, in order."""
        return [value for given, value in self.pairs if given == name]


async def _form(request: Request, visitor: KnownVisitor) -> Fields:
    """The fields of a form that this server made for this visitor.

    Raises:
        FormOfBefore: it was made for somebody else, or before signing in anew.
        HTTPException: it came from elsewhere, or the key may only read.
    """
    return _checked(await read_form(request), visitor)


async def _record(request: Request, visitor: KnownVisitor) -> Fields:
    """The same for a form that holds a whole record."""
    fields = await read_form(request, most_fields=_MOST_FIELDS_OF_RECORD, longest=_LONGEST_RECORD)
    return _checked(fields, visitor)


def _checked(fields: Fields, visitor: Visitor) -> Fields:
    if visitor.csrf and fields.get("csrf") != visitor.csrf:
        raise FormOfBefore(fields)
    if not visitor.may_write:
        raise HTTPException(403, "Your key may only read; one with the role `write` is needed for this.")
    return fields


Form = Annotated[Fields, Depends(_form)]
RecordForm = Annotated[Fields, Depends(_record)]


async def read_form(request: Request, *, most_fields: int = _MOST_FIELDS, longest: int = _LONGEST_FORM) -> Fields:
    """The fields of a form from a page of this server.

    Raises:
        HTTPException: it came from another site, or is no form.
    """
    check_origin(request)
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded" or len(body) > longest:
        raise HTTPException(400, "This is no form of these pages.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=most_fields)
    except ValueError:
        raise HTTPException(400, "This is no form of these pages.") from None
    if not all(is_storable(value) for _, value in pairs):
        raise HTTPException(400, "A field of the form holds text that cannot be stored.")
    return Fields(pairs)


def check_origin(request: Request) -> None:
    """Refuse what a page of another site has sent; browsers always tell."""
    origin = request.headers.get("origin")
    own = (f"{request.url.scheme}://{request.headers.get('host', '')}", services_of(request).public_url)
    site = request.headers.get("sec-fetch-site", "same-origin")
    if (origin is not None and origin not in own) or site not in ("same-origin", "none"):
        raise HTTPException(403, "This form came from another site.")


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from a template."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    text = _environment().get_template(template).render(visitor=visitor, here=_here(request), **values)
    return HTMLResponse(text, status, HEADERS)


def back_to(address: str) -> RedirectResponse:
    """Where a browser goes once a form is taken."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


async def for_people(request: Request, status: int, message: str) -> Response | None:
    """A refusal as a page, where a browser has asked for one outside of the API."""
    path, accepted = request.url.path, request.headers.get("accept", "")
    of_api = any(path == prefix or path.startswith(f"{prefix}/") for prefix in _API)
    if request.method != "GET" or "text/html" not in accepted or of_api:
        return None
    request.state.visitor = await find_visitor(request)
    return _complaint(request, status, message)


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


def _to_sign_in(request: Request) -> Response:
    accepted = request.headers.get("accept", "*/*")
    if request.method == "GET" and any(kind in accepted for kind in ("text/html", "*/*")):
        return back_to(f"/sign-in?next={quote(_here(request), safe='')}")
    return page(request, "signed-out.html.jinja", status=401, is_form=request.method == "POST")


def _complaint(request: Request, status: int, message: str) -> Response:
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    return page(request, "notice.html.jinja", status=status, title=title, text=message, back=_form_of(request))


def _form_of(request: Request) -> str | None:
    """The page of this server from which a form was sent; None where it is not known."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if request.method == "GET" or came_from.netloc != request.headers.get("host") or came_from.path[:2] == "//":
        return None
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment("sparring.server.ui")
    made.globals.update(static=static.address, proof=addresses.proof, places=PLACES, size_of=figures.size)
    return made
