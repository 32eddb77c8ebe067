"""One row by trial for spreadsheets, and GitHub's marks on the lines of the suite."""

import csv
import io
from dataclasses import replace
from urllib.parse import urlencode

from report_samples import HOSTILE, empty, finished

from sparring.domain.outcomes import Outcome
from sparring.reports.annotations import render_annotations
from sparring.reports.csv import COLUMNS, render_csv


def rows(result):
    return list(csv.DictReader(io.StringIO(render_csv(result))))


def test_every_trial_is_a_row_with_its_figures():
    result = finished()
    read = rows(result)
    assert len(read) == len(result.trials)
    for row, trial in zip(read, result.trials, strict=True):
        assert row["trial_id"] == trial.id
        assert row["outcome"] == (trial.outcome or "")
        assert row["agent_cost_usd"] == ("" if trial.costs.get("agent") is None else str(trial.costs["agent"]))
    failed = next(row for row in read if row["outcome"] == "failed")
    assert failed["reward"] == "0.0"
    assert failed["not_met"]


def test_a_simulation_that_has_not_begun_is_the_header_and_its_trials():
    assert render_csv(empty()).startswith(",".join(COLUMNS) + "\r\n")


def test_costs_are_written_as_people_write_them():
    result = finished()
    costs = {**result.trials[0].costs, "agent": 0.1 + 0.2}
    trials = (replace(result.trials[0], costs=costs), *result.trials[1:])
    assert rows(replace(result, trials=trials))[0]["agent_cost_usd"] == "0.3"


def test_no_cell_begins_as_a_formula():
    result = finished()
    scenarios = tuple(
        replace(one, name=f"{sign}cmd|' /C calc'!A{index}", folder="@SUM(1)")
        for index, (one, sign) in enumerate(zip(result.simulation.scenarios, "=+-@=+-@", strict=False))
    )
    hostile = replace(result, simulation=replace(result.simulation, scenarios=scenarios))
    for row in rows(hostile):
        assert not [value for value in row.values() if value.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert row["scenario"][0] == "'"


def test_scenarios_that_did_not_pass_are_marked_where_they_stand():
    result = finished()
    places = {one.name: ("suites/a,b.yaml", line) for line, one in enumerate(result.simulation.scenarios, 10)}
    lines = render_annotations(result, places).splitlines()
    marked = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR)
    unhappy = {trial.scenario for trial in result.trials if trial.outcome in marked}
    assert len(lines) == len(unhappy)
    assert all(line.startswith(("::error file=suites/a%2Cb.yaml,line=1", "::warning file=")) for line in lines)


def test_a_mark_is_one_line_whatever_the_agent_wrote():
    result = finished()
    scenarios = tuple(replace(one, name=f"{HOSTILE}\n::error::x") for one in result.simulation.scenarios)
    lines = render_annotations(replace(result, simulation=replace(result.simulation, scenarios=scenarios)), {})
    assert all(line.startswith(("::error title=", "::warning title=")) for line in lines.splitlines())


def test_nothing_is_marked_where_everything_passed():
    result = finished()
    kept = tuple(trial for trial in result.trials if trial.outcome is Outcome.PASSED)
    passed = {trial.scenario for trial in kept} - {t.scenario for t in result.trials if t not in kept}
    shown = replace(
        result,
        trials=tuple(trial for trial in kept if trial.scenario in passed),
        simulation=replace(
            result.simulation, scenarios=tuple(s for s in result.simulation.scenarios if s.id in passed)
        ),
    )
    assert render_annotations(shown, {}) == ""


def test_a_mark_leads_to_the_page_of_its_scenario():
    result = replace(finished(), address="https://sparring.example.com/simulations/ab")
    lines = render_annotations(result, {}).splitlines()
    first = result.simulation.scenarios[0].id
    assert lines[0].endswith(
        f"%0AEvery conversation: https://sparring.example.com/simulations/ab?{urlencode({'scenario': first})}"
    )
