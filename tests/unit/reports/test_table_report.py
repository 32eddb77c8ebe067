"""The report on a terminal."""

from dataclasses import replace

import pytest
from report_samples import empty, finished

from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.reports.lettering import cells
from sparring.reports.result import Result
from sparring.reports.sections import warnings
from sparring.reports.table import render_table


def test_the_table_and_the_reasons_fit_a_terminal_of_80_cells():
    assert render_table(finished()) == (
        """Airline support
6 scenarios · agent openai:gpt-4o-mini · user openai:gpt-4o-mini
judge openai:gpt-4o · seed 7

  Scenario                     Passed  pass^1  pass^4   Interval    Cost  Median
────────────────────────────────────────────────────────────────────────────────
~ Refund refused outside the   1 of 4    0.25    0.00  0.05–0.70  $0.073   4.2 s
  policy
✓ Cancellation within the      4 of 4    1.00    1.00  0.51–1.00  $1.024   4.2 s
  policy
✗ Wrong passenger              0 of 4    0.00    0.00  0.00–0.49  $0.073   4.2 s
! Angry customer who writes    3 of 4    1.00       –  0.44–1.00       –   4.2 s
  a very long name for a
  scenario, so that it has
  to be folded
! Provider is down             0 of 4       –       –          –  $0.073   4.2 s
○ Never played                 0 of 1       –       –          –  $0.018   4.2 s
────────────────────────────────────────────────────────────────────────────────
  All                         8 of 21    0.56    0.33                  –

All 0.56: this suite again 0.40–0.71, situations like these 0.12–0.93 (95 %)
pass@4 0.67: at least one of 4 trials passes
~ flaky: passed sometimes, failed sometimes   ! some trials could not be judged
○ not judged
interval: 95 % (Wilson) of pass^1 · pass^1 over 4 of 6 scenarios
pass^4 over 3 of 6 scenarios

Why trials failed

~ Refund refused outside the policy
  ✗ The agent does not offer a refund.
    3 of 4: The agent offered a full refund although the policy forbids it for
    this fare.
      [4] agent: “I can offer you a full refund of $120.”
  ✗ Forbidden call: check_refund
    1 of 4, trial 2: check_refund must not be called, and was.
      [2] agent: calls check_refund {"id":"4WQ150"}

✗ Wrong passenger
  ✗ <img src=x onerror=alert(1)> & "quotes" | pipe `code` �[31m @everyone
    3 of 4: <img src=x onerror=alert(1)> & "quotes" | pipe `code` �[31m
    @everyone
      [1] user: “Cancel my flight”
  ✗ The conversation reached its limit of steps.
    1 of 4, trial 4

! Angry customer who writes a very long name for a scenario, so that it has to
  be folded
  ? The agent is polite.
    1 of 4, trial 3: One cannot tell.
      [0] agent: “Hi!”

Could not be judged

! provider: 4 trials of Provider is down
  openai gpt-4o-mini: 503 overloaded

Warnings

- The judge is the model under test.
- No mock is defined for this call of 'x'. (1 trial)

21 trials: 8 passed, 7 failed, 1 inconclusive, 4 errored, 1 cancelled
cost unknown (agent unknown, user $0.084, judge $0.042) · 2 min 14 s
"""
    )


@pytest.mark.parametrize("width", [20, 60, 80, 100, 120, 400])
def test_no_line_is_wider_than_the_terminal(width):
    lines = render_table(finished(), width=width).splitlines()
    assert max(map(cells, lines)) <= min(max(width, 72), 120)


def test_colours_are_only_used_when_they_are_asked_for():
    assert "\x1b[31m✗\x1b[0m" in render_table(finished(), color=True)
    assert "\x1b" not in render_table(finished())


def test_a_simulation_without_trials_says_so():
    assert "No trial." in render_table(empty())


def test_a_running_simulation_tells_how_far_it_is():
    whole = finished()
    trials = [
        replace(trial, status=Lifecycle.QUEUED, outcome=None, verdict=None) if trial.number > 1 else trial
        for trial in whole.trials
    ]
    simulation = replace(whole.simulation, status=Lifecycle.RUNNING, completed_at=None)
    text = render_table(Result(simulation=simulation, trials=trials, summary=summarize(trials)))
    assert text.startswith("Airline support (running)\n")
    assert "15 still to come" in text


def test_different_reasons_of_one_check_stand_under_it_one_by_one():
    whole = finished()
    told = ["First reason.", "Second reason.", "Third reason.", "Fourth reason."]
    trials = [trial for trial in whole.trials if trial.outcome is Outcome.FAILED][:3]
    trials.append(replace(trials[0], id="x", number=4))
    changed = []
    for trial, reason in zip(trials, told, strict=True):
        check = replace(trial.verdict.checks[0], reason=reason)
        changed.append(replace(trial, verdict=replace(trial.verdict, checks=(check,))))
    text = render_table(
        Result(simulation=whole.simulation, trials=changed, summary=summarize(changed), transcripts={})
    )
    assert "The agent does not offer a refund. (4 of 4)" in text
    assert "1 of 4, trial 1: First reason." in text
    assert "Fourth" not in text
    assert "and 1 more reasons" not in text
    assert "and 1 more reason" in text


def test_what_was_told_of_a_scenario_beforehand_is_not_told_of_its_trials_once_more():
    told = finished()
    known = "No variable answers {{plan}}; it stays as it is written."
    trials = [replace(trial, warnings=(known, *trial.warnings)) for trial in told.trials]
    names = [scenario.name for scenario in told.simulation.scenarios]
    simulation = replace(told.simulation, warnings=tuple(f"{name}: {known}" for name in names[:-1]))
    found = warnings(replace(told, simulation=simulation, trials=trials))
    assert found == [
        *((f"{name}: {known}", 0) for name in names[:-1]),
        ("No mock is defined for this call of 'x'.", 1),
        (known, 1),
    ]
