"""A suite that was recorded once is played again without a key and without a model."""

import pytest
from processes import model_server, sparring

SECRET = "sk-not-to-be-stored-1234567890"
SUITE = """\
name: Bookshop
agent: {name: Clerk, instructions: You sell books.}
trials: 2
scenarios:
  - name: Late parcel
    instructions: Ask where your parcel is.
    expect: {assertions: [The agent answers.]}
  - name: Greeting
    instructions: Greet.
"""


@pytest.fixture
def recorded(tmp_path):
    """A folder with a suite and what a provider answered."""
    (tmp_path / "suite.yaml").write_text(SUITE)
    with model_server(tmp_path, "--record", "asked.jsonl") as base:
        done = sparring(
            tmp_path, "run", "suite.yaml", "--model", "openai:gpt-4o-mini", "--record", "cassettes",
            OPENAI_API_KEY=SECRET, OPENAI_BASE_URL=f"{base}/v1",
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp_path


def replayed(folder, *arguments, **more):
    return sparring(folder, "run", "suite.yaml", "--database", "sqlite:///again.db", *arguments, **more)


def test_a_replay_needs_no_key_and_costs_nothing(recorded):
    done = replayed(recorded, "--replay", "--model", "openai:gpt-4o-mini")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    assert "cost $0 " in done.stdout


def test_neither_keys_nor_headers_are_stored(recorded):
    tapes = [path.read_text() for path in (recorded / "cassettes").rglob("*") if path.is_file()]
    assert len(tapes) > 6
    for text in tapes:
        assert SECRET not in text
        assert "authorization" not in text.lower()


def test_a_changed_prompt_is_undecided_and_told_and_the_model_is_asked_only_there(recorded):
    (recorded / "suite.yaml").write_text(SUITE.replace("Ask where your parcel is.", "Ask for your parcel."))
    done = replayed(recorded, "--replay")
    assert done.returncode == 3, done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    assert "Late parcel" in told and "“…" in told and "--replay=changed" in told
    with model_server(recorded, "--record", "changed.jsonl") as base:
        told = {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": f"{base}/v1"}
        done = replayed(recorded, "--replay=changed", **told)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = (recorded / "changed.jsonl").read_text()
    assert "Ask for your parcel." in asked
    assert "Greet." not in asked
    assert replayed(recorded, "--replay").returncode == 0


def test_models_that_cannot_be_asked_cost_no_recorded_answer(recorded):
    (recorded / "suite.yaml").write_text(SUITE.replace("You sell books.", "You sell good books."))
    done = replayed(recorded, "--replay=changed")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "set OPENAI_API_KEY" in done.stdout
    (recorded / "suite.yaml").write_text(SUITE)
    assert replayed(recorded, "--replay").returncode == 0


def test_two_suites_or_two_wishes_at_once_are_refused(recorded):
    for arguments, words in (
        (["suite.yaml", "--replay"], "of one suite"),
        (["--replay", "--record", "x"], "exclude each other"),
        (["--replay=some"], "--cassettes"),
        (["--replay", "--cassettes", "nowhere"], "Nothing was recorded in nowhere"),
    ):
        done = replayed(recorded, *arguments)
        assert done.returncode == 2
        assert words in done.stderr
