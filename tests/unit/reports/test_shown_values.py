"""Numbers, texts and conversations as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain.evaluation import Check, CheckKind, Evidence, Finding
from sparring.domain.scenario import Scenario
from sparring.domain.transcript import AgentMessage, Side, SystemMessage, ToolCall, ToolResult, UserMessage
from sparring.reports import figures
from sparring.reports.excerpts import Quote, marked, quote, shown
from sparring.reports.lettering import cells, folded, shortened, visible
from sparring.reports.sections import check_title

SCENARIO = Scenario(name="s")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "$0"),
        (0.0000001, "<$0.00001"),
        (0.00042, "$0.00042"),
        (0.0123, "$0.0123"),
        (0.084, "$0.084"),
        (0.5, "$0.50"),
        (1.234, "$1.234"),
        (12.345, "$12.35"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_has_sensible_digits(value, text):
    assert figures.money(value) == text


def test_money_of_a_column_has_the_same_decimals():
    values = [0.0001, 0.25, None, 0.0]
    decimals = figures.money_decimals(values)
    assert [figures.money(value, decimals) for value in values] == ["<$0.001", "$0.250", "–", "$0"]
    assert figures.money_decimals([]) == 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.0123, "12 ms"),
        (0.9996, "1.0 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7260, "2 h 01 min"),
    ],
)
def test_durations_are_told_as_people_do(seconds, text):
    assert figures.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0.00"), (1, "1.00"), (0.5, "0.50"), (0.001, "<0.01"), (0.999, ">0.99"), (0.994, "0.99")],
)
def test_only_certain_rates_are_shown_as_0_and_1(value, text):
    assert figures.rate(value) == text


@given(st.text(), st.integers(2, 60))
def test_folded_text_fits_and_loses_nothing(text, width):
    lines = folded(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(visible(text).split())


@given(st.text(), st.integers(2, 60))
def test_shortened_text_fits(text, width):
    assert cells(shortened(text, width)) <= width


def test_nothing_steers_the_terminal_or_turns_its_direction():
    assert visible("a\x1b[2Jb\u202ec\x9bd\ne\tf") == "a�[2Jb�c�d e f"


def test_wide_and_combining_characters_are_measured():
    assert (cells("日本"), cells("é"), cells("e\u0301"), cells("😀")) == (4, 1, 1, 2)


def test_a_conversation_is_shown_with_roles_sources_and_without_stop_tokens():
    messages = [
        SystemMessage(text="Be kind."),
        UserMessage(text=None, calls=(ToolCall(id="u", name="restart", malformed="{"),)),
        ToolResult(call_id="u", name="restart", text="on", side=Side.USER, is_error=True, source="otherwise"),
        AgentMessage(text="Bye <END>"),
        UserMessage(text="###STOP###"),
    ]
    scenario = Scenario(name="s", agent_stop_tokens=("<END>",))
    lines = shown(messages, scenario)
    assert [(line.role, line.text) for line in lines] == [
        ("system", "Be kind."),
        ("user", ""),
        ("tool", "on"),
        ("agent", "Bye"),
        ("user", "(ends the conversation)"),
    ]
    assert lines[1].calls[0].arguments == "{"
    assert (lines[2].source, lines[2].is_error, lines[2].for_user) == ("otherwise", True, True)


def test_results_that_came_with_the_scenario_are_badged_as_history():
    call = AgentMessage(text=None, calls=(ToolCall(id="c", name="t"),))
    messages = [call, ToolResult(call_id="c", name="t", text="x")]
    assert shown(messages, Scenario(name="s", history=tuple(messages)))[1].source == "history"


def test_evidence_is_words_a_call_or_a_whole_message():
    messages = [
        AgentMessage(text="I check.", calls=(ToolCall(id="c", name="look", arguments={"q": 1}),)),
        ToolResult(call_id="c", name="look", text="found it"),
    ]
    assert quote(Evidence(message=0, quote="check"), messages, SCENARIO) == Quote(
        message=0, who="agent", words="check", is_verbatim=True
    )
    assert quote(Evidence(message=0, quote="look"), messages, SCENARIO) == Quote(
        message=0, who="agent", words='look {"q":1}', is_verbatim=False
    )
    assert quote(Evidence(message=1), messages, SCENARIO) == Quote(
        message=1, who="tool look", words="found it", is_verbatim=True
    )
    assert quote(Evidence(message=7, quote="x"), messages, SCENARIO) is None


def test_cited_words_are_marked_the_longest_first():
    assert marked("I can offer a refund.", ["offer", "offer a refund"]) == [
        ("I can ", False),
        ("offer a refund", True),
        (".", False),
    ]
    assert marked("plain", []) == [("plain", False)]


def test_a_word_that_is_longer_than_the_line_is_broken():
    assert folded("see abcdefghijklmnopqrstuvwxyz end", 12) == ["see abcdefgh", "ijklmnopqrst", "uvwxyz end"]
    assert folded("a sentence abcdefghijklmn", 12) == ["a sentence", "abcdefghijkl", "mn"]
    assert folded("", 12) == [""]


def test_checks_of_calls_are_told_as_such():
    def title(kind, subject):
        return check_title(Check(kind=kind, subject=subject, finding=Finding.MET, reason=""))

    assert title(CheckKind.ACTION, "look") == "Expected call: look"
    assert title(CheckKind.FORBIDDEN, "pay") == "Forbidden call: pay"
    assert title(CheckKind.ASSERTION, "It is fine.") == "It is fine."
    assert title(CheckKind.WRITES, "writes: exact") == "Calls that write, exactly as expected"
    assert title(CheckKind.STATE, "order.status equal to 1") == "Final state: order.status equal to 1"
    assert title(CheckKind.SAID, "not “sorry”") == "Said: not “sorry”"
