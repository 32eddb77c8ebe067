"""The pages of agents, and talking to one, in a real browser."""

import re

import pytest
from processes import started

from .conftest import HOSTILE, NARROW, Site, invited

CHAT = re.compile(r"/chats/[0-9a-f]{24}")
FIRST = "I want to cancel my flight from Orlando to Charlotte this Saturday, May 16."
SECOND = "I don't know my reservation number. My last name is Sanchez, amelia.sanchez@example.com"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A demo server of this module's own."""
    with started(tmp_path_factory.mktemp("agents"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


@pytest.fixture
def agent(visit):
    """The page of the demo's airline agent: two clicks from home."""

    def open_page(**options):
        page = visit("/", **options)
        page.locator("[data-key=a]").click()
        page.wait_for_url("**/agents")
        page.get_by_role("link", name="Tern Airlines support").click()
        page.wait_for_url(re.compile("/agents/[0-9a-f]{24}$"))
        return page

    return open_page


WATCH = """() => {
  const seen = [];
  new MutationObserver(() => {
    const last = document.querySelector("[data-coming]").lastElementChild;
    if (last === null) return;
    seen.push(`${last.querySelector("b").textContent}: ${last.querySelector(".text").textContent}`);
    sessionStorage.seen = JSON.stringify(seen);
  }).observe(document.querySelector("[data-coming]"), { childList: true, subtree: true, characterData: true });
}"""
"""Notes everything that is shown while an answer comes."""


def begin(page, text=FIRST):
    """Say something to the agent in the world of the scenario in which a refund is refused."""
    page.get_by_role("link", name="Talk to it").click()
    page.locator("#scenario").select_option(label="Refund refused outside the policy")
    page.get_by_role("button", name="Choose").click()
    page.wait_for_url(re.compile("scenario="))
    page.locator("#message").fill(text)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(CHAT)


def test_the_history_and_the_scenarios_lead_on(agent):
    page = agent()
    assert page.locator("#history ~ table td.name a").inner_text() == "Airline support"
    titles = page.locator("tr.group").all_inner_texts()
    assert titles == sorted(titles)
    page.keyboard.press("/")
    page.keyboard.type("refund")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?text=refund$"))
    page.locator("#scenarios ~ table td.name a").click()
    page.wait_for_url(re.compile("/scenarios/"))
    assert page.locator("h1").inner_text() == "Refund refused outside the policy"


def test_a_person_talks_to_the_agent_and_makes_a_scenario_of_it(agent):
    page = agent()
    begin(page)
    page.locator(".message.agent").nth(1).wait_for()
    page.locator("#message").fill(SECOND)
    page.keyboard.press("Enter")
    page.locator(".said > .text", has_text="24 hours").wait_for()
    page.get_by_role("button", name="End the chat").wait_for()
    calls = page.locator("details.call summary")
    assert [one.inner_text().split()[0] for one in calls.all()] == [
        "find_reservations",
        "check_refund_eligibility",
    ]
    page.locator("#message:focus").wait_for()
    assert page.locator("#message").input_value() == ""
    page.get_by_role("link", name="Make a scenario of this chat").click()
    page.wait_for_url(re.compile(r"/scenarios/new\?chat="))
    assert page.locator('[name="s.reason_for_call"]').input_value() == FIRST
    assert page.locator("summary", has_text="check_refund_eligibility").is_visible()


def test_it_is_talked_to_by_keyboard_only_with_hostile_words(agent):
    page = agent()
    page.keyboard.press("t")
    page.wait_for_url(re.compile("/talk$"))
    assert page.locator("#message").evaluate("one => one === document.activeElement")
    page.keyboard.type(f"{HOSTILE} j k n")
    page.keyboard.press("Enter")
    page.wait_for_url(CHAT)
    page.locator(".message.user").wait_for()
    assert f"{HOSTILE} j k n" in page.locator(".message.user").inner_text()
    assert page.locator("img").count() == 0


def test_what_is_said_is_seen_while_it_comes(visit, slow):
    page = visit(slow.agent(), at=slow)
    page.get_by_role("link", name="Talk to it").click()
    page.evaluate(WATCH)
    page.locator("#message").fill("Help me, please.")
    page.keyboard.press("Enter")
    page.wait_for_url(CHAT)
    seen = page.evaluate("JSON.parse(sessionStorage.seen)")
    assert seen[0] == "user: Help me, please."
    pieces = [one for one in seen if one.startswith("agent: ")]
    assert len(pieces) > 1
    assert pieces[-1] == f"agent: {HOSTILE} Hello."
    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator(".message.agent").first.inner_text()


def test_everything_works_with_scripts_off(agent):
    page = agent(java_script_enabled=False)
    begin(page)
    page.locator("#message").fill(SECOND)
    page.get_by_role("button", name="Send").click()
    assert page.locator(".said > .text", has_text="24 hours").is_visible()
    page.get_by_role("button", name="End the chat").click()
    assert page.get_by_text("The chat has ended.").is_visible()


def test_an_agent_is_edited_and_its_mistakes_are_told_while_one_types(agent):
    page = agent()
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/edit$"))
    tools = page.locator('[name="a.tools"]')
    whole = tools.input_value()
    tools.fill(whole.replace('"name"', '"nam"', 1))
    told = page.locator('[id="a.tools-told"] .flaw').first
    told.wait_for()
    assert told.inner_text().startswith("tools[0]: ")
    tools.fill(whole)
    told.wait_for(state="detached")
    page.locator('[name="a.language"]').fill("en")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("link", name="Tern Airlines support").click()
    page.get_by_text("language en").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_serious_findings_of_accessibility(agent, serious, scheme):
    page = agent(color_scheme=scheme)
    here = page.url
    begin(page, SECOND)
    page.locator(".message.agent").nth(1).wait_for()
    chat = page.url
    for address in (here, f"{here}/edit", f"{here}/talk", chat, here.rpartition("/")[0], f"{here}/../new"):
        page.goto(address)
        for details in page.locator("details").all():
            details.evaluate("one => one.open = true")
        assert serious(page) == {}, address


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(agent, viewport):
    page = agent(viewport=viewport)
    here = page.url
    begin(page, SECOND)
    page.locator(".message.agent").nth(1).wait_for()
    for address in (here, f"{here}/edit", f"{here}/talk", page.url, here.rpartition("/")[0]):
        page.goto(address)
        for details in page.locator("details").all():
            details.evaluate("one => one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address
