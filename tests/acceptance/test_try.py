"""Talking to an agent in the terminal."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

from processes import environment, model_server, sparring

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.suites import load_suite

OPENING = "I want to cancel my flight from Orlando to Charlotte."
DETAILS = "I do not know the number. I am Amelia Sanchez."


def tried(folder, *arguments, lines, **more):
    return subprocess.run(
        [sys.executable, "-m", "sparring", "try", *map(str, arguments)],
        cwd=folder,
        env=environment(folder, **more),
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_person_talks_to_a_suites_agent_and_saves_the_conversation_as_a_scenario(tmp_path):
    done = tried(
        tmp_path, AIRLINE_SUITE, lines=[OPENING, DETAILS, "/save talk.yaml", "/restart", "/help", "/quit"]
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert said.count("agent: Hello, this is Tern Airlines.") == 2
    assert '→ check_refund_eligibility {"reservation_id":"4WQ150"}' in said
    assert '← {"eligible":false' in said and "[rule 1]" in said
    assert "A new conversation." in done.stderr and "/restart begins anew" in done.stderr
    (scenario,) = load_suite(tmp_path / "talk.yaml").scenarios
    assert scenario.instructions.reason == OPENING
    assert DETAILS in scenario.instructions.task
    models = ("--user-model", "scripted:airline", "--judge-model", "scripted:airline")
    played = sparring(tmp_path, "run", "talk.yaml", *models)
    assert played.returncode == 0, played.stdout + played.stderr


def test_an_agent_behind_chat_completions_is_tried_by_the_id_that_a_run_gave_it(tmp_path):
    (tmp_path / "suite.yaml").write_text(
        """
        agent: {name: Far away, endpoint: {kind: openai, base_url: "${AGENT_URL}"}}
        user_model: scripted:polite
        judge_model: scripted:polite
        scenarios: [{name: One, instructions: Ask something.}]
        """
    )
    with model_server(tmp_path) as base_url:
        played = sparring(tmp_path, "run", "suite.yaml", "--json", "result.json", AGENT_URL=base_url)
        assert played.returncode == 0, played.stdout + played.stderr
        agent = json.loads((tmp_path / "result.json").read_text())["simulation"]["agent"]["id"]
        done = tried(tmp_path, agent, lines=["Hello?"], AGENT_URL=base_url)
    assert done.returncode == 0, done.stderr
    assert "you: Hello?\nagent: " in done.stdout


def test_an_agent_that_fails_is_told_and_can_be_asked_again(tmp_path):
    (tmp_path / "my_agent.py").write_text(
        """
def reply(message):
    if message == "boom":
        raise ValueError("It broke.")
    if message == "beep":
        return "\\x1b[2J\\x07beep"
    return f"You said {message}."
"""
    )
    (tmp_path / "suite.yaml").write_text(
        """
        agent: {endpoint: {kind: python, callable: "my_agent:reply"}}
        scenarios: [{name: One, instructions: Ask something.}]
        """
    )
    done = tried(tmp_path, "suite.yaml", lines=["boom", "hi", "beep"])
    assert done.returncode == 0, done.stderr
    assert "error: The agent's code raised ValueError: It broke." in done.stderr
    assert "agent: You said hi." in done.stdout
    assert "agent: \ufffd[2J\ufffdbeep" in done.stdout


def test_what_is_neither_a_file_nor_an_agent_is_refused(tmp_path):
    assert "there is no such file" in tried(tmp_path, "gone.yaml", lines=[]).stderr
    missing = tried(tmp_path, "6918f0", lines=[])
    assert missing.returncode == 2
    assert "No agent '6918f0' here." in missing.stderr


def test_a_terminal_shows_a_prompt(tmp_path):
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sparring", "try", str(AIRLINE_SUITE)],
        cwd=tmp_path,
        env=environment(tmp_path, TERM="dumb"),
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    )
    os.close(child)
    try:
        shown = read_until(parent, "you: ")
        assert "agent: Hello, this is Tern Airlines." in shown
        os.write(parent, f"{OPENING}\n".encode())
        assert "reservation number" in read_until(parent, "you: ")
        os.write(parent, b"/quit\n")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(parent)


def read_until(terminal, words):
    shown, end = "", time.monotonic() + 30
    while words not in shown:
        assert time.monotonic() < end, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65536).decode()
    return shown


def test_variables_are_made_up_for_each_conversation_and_what_is_saved_can_be_played(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "my_agent.py").write_text(
        "def reply(message, history, context):\n    return f'Your order is {context.variables[\"order\"]}.'\n"
    )
    (folder / "suite.yaml").write_text(
        """
        agent: {endpoint: {kind: python, callable: "my_agent:reply"}}
        user_model: scripted:polite
        judge_model: scripted:polite
        scenarios:
          - name: One
            instructions: Ask.
            variables: {order: {generate: {pattern: "[A-Z]{3}[0-9]{3}"}}}
            mocks: {find: {returns: "{{order}}"}}
        """
    )
    lines = ["hi", "/save talk.yaml", "/save shop/talk.yaml", "/restart", "hi again"]
    done = tried(tmp_path, "shop/suite.yaml", lines=lines)
    assert done.returncode == 0, done.stderr
    orders = re.findall(r"agent: Your order is ([A-Z]{3}[0-9]{3})\.", done.stdout)
    assert len(set(orders)) == 2
    assert "so name a file there: " in done.stderr and not (tmp_path / "talk.yaml").exists()
    assert load_suite(folder / "talk.yaml").scenarios[0].variables == {"order": orders[0]}
    played = sparring(tmp_path, "run", "shop/talk.yaml")
    assert played.returncode == 0, played.stdout + played.stderr
