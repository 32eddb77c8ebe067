"""A demo server of its own, and a real Chromium that looks at it."""

import re
import shutil

import pytest
from processes import started

ADDRESS = re.compile(r"Pages, signed in once: (http://\S+?)(/sign-in\S+)")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed.")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: `make browser` installs it where it can.")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield browser
        browser.close()


class Site:
    """A served demo: where it is, and the cookie of somebody who has signed in."""

    def __init__(self, address, invitation, browser):
        self.address = address
        context = browser.new_context()
        page = context.new_page()
        page.goto(address + invitation)
        assert page.title() == "Simulations · Sparring"
        self.state = context.storage_state()
        context.close()


@pytest.fixture(scope="session")
def site(chromium, tmp_path_factory):
    """`serve --demo`, with its finished simulation."""
    with started(tmp_path_factory.mktemp("site"), "serve", "--demo", "--port", "0") as process:
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, "the server ended"
            found = ADDRESS.search(line)
        yield Site(found[1], found[2], chromium)


@pytest.fixture
def visit(chromium, site):
    """Opens pages; no console may say an error, and no request may go to another host."""
    contexts, complaints = [], []

    def open_page(path="/", *, viewport=WIDE, address=None, state=None, **options):
        context = chromium.new_context(viewport=viewport, storage_state=state or site.state, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        base = address or site.address
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(base) else complaints.append(asked.url))
        page.goto(base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def serious():
    """What an accessibility check of a page finds that is serious or worse."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing.")

    def findings(page):
        violations = axe.Axe().run(page).response["violations"]
        return {
            found["id"]: [node["html"] for node in found["nodes"]][:3]
            for found in violations
            if found["impact"] in ("serious", "critical")
        }

    return findings
