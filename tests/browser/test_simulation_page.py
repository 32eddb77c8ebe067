"""The simulation page in a real browser: reading it, choosing, and watching it change."""

import re

import pytest

from .conftest import NARROW

SIMULATION = re.compile(r"/simulations/[0-9a-f]{24}")


def demo(visit, query="", **options):
    """The page of the demo's simulation."""
    page = visit("/", **options)
    page.keyboard.press("1") if not options.get("has_touch") else page.locator(
        ".simulations td.name a"
    ).first.click()
    page.wait_for_url(SIMULATION)
    if query:
        page.goto(page.url + query)
    return page


def test_two_clicks_lead_from_home_to_the_proof_of_the_most_frequent_failure(visit):
    page = visit("/")
    page.locator(".simulations td.name a").first.click()
    page.wait_for_url(SIMULATION)
    page.locator(".failures li a.text").first.click()
    page.locator("mark :target").wait_for()


def test_every_trial_has_a_cell_with_a_shape_and_a_colour(visit):
    page = demo(visit)
    assert page.locator(".c").count() == 32
    assert page.locator(".c.failed").count() == 11
    shapes = {
        state: page.locator(f".c.{state}").first.evaluate(
            "one => [getComputedStyle(one, '::before').content, getComputedStyle(one).borderRadius]"
        )
        for state in ("passed", "failed")
    }
    assert shapes["passed"] != shapes["failed"]
    page.get_by_role("link", name="trial 1: failed").first.click()
    assert page.locator("h1").inner_text().endswith("trial 1")


def test_filters_are_chosen_by_keyboard_and_stand_in_the_address(visit):
    page = demo(visit)
    page.keyboard.press("/")
    page.keyboard.type("refund")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("text=refund"))
    page.get_by_label("Outcome").select_option("failed")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    page.wait_for_url(re.compile("outcome=failed"))
    assert page.get_by_role("heading", name="6 trials found").is_visible()
    again = visit(SIMULATION.search(page.url)[0] + "?" + page.url.partition("?")[2])
    assert again.get_by_role("heading", name="6 trials found").is_visible()
    assert again.get_by_label("Text").input_value() == "refund"
    page.get_by_role("link", name="Show all").click()
    assert page.locator(".c.dim").count() == 0


def test_results_are_downloaded_as_one_file(visit):
    page = demo(visit)
    for form, begins in (("html", "<!doctype html>"), ("json", "{"), ("junit", "<?xml"), ("markdown", "# ")):
        with page.expect_download() as download:
            page.get_by_role("link", name=form, exact=True).click()
        assert download.value.path().read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(visit, viewport):
    page = demo(visit, viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.goto(page.url.partition("/simulations")[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_serious_findings_of_accessibility(visit, serious, scheme):
    page = demo(visit, color_scheme=scheme)
    assert serious(page) == {}
    page.goto(page.url + "?outcome=failed")
    assert serious(page) == {}
    page.goto(page.url.partition("/simulations")[0])
    assert serious(page) == {}


def test_scripts_off_the_page_is_the_same_to_read(visit):
    page = visit("/", java_script_enabled=False)
    page.locator(".simulations td.name a").first.click()
    assert page.locator(".c").count() == 32
    assert page.locator("svg.plot circle").count() == 4


def test_cells_change_while_it_plays_without_a_reload(visit, slow):
    page = visit(slow.play(trials=3), at=slow)
    page.evaluate("window.stayed = true")
    page.locator(".c.running").first.wait_for()
    page.locator(".c.running").first.focus()
    page.locator(".c.passed").first.wait_for()
    assert page.evaluate("window.stayed")
    page.locator("dd.completed").wait_for()
    assert page.locator(".c.passed").count() == 3
    page.get_by_role("button", name="Cancel").wait_for(state="detached")


def test_what_is_typed_while_it_plays_stays_until_it_is_sent(visit, slow):
    page = visit(slow.play(trials=2), at=slow)
    page.locator("dd.running").wait_for()
    field = page.get_by_label("up to")
    field.fill("")
    field.press_sequentially("7")
    page.locator("dd.completed").wait_for()
    page.get_by_role("link", name="Judge again").wait_for()
    page.get_by_role("button", name="Pause").wait_for(state="detached")
    assert field.input_value() == "7"
    assert field.evaluate("one => one === document.activeElement")


def test_a_simulation_is_paused_resumed_and_played_on_from_its_page(visit, slow):
    page = visit(slow.play(trials=100), at=slow)
    page.get_by_role("button", name="Pause").click()
    page.locator("dd.paused").wait_for()
    assert "Paused on request" in page.locator("dd.paused").inner_text()
    page.get_by_role("button", name="Resume").click()
    page.locator("dd.running").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.locator("dd.cancelled").wait_for()
    assert page.get_by_role("button", name="Play more").count() == 0

    page.goto(slow.address + slow.play(trials=1))
    page.locator("dd.completed").wait_for()
    page.get_by_label("up to").fill("3")
    page.get_by_role("button", name="Play more").press("Enter")
    page.locator(".c").nth(2).wait_for()
    page.locator("dd.completed").wait_for()
    assert page.locator(".c.passed").count() == 3


def test_the_first_page_follows_what_plays(visit, slow):
    slow.play(trials=2)
    page = visit("/", at=slow)
    page.evaluate("window.stayed = true")
    page.locator(".simulations tr .running").first.wait_for()
    page.locator(".simulations tbody tr").first.get_by_text("2 of 2").wait_for()
    assert page.evaluate("window.stayed")
    assert "<img" in page.locator(".simulations td.name").first.inner_text()
    assert page.locator("img").count() == 0


def test_a_simulation_is_cancelled_from_its_page(visit, slow):
    page = visit(slow.play(trials=20), at=slow)
    page.get_by_role("button", name="Cancel").click()
    page.locator("dd.cancelled").wait_for()
    page.locator(".c.cancelled").first.wait_for()


def test_what_models_say_is_text_and_never_markup(visit, slow):
    page = visit(slow.play(trials=1), at=slow)
    page.locator("dd.completed").wait_for()
    assert "<img src=x onerror=" in page.locator("td.name").first.inner_text()
    page.locator("a.c").first.click()
    page.get_by_role("heading", name="Conversation").wait_for()
    for place in (".message.user .text", ".message.agent mark", ".check .subject", ".check p", "h1 .text"):
        assert "<img" in page.locator(place).first.inner_text()
    assert page.locator("img").count() == 0


def test_a_conversation_grows_on_its_page_until_it_is_judged(visit, slow):
    page = visit(slow.play(trials=1), at=slow)
    page.locator("a.c").first.click()
    page.evaluate("window.stayed = true")
    page.locator(".message").nth(1).wait_for()
    assert page.get_by_text("It is still running.").is_visible()
    page.locator(".check.met").wait_for()
    assert page.get_by_role("button", name="Copy as YAML").is_visible()
    assert page.evaluate("window.stayed")
