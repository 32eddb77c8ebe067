"""Each page with the demo's data, light and dark, wide and narrow: `make screenshots`.

    python -m tests.browser.screenshots FOLDER [KEPT_FOLDER]

Four of them go to the second folder, for the README.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright
from processes import started
from tests.browser.conftest import NARROW, SWITCHES, WIDE, Site, invited

KEPT = ("simulation-wide-light", "trial-wide-light", "overview-wide-dark", "trial-narrow-dark")
QUESTION = {"mock": "check_refund_eligibility", "arguments": '{"reservation_id": "4WQ150"}'}
SAID = (
    "I want to cancel my flight from Orlando to Charlotte this Saturday, May 16.",
    "I don't know my reservation number. My last name is Sanchez, amelia.sanchez@example.com",
)
SIZES = {"wide": WIDE, "narrow": NARROW}


def addresses(page):
    """The demo's pages by name, found as a person finds them."""
    page.goto("/")
    failure = page.locator("[data-key=f]").get_attribute("href")
    simulation = page.locator(".simulations td.name a").first.get_attribute("href")
    page.goto("/agents")
    agent = page.locator("td.name a").first.get_attribute("href")
    page.goto(agent)
    scenario = page.get_by_role("link", name="Refund refused outside the policy").get_attribute("href")
    return {
        "overview": "/",
        "start": f"/start?simulation={simulation.rpartition('/')[2]}",
        "simulation": simulation,
        "filtered": f"{simulation}?outcome=failed",
        "trial": failure,
        "judging": f"{simulation}/judging",
        "settings": "/settings",
        "agents": "/agents",
        "agent-simulations": f"/?agent={agent.rpartition('/')[2]}",
        "agent": agent,
        "agent-edit": f"{agent}/edit",
        "talk": f"{agent}/talk?scenario={scenario.rpartition('/')[2]}",
        "chat": chat(page, agent, scenario),
        "scenario": scenario,
        "scenario-mock": f"{scenario}?{urlencode(QUESTION)}",
        "scenario-yaml": f"{scenario}?tab=yaml",
    }


def chat(page, agent, scenario):
    """The address of a chat with the agent in the world of the scenario."""
    page.goto(f"{agent}/talk?scenario={scenario.rpartition('/')[2]}")
    for words in SAID:
        page.locator("#message").fill(words)
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/chats/**")
        page.locator("#message:enabled").wait_for()
    return page.url.partition("#")[0]


def report_of(page, folder):
    """The address of the newest simulation's report, which is a file."""
    file = folder / "report.html"
    page.goto("/")
    simulation = page.locator(".simulations td.name a").first.get_attribute("href")
    file.write_bytes(page.context.request.get(f"{simulation}/export/html").body())
    return file.resolve().as_uri()


def compared(page):
    """The comparison of the newest simulation with the one before it, and two of its conversations."""
    page.goto("/")
    page.locator(".simulations td.name a").first.click()
    page.locator(".moves").get_by_role("link", name="Compare").click()
    sides = page.locator("tbody td.name a").first.get_attribute("href")
    return {"compare": page.url, "side-by-side": sides}


def play_again(browser, site):
    """Play the newest simulation again, so that there are two to compare."""
    context = browser.new_context(storage_state=site.state(browser), base_url=site.address)
    page = context.new_page()
    page.goto("/")
    page.locator(".simulations td.name a").first.click()
    page.get_by_role("link", name="Play again").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator("dd.completed").wait_for()
    context.close()


def every(page, folder):
    """The pages of a fresh demo, and its report."""
    report = report_of(page, folder)
    return {**addresses(page), "report": report, "report-failure": f"{report}#t1"}


def take(browser, site, folder, find):
    """Write a picture of every page that is found."""
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport=viewport, color_scheme=scheme, storage_state=site.state(browser), base_url=site.address
            )
            page = context.new_page()
            for name, address in find(page).items():
                page.goto(address)
                page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
            context.close()


def main(folder, kept=None):
    """Serve the demo and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        started(Path(elsewhere), "serve", "--demo", "--port", "0") as process,
        sync_playwright() as playwright,
    ):
        site = Site(*invited(process))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(SWITCHES))
        take(browser, site, folder, lambda page: every(page, folder))
        play_again(browser, site)
        take(browser, site, folder, compared)
        browser.close()
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            shutil.copy(folder / f"{name}.png", kept / f"{name}.png")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
