"""The style sheet, the script and the mark; the first two begin with what the report has, too."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sparring.reports.views.rendering import static as shared

_KINDS = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "chat.js": "text/javascript; charset=utf-8",
    "compare.css": "text/css; charset=utf-8",
    "editor.css": "text/css; charset=utf-8",
    "editor.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
_BEFORE = {"pages.css": "look.css", "pages.js": "keys.js"}
"""What the report has as well, which comes first."""
_YEAR = "public, max-age=31536000, immutable"


async def static_file(name: str) -> Response:
    """One of the files; its address changes with its content."""
    if name not in _KINDS:
        raise HTTPException(404, "There is no such file.")
    headers = {"Cache-Control": _YEAR, "X-Content-Type-Options": "nosniff"}
    return Response(_content(name), headers=headers, media_type=_KINDS[name])


@cache
def address(name: str) -> str:
    """Where a file is found."""
    return f"/static/{name}?v={sha256(_content(name)).hexdigest()[:12]}"


def add_routes(router: APIRouter) -> None:
    """Serve the files, to everybody."""
    router.get("/static/{name}")(static_file)


@cache
def _content(name: str) -> bytes:
    own = (files("sparring.server.ui") / "static" / name).read_bytes()
    return shared(_BEFORE[name]).encode() + own if name in _BEFORE else own
