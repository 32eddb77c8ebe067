"""The report as a file in a real browser: nothing but the file is there."""

import re

import pytest

from .conftest import NARROW, WIDE

FAILURE = re.compile(r"#t\d+-q-\d+-\d+$")


def exported(page, path, at):
    """The report of a simulation, as its export button gives it."""
    return page.context.request.get(f"{at.address}{path}/export/html").body()


@pytest.fixture(scope="module")
def report(chromium, site, tmp_path_factory):
    """The demo's report as a file."""
    context = chromium.new_context(storage_state=site.state(chromium), base_url=site.address)
    page = context.new_page()
    page.goto("/")
    path = page.locator(".simulations td.name a").first.get_attribute("href")
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_bytes(exported(page, path, site))
    context.close()
    return file


@pytest.fixture
def read(chromium, report):
    """Opens a file where there is no network; nothing may be asked for, and no console may say an error."""
    contexts, complaints = [], []

    def open_file(file=report, *, viewport=WIDE, **options):
        context = chromium.new_context(viewport=viewport, offline=True, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url == file.as_uri() else complaints.append(asked.url))
        page.goto(file.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert complaints == []


def test_one_key_leads_to_the_highlighted_proof_of_the_newest_failure(read):
    page = read()
    page.keyboard.press("f")
    page.wait_for_url(FAILURE)
    assert page.locator("mark :target").is_visible()


def test_a_passed_conversation_is_unpacked_when_somebody_opens_it(read):
    page = read()
    trial = page.locator(".trial:has(.state.passed)").first
    assert "refund" not in trial.inner_text()
    trial.locator("summary").first.click()
    trial.locator(".message.agent").first.wait_for()
    assert trial.locator(".check.met").count() > 0
    trial.locator(".check.met p a").first.click()
    page.wait_for_url(FAILURE)
    assert page.locator("mark :target").is_visible()


def test_a_cell_of_the_grid_leads_to_its_trial(read):
    page = read()
    page.locator("a.c.passed").first.click()
    page.locator(".trial[open] .message").first.wait_for()
    assert page.locator(".trial[open]").count() == 1


def test_an_address_into_a_packed_conversation_opens_it_there(read, report):
    page = read()
    trial = page.locator(".trial:has(.state.passed)").first.get_attribute("id")
    page.goto(f"{report.as_uri()}#{trial}-m-1")
    page.reload()
    page.locator(f"#{trial}-m-1:target").wait_for()
    assert page.locator(f"#{trial}-m-1").is_visible()


def test_j_and_k_go_through_the_failed_trials_and_n_and_p_through_messages(read):
    page = read()
    seen = []
    for _ in range(11):
        before = page.url
        page.keyboard.press("j")
        page.wait_for_url(lambda url, before=before: url != before)
        seen.append(page.evaluate("document.querySelector(':target').closest('.trial').id"))
    assert len(set(seen)) == page.locator(".trial[data-failed]").count() == 11
    page.keyboard.press("k")
    page.wait_for_url(re.compile(f"#{seen[-2]}-"))
    page.goto(f"{page.url.partition('#')[0]}#{seen[-2]}-m-0")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(f"#{seen[-2]}-m-1$"))
    page.keyboard.press("p")
    page.wait_for_url(re.compile(f"#{seen[-2]}-m-0$"))


def test_failed_conversations_are_read_with_scripts_off(read):
    page = read(java_script_enabled=False)
    page.locator(".failures a.text").first.click()
    assert page.locator("mark :target").is_visible()
    assert page.locator(".trial[data-failed] .packed").count() == 0
    trial = page.locator(".trial:has(.state.passed)").first
    trial.locator("summary").first.click()
    told = trial.locator(".packed").evaluate("one => getComputedStyle(one, '::before').content")
    assert "unfolds" in told


def test_on_paper_stand_the_failed_conversations(read):
    page = read(java_script_enabled=False)
    page.emulate_media(media="print")
    assert page.locator(".trial[data-failed] .message").first.is_visible()
    assert not page.locator(".trial:not([data-readable]) .packed").first.is_visible()


def test_what_models_say_is_text_in_the_file_too(visit, slow, read, tmp_path):
    path = slow.play(trials=1)
    page = visit(path, at=slow)
    page.locator("dd.completed").wait_for()
    file = tmp_path / "hostile.html"
    file.write_bytes(exported(page, path, slow))
    report = read(file)
    report.locator(".trial > summary").first.click()
    report.locator(".message.agent").first.wait_for()
    for place in (".message.user .text", ".message.agent mark", ".check .subject", "h2 .text"):
        assert "<img" in report.locator(place).first.inner_text()
    assert report.locator("img").count() == 0


def test_nothing_but_its_own_script_may_run(chromium, report):
    page = chromium.new_page()
    page.goto(report.as_uri())
    refused = page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener("securitypolicyviolation", (one) => done(one.violatedDirective));
            document.querySelector("h1").innerHTML = "<img src=x onerror='window.ran = true'>";
            setTimeout(() => done("nothing"), 2000);
        })"""
    )
    assert refused in ("img-src", "script-src-attr")
    assert page.evaluate("window.ran === undefined")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_has_no_serious_findings_of_accessibility(read, serious, scheme):
    page = read(color_scheme=scheme)
    page.keyboard.press("f")
    page.wait_for_url(FAILURE)
    assert serious(page) == {}


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1920, "height": 1080}])
def test_nothing_is_wider_than_the_screen(read, viewport):
    page = read(viewport=viewport)
    for trial in page.locator(".trial").all()[:12]:
        trial.evaluate("one => one.open = true")
    page.locator(".trial[open] .message").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
