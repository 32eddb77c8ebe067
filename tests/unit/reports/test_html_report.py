"""The report as one page: what it holds without its script, and what is packed."""

import gzip
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

from report_samples import HOSTILE, OFFER, empty, finished, transcript

from sparring.domain.generation import Generator
from sparring.domain.outcomes import Outcome
from sparring.domain.transcript import AgentMessage
from sparring.reports.html import render_html
from sparring.reports.views.rendering import static


class Page(HTMLParser):
    """What a browser would see: the elements with their attributes, and the text."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self, source):
        super().__init__()
        self.elements, self.text, self.stack = [], "", []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.stack):
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def shown(result=None, **options):
    """The report as a browser without scripts sees it."""
    return Page(render_html(result or finished(), **options))


def unpacked(source):
    """The packed conversations by their place, as the page's script makes them."""

    def texts(name):
        data = re.search(f'id="packed-{name}">([^<]*)<', source)[1]
        return gzip.decompress(b64decode(data)).decode().split("\0")

    found = {}
    for anchor, chunk, place in re.findall(
        r'id="(t\d+)"(?:(?!id="t\d+").)*?data-place="(\d+) (\d+)"', source, re.DOTALL
    ):
        piece = texts(f"chunk-{chunk}")[int(place)]
        piece = re.sub("[\ue001-\uf8ff]", lambda one: texts("table")[ord(one[0]) - 0xE001], piece)
        found[anchor] = piece.replace("\ue000", f"{anchor}-")
    return found


def test_it_asks_nobody_for_anything_and_runs_its_own_script_only():
    source = render_html(finished())
    page = Page(source)
    assert page.stack == []
    assert not page.all("img") and not page.all("link") and not page.all("form")
    assert all(attributes["href"].startswith("#") for attributes in page.all("a"))
    assert not any(
        name.startswith("on") or name in ("src", "style") for _, found in page.elements for name in found
    )
    policy = page.all("meta")[1]["content"]
    style, script = (re.search(f"<{tag}>(.*?)</{tag}>", source, re.DOTALL)[1] for tag in ("style", "script"))
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_it_has_the_look_of_the_pages():
    assert static("look.css") in render_html(finished())


def test_foreign_words_are_text():
    page = shown()
    assert HOSTILE in page.text
    whole = finished()
    said = {trial: [AgentMessage(text=HOSTILE)] for trial in whole.transcripts}
    source = render_html(replace(whole, transcripts=said))
    assert "<img" not in source
    talks = [talk for talk in unpacked(source).values() if 'class="talk"' in talk]
    assert len(talks) == 8
    assert all("<img" not in talk and "&lt;img src=x onerror=" in talk for talk in talks)


def test_the_worst_comes_first_with_the_words_that_prove_it():
    source = render_html(finished())
    page = Page(source)
    names = re.findall(r'<section id="s\d" class="scenario">\n<h2><span class="text">([^<]+)<', source)
    assert names[:2] == ["Wrong passenger", "Refund refused outside the policy"]
    assert names[-1] == "Cancellation within the policy"
    states = re.findall(r'<span class="state (\w+)">', source)
    assert states[:8] == ["failed"] * 7 + ["passed"]
    assert f'<mark><span id="t5-q-0-0">{OFFER}</span></mark>' in source
    anchors = {attributes.get("id") for _, attributes in page.elements}
    anchors |= {name for talk in unpacked(source).values() for name in re.findall(r'id="([^"]+)"', talk)}
    assert all(attributes["href"][1:] in anchors for attributes in page.all("a"))


def test_failed_conversations_stand_open_and_passed_ones_are_packed():
    page = shown()
    assert page.text.count("I understand.") == 8
    talks = unpacked(render_html(finished()))
    assert len(talks) == 9
    passed = next(talk for talk in talks.values() if "It refused." in talk)
    assert "Is that all right?" in passed and "conversation" in passed


def test_stop_tokens_are_taken_out_and_results_tell_where_they_came_from():
    text = shown().text
    assert "###STOP###" not in text
    assert "rule 1" in text
    assert 'check_refund {"id":"4WQ150"}' in text
    assert "cost unknown" in "".join(unpacked(render_html(finished())).values())


def test_nothing_is_a_page_too():
    assert "No trial yet." in shown(empty()).text


def long():
    """The same with conversations that are too long to stand open."""
    whole = finished()
    filling = [AgentMessage(text=f"{number} And so on, and so on. " * 40) for number in range(20)]
    messages = [*transcript(), *filling]
    return replace(whole, transcripts={trial: messages for trial in whole.transcripts})


def test_what_is_too_long_to_be_mailed_is_packed_but_for_what_is_around_the_proof():
    result = long()
    limit = len(render_html(result, limit=0).encode()) + 10_000
    source = render_html(result, limit=limit)
    assert len(source.encode()) <= limit
    page = Page(source)
    assert page.text.count("In short, around what was not met.") == 8
    assert page.text.count(OFFER) >= 3
    assert "19 And so on" not in page.text
    failed = unpacked(source)["t5"]
    assert "19 And so on" in failed and f'<span id="t5-q-0-0">{OFFER}</span>' in failed


def test_as_many_conversations_as_fit_stand_open_as_a_whole():
    result = long()
    least = len(render_html(result, limit=0).encode())
    source = render_html(result, limit=least + 60_000)
    assert 0 < Page(source).text.count("19 And so on") < 40 * 8
    assert len(source.encode()) <= least + 60_000
    assert Page(render_html(result)).text.count("19 And so on") == 40 * 8


def test_no_limit_keeps_a_verdict_from_being_read():
    text = shown(long(), limit=0).text
    assert text.count("The agent offered a full refund although the policy forbids it for this fare.") >= 3
    assert "I understand." not in text


def test_private_characters_in_conversations_stay_what_they_are():
    whole = finished()
    passed = next(trial for trial in whole.trials if trial.outcome is Outcome.PASSED)
    odd = replace(whole, transcripts={passed.id: [AgentMessage(text="a \ue000 b \ue001 c \uf8ff d")]})
    (talk,) = (talk for talk in unpacked(render_html(odd)).values() if 'class="talk"' in talk)
    assert "a &#57344; b &#57345; c &#63743; d" in talk


def test_what_was_made_up_for_a_trial_stands_with_it():
    whole = finished()
    first = replace(whole.simulation.scenarios[0], generated={"order": Generator(integer=(1000, 9999))})
    simulation = replace(whole.simulation, scenarios=(first, *whole.simulation.scenarios[1:]))
    values = [simulation.played(trial).variables["order"] for trial in whole.trials[:4]]
    source = render_html(replace(whole, simulation=simulation))
    assert all(f">{value}<" in source for value in values[:3])
    (passed,) = (talk for talk in unpacked(source).values() if "Made up for this trial" in talk)
    assert f">{values[3]}<" in passed
