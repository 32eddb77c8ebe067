"""Judging again in a real browser."""

import pytest
from processes import started

from .conftest import NARROW, Site, invited


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A demo of its own, which may be judged again."""
    with started(tmp_path_factory.mktemp("judged"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


@pytest.fixture
def judging(visit, stage):
    """Opens the page on which the demo's simulation is judged again."""

    def open_page(**options):
        page = visit("/", at=stage, **options)
        page.goto(page.locator(".simulations td.name a").first.evaluate("one => one.href"))
        page.get_by_role("link", name="Judge again").click()
        page.wait_for_url("**/judging")
        return page

    return open_page


def test_a_simulation_is_judged_again_by_keyboard_only_and_the_page_follows(judging):
    page = judging()
    before = page.locator("section").count()
    page.get_by_label("Judge").focus()
    page.keyboard.type("scripted:subscription")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator("section", has_text="2 votes each").first.wait_for()
    assert page.locator("section").count() == before + 1
    assert page.get_by_text("not met → met").first.is_visible()


@pytest.mark.parametrize(("viewport", "scheme"), [(NARROW, "dark"), ({"width": 1920, "height": 1080}, "light")])
def test_the_page_is_narrow_enough_and_has_no_serious_findings(judging, serious, viewport, scheme):
    page = judging(viewport=viewport, color_scheme=scheme)
    page.get_by_role("button", name="Judge 32 conversations").click()
    page.locator("section").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert serious(page) == {}


def test_scripts_off_it_is_judged_and_read(judging):
    page = judging(java_script_enabled=False)
    page.get_by_role("button", name="Judge 32 conversations").click()
    page.locator("section").first.wait_for()
