"""Comparing in a real browser: what was changed, what came of it, and two conversations side by side."""

import re

import pytest
from processes import started

from .conftest import NARROW, Site, invited

SIMULATION = re.compile(r"/simulations/[0-9a-f]{24}$")
SIDES = re.compile(r"/compare/trials\?")
_KNOWN = {}


def played_again(page):
    """Play the newest simulation again, from its page."""
    page.get_by_role("link", name="Play again").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(SIMULATION)
    page.locator("dd.completed").wait_for()


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A demo of its own, on which something is changed."""
    with started(tmp_path_factory.mktemp("compared"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


@pytest.fixture
def address(visit, compared):
    """The comparison of the demo's suite with itself, played again with other instructions."""
    if compared not in _KNOWN:
        page = visit("/", at=compared)
        page.locator(".simulations td.name a").first.click()
        played_again(page)
        page.goto(compared.address + "/agents")
        page.get_by_role("link", name="Tern Airlines support").click()
        page.get_by_role("link", name="Edit").click()
        told = page.get_by_label("Instructions")
        told.fill(told.input_value().replace("friendly and plain", "friendly, short and plain") + "\nNever sing.")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.").wait_for()
        page.goto(compared.address)
        page.locator(".simulations td.name a").first.click()
        played_again(page)
        page.locator(".moves").get_by_role("link", name="Compare").click()
        _KNOWN[compared] = page.url.removeprefix(compared.address)
    return _KNOWN[compared]


@pytest.fixture
def comparison(visit, compared, address):
    """Opens it."""
    return lambda path=address, **options: visit(path, at=compared, **options)


def test_it_leads_from_what_was_changed_to_two_conversations_side_by_side(comparison):
    page = comparison()
    assert page.locator(".diff .added", has_text="Never sing.").is_visible()
    assert page.locator(".diff .added b", has_text=", short").is_visible()
    assert page.locator(".conclusion").is_visible()
    assert page.locator("tbody tr").count() == 8
    page.locator("tbody td.name a").first.click()
    page.wait_for_url(SIDES)
    columns = page.locator(".columns > section")
    boxes = [columns.nth(number).bounding_box() for number in range(2)]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]
    assert columns.get_by_role("heading", name="Verdict").count() == 2
    columns.nth(1).locator(".cells a").nth(1).click()
    page.wait_for_url(re.compile("trial=2"))
    assert columns.nth(1).get_by_role("link", name="trial 2", exact=True).is_visible()


def test_it_is_gone_through_by_keyboard_only(comparison):
    page = comparison("/")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/compare$"))
    page.get_by_label("Before").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"before=\w+&after="))
    page.keyboard.press("f")
    page.wait_for_url(SIDES)
    first = page.locator("h1").inner_text()
    page.keyboard.press("j")
    page.get_by_role("link", name="Previous scenario").wait_for()
    assert page.locator("h1").inner_text() != first
    page.keyboard.press("k")
    page.get_by_role("heading", name=first, level=1).wait_for()
    page.keyboard.press("u")
    page.wait_for_url(re.compile(r"/compare\?"))


def test_kinds_are_chosen_and_two_others_too_with_scripts_off(comparison):
    page = comparison(java_script_enabled=False)
    kind = page.locator(".kinds a").nth(1)
    count = int(kind.inner_text().split()[0])
    kind.click()
    page.wait_for_url(re.compile("change="))
    assert page.locator("tbody tr").count() == count
    page.get_by_text("Compare others").click()
    page.get_by_label("Before").select_option(index=2)
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("heading", name="What was changed").is_visible()


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(comparison, viewport):
    page = comparison(viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.locator("tbody td.name a").first.click()
    page.wait_for_url(SIDES)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    columns = page.locator(".columns > section")
    before, now = (columns.nth(number).bounding_box() for number in range(2))
    assert (now["y"] >= before["y"] + before["height"]) == (viewport is NARROW)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_serious_findings_of_accessibility(comparison, serious, scheme):
    page = comparison("/compare", color_scheme=scheme)
    assert serious(page) == {}
    page = comparison(color_scheme=scheme)
    assert serious(page) == {}
    page.locator("tbody td.name a").first.click()
    page.wait_for_url(SIDES)
    assert serious(page) == {}
