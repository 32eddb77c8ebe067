"""What judging again has changed, and judged transcripts, on a terminal and as JSON."""

import json
from dataclasses import replace

import pytest
from report_samples import HOSTILE, check, finished, verdict

from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Outcome
from sparring.domain.rejudgement import Rejudged, Rejudgement
from sparring.domain.scenario import Expectations
from sparring.domain.verdict import CheckKind, Finding
from sparring.reports.lettering import cells
from sparring.reports.rejudgements import render_rejudged, render_rejudged_json
from sparring.reports.result import Result
from sparring.reports.review_table import render_review

REFUND = "The agent does not offer a refund."


def rejudged(**later):
    """The sample judged again: by trial id, the outcome, the checks and what else is given."""
    shown = finished()
    judgements = {
        trial: Rejudgement(
            id=f"j-{trial}",
            judging="again",
            simulation=shown.simulation.id,
            trial=trial,
            judge="openai:gpt-5",
            outcome=outcome,
            verdict=None if outcome is Outcome.ERROR else verdict(outcome, *checks),
            **{"cost": 0.25, **more},
        )
        for trial, (outcome, checks, more) in later.items()
    }
    asked = replace(shown.simulation, models=replace(shown.simulation.models, judge="openai:gpt-5"))
    return Rejudged(
        judging="again",
        before=shown.simulation,
        simulation=asked,
        trials=tuple(shown.trials),
        judgements=judgements,
    )


def assertion(finding, reason, subject=REFUND):
    return check(CheckKind.ASSERTION, subject, finding, reason)


REFUSED = "id-Refund refused outside the policy"
CANCELLED = "id-Cancellation within the policy"
SAMPLE = {
    f"{REFUSED}-1": (Outcome.PASSED, [assertion(Finding.MET, "It only said what the fare costs.")], {"votes": 3}),
    f"{REFUSED}-4": (Outcome.PASSED, [assertion(Finding.MET, "It refused.")], {"votes": 3}),
    f"{CANCELLED}-2": (Outcome.INCONCLUSIVE, [assertion(Finding.INCONCLUSIVE, "No majority.")], {"votes": 3}),
    f"{CANCELLED}-3": (Outcome.ERROR, [], {"error": "The judge gave no answer.", "votes": 3, "cost": None}),
}


def test_what_flipped_is_told_by_scenario_and_trial_with_the_reason():
    assert render_rejudged(rejudged(**SAMPLE)) == (
        """Airline support 65f0c0ffee00, judged again
judge openai:gpt-5 (before: openai:gpt-4o) · 3 votes each · 4 of 21 trials

Refund refused outside the policy, trial 1: failed → passed
  The agent does not offer a refund.
    not met → met: It only said what the fare costs.

Cancellation within the policy, trial 2: passed → inconclusive
  The agent does not offer a refund.
    met → inconclusive: No majority.

Cancellation within the policy, trial 3: passed → errored
  The judge gave no answer.

2 of 3 checks flipped, 3 trials turned
pass^1 0.75 → 1.00 · cost unknown · 17 trials left out
"""
    )


def test_where_nothing_flipped_one_line_says_so():
    told = render_rejudged(rejudged(**{f"{REFUSED}-4": SAMPLE[f"{REFUSED}-4"]}))
    assert "0 of 1 check flipped, 0 trials turned" in told
    assert "Refund refused" not in told


def test_new_checks_are_told_where_they_are_not_met_and_old_ones_are_only_counted():
    checks = [assertion(Finding.MET, "Yes.", "It is kind."), assertion(Finding.NOT_MET, "No.", "It is quick.")]
    found = rejudged(**{f"{CANCELLED}-1": (Outcome.FAILED, checks, {})})
    asked = replace(found.simulation.scenarios[1], expect=Expectations(assertions=("It is kind.", "It is quick.")))
    scenarios = (found.simulation.scenarios[0], asked, *found.simulation.scenarios[2:])
    told = render_rejudged(replace(found, simulation=replace(found.simulation, scenarios=scenarios)))
    assert "other expectations of 1 scenario" in told
    assert "not checked → not met: No." in told
    assert "It is kind." not in told
    assert "2 new, 1 gone, 1 trial turned" in told


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_judging_again_keeps_to_the_terminal_and_lets_nothing_steer_it(width):
    hostile = (Outcome.FAILED, [assertion(Finding.NOT_MET, HOSTILE * 9, HOSTILE * 3)], {})
    told = render_rejudged(rejudged(**{f"{CANCELLED}-1": hostile, **SAMPLE}), width=width)
    assert all(cells(line) <= max(width, 40) for line in told.splitlines())
    assert "\x1b" not in told


def test_judging_again_has_colours_where_they_are_wanted():
    assert "\x1b[32mnot met → met\x1b[0m: It only" in render_rejudged(rejudged(**SAMPLE), color=True)


def test_json_holds_each_trial_with_its_flips_splits_and_cost():
    split = {"0": {"met": 2, "not_met": 1}}
    found = json.loads(
        render_rejudged_json(rejudged(**{f"{REFUSED}-1": (*SAMPLE[f"{REFUSED}-1"][:2], {"splits": split})}))
    )
    assert (found["format"], found["judged"], found["planned"], found["flipped"], found["turned"]) == (
        1,
        1,
        21,
        1,
        1,
    )
    assert found["judge"] == {"before": "openai:gpt-4o", "now": "openai:gpt-5"}
    assert found["pass_hat"] == {"before": {"1": 0.0}, "now": {"1": 1.0}}
    (trial,) = found["trials"]
    assert trial["splits"] == split
    assert trial["flips"] == [
        {
            "kind": "NL_ASSERTION",
            "subject": REFUND,
            "before": "not_met",
            "now": "met",
            "reason": "It only said what the fare costs.",
            "required": True,
        }
    ]


def reviewed():
    """The sample as if each of its first trials were a recorded conversation."""
    shown = finished()
    trials = [trial for trial in shown.trials if trial.number == 1 and trial.outcome is not Outcome.CANCELLED]
    simulation = replace(shown.simulation, name="chats.jsonl", source="transcripts")
    return Result(simulation=simulation, trials=trials, summary=summarize(trials), transcripts=shown.transcripts)


def test_judged_transcripts_are_told_check_by_check_and_then_those_that_failed():
    assert render_review(reviewed()) == (
        """chats.jsonl
5 conversations · judge openai:gpt-4o

  Check                                      Met  Not met  Open  Rate   Interval
────────────────────────────────────────────────────────────────────────────────
✗ The agent does not offer a refund.           2        1     0  0.67  0.21–0.94
✗ <img src=x onerror=alert(1)> & "quotes" |    0        1     0  0.00  0.00–0.79
  pipe `code` �[31m @everyone
────────────────────────────────────────────────────────────────────────────────
  Passed                                       2        2     1  0.50  0.15–0.85

✗ Refund refused outside the policy
  ✗ The agent does not offer a refund.
    The agent offered a full refund although the policy forbids it for this
    fare.
      [4] agent: “I can offer you a full refund of $120.”

✗ Wrong passenger
  ✗ <img src=x onerror=alert(1)> & "quotes" | pipe `code` �[31m @everyone
    <img src=x onerror=alert(1)> & "quotes" | pipe `code` �[31m @everyone
      [1] user: “Cancel my flight”

! 1 conversation could not be judged: Provider is down
  openai gpt-4o-mini: 503 overloaded

5 conversations: 2 passed, 2 failed, 1 errored · cost $0.329 · 2 min 14 s
"""
    )


def test_of_many_failed_conversations_the_first_are_told():
    shown = finished()
    one = next(trial for trial in shown.trials if trial.outcome is Outcome.FAILED)
    first = shown.simulation.scenarios[0]
    scenarios = tuple(replace(first, id=f"s{n}", name=f"Chat {n}") for n in range(30))
    trials = [replace(one, id=f"t{n}", scenario=f"s{n}", number=1) for n in range(30)]
    told = render_review(
        Result(simulation=replace(shown.simulation, scenarios=scenarios), trials=trials, summary=summarize(trials))
    )
    assert "Chat 19" in told
    assert "Chat 20" not in told
    assert "and 10 more conversations; --json and --html have all of them" in told


@pytest.mark.parametrize("width", [20, 40, 61, 200])
def test_judged_transcripts_keep_to_the_terminal(width):
    told = render_review(reviewed(), width=width)
    assert all(cells(line) <= max(width, 40) for line in told.splitlines())
    assert "\x1b" not in told
    assert "\x1b[31m✗\x1b[0m" in render_review(reviewed(), width=width, color=True)


def test_of_many_turned_trials_the_first_are_told():
    found = rejudged(
        **{f"{CANCELLED}-{n}": (Outcome.FAILED, [assertion(Finding.NOT_MET, "No.")], {}) for n in (1, 2)}
    )
    first = next(trial for trial in found.trials if trial.id == f"{CANCELLED}-1")
    many = [replace(first, id=f"t{n}", number=n) for n in range(50)]
    judgement = found.judgements[first.id]
    told = render_rejudged(
        replace(found, trials=tuple(many), judgements={one.id: replace(judgement, trial=one.id) for one in many})
    )
    assert "and 10 more trials; --json has all of them" in told
