"""Starting a simulation in a real browser."""

import re

import pytest
from processes import started

from .conftest import NARROW, Site, invited

SIMULATION = re.compile(r"/simulations/[0-9a-f]{24}$")


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A demo of its own, on which more may be played."""
    with started(tmp_path_factory.mktemp("stage"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


@pytest.fixture
def visit(visit, stage):
    """Opens pages there."""
    return lambda path, *, at=stage, **options: visit(path, at=at, **options)


def sums(page, words):
    """Wait until the page says that it comes to that."""
    page.locator(".sum", has_text=words).wait_for()


def test_from_home_a_simulation_is_started_by_keyboard_only(visit):
    page = visit("/")
    page.keyboard.press("s")
    page.wait_for_url(re.compile("/start$"))
    page.keyboard.press("/")
    page.keyboard.type("booking")
    page.locator(".choice:not([hidden])").first.wait_for()
    assert page.locator(".choice:not([hidden])").count() == 1
    page.locator("[data-chooses=none]").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    page.locator(".choice:not([hidden]) input").focus()
    sums(page, "7 scenarios")
    page.locator("#trials").focus()
    page.keyboard.type("1")
    sums(page, "7 scenarios, 7 trials")
    page.get_by_role("button", name="Start", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(SIMULATION)
    page.locator("dd.completed").wait_for()
    assert page.locator(".c").count() == 7


def test_what_it_comes_to_follows_what_is_chosen(visit):
    page = visit("/start")
    sums(page, "8 scenarios, 32 trials")
    page.get_by_label("Somebody else's booking").uncheck()
    sums(page, "7 scenarios, 28 trials")
    page.get_by_label("Trials of each scenario").fill("10")
    sums(page, "7 scenarios, 70 trials")
    page.get_by_role("button", name="None of Cancellation").click()
    sums(page, "5 scenarios, 50 trials")
    page.get_by_label("The judge's model").fill("nowhere:judge")
    page.get_by_role("alert").wait_for()
    assert "nowhere" in page.get_by_role("alert").inner_text()


def test_how_many_trials_may_be_at_play_at_once_is_shown_and_kept_for_the_next_start(visit):
    page = visit("/start")
    page.get_by_role("button", name="None", exact=True).click()
    page.get_by_label("Somebody else's booking").check()
    page.get_by_label("Trials of each scenario").fill("3")
    page.get_by_label("Trials at once, at most").fill("0")
    page.get_by_role("alert").wait_for()
    page.get_by_label("Trials at once, at most").fill("1")
    page.get_by_role("alert").wait_for(state="detached")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(SIMULATION)
    page.locator("dd.completed").wait_for()
    assert page.get_by_text("1 trial at most").is_visible()
    page.get_by_role("link", name="Play again").click()
    page.wait_for_url(re.compile(r"/start\?simulation="))
    assert page.get_by_label("Trials at once, at most").input_value() == "1"


def test_enter_in_a_field_puts_the_choice_into_the_address(visit):
    page = visit("/start")
    page.get_by_role("button", name="None of Changes").click()
    page.get_by_label("Trials of each scenario").fill("3")
    page.get_by_label("Trials of each scenario").press("Enter")
    page.wait_for_url(re.compile("trials=3"))
    again = visit(page.url.removeprefix(re.match(r"http://[^/]+", page.url)[0]))
    sums(again, "6 scenarios, 18 trials")


def test_a_finished_simulation_is_played_again_as_it_was(visit):
    page = visit("/simulations/" + first_simulation(visit))
    page.get_by_role("link", name="Play again").click()
    page.wait_for_url(re.compile(r"/start\?simulation="))
    assert page.get_by_label("Trials of each scenario").input_value() == "4"
    assert page.get_by_label("The judge's model").input_value() == "scripted:airline"
    sums(page, "8 scenarios, 32 trials")
    assert page.get_by_text("As the last simulation like this went.").is_visible()


def first_simulation(visit):
    """The demo's own."""
    page = visit("/")
    return page.locator(".simulations td.name a").last.get_attribute("href").rpartition("/")[2]


def test_scripts_off_it_is_chosen_summed_up_and_started(visit):
    page = visit("/start", java_script_enabled=False)
    page.get_by_role("button", name="None", exact=True).click()
    sums(page, "0 scenarios")
    page.get_by_label("Search").fill("refund")
    page.get_by_role("button", name="Search", exact=True).click()
    assert page.locator(".choice:visible").count() == 1
    page.get_by_label("Refund refused outside the policy").check()
    page.get_by_label("Trials of each scenario").fill("2")
    page.get_by_role("button", name="Recalculate").last.click()
    sums(page, "1 scenario, 2 trials")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(SIMULATION)
    assert page.locator(".c").count() == 2


def test_names_that_mean_no_good_are_text(visit, slow):
    slow.play(trials=1)
    page = visit("/start", at=slow)
    assert "<img" in page.locator(".choice label").first.inner_text()
    page.get_by_label("Search").fill("<img")
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(visit, viewport):
    page = visit("/start", viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_serious_findings_of_accessibility(visit, serious, scheme):
    page = visit("/start", color_scheme=scheme)
    page.get_by_label("The judge's model").fill("nowhere:judge")
    page.get_by_role("alert").wait_for()
    assert serious(page) == {}
