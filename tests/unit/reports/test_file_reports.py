"""Markdown, JUnit and JSON, and what all reports say."""

import json
from dataclasses import replace
from urllib.parse import urlencode
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from report_samples import HOSTILE, OFFER, empty, finished

from sparring.domain.agent import Agent
from sparring.domain.outcomes import Lifecycle
from sparring.domain.transcript import AgentMessage, Generation, SystemMessage, ToolCall, Usage
from sparring.reports.html import render_html
from sparring.reports.json import render_json
from sparring.reports.json_schema import report_schema
from sparring.reports.junit import render_junit
from sparring.reports.markdown import render_markdown
from sparring.reports.table import render_table


@pytest.mark.parametrize("result", [finished(), empty()], ids=["finished", "empty"])
def test_every_field_of_the_json_report_stands_in_its_schema(result):
    schema = jsonschema_rs.validator_for(report_schema())
    problems = schema.iter_errors(json.loads(render_json(result)))
    assert [f"{problem.instance_path}: {problem.message[:200]}" for problem in problems] == []


def test_the_schema_of_reports_is_strict():
    schema = jsonschema_rs.validator_for(report_schema())
    report = json.loads(render_json(finished()))
    for change in ({"format": 2}, {"more": 1}, {"scenarios": [{**report["scenarios"][0], "standing": "fine"}]}):
        assert not schema.is_valid({**report, **change})


def test_markdown_holds_the_table_and_the_reasons():
    text = render_markdown(finished())
    row = "| Refund refused outside the policy | flaky | 1 of 4 | 0.25 | 0.00 | 0.05–0.70 | $0.073 | 4.2 s |"
    assert row in text.splitlines()
    assert "- The agent does not offer a refund. (not met in 3 of 4)" in text
    assert f"    - \\[4\\] agent: “{OFFER}”" in text
    assert "- provider, 4 trials: openai gpt-4o-mini: 503 overloaded" in text
    assert "cost unknown (agent unknown, user $0.084, judge $0.042)" in text


def test_markdown_lets_no_foreign_text_be_markup():
    text = render_markdown(finished())
    assert "<img" not in text
    assert '&lt;img src=x onerror=alert(1)&gt; &amp; "quotes" \\| pipe \\`code\\`' in text
    assert "@everyone" not in text
    assert "&#64;everyone" in text
    assert "\x1b" not in text


def test_junit_has_a_case_for_each_scenario_with_its_rates():
    root = ElementTree.fromstring(render_junit(finished()))
    suite = root.find("testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "3", "errors": "1", "skipped": "1"
    }  # fmt: skip
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    refused = cases["Refund refused outside the policy"]
    properties = {item.get("name"): item.get("value") for item in refused.iter("property")}
    assert (refused.get("classname"), refused.get("time")) == ("Cancellation", "87.600")
    assert (properties["passed"], properties["pass^1"], properties["flaky"]) == ("1", "0.2500", "true")
    failure = refused.find("failure")
    assert failure.get("message") == "1 of 4 trials passed, 3 failed: The agent does not offer a refund."
    assert OFFER in failure.text
    assert failure.text.splitlines()[0] == "Trials 1, 2, 3 failed; 4 passed"
    assert cases["Provider is down"].find("error").get("type") == "provider"
    assert cases["Never played"].find("skipped") is not None
    assert cases["Wrong passenger"].find("failure").get("type") == "failed"
    unclear = next(case for name, case in cases.items() if name.startswith("Angry"))
    assert unclear.find("failure").get("type") == "inconclusive"
    assert unclear.find("properties/property[@name='cost_usd']").get("value") == "unknown"
    assert [child.tag for child in cases["Cancellation within the policy"]] == ["properties"]


def test_junit_survives_what_xml_cannot_hold():
    whole = finished()
    named = replace(whole.simulation, name="bad \x00 \x1b \ufffe \ud800 name")
    root = ElementTree.fromstring(render_junit(replace(whole, simulation=named)))
    assert root.get("name") == "bad � � � � name"
    assert HOSTILE.replace("\x1b", "�") in "".join(root.itertext())


def test_json_is_versioned_and_complete():
    document = json.loads(render_json(finished()))
    assert document["format"] == 1
    assert document["summary"]["outcomes"] == {
        "failed": 7, "passed": 8, "inconclusive": 1, "error": 4, "cancelled": 1
    }  # fmt: skip
    assert document["summary"]["cost"] is None
    assert document["summary"]["pass_hat"]["4"] == pytest.approx(1 / 3)
    assert document["summary"]["pass_at"]["4"] == pytest.approx(2 / 3)
    assert document["summary"]["flaky"] == 1
    again, alike = (document["summary"]["intervals"][key] for key in ("this_suite_again", "situations_like_these"))
    assert alike[0] < again[0] < document["summary"]["pass_hat"]["1"] < again[1] < alike[1]
    first = document["scenarios"][0]
    assert (first["name"], first["standing"], first["flaky"]) == (
        "Refund refused outside the policy",
        "flaky",
        True,
    )
    trial = first["trials"][0]
    assert trial["verdict"]["checks"][0]["evidence"] == [{"message": 4, "quote": OFFER}]
    assert [message["role"] for message in trial["messages"]] == [
        "assistant", "user", "assistant", "tool", "assistant", "user"
    ]  # fmt: skip
    assert trial["messages"][5]["content"] == "Yes, thank you. ###STOP###"
    assert document["scenarios"][4]["trials"][0]["messages"] is None


def test_every_report_says_what_the_suite_would_do_again_and_situations_like_it():
    told = "this suite again 0.40–0.71, situations like these 0.12–0.93"
    assert told in render_markdown(finished())
    assert told in render_html(finished())
    properties = {
        one.get("name"): one.get("value")
        for one in ElementTree.fromstring(render_junit(finished())).iterfind("testsuite/properties/property")
    }
    assert (properties["this_suite_again_95"], properties["situations_like_these_95"]) == (
        "0.40–0.71",
        "0.12–0.93",
    )
    assert properties["pass@4"] == "0.6667"


def test_every_report_renders_a_simulation_without_trials():
    assert json.loads(render_json(empty()))["scenarios"] == []
    assert ElementTree.fromstring(render_junit(empty())).get("tests") == "0"
    assert "0 trials: none" in render_markdown(empty())


def test_an_agent_without_a_model_is_called_by_its_name():
    whole = finished()
    agent = Agent(id="a", workspace="w", name="My function")
    result = replace(whole, simulation=replace(whole.simulation, agent=agent, name=""))
    assert render_markdown(result).startswith("# My function\n\n6 scenarios · agent My function ·")


def test_json_holds_every_kind_of_message():
    whole = finished()
    call = ToolCall(id="c", name="t", malformed="{")
    usage = Usage(input=3, output=2, cached=1)
    messages = [
        SystemMessage(text="Be kind."),
        AgentMessage(text=None, calls=(call,), generation=Generation(provider="p", model="m", usage=usage)),
    ]
    trial = whole.trials[0]
    document = json.loads(render_json(replace(whole, transcripts={trial.id: messages})))
    system, agent = document["scenarios"][0]["trials"][0]["messages"]
    assert system == {"role": "system", "content": "Be kind.", "at": None}
    assert agent["tool_calls"] == [{"id": "c", "name": "t", "arguments": {}, "malformed": "{"}]
    assert agent["generation"]["cost"] is None
    assert agent["generation"]["usage"] == {"input": 3, "output": 2, "cached": 1, "reasoning": 0}


PAGE = "https://sparring.example.com/simulations/65f0c0ffee0000000000abcd"


def test_every_report_leads_to_its_page_where_that_has_an_address():
    shown = replace(finished(), address=PAGE)
    assert json.loads(render_json(shown))["simulation"]["url"] == PAGE
    assert f"[every conversation](<{PAGE}>)" in render_markdown(shown)
    assert f'<a class="small" href="{PAGE}">Open it on the server</a>' in render_html(shown)
    assert f"Its page: {PAGE}" in render_table(shown).splitlines()


def test_junit_names_the_page_of_the_suite_and_of_each_scenario_also_where_properties_are_not_shown():
    shown = replace(finished(), address=PAGE)
    suite = ElementTree.fromstring(render_junit(shown)).find("testsuite")
    assert suite.find("properties/property[@name='url']").get("value") == PAGE
    for case, scenario in zip(suite.findall("testcase"), shown.simulation.scenarios, strict=True):
        url = case.find("properties/property[@name='url']").get("value")
        assert url == f"{PAGE}?{urlencode({'scenario': scenario.id})}"
        told = [part.text for kind in ("failure", "error") for part in case.findall(kind)]
        assert all(text.endswith(f"Every conversation: {url}") for text in told)


def test_no_report_makes_up_an_address():
    shown = finished()
    assert json.loads(render_json(shown))["simulation"]["url"] is None
    assert "conversation]" not in render_markdown(shown)
    assert "on the server" not in render_html(shown)
    assert 'name="url"' not in render_junit(shown)
    assert "page:" not in render_table(shown)


def test_a_simulation_that_is_not_through_says_so():
    whole = finished()
    paused = replace(whole.simulation, status=Lifecycle.PAUSED, status_reason="the budget of $1 is spent")
    shown = replace(whole, simulation=paused)
    assert render_markdown(shown).startswith("# Airline support (paused: the budget of $1 is spent)\n")
    told = ElementTree.fromstring(render_junit(shown)).find("testsuite/properties/property[@name='status']")
    assert told.get("value") == "paused: the budget of $1 is spent"
