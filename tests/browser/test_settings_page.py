"""The settings in a real browser."""

import re

import pytest
from processes import started

from .conftest import NARROW, Site, invited


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A demo of its own, in which keys may be made."""
    with started(tmp_path_factory.mktemp("settings"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


@pytest.fixture
def visit(visit, stage):
    """Opens pages there."""
    return lambda path, *, at=stage, **options: visit(path, at=at, **options)


def test_a_key_is_made_copied_used_and_revoked(visit, chromium, stage):
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Name").fill("quality lead")
    page.get_by_role("button", name="Make a key").click()
    secret = page.locator("#secret").inner_text()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.reload()
    assert page.locator("#secret").count() == 0

    other = chromium.new_context(base_url=stage.address).new_page()
    other.goto("/settings")
    other.get_by_label("API key").fill(secret)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/settings")
    other.get_by_role("button", name="Revoke quality lead").click()
    other.wait_for_url(re.compile("/sign-in"))
    other.context.close()
    page.reload()
    assert page.locator("tr", has_text="quality lead").get_by_text("revoked").is_visible()


def test_by_keyboard_only_a_key_is_made_with_scripts_off(visit):
    page = visit("/settings", java_script_enabled=False)
    page.get_by_label("Name").focus()
    page.keyboard.type("by hand")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#secret").wait_for()
    assert page.locator("#secret").inner_text().startswith("spk_")
    assert not page.get_by_role("button", name="Copy").is_visible()


def test_what_is_missing_is_named(visit):
    page = visit("/settings")
    assert page.locator("tr", has_text="anthropic").first.get_by_text("ANTHROPIC_API_KEY").is_visible()
    page.get_by_text("All settings").click()
    assert page.locator("tr", has_text="SPARRING_TRIAL_TIMEOUT").get_by_text("900").is_visible()


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(visit, viewport):
    page = visit("/settings", viewport=viewport)
    page.get_by_text("All settings").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_serious_findings_of_accessibility(visit, serious, scheme):
    page = visit("/settings?older=90", color_scheme=scheme)
    page.get_by_text("All settings").click()
    assert serious(page) == {}
