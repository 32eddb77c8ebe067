"""Signing in: with the address that `serve` prints, or with a key; and signing out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.server.ui import sessions
from sparring.server.ui.pages import (
    HEADERS,
    KnownVisitor,
    back_to,
    cookie_name,
    find_visitor,
    page,
    read_form,
    services_of,
)
from sparring.simulation.store import ApiKey

_UNKNOWN = "This is no valid key. It begins with spk_; `sparring keys create` makes a new one."
_USED = "This address was used before, or is an older one. Use the latest that `sparring serve` printed, or a key."


async def show(request: Request, next: str = "/", token: str = "") -> Response:
    """The form; with the token of an invitation, straight in."""
    services = services_of(request)
    if token:
        invitation, key = services.invitation, await sessions.own_key(services)
        if invitation is not None and key is not None and invitation.redeem(token):
            return _signed_in(request, key, next)
    if await find_visitor(request) is not None:
        return back_to(_local(next))
    return _form(request, next, complaint=_USED if token else None)


async def take(request: Request) -> Response:
    """Sign in with the key of the form."""
    fields = await read_form(request)
    next = fields.get("next", "/")
    key = await sessions.key_of_secret(services_of(request), fields.get("key", "").strip())
    if key is None:
        return _form(request, next, complaint=_UNKNOWN)
    return _signed_in(request, key, next)


async def leave(request: Request, visitor: KnownVisitor) -> Response:
    """Sign out; also with a key that may only read."""
    fields = await read_form(request)
    answer = back_to("/sign-in")
    if fields.get("csrf") == visitor.csrf:
        answer.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="strict")
    return answer


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/sign-in")(show)
    router.post("/sign-in")(take)
    router.post("/sign-out")(leave)


def _form(request: Request, next: str, *, complaint: str | None) -> Response:
    """The form, and for a link on another site the way round SameSite=Strict: the browser sent no cookie with it,
    but does with what this page loads."""
    from_elsewhere = request.headers.get("sec-fetch-site") == "cross-site" and complaint is None
    status = 200 if complaint is None else 403
    return page(
        request,
        "sign-in.html.jinja",
        status=status,
        next=_local(next),
        complaint=complaint,
        again=_local(next) if from_elsewhere else None,
    )


def _signed_in(request: Request, key: ApiKey, next: str) -> Response:
    answer = back_to(_local(next))
    answer.headers.update(HEADERS)
    answer.set_cookie(
        cookie_name(request),
        sessions.cookie_for(services_of(request), key),
        max_age=sessions.AGE,
        path="/",
        httponly=True,
        samesite="strict",
        secure=(request.headers.get("origin") or str(request.url)).startswith("https:"),
    )
    return answer


def _local(address: str) -> str:
    """An address on this server, whatever was asked for."""
    fine = address.startswith("/") and not address.startswith(("//", "/\\", "/sign-in")) and address.isprintable()
    return address if fine and address.isascii() else "/"
