"""A demo server of its own, and a real Chromium that looks at it."""

import json
import re
import shutil
from urllib.request import Request, urlopen

import pytest
from processes import model_server, started

from sparring.domain import ids

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


@pytest.fixture(scope="module")
def chromium():
    """The browser. It keeps an event loop running in this thread, so it ends before the tests of other modules."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed.")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: `make browser` installs it where it can.")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield browser
        browser.close()


def invited(process):
    """Address and invitation, as soon as a server prints them."""
    for line in process.stdout:
        if found := ADDRESS.search(line):
            return found[1], found[2]
    raise AssertionError("the server ended")


class Site:
    """A server: where it is, and the cookie of somebody who has signed in."""

    def __init__(self, address, invitation):
        self.address = address
        self._invitation = invitation
        self._state = None

    def state(self, browser):
        """The cookies, which the invitation gives once."""
        if self._state is None:
            context = browser.new_context()
            page = context.new_page()
            page.goto(self.address + self._invitation)
            assert page.title() == "Simulations · Sparring"
            self._state = context.storage_state()
            context.close()
        return self._state


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """`serve --demo`, with its finished simulation."""
    with started(tmp_path_factory.mktemp("site"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


@pytest.fixture
def visit(chromium, site):
    """Opens pages; no console may say an error, and no request may go to another host."""
    contexts, complaints = [], []

    def open_page(path="/", *, viewport=WIDE, at=site, **options):
        context = chromium.new_context(viewport=viewport, storage_state=at.state(chromium), **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith(at.address) else complaints.append(asked.url)
        )
        page.goto(at.address + path)
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


HOSTILE = "<img src=x onerror=alert(1)>"
SCRIPT = f"""
name: hostile
agent:
  - say: "{HOSTILE} Hello."
user:
  - when: {{turn: 1}}
    say: "{HOSTILE} Help!"
  - when: {{turn: 2}}
    say: "Thank you."
  - end: "{HOSTILE}"
judge:
  - when:
      shows: [{{agent: "<img"}}]
    verdict: met
    reason: "It says {HOSTILE}"
"""


class Slow(Site):
    """A server whose models take their time, so that something can be seen to happen, and mean no good."""

    def __init__(self, address, invitation, key):
        super().__init__(address, invitation)
        self._key = key

    def agent(self):
        """Make an agent; the path of its page."""
        body = {"agentName": HOSTILE, "instructions": "Help.", "agentSettings": {"llmModel": "gpt-4o-mini"}}
        return f"/agents/{ids.read(self._post('/v1/agents', body)['agentId'], 'agent')}"

    def play(self, *, trials):
        """Begin a simulation with hostile names, and with a criterion of such words; the path of its page."""
        agent = self._post("/v1/agents", {"agentName": HOSTILE, "instructions": "Help."})
        case = self._post(
            "/v1/test-cases",
            {
                "agentId": agent["agentId"],
                "label": HOSTILE,
                "llmModel": "gpt-4o-mini",
                "userPrompt": "Ask for help.",
                "attempt": trials,
                "successCriteria": f"The agent helps. {HOSTILE}",
            },
        )
        batch = self._post("/v1/batch-runs", {"agentId": agent["agentId"], "testCases": [case["testCaseId"]]})
        return f"/simulations/{ids.read(batch['batchId'], 'batch')}"

    def _post(self, path, body):
        headers = {"X-API-Key": self._key, "Content-Type": "application/json"}
        asked = Request(self.address + path, json.dumps(body).encode(), headers, method="POST")
        with urlopen(asked, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def slow(tmp_path_factory):
    """`serve` on a model server that takes a quarter of a second for each answer."""
    folder = tmp_path_factory.mktemp("slow")
    key = "spk_browser"
    (folder / "script.yaml").write_text(SCRIPT, encoding="utf-8")
    with model_server(folder, "--latency", "250", "--script", "script.yaml") as models:
        told = {"OPENAI_BASE_URL": models, "OPENAI_API_KEY": "any", "SPARRING_API_KEY": key}
        told |= {"SPARRING_USER_MODEL": "gpt-4o-mini", "SPARRING_JUDGE_MODEL": "gpt-4o"}
        with started(folder, "serve", "--port", "0", **told) as process:
            yield Slow(*invited(process), key)
