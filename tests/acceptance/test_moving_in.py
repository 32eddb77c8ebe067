"""Moving in: an account is imported through the vendor's API, and the scripts that were written for it go on."""

import json
import urllib.error

import pytest
from processes import server, sparring, until
from tests.wire.eqho import test_eqho_seed
from tests.wire.sigmamind.test_seeds import printed_answer, printed_curl, printed_examples, seed
from tests.wire.vendors.records import (
    ACTION,
    AGENT,
    CASE,
    EQHO_AGENT,
    EQHO_AGENT_ID,
    OLDER_AGENT,
    OLDER_CASE,
    SCENARIO,
    SCENARIO_ID,
    SCENARIO_SET,
    SET_ID,
)
from tests.wire.vendors.server import KEY, eqho, serving, sigmamind

CASE_ID = CASE["testCaseId"]


@pytest.fixture
def sigmamind_account():
    with serving(sigmamind([AGENT, OLDER_AGENT], [CASE, OLDER_CASE])) as vendor:
        yield vendor


@pytest.fixture
def eqho_account():
    with serving(eqho([EQHO_AGENT], [ACTION], [SCENARIO], [SCENARIO_SET])) as vendor:
        yield vendor


def imported(folder, word, vendor, *more, key=KEY):
    return sparring(folder, "import", word, "--url", vendor.url, *more, **{f"{word.upper()}_API_KEY": key})


def request_of(text):
    """The method, the path and the body that a starting document prints as a curl command."""
    method, url, _, body = printed_curl(text)
    return method, "/" + url.split("/", 3)[3], json.loads(body)


def test_the_requests_of_the_starting_documents_work_on_what_was_imported_from_sigmamind(
    tmp_path, sigmamind_account
):
    done = imported(tmp_path, "sigmamind", sigmamind_account)
    assert done.returncode == 0, done.stderr
    assert "2 agents, 2 test cases: 4 new" in done.stdout
    with server(tmp_path, "--demo") as (_, ask):
        method, path, body = request_of(text := seed("001"))
        came, printed = ask(method, path.replace("{testCaseId}", CASE_ID), body), printed_answer(text)
        for field in (
            "testCaseId",
            "workspaceId",
            "llmModel",
            "mockData",
            "userPrompt",
            "attempt",
            "successCriteria",
        ):
            assert came[field] == printed[field], field
        examples = printed_examples(seed("000"))
        changed = ask("PATCH", f"/v1/test-cases/{CASE_ID}", examples)
        assert {name: changed[name] for name in examples if name != "agentId"} == {
            name: value for name, value in examples.items() if name != "agentId"
        }
        made = ask("POST", "/v1/test-cases", printed_examples(seed("002")))
        assert made["agent"]["agentId"] == "agent_D5D0p7TUs66TTAEAx"
        chat = ask("POST", "/v1/chats", {"agentId": "mJzLaPEo425lieb9", "input": "Hello?"})
        method, path, body = request_of(seed("004"))
        moved = ask(method, path.replace("{chatId}", chat["chatId"]), body)
        assert moved["agent"]["agentId"] == "agent_D5D0p7TUs66TTAEAx"


def test_a_batch_is_played_by_the_ids_of_sigmamind(tmp_path, sigmamind_account):
    imported(tmp_path, "sigmamind", sigmamind_account)
    with server(tmp_path, "--demo") as (_, ask):
        batch = {"agentId": "D5D0p7TUs66TTAEAx", "testCases": [CASE_ID]}
        id = ask("POST", "/v1/batch-runs", batch)["batchId"]
        until(lambda: ask("GET", f"/v1/batch-runs/{id}")["status"] == "completed", "the batch ends")
        runs = ask("GET", f"/v1/test-runs?batchId={id}&agentId=D5D0p7TUs66TTAEAx")
        assert runs["totalCount"] == CASE["attempt"]
        assert {run["testCase"]["testCaseId"] for run in runs["data"]} == {CASE_ID}
        listed = ask("GET", "/v1/test-cases?agentId=mJzLaPEo425lieb9")
        assert [case["testCaseId"] for case in listed] == [OLDER_CASE["testCaseId"]]


def test_the_request_of_the_starting_document_works_on_what_was_imported_from_eqho(tmp_path, eqho_account):
    path = next(iter(test_eqho_seed.SEEDS.glob("003_*.txt")), None)
    if path is None:
        pytest.skip("the starting documents are not beside this repository")
    done = imported(tmp_path, "eqho", eqho_account)
    assert done.returncode == 0, done.stderr
    assert "1 agent, 1 action, 1 scenario set, 1 scenario: 4 new" in done.stdout
    with server(tmp_path, "--demo") as (_, ask):
        assert ask("GET", f"/v1/simulation/scenarios/{SCENARIO_ID}")["name"] == SCENARIO["name"]
        method, path, body = request_of(path.read_text(encoding="utf-8"))
        came = ask(method, path.replace("{scenario_id}", SCENARIO_ID), {**body, "scenario_set_id": SET_ID})
        assert (came["_id"], came["scenario_set_id"], came["lead_scenario"]) == (
            SCENARIO_ID,
            SET_ID,
            body["lead_scenario"],
        )
        result = ask("POST", "/v1/simulation", {"agent_id": EQHO_AGENT_ID, "scenario_set_id": SET_ID})["_id"]
        done = f"/v1/simulation/results/{result}"
        until(lambda: ask("GET", done)["completed_runs"] == 1, "the run ends")
        assert ask("GET", f"{done}/runs")[0]["scenario_id"] == SCENARIO_ID
        assert ask("GET", f"/eqho/v1/agents/{EQHO_AGENT_ID}/details")["actions"][0]["_id"] == ACTION["_id"]


def test_importing_twice_updates_and_does_not_duplicate(tmp_path, sigmamind_account):
    imported(tmp_path, "sigmamind", sigmamind_account)
    changed = {**CASE, "attempt": 9}
    sigmamind_account.answer = sigmamind([AGENT, OLDER_AGENT], [changed, OLDER_CASE])
    again = imported(tmp_path, "sigmamind", sigmamind_account)
    assert "2 agents, 2 test cases: 0 new, 1 changed, 3 as before" in again.stdout
    with server(tmp_path, "--no-worker") as (_, ask):
        assert ask("GET", "/v1/agents")["totalCount"] == 2
        cases = ask("GET", "/v1/test-cases")
        assert sorted((case["testCaseId"], case["attempt"]) for case in cases) == [
            (CASE_ID, 9),
            ("tc_xeeXG5hX9dl0VFNt", 5),
        ]


def test_what_sparring_serves_can_be_imported_like_the_vendors_own(tmp_path, sigmamind_account, eqho_account):
    imported(tmp_path, "sigmamind", sigmamind_account)
    imported(tmp_path, "eqho", eqho_account)
    there = tmp_path / "there"
    there.mkdir()
    with server(tmp_path, "--no-worker") as (_, ask):
        key = {"SIGMAMIND_API_KEY": "k", "EQHO_API_KEY": "k"}
        first = sparring(there, "import", "sigmamind", "--url", ask.base, **key)
        second = sparring(there, "import", "eqho", "--url", f"{ask.base}/eqho", **key)
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        case, scenario = (
            ask("GET", f"/v1/test-cases/{CASE_ID}"),
            ask("GET", f"/v1/simulation/scenarios/{SCENARIO_ID}"),
        )
    with server(there, "--no-worker") as (_, ask):
        assert ask("GET", f"/v1/test-cases/{CASE_ID}") == case
        same = ask("GET", f"/v1/simulation/scenarios/{SCENARIO_ID}")
        for name in ("name", "lead_scenario", "environment_setup", "evaluation_criteria", "scenario_set_id"):
            assert same[name] == scenario[name]


def test_nothing_is_written_where_a_page_is_broken_or_the_key_is_wrong(tmp_path, sigmamind_account):
    imported(tmp_path, "sigmamind", sigmamind_account)
    sigmamind_account.answer = sigmamind([AGENT], [{**CASE, "attempt": "many"}])
    refused = imported(tmp_path, "sigmamind", sigmamind_account)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "attempt must be a whole number from 1 to 100" in refused.stderr
    wrong = imported(tmp_path, "sigmamind", sigmamind_account, key="wrong")
    assert (wrong.returncode, "SIGMAMIND_API_KEY" in wrong.stderr) == (2, True)
    assert "wrong" not in wrong.stderr
    with server(tmp_path, "--no-worker") as (_, ask):
        assert ask("GET", f"/v1/test-cases/{CASE_ID}")["attempt"] == CASE["attempt"]


def test_what_is_missing_is_named(tmp_path):
    for word in ("sigmamind", "eqho"):
        bare = sparring(tmp_path, "import", word)
        assert (bare.returncode, f"Set {word.upper()}_API_KEY" in bare.stderr) == (2, True)
    both = sparring(tmp_path, "import", "eqho", "a.json", "--url", "http://127.0.0.1:1")
    assert (both.returncode, "not both" in both.stderr) == (2, True)
    assert not (tmp_path / "sparring.db").exists()


def test_an_id_of_another_account_is_still_unknown(tmp_path, sigmamind_account):
    imported(tmp_path, "sigmamind", sigmamind_account)
    with server(tmp_path, "--no-worker") as (_, ask), pytest.raises(urllib.error.HTTPError, match="404"):
        ask("GET", "/v1/test-cases/tc_aQqGZoMIPbU5MXHV")


SCRIPTED = [
    option for role in ("model", "user-model", "judge-model") for option in (f"--{role}", "scripted:polite")
]


def play_both(folder):
    """Play the suites; the scripted agent makes no call, which Eqho's scenario expects of it."""
    for suite, code in (("suites/new-ai-agent.yaml", 0), ("eqho.yaml", 1)):
        played = sparring(folder, "run", suite, "--trials", "1", *SCRIPTED)
        assert played.returncode == code, played.stdout + played.stderr


def test_a_suite_that_was_imported_is_played_under_the_ids_of_elsewhere(tmp_path, sigmamind_account, eqho_account):
    done = imported(tmp_path, "sigmamind", sigmamind_account, "-o", "suites")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "suites").iterdir()) == [
        "demo-agent.yaml",
        "new-ai-agent.yaml",
    ]
    assert imported(tmp_path, "eqho", eqho_account, "-o", "eqho.yaml").returncode == 0
    assert not (tmp_path / "sparring.db").exists()
    play_both(tmp_path)
    with server(tmp_path, "--no-worker") as (_, ask):
        case = ask("GET", f"/v1/test-cases/{CASE_ID}?agentId=agent_D5D0p7TUs66TTAEAx")
        assert (case["testCaseId"], case["agent"]["agentId"]) == (CASE_ID, "agent_D5D0p7TUs66TTAEAx")
        assert ask("GET", f"/v1/simulation/scenarios/{SCENARIO_ID}")["folder"] == SCENARIO["folder"]
        assert ask("GET", f"/eqho/v1/agents/{EQHO_AGENT_ID}")["name"] == EQHO_AGENT["name"]


def test_playing_an_imported_suite_leaves_what_no_suite_can_say_as_it_is(
    tmp_path, sigmamind_account, eqho_account
):
    for word, account in (("sigmamind", sigmamind_account), ("eqho", eqho_account)):
        imported(tmp_path, word, account)
        imported(tmp_path, word, account, "-o", f"{word}.yaml" if word == "eqho" else "suites")
    play_both(tmp_path)
    with server(tmp_path, "--no-worker") as (_, ask):
        agents = {agent["agentId"]: agent for agent in ask("GET", "/v1/agents")["data"]}
        assert len(agents) == 3
        assert agents["agent_D5D0p7TUs66TTAEAx"]["agentSettings"]["voiceId"] == "v-1"
        assert agents["agent_D5D0p7TUs66TTAEAx"]["instructions"] == AGENT["instructions"]
        assert ask("GET", f"/v1/simulation/scenarios/{SCENARIO_ID}")["scenario_set_id"] == SET_ID
        assert ask("GET", f"/eqho/v1/agents/{EQHO_AGENT_ID}")["voice_audio_id"] == EQHO_AGENT["voice_audio_id"]


def test_a_suite_is_written_in_either_vendors_form_and_imported_again(tmp_path):
    assert sparring(tmp_path, "init", "demo").returncode == 0
    for word, kind in (("eqho", "scenario"), ("sigmamind", "test case")):
        written = sparring(tmp_path, "export", "demo/suite.yaml", "--format", word, "-o", f"{word}.json")
        assert written.returncode == 0, written.stderr
        assert f"Written: {word}.json" in written.stderr
        stored = sparring(tmp_path, "import", word, f"{word}.json", "--database", f"sqlite:///{word}.db")
        assert f"1 agent, 8 {kind}s: 9 new" in stored.stdout
        assert sparring(tmp_path, "import", word, f"{word}.json", "-o", f"{word}.yaml").returncode == 0
    assert (tmp_path / "eqho.yaml").read_text() == (tmp_path / "sigmamind.yaml").read_text()
    printed = sparring(tmp_path, "export", "demo/suite.yaml", "--format", "eqho")
    assert json.loads(printed.stdout) == json.loads((tmp_path / "eqho.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export", "--format", "eqho"], "Name the suite file to write in Eqho's form"),
        (["export", "none.yaml", "--format", "eqho"], "none.yaml: there is no such file"),
        (["import", "eqho", "none.json", "-o", "a.yaml"], "none.json: there is no such file"),
        (["import", "eqho", "a.json", "-o", "a.yaml", "--database", "sqlite:///a.db"], "not both"),
    ],
)
def test_what_cannot_be_written_or_read_is_told(tmp_path, arguments, told):
    done = sparring(tmp_path, *arguments)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_several_agents_are_several_suites(tmp_path, sigmamind_account):
    refused = imported(tmp_path, "sigmamind", sigmamind_account, "-o", "all.yaml")
    assert (refused.returncode, "These are 2 agents, and a suite has one" in refused.stderr) == (2, True)
    sigmamind_account.answer = sigmamind([AGENT, {**OLDER_AGENT, "agentName": "New AI Agent"}], [CASE, OLDER_CASE])
    written = imported(tmp_path, "sigmamind", sigmamind_account, "-o", "suites")
    assert [line.partition(":")[0] for line in written.stdout.splitlines()] == [
        "suites/new-ai-agent.yaml",
        "suites/new-ai-agent-2.yaml",
    ]
