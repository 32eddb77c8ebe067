"""The editor of scenarios in a real browser."""

import re
from urllib.parse import urljoin

import pytest
from processes import started

from .conftest import HOSTILE, NARROW, WIDE, Site, invited

EDITOR = re.compile(r"/scenarios/[0-9a-f]{24}")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A demo server of this module's own: what is played here is on nobody else's first page."""
    with started(tmp_path_factory.mktemp("edited"), "serve", "--demo", "--port", "0") as process:
        yield Site(*invited(process))


def failed_trial(visit, **options):
    """The page of the demo's newest failure, whatever was tried since."""
    page = visit("/", **options)
    page.goto(urljoin(page.url, page.locator("td.name a", has_text="Airline support").get_attribute("href")))
    page.goto(urljoin(page.url, page.locator("[data-key=f]").get_attribute("href")))
    return page


@pytest.fixture
def editor(visit):
    """The editor of a scenario that failed in the demo."""

    def open_editor(query="", **options):
        page = failed_trial(visit, **options)
        page.keyboard.press("e")
        page.wait_for_url(EDITOR)
        page.goto(page.url.partition("?")[0] + query)
        return page

    return open_editor


def field(page, name):
    return page.locator(f'[name="{name}"]')


def unfold_all(page):
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")


def test_a_rule_is_added_answers_at_once_and_is_saved(editor):
    page = editor()
    page.get_by_role("button", name="Mock a tool").click()
    tool = page.locator("details.mock[open] input[name$='.tool']").last
    tool.wait_for()
    name = tool.get_attribute("name").removesuffix(".tool")
    assert tool.evaluate("one => one === document.activeElement")
    page.keyboard.type("look_up_weather")
    page.locator(f'button[value="add {name}.rules"]').click()
    page.locator(f'button[value="add {name}.rules.0.when"]').click()
    field(page, f"{name}.rules.0.when.0.path").wait_for()
    page.keyboard.type("reservation_id")
    field(page, f"{name}.rules.0.when.0.is").select_option("regex")
    field(page, f"{name}.rules.0.when.0.value").fill("^4W")
    field(page, f"{name}.rules.0.value").fill('{"sent": true}')
    field(page, f"{name}.ask.arguments").fill("reservation_id: 4WQ150")
    answer = page.locator(f'[data-answer="{name}"]')
    answer.get_by_text("rule 1").wait_for()
    assert '{"sent":true}' in answer.inner_text()
    field(page, f"{name}.rules.0.when.0.value").fill("^5W")
    answer.get_by_text("unmocked").wait_for()
    assert "mock=look_up_weather" in page.url
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert page.locator("summary", has_text="look_up_weather").is_visible()


def test_a_mistake_is_told_beside_its_field_while_one_types(editor):
    page = editor()
    field(page, "s.trials").fill("many")
    told = page.locator('[id="s.trials-told"] .flaw')
    told.wait_for()
    assert told.inner_text() == "expected a whole number from 1 to 100, came 'many'."
    assert field(page, "s.trials").get_attribute("aria-invalid") == "true"
    field(page, "s.trials").fill("4")
    told.wait_for(state="detached")
    assert field(page, "s.trials").get_attribute("aria-invalid") is None


def test_fields_and_yaml_are_one_scenario(editor):
    page = editor()
    field(page, "s.persona").fill("Somebody in a hurry.")
    page.get_by_role("button", name="YAML").click()
    text = page.locator("#text")
    text.wait_for()
    assert "persona: Somebody in a hurry." in text.input_value()
    assert page.url.endswith("?tab=yaml")
    text.fill(text.input_value().replace("in a hurry", "with time"))
    page.get_by_role("button", name="Fields").click()
    field(page, "s.persona").wait_for()
    assert field(page, "s.persona").input_value() == "Somebody with time."


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_a_mistake_at_the_end_of_a_long_text_is_in_sight(editor, viewport):
    page = editor("?tab=yaml", viewport=viewport)
    page.locator("#text").press("Control+End")
    page.locator("#text").press_sequentially("nonsense: [")
    alert = page.get_by_role("alert").filter(has_text="this is not valid YAML")
    alert.wait_for()
    page.get_by_role("button", name="Fields").click()
    page.wait_for_function("of => of.getBoundingClientRect().top >= 0", arg=alert.element_handle())
    top, height = alert.bounding_box()["y"], page.viewport_size["height"]
    assert 0 <= top < height
    assert page.locator("#text").input_value().endswith("nonsense: [")


def test_the_tools_of_the_chosen_agent_can_be_chosen(visit):
    page = visit("/scenarios/new")
    page.locator('button[value="add s.actions"]').click()
    assert field(page, "s.actions.0.name").get_attribute("type") == "text"
    field(page, "agent").select_option(label="Tern Airlines support")
    page.locator('select[name="s.actions.0.name"]').select_option("issue_refund")
    assert field(page, "agent").evaluate("one => one.selectedOptions[0].label") == "Tern Airlines support"
    field(page, "s.actions.0.compare").select_option("some")
    field(page, "s.actions.0.these").fill("amount")
    page.get_by_role("button", name="YAML").click()
    page.locator("#text").wait_for()
    written = page.locator("#text").input_value()
    assert "name: issue_refund" in written
    assert "- amount" in written


def test_it_is_played_once_and_edited_on(editor):
    page = editor()
    name = field(page, "s.name").input_value()
    field(page, "s.purpose").evaluate("one => one.closest('details').open = true")
    field(page, "s.purpose").fill("To see it once.")
    page.get_by_role("button", name="Play it once").click()
    page.wait_for_url(re.compile("/trials/"))
    page.get_by_text("Played once from the editor").wait_for()
    page.locator(".verdict .check").first.wait_for()
    page.get_by_role("link", name="Back to editing").click()
    page.wait_for_url(re.compile(r"/scenarios/[0-9a-f]{24}\?trial="))
    assert (field(page, "s.name").input_value(), field(page, "s.purpose").input_value()) == (
        name,
        "To see it once.",
    )
    page.goto(page.url.partition("?")[0])
    assert field(page, "s.purpose").input_value() == ""


def test_an_assertion_is_added_and_saved_by_keyboard_only(editor):
    page = editor()
    before = page.locator('textarea[name^="s.assertions."]').count()
    page.locator('button[value="add s.assertions"]').focus()
    page.keyboard.press("Enter")
    page.locator(f'[name="s.assertions.{before}.text"]').wait_for()
    page.keyboard.type("The agent is kind. j k n /")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Saved.").wait_for()
    assert field(page, f"s.assertions.{before}.text").input_value() == "The agent is kind. j k n /"
    assert field(page, f"s.assertions.{before}.optional").is_checked()


def test_a_link_shows_the_same_answer_to_somebody_else(editor):
    page = editor()
    mock = page.locator("details.mock").first
    mock.locator("summary").first.click()
    mock.get_by_role("button", name="Ask").click()
    answered = page.locator("details.mock[open] .answers pre").first
    answered.wait_for()
    words = answered.inner_text()
    page.goto(page.url)
    assert page.locator("details.mock[open] .answers pre").first.inner_text() == words


def test_everything_works_with_scripts_off(visit):
    page = failed_trial(visit, java_script_enabled=False)
    page.get_by_role("link", name="Copy as scenario").click()
    assert page.locator("h1").inner_text() != "New scenario"
    page.locator('button[value="add s.variables"]').click()
    row = page.locator('[name^="s.variables."][name$=".name"]').last
    row.fill("mood")
    page.locator("details.mock").first.locator("summary").first.click()
    page.locator("details.mock[open]").get_by_role("button", name="Ask").click()
    assert page.locator("details.mock[open] .answers pre").count() == 1
    page.get_by_role("button", name="YAML").click()
    assert "mood: ''" in page.locator("#text").input_value()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Saved.").is_visible()
    page.locator("summary", has_text="Delete…").click()
    page.get_by_role("button", name="Delete it for good").click()
    assert "/scenarios/" not in page.url


def test_hostile_words_are_words(visit):
    page = visit("/scenarios/new")
    field(page, "s.name").fill(HOSTILE)
    field(page, "s.task_instructions").fill(f"</textarea>{HOSTILE}")
    page.locator('button[value="add s.variables"]').click()
    field(page, "s.variables.0.name").fill(HOSTILE)
    field(page, "s.variables.0.value").fill("{" + HOSTILE)
    page.locator(".flaw").first.wait_for()
    page.get_by_role("button", name="YAML").click()
    page.locator("#text").wait_for()
    assert HOSTILE in page.locator("#text").input_value()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(editor, viewport):
    page = editor(viewport=viewport)
    for order in ("s.final", "s.said", "s.actions", "s.forbidden", "s.variables"):
        page.locator(f'button[value="add {order}"]').click()
        page.locator(f'[name^="{order}.0."]').first.wait_for()
    unfold_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?tab=yaml"])
def test_the_editor_has_no_serious_findings_of_accessibility(editor, serious, scheme, query):
    page = editor(query, color_scheme=scheme)
    unfold_all(page)
    assert serious(page) == {}


def test_leaving_unsaved_edits_is_asked_about(editor):
    page = editor()
    field(page, "s.persona").press_sequentially("x")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("about:blank")
    assert asked == ["beforeunload"]
