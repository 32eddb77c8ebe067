"""The real recordings, where they are there; `make agreement` fails without them."""

import json
from pathlib import Path

import pytest

from .__main__ import main
from .actions import compare_actions
from .recordings import read_recordings

TRAJECTORIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "tau2" / "trajectories.jsonl.gz"
with_data = pytest.mark.skipif(
    not TRAJECTORIES.is_file(), reason="tau2-bench's conversations are not at ../shared/data/tau2"
)


@with_data
@pytest.mark.slow
def test_recorded_conversations_are_judged_and_played_as_they_were(capsys):
    assert main(TRAJECTORIES) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["checks_equal"] == figures["checks"] > 0
    assert figures["identical"] + figures["not_representable"] == figures["replayed"] > 0


@with_data
def test_the_default_rule_finds_the_same_matches_in_them():
    found = compare_actions(read_recordings(TRAJECTORIES), "exact")
    assert (found.equal, found.differing) == (found.checks, ())


def test_a_file_that_is_not_there_is_told_and_fails(tmp_path, capsys):
    assert main(tmp_path / "none.jsonl.gz") == 1
    assert "TRAJECTORIES=FILE" in capsys.readouterr().err


def test_a_line_that_is_no_conversation_is_told_and_fails(tmp_path, capsys):
    path = tmp_path / "odd.jsonl"
    path.write_text('{"messages": []}\n{"task": 1}\n')
    assert main(path) == 1
    assert "odd.jsonl:2: expected an object with `messages`" in capsys.readouterr().err


def test_a_file_without_conversations_falls_short(tmp_path, capsys):
    path = tmp_path / "empty.jsonl"
    path.write_text("\n")
    assert main(path) == 1
    assert "Falls short: there is no conversation" in capsys.readouterr().out
