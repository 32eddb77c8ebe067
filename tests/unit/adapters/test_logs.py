"""What a process writes down about itself, and what never."""

import asyncio
import io
import json
import logging
import sys
from contextlib import contextmanager

import pytest

from sparring.adapters.logs import set_up_logs
from sparring.adapters.redaction import Redaction
from sparring.domain.transcript import AgentMessage, ToolCall
from sparring.simulation.about import about, log_messages

KEY = "Zq7-very-secret-value"


@contextmanager
def logged(**how):
    """A log that is set up so; the text of it."""
    root, ours, texts = (logging.getLogger(name) for name in ("", "sparring", "sparring.transcripts"))
    before = root.handlers[:], [(one, one.level) for one in (root, ours, texts)]
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        set_up_logs(**how)
        yield sys.stderr
    finally:
        sys.stderr = stderr
        root.handlers[:] = before[0]
        for one, level in before[1]:
            one.setLevel(level)


def lines(text):
    return [json.loads(line) for line in text.getvalue().splitlines()]


LOG = logging.getLogger("sparring.test")


def test_a_line_of_json_tells_when_who_what_and_about_what():
    with logged(form="json", level="info") as text, about(workspace="w", simulation="s"), about(trial="t"):
        LOG.info("The trial is over.", extra={"facts": {"outcome": "passed", "seconds": 1.5}})
    (told,) = lines(text)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info", "logger": "sparring.test", "message": "The trial is over.", "workspace": "w",
        "simulation": "s", "trial": "t", "outcome": "passed", "seconds": 1.5,
    }  # fmt: skip


def test_a_line_of_text_tells_the_same():
    with logged(level="info") as text, about(trial="t"):
        LOG.info("The trial is over.", extra={"facts": {"outcome": "passed"}})
    assert text.getvalue().rstrip().endswith("INFO sparring.test: The trial is over. [trial=t outcome=passed]")


def test_each_task_is_about_its_own():
    async def work(trial):
        with about(trial=trial):
            await asyncio.sleep(0)
            LOG.info("At work.")

    async def main():
        async with asyncio.TaskGroup() as group:
            for trial in ("a", "b"):
                group.create_task(work(trial))
        LOG.info("Done.")

    with logged(form="json", level="info") as text:
        asyncio.run(main())
    assert [line.get("trial") for line in lines(text)] == ["a", "b", None]


def test_only_what_is_bad_enough_is_written_and_of_others_only_warnings():
    with logged(form="json", level="warning") as text:
        LOG.info("Nothing.")
        LOG.warning("Something.")
        logging.getLogger("aiohttp").info("Nothing.")
    assert [line["message"] for line in lines(text)] == ["Something."]
    with logged(form="json", level="debug") as text:
        LOG.debug("Something.")
        logging.getLogger("aiohttp").info("Nothing.")
    assert [line["message"] for line in lines(text)] == ["Something."]


def test_setting_it_up_again_writes_every_line_once():
    with logged(form="json") as text:
        set_up_logs(form="json")
        LOG.warning("Once.")
    assert len(lines(text)) == 1


def test_an_error_comes_with_its_trace_on_the_same_line():
    with logged(form="json") as text:
        try:
            raise ValueError("Oops.")
        except ValueError:
            LOG.exception("It failed.")
    assert "ValueError: Oops." in lines(text)[0]["exception"]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "told",
    [
        f"Incorrect API key provided: {KEY}.",
        f"GET https://api.example.com/v1/models?key={KEY}&page=1",
        f"postgresql://sparring:{KEY}@db.example.com/sparring does not answer",
        {"Authorization": f"Bearer {KEY}"},
        {"X-API-Key": KEY},
        f"x-goog-api-key: {KEY}",
        f"/sign-in?token={KEY}",
    ],
    ids=["words", "query", "address", "bearer", "header", "google", "token"],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_key_is_in_no_line_wherever_it_stood(form, told, is_known):
    if not is_known and told == f"Incorrect API key provided: {KEY}.":
        pytest.skip("Only a key that is known can be told from any other word.")
    with logged(form=form, level="debug", secrets=[KEY] if is_known else []) as text:
        LOG.warning("Told: %s", told, extra={"facts": {"told": told}})
        try:
            raise RuntimeError(str(told))
        except RuntimeError:
            LOG.exception("Told.")
    assert "Told" in text.getvalue()
    assert KEY not in text.getvalue()


@pytest.mark.parametrize(
    "key", ["sk-proj-abcdefgh12345678", "AIzaSyA1234567890", "spk_abcdefgh234567", "gsk_abcd12345"]
)
def test_what_looks_like_a_key_is_hidden_without_being_known(key):
    assert key not in Redaction().hide(f"The key {key} is wrong.")


def test_what_is_no_key_stays():
    told = "The agent asked for 12 tokens: key figures of https://example.com/a?page=2 and user@example.com"
    assert Redaction().hide_all(told) == told


def test_messages_are_written_only_where_that_is_asked_for():
    said = [
        AgentMessage(text="Your booking is moved.", calls=(ToolCall(id="1", name="book", arguments={"n": 1}),))
    ]
    with logged(form="json", level="debug") as text:
        log_messages(2, said)
    assert text.getvalue() == ""
    with logged(form="json", level="warning", transcripts=True) as text:
        log_messages(2, said)
    (told,) = lines(text)
    assert (told["message"], told["position"], told["kind"]) == ("Your booking is moved.", 2, "AgentMessage")
    assert "book" in told["calls"]
