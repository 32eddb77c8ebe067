"""The page of compatibility is complete: beside the vendors' pages, and beside the program."""

import re
from pathlib import Path

import pytest
from compatibility import FIRST_LINE, MISSING, body_schema, openapi, paths_of, served
from probing import ACTED_ON, PASSED_OVER, REFUSED, STORED, changed, difference
from reference import DOCS
from vendor_pages import EQHO, SIGMAMIND, VENDORS

from sparring.domain.agent import Agent, Tool
from sparring.domain.scenario import Scenario

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contract"
BOTH = pytest.mark.parametrize("pages", VENDORS, ids=lambda pages: pages.dialect)

NO_FIELDS = {
    "sigmamind": {
        "ids and their beginnings": "D5D0p7TUs66TTAEAx agent_D5D0p7TUs66TTAEAx mJzLaPEo425lieb9 item_G9YdhDqua0EngI1G "
        "agent_ auth_ batch_ chat_ intg_ item item_ job_ org_ tc_ tool_ wh_",
        "values in answers": "Live Testing ai assistant ended user community local Z",
        "parts of names of models": "claude fast flash gemini gpt haiku lite mini nano o preview sonnet tier",
        "parts of examples": "Bad Invalid Request T08 T10 request false true",
        "words of the pages and of this contract": "API BatchRun ChatItem I Key X api apiKeyAuth application call get "
        "https json list llms md required servers sigmamind single string text trk txt update var",
    },
    "eqho": {
        "values in answers": "ACTION NL_ASSERTION agent_stop assistant cancelled pending running system tool "
        "too_many_errors user user_stop live interactive unknown",
        "defaults": "False en false gpt low mini none number o x",
        "fields of campaigns, calls and scripts": "ACTIVE AGENT CREATED INACTIVE PAUSED PROCESSED USER",
        "keys of examples": "check_refund_eligibility days_until_flight membership_status ticket_type",
        "fields of tau2-bench that Eqho has not": "communicate_checks communicate_info db_check env_assertions "
        "reward_basis",
        "names of forms": "CreateEnvironmentSetupRequest EnvironmentSetup EvaluationCriteria HTTPValidationError "
        "HistoryModel ScenarioDescription ScenarioSetModel SimulatedLeadScenario SimulationResultsModel "
        "SimulationRunModel",
        "words of the pages and of this contract": "API Authorization B Bearer I KEY X api boolean conversation_ "
        "create default_ docs expected g get https key last_modified_ list reference result show simulations string "
        "token update var",
    },
}
"""Words in the contracts' marks of code that are no fields, by what they are."""


@pytest.fixture(scope="module")
def page():
    return (DOCS / "compatibility.md").read_text(encoding="utf-8")


def section(page, pages):
    return page.split(f"\n## {pages.name}\n")[1].split("\n## ")[0]


def contract(pages):
    path = CONTRACT / f"{pages.dialect}.md"
    if not path.exists():
        pytest.skip("the contracts are not beside this repository")
    return path.read_text(encoding="utf-8").split("# Rulings")[0]


def words(text):
    return set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text))


def code(text):
    """What a contract marks as code, without where it was seen."""
    found = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [one for one in found if not one.startswith(("S:", "api-reference", "documentation"))]


def test_the_first_line_says_what_this_is_not(page):
    assert page.startswith(FIRST_LINE + "\n")
    for what in ("text conversations", "telephony", "audio", "campaigns", "knowledge bases"):
        assert what in FIRST_LINE


@BOTH
def test_every_endpoint_of_the_contract_is_on_the_page(page, pages):
    told = set(re.findall(r"^\| `([A-Z]+ /\S+)` \|", section(page, pages), re.MULTILINE))
    documented = {
        one.partition("?")[0] for one in code(contract(pages)) if re.match(r"(GET|POST|PUT|PATCH|DELETE) /", one)
    }
    assert documented
    assert documented - told == set()


@BOTH
def test_every_field_of_the_contract_is_on_the_page(page, pages):
    known = {word for found in NO_FIELDS[pages.dialect].values() for word in found.split()}
    documented = {word for one in code(contract(pages)) for word in words(one)}
    assert documented - words(section(page, pages)) - known == set()
    assert known - documented == set(), "no word of the contract any more"


@BOTH
def test_every_field_in_the_contracts_tables_is_on_the_page(page, pages):
    rows = re.findall(r"^\| *(`[^|]*`) *\| *[a-z]", contract(pages), re.MULTILINE)
    fields = {word for row in rows for one in re.findall(r"`([\w.\[\]]+)`", row) for word in words(one)}
    assert len(fields) > 30
    known = {word for found in NO_FIELDS[pages.dialect].values() for word in found.split()}
    assert fields - words(section(page, pages)) - known == set()


@BOTH
def test_every_endpoint_of_the_program_is_on_the_page(page, pages):
    told = section(page, pages)
    assert [endpoint for endpoint in served(pages) if f"`{endpoint}`" not in told] == []


@BOTH
def test_every_field_that_the_program_takes_is_on_the_page(page, pages):
    told = set(re.findall(r"`([^`]+)`", section(page, pages)))
    schemas = openapi(pages)["components"]["schemas"]
    for sent in pages.sent:
        path = sent.path.replace("{open_chat}", "{chatId}")
        for name in paths_of(body_schema(pages, sent.method, path), schemas):
            steps = re.split(r"(?=\.)", name)
            above = {"".join(steps[:count]).rstrip("[]") for count in range(1, len(steps) + 1)}
            inside = any(one.startswith((f"{name}.", f"{name}[")) for one in told)
            assert inside or above & {one.rstrip("[]") for one in told}, f"{sent.title}: {name}"


@BOTH
def test_what_is_documented_is_taken_and_answered(page, pages):
    told = section(page, pages)
    assert MISSING not in told.split("### Names of older pages")[0]
    sent = told.split("### What is sent")[1].split("### What is answered")[0]
    assert REFUSED not in sent
    endpoints = told.split("### What is sent")[0]
    for endpoint in pages.endpoints:
        assert re.search(rf"^\| `{re.escape(endpoint)}` \| {ACTED_ON}", endpoints, re.MULTILINE), endpoint
    for endpoint in pages.refused:
        assert re.search(rf"^\| `{re.escape(endpoint)}` \| {REFUSED} \(404\)", endpoints, re.MULTILINE), endpoint


def test_both_vendors_are_listed_with_all_kinds_of_requests(page):
    assert {sent.kind for sent in SIGMAMIND.sent} == {"scenario", "simulation", "chat", "agent", "webhook"}
    assert {sent.kind for sent in EQHO.sent} == {"scenario", "set", "simulation", "action", "agent"}
    assert page.count(STORED) > 50


def test_a_difference_in_what_is_played_is_an_act_and_one_in_what_is_kept_is_none():
    before = Scenario(name="One", workspace="w", extra={"eqho": {}}, created_at=1.0)
    assert difference(before, Scenario(name="One", workspace="w", created_at=2.0, id="x")) == STORED
    assert difference(before, Scenario(name="One", workspace="w", extra={"eqho": {}}, purpose="Why")) == STORED
    assert difference(before, Scenario(name="One", workspace="w", extra={"eqho": {}}, folder="F")) == ACTED_ON
    assert difference(before, Scenario(name="One", workspace="w", extra={"eqho": {}})) == PASSED_OVER
    tools = [Tool(name="t", extra=extra) for extra in ({}, {"type": "x"}, {"url": "https://example.com/"})]
    plain, typed, asking = (Agent(id="a", workspace="w", name="A", tools=(tool,)) for tool in tools)
    assert (difference(plain, typed), difference(plain, asking)) == (STORED, ACTED_ON)


def test_a_field_is_put_where_its_path_leads():
    body = {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}], "free": {"key": {"y": 1}}}
    assert changed(body, "a.b", 2)["a"] == {"b": 2}
    assert changed(body, "new.deep", 2)["new"] == {"deep": 2}
    assert changed(body, "list[].x", 9)["list"] == [{"x": 9}, {"x": 2}]
    assert changed(body, "names[]", "n")["names"] == ["n"]
    assert changed(body, "flows[][]", "n")["flows"] == [["n"]]
    assert changed(body, "free.*.y", 2)["free"] == {"key": {"y": 2}}
    assert body == {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}], "free": {"key": {"y": 1}}}
