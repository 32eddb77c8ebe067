"""What is wrong with suites beyond what keeps them from being played, and the schema that editors check them with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sparring.adapters.suites.linting import lint_suite
from sparring.adapters.suites.problems import Problem
from sparring.adapters.suites.schema import suite_schema
from sparring.cli.files import write
from sparring.cli.gates import FELL_SHORT
from sparring.cli.terminal import note, say
from sparring.reports.json_schema import report_schema


def write_schema(output: Path | None, *, of_report: bool) -> None:
    """Write the JSON Schema of suites or of reports, to standard output where no file is named."""
    text = json.dumps(report_schema() if of_report else suite_schema(), indent=2)
    if output is None:
        say(text)
        return
    write(output, text + "\n")
    if of_report:
        note(f"Written to {output}.")
        return
    note(f"Written to {output}. In a suite's first line: # yaml-language-server: $schema={output.name}")


def lint_suites(suites: Sequence[Path], *, as_json: bool) -> int:
    """Tell what deserves a second look; 1 where there is something, 0 otherwise."""
    found = [problem for suite in suites for problem in lint_suite(suite)]
    if as_json:
        say(json.dumps([_as_json(problem) for problem in found], indent=2))
    else:
        for problem in found:
            say(str(problem))
        many = "1 place deserves" if len(found) == 1 else f"{len(found)} places deserve"
        note(f"{many} a second look." if found else "Nothing to mend.")
    return FELL_SHORT if found else 0


def _as_json(problem: Problem) -> dict[str, str | int]:
    where = problem.position
    told = {"field": problem.field, "message": problem.message}
    return {"file": where.file, "line": where.line, "column": where.column, **told}
