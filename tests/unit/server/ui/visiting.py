"""A person's browser, in the same process as the server."""

from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx2
from tests.wire.sigmamind.served import KEY, serve

ADDRESS = "http://127.0.0.1:8321"


@asynccontextmanager
async def visiting(served=None, *, key=KEY, **options):
    """A client that has signed in with a key; without one where it is None. Gives the client and the server."""
    served = served or await serve(**options)
    transport = httpx2.ASGITransport(served.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        if key is not None:
            answer = await client.post("/sign-in", data={"key": key})
            assert answer.status_code == 303, answer.text
        yield client, served


def csrf(page):
    """The secret that a page's forms send along."""
    return next(fields["value"] for fields in inputs(page) if fields.get("name") == "csrf")


def inputs(page):
    """The attributes of every input of a page."""
    found = []

    class Inputs(HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag == "input":
                found.append(dict(attributes))

    Inputs().feed(page)
    return found
