"""The trial page in a real browser."""

import re

import pytest

from .conftest import NARROW, WIDE

PROOF = re.compile(r"/trials/[0-9a-f]{24}#q-\d+-0$")


def failed_trial(visit, **options):
    """The page of the newest failure, at its proof: one key from home."""
    page = visit("/", **options)
    page.keyboard.press("f")
    page.wait_for_url(PROOF)
    return page


def test_one_key_leads_from_home_to_the_highlighted_proof_of_the_newest_failure(visit):
    page = failed_trial(visit)
    proof = page.locator("mark :target")
    assert proof.is_visible()
    box = proof.bounding_box()
    assert 0 <= box["y"] < WIDE["height"]
    others = page.locator("mark:not(:has(:target))").first
    assert colour(proof) != colour(others)


def colour(found):
    return found.evaluate("one => getComputedStyle(one).backgroundColor")


def test_a_reason_leads_to_its_words_and_a_message_back_to_its_check(visit):
    page = failed_trial(visit)
    page.locator(".check.not-met p a").first.click()
    assert page.locator("mark :target").count() == 1
    words = page.locator("mark :target").inner_text()
    assert words in page.locator(".check.not-met blockquote").first.inner_text()
    page.locator(".message:has(mark :target) .badge.not-met").first.click()
    assert page.locator(".check:target.not-met").is_visible()


def test_j_and_k_go_through_all_failed_trials_and_back(visit):
    page = failed_trial(visit)
    while page.locator("[data-key=k]").count():
        turn(page, "k")
    seen = [page.url]
    while page.locator("[data-key=j]").count():
        turn(page, "j")
        seen.append(page.url)
    assert len(set(seen)) == len(seen) == 11
    turn(page, "k")
    assert page.url == seen[-2]


def turn(page, key):
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)


def test_n_and_p_choose_a_message_and_the_address_names_it(visit):
    page = failed_trial(visit)
    address = page.url.partition("#")[0]
    page.goto(f"{address}#m-0")
    page.keyboard.press("n")
    assert page.url == f"{address}#m-1"
    again = visit(page.url.removeprefix(re.match(r"http://[^/]+", page.url)[0]))
    assert again.locator(".message:target").get_attribute("id") == "m-1"
    page.keyboard.press("p")
    assert page.url == f"{address}#m-0"


def test_an_opinion_on_a_check_is_kept_by_keyboard_only(visit):
    page = failed_trial(visit)
    page.locator(".check.not-met .opinion summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.type("It was <b>told</b> j k n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"#check-\d+$"))
    assert page.locator(".check:target .opinion summary").inner_text() == "You disagree: It was <b>told</b> j k n"


def test_a_scenario_is_copied_as_a_suite(visit):
    page = failed_trial(visit, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as YAML").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("name: Airline support\nagent:\n")
    assert page.locator("h1 .text").inner_text() in copied


def test_everything_is_readable_with_scripts_off(visit):
    newest = failed_trial(visit).url
    page = visit(newest.partition("/trials")[1] + newest.partition("/trials")[2], java_script_enabled=False)
    assert page.get_by_role("heading", name="Conversation").is_visible()
    assert page.locator("mark").first.is_visible()
    assert not page.get_by_role("button", name="Copy as YAML").is_visible()


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(visit, viewport):
    page = failed_trial(visit, viewport=viewport)
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_serious_findings_of_accessibility(visit, serious, scheme):
    page = failed_trial(visit, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert serious(page) == {}
