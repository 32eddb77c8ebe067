"""Judging again, and judging transcripts, as a person does it."""

import json
import signal

import pytest
from processes import model_server, records, sparring, started, until

SUITE = """
name: Bookshop
agent: {name: Clerk, model: "scripted:clerk.yaml", instructions: You sell books.}
user_model: scripted:clerk.yaml
judge_model: scripted:clerk.yaml
trials: 2
scenarios:
  - name: Late parcel
    instructions: Ask where your parcel is.
    expect: {assertions: [The agent looks into the order.]}
"""

CLERK = """
agent:
  - say: "I am not allowed to look at orders."
user:
  - when: {turn: 2}
    end: "It is no use."
  - say: "Where is my parcel?"
judge:
  - verdict: not_met
    reason: The agent refused to look.
    quote: "not allowed to look"
"""

CHATS = [
    {
        "id": "chat-1",
        "messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "A refund!"}],
    },
    {"id": "chat-2", "messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "No."}]},
]


@pytest.fixture
def played(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "clerk.yaml").write_text(CLERK)
    (tmp_path / "kind.yaml").write_text(CLERK.replace("not_met", "met").replace("refused to look", "was honest"))
    assert sparring(tmp_path, "run", "suite.yaml").returncode == 1
    return tmp_path


def flat(done):
    return " ".join(done.stdout.split())


def test_another_judge_turns_verdicts_and_the_first_ones_stay(played):
    before = sparring(played, "show", "--json").stdout
    done = sparring(played, "judge", "--judge-model", "scripted:kind.yaml", "--votes", "3")
    assert done.returncode == 0, done.stderr
    assert f"judge scripted:{played}/kind.yaml (before: scripted:{played}/clerk.yaml)" in flat(done)
    assert "Late parcel, trial 2: failed → passed" in done.stdout
    assert "not met → met: The agent was honest." in done.stdout
    assert "2 of 2 checks flipped, 2 trials turned" in done.stdout
    assert "6 judgements, at no cost." in done.stderr
    assert sparring(played, "show", "--json").stdout == before


def test_the_same_judge_finds_the_same_and_bars_decide_the_exit_code(played):
    done = sparring(played, "judge", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["judged"], found["flipped"], found["turned"]) == (2, 0, 0)
    assert sparring(played, "judge", "--fail-under", "pass^1=0.5").returncode == 1
    kind = ("judge", "--judge-model", "scripted:kind.yaml")
    assert sparring(played, *kind, "--fail-under", "pass^2=1").returncode == 0


def test_changed_assertions_come_from_the_suite_or_from_a_list(played):
    changed = SUITE.replace("assertions: [The agent looks into the order.]", "said: [not allowed]")
    (played / "changed.yaml").write_text(changed)
    done = sparring(played, "judge", "--assertions", "changed.yaml")
    assert "other expectations of 1 scenario" in flat(done)
    assert "Late parcel, trial 1: failed → passed" in done.stdout
    (played / "list.yaml").write_text("said: [{contains: order, absent: true}]")
    assert "2 new, 2 gone, 0 trials turned" in sparring(played, "judge", "--assertions", "list.yaml").stdout
    (played / "other.yaml").write_text(SUITE.replace("Late parcel", "Torn page"))
    refused = sparring(played, "judge", "--assertions", "other.yaml")
    assert refused.returncode == 2
    assert "none of the scenarios" in refused.stderr


def test_transcripts_are_judged_without_a_database_and_bars_decide(tmp_path):
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, CHATS)))
    (tmp_path / "checks.yaml").write_text("said: [{contains: refund, absent: true}]")
    judging = ("judge", "chats.jsonl", "--assertions", "checks.yaml", "--judge-model", "scripted:airline")
    done = sparring(tmp_path, *judging, "--html", "out.html")
    assert done.returncode == 1, done.stderr
    assert "✗ Said: not “refund”" in done.stdout
    assert "✗ chat-1" in done.stdout
    assert "chat-2" not in done.stdout
    assert "chat-1" in (tmp_path / "out.html").read_text()
    assert sparring(tmp_path, *judging, "--fail-under", "pass^1=0.5").returncode == 0
    report = json.loads(sparring(tmp_path, *judging, "--json").stdout)
    assert report["summary"]["outcomes"] == {"failed": 1, "passed": 1}
    assert not (tmp_path / "sparring.db").exists()


def test_a_model_judges_transcripts_and_what_it_saw_is_what_was_said(tmp_path):
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, CHATS)))
    (tmp_path / "checks.yaml").write_text("- The agent is kind.")
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--record", record) as url:
        done = sparring(
            tmp_path,
            "judge",
            "chats.jsonl",
            "--assertions",
            "checks.yaml",
            OPENAI_BASE_URL=url,
            OPENAI_API_KEY="any",
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(records(record)) == 2
    assert "[1] agent: A refund!" in json.dumps(records(record), ensure_ascii=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["judge"], "no simulation"),
        (["judge", "none.jsonl"], "--assertions"),
        (["judge", "none.jsonl", "--assertions", "list.yaml"], "no such file"),
        (["judge", "none.jsonl", "--assertions", "none.yaml"], "no such file"),
        (["judge", "list.yaml"], "list.yaml is a file: transcripts are read from files that end in .jsonl"),
        (["judge", "--html", "x.html"], "sparring export"),
        (["judge", "--votes", "0"], "--votes"),
        (["judge", "--fail-under", "0.9"], "pass^1=0.9"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_judged_ends_with_2_and_one_clear_sentence(tmp_path, arguments, told):
    (tmp_path / "list.yaml").write_text("- It is kind.")
    done = sparring(tmp_path, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr


def test_ctrl_c_keeps_what_was_judged_and_asks_for_no_more(tmp_path):
    chats = [{**CHATS[number % 2], "id": f"chat-{number}"} for number in range(30)]
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, chats)))
    (tmp_path / "checks.yaml").write_text("- The agent is kind.")
    record = tmp_path / "record.jsonl"
    with model_server(tmp_path, "--latency", "700", "--record", record) as url:
        keys = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any"}
        judging = ("judge", "chats.jsonl", "--assertions", "checks.yaml", "--concurrency", "2")
        with started(tmp_path, *judging, **keys) as process:
            until(lambda: len(records(record)) >= 2, "two requests")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 130
            told = process.stdout.read()
    judged = len(records(record))
    assert judged < 10
    assert f"30 conversations: {judged} passed, {30 - judged} cancelled" in " ".join(told.split())
