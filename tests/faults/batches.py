"""Batches whose every request tells whose it is, and what a model server's own record says of them."""

import json
import re
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import environment, model_server, sparring

ROOT = Path(__file__).resolve().parents[2]

CALLERS = 12
CALLS = 9
"""Requests of a trial: four of the simulated user's, four of the agent's, one of the judge's."""

SCRIPT = r"""
user:
  - when: {turn: 4, system: "caller (?P<who>\\d+)\\."}
    end: "Caller {{who}} has what was wanted."
  - when: {system: "caller (?P<who>\\d+)\\."}
    say: ["Here is caller {{who}} with question {{turn}}.", "Question {{turn}} of caller {{who}}, please."]
agent:
  - when: {tool: look_up, heard: "caller (?P<who>\\d+)"}
    say: "It is on shelf {{results.look_up.shelf}}, caller {{who}}."
  - when: {turn: 2, heard: "caller (?P<who>\\d+)"}
    call: {look_up: {title: "book {{who}}"}}
  - when: {heard: "caller (?P<who>\\d+)"}
    say: "Answer {{turn}} for caller {{who}}."
judge:
  - when: {shows: [{agent: "for caller \\d*[37]\\."}]}
    verdict: not_met
    reason: These callers are never content.
  - verdict: met
    reason: The agent answered.
    quote: "Answer 1"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A suite in a folder, and what plays it."""

    folder: object
    place: object
    url: str
    """The model server's."""
    settings: dict

    @property
    def environment(self):
        """What its commands are set up with."""
        keys = {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": "any"}
        roles = {"SPARRING_USER_MODEL": "openai:user", "SPARRING_JUDGE_MODEL": "openai:judge"}
        return {"SPARRING_DATABASE_URL": self.place.url, **keys, **roles, **self.settings}

    @property
    def record(self):
        """What the model server was asked."""
        return self.folder / "record.jsonl"

    def asked(self):
        """How many requests the model server has had so far."""
        return self.record.read_bytes().count(b"\n") if self.record.exists() else 0

    def command(self, *arguments):
        """Run a command on it to its end; it must end well, or with trials that failed."""
        done = sparring(self.folder, *arguments, **self.environment)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done

    def submit(self):
        """Store the suite's simulation for whoever plays on the database."""
        self.python("submit", "suite.json")

    def python(self, module, *arguments):
        """What a module of this package prints, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", f"tests.faults.{module}", *map(str, arguments)],
            cwd=self.folder,
            env=environment(self.folder, PYTHONPATH=str(ROOT), **self.environment),
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shown(self):
        """Its latest simulation as the JSON report tells it."""
        return json.loads(self.command("show", "--json").stdout)


def write_suite(folder, *, callers=CALLERS, trials=1, **more):
    """Write suite and script; `more` are fields of the suite."""
    scenarios = [
        {
            "name": f"Scenario {number}",
            "instructions": {"task_instructions": f"You are caller {number}. Ask three questions about a book."},
            "mocks": {"look_up": {"otherwise": {"returns": {"shelf": number * 7}}}},
            "expect": {"assertions": ["The caller is content."]},
        }
        for number in range(callers)
    ]
    tool = {"name": "look_up", "parameters": {"type": "object", "properties": {"title": {"type": "string"}}}}
    body = {
        "name": "Faults",
        "agent": {"name": "Agent", "model": "openai:agent", "instructions": "Answer.", "tools": [tool]},
        "user_model": "openai:user",
        "judge_model": "openai:judge",
        "trials": trials,
        "scenarios": scenarios,
        **more,
    }
    (folder / "suite.json").write_text(json.dumps(body))
    (folder / "script.yaml").write_text(SCRIPT)


def trials_of(shown):
    """The trials of a report by scenario and number, with what a fault must not change of them."""
    return {
        (scenario["name"], trial["number"]): {
            "status": trial["status"],
            "outcome": trial["outcome"],
            "termination": trial["termination"],
            "messages": [said(message) for message in trial["messages"]],
            "findings": [check["finding"] for check in (trial["verdict"] or {"checks": []})["checks"]],
        }
        for scenario in shown["scenarios"]
        for trial in scenario["trials"]
    }


def said(message):
    """A message without what differs from time to time: when it was said, how long it took."""
    return {name: value for name, value in message.items() if name not in ("at", "generation")}


@contextmanager
def batch_in(folder, place, *options, **settings):
    """A batch over a model server with these options; its suite is written already."""
    record = folder / "record.jsonl"
    with model_server(folder, "--script", "script.yaml", "--record", record, *map(str, options)) as url:
        yield Batch(folder=folder, place=place, url=url, settings=settings)


def bodies(record):
    """The requests of a record, each as one text."""
    return [json.dumps(one["request"], sort_keys=True) for one in lines(record)]


def same_as(undisturbed, batch):
    """Assert that a batch ended as where nothing goes wrong, and asked for nothing else."""
    expected, requests = undisturbed
    assert trials_of(batch.shown()) == expected
    assert set(bodies(batch.record)) == requests


def lines(record):
    """A record, whole lines only."""
    return [json.loads(line) for line in record.read_text().splitlines(keepends=True) if line.endswith("\n")]


def caller(body):
    """Whose trial a request belongs to."""
    return int(re.search(r"caller (\d+)", body)[1])


def journalled(shown):
    """By caller, how many answers of each role were stored."""
    kept = {}
    for (name, _), trial in trials_of(shown).items():
        roles = Counter(message["role"] for message in trial["messages"])
        judged = int(trial["status"] == "completed")
        kept[int(name.split()[-1])] = {"user": roles["user"], "agent": roles["assistant"], "judge": judged}
    return kept


def is_journalled(one, kept):
    """Whether the answer to a request was stored."""
    role = one["role"]
    before = sum(message["role"] == "assistant" for message in one["request"]["messages"])
    place = 0 if role == "judge" else before
    return place < kept[caller(json.dumps(one["request"]))][role]


def running(shown):
    """How many trials were at play."""
    return sum(trial["status"] == "running" for trial in trials_of(shown).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stood when a process was killed or frozen."""

    requests: int
    kept: dict
    """By caller and role, the answers that were stored."""
    running: int
    """Trials at play."""


def standing(batch):
    """How things stand."""
    requests, shown = batch.asked(), batch.shown()
    return Standing(requests=requests, kept=journalled(shown), running=running(shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What was asked for again after a fault."""

    journalled: int
    """Answers that were stored before."""
    under_way: Counter
    """All others, by caller."""

    def __str__(self):
        return f"asked again: {self.journalled} journalled answers, {self.under_way.total()} under way"


def bill(batch, then):
    """What was asked for again since."""
    asked, paid_twice = set(), 0
    for number, (body, one) in enumerate(zip(bodies(batch.record), lines(batch.record), strict=True)):
        paid_twice += number >= then.requests and body in asked and is_journalled(one, then.kept)
        asked.add(body)
    return Bill(journalled=paid_twice, under_way=asked_again(batch.record))


def check(found, then):
    """Assert that nothing was paid for twice that was stored, and of each trial at play one answer at most."""
    assert not found.journalled, "an answer that was journalled was asked for again"
    assert all(times == 1 for times in found.under_way.values()), "at most one answer a trial was under way"
    assert found.under_way.total() <= then.running


def asked_again(record):
    """By caller, how many requests were made more than once."""
    again = Counter()
    for body, times in Counter(bodies(record)).items():
        again[caller(body)] += times - 1
    return +again
