"""The report for CI servers: JUnit XML, one test case by scenario."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sparring.domain.outcomes import Outcome
from sparring.reports import figures, headlines
from sparring.reports.result import Result
from sparring.reports.sections import Section, Standing, sections
from sparring.reports.table import reason_lines

_WORDS = {"error": "errored"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(result: Result) -> str:
    """The result as JUnit XML.

    A scenario fails where a trial failed or stayed inconclusive, errors where none failed and one errored, and is
    skipped where nothing was judged.
    """
    found = sections(result)
    simulation = result.simulation
    standings = [_kind(section) for section in found]
    counts = {
        "tests": str(len(found)),
        "failures": str(standings.count("failure")),
        "errors": str(standings.count("error")),
        "skipped": str(standings.count("skipped")),
        "time": _seconds(trial.seconds for section in found for trial in section.trials),
    }
    name = _clean(headlines.title(simulation))
    root = Element("testsuites", {"name": name, **counts})
    started = datetime.fromtimestamp(simulation.started_at or simulation.created_at, UTC)
    suite = SubElement(
        root, "testsuite", {"name": name, **counts, "timestamp": started.strftime("%Y-%m-%dT%H:%M:%S")}
    )
    _properties(suite, _suite_properties(result))
    for section in found:
        _case(suite, section, name, result.address_of(section.scenario))
    indent(root)
    body: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(suite: Element, section: Section, suite_name: str, address: str | None) -> None:
    case = SubElement(
        suite,
        "testcase",
        {
            "classname": _clean(section.scenario.folder or suite_name),
            "name": _clean(section.scenario.name),
            "time": _seconds(trial.seconds for trial in section.trials),
        },
    )
    _properties(case, _scenario_properties(section) | _page(address))
    kind = _kind(section)
    if kind is None:
        return
    if kind == "skipped":
        SubElement(case, "skipped", {"message": "No trial of it was judged."})
        return
    told = SubElement(case, kind, {"type": _type(section, kind), "message": _clean(_message(section))})
    errors = [f"Trial {trial.number}: {trial.error}" for trial in section.trials if trial.error]
    where = [] if address is None else [f"Every conversation: {address}"]
    told.text = _clean("\n".join([_trials(section), *reason_lines(section), *errors, *where]))


def _trials(section: Section) -> str:
    """How each trial ended, those of one end together."""
    by_end: dict[str, list[str]] = {}
    for trial in section.trials:
        end = trial.outcome.value if trial.outcome is not None else trial.status.value
        by_end.setdefault(_WORDS.get(end, end), []).append(str(trial.number))
    return "Trials " + "; ".join(f"{', '.join(numbers)} {end}" for end, numbers in by_end.items())


def _kind(section: Section) -> str | None:
    outcomes = section.figures.outcomes
    if outcomes.get(Outcome.FAILED) or outcomes.get(Outcome.INCONCLUSIVE):
        return "failure"
    if outcomes.get(Outcome.ERROR):
        return "error"
    return "skipped" if section.standing is Standing.UNFINISHED else None


def _type(section: Section, kind: str) -> str:
    if kind == "error":
        return next((trial.cause.value for trial in section.trials if trial.cause is not None), "error")
    return "inconclusive" if section.standing is Standing.ERROR else section.standing.value


def _message(section: Section) -> str:
    found = section.figures
    words = [f"{found.passed} of {found.planned} trials passed"]
    for outcome, word in (
        (Outcome.FAILED, "failed"),
        (Outcome.INCONCLUSIVE, "inconclusive"),
        (Outcome.ERROR, "errored"),
    ):
        if number := found.outcomes.get(outcome):
            words.append(f"{number} {word}")
    first = next((failing.title for failing in section.failings), None)
    return ", ".join(words) + (f": {first}" if first else "")


def _suite_properties(result: Result) -> dict[str, str]:
    simulation, summary = result.simulation, result.summary
    return {
        "simulation": simulation.id,
        "status": headlines.state(simulation) or simulation.status.value,
        "agent_model": simulation.agent.model or "",
        "user_model": simulation.models.user,
        "judge_model": simulation.models.judge,
        "seed": str(simulation.seed),
        **{f"pass^{k}": f"{value:.4f}" for k, value in summary.pass_hat.items()},
        **{f"pass@{k}": f"{value:.4f}" for k, value in summary.pass_at.items()},
        **({"this_suite_again_95": figures.interval(summary.again)} if summary.again is not None else {}),
        **({"situations_like_these_95": figures.interval(summary.alike)} if summary.alike is not None else {}),
        "cost_usd": "unknown" if summary.cost is None else f"{summary.cost:.6f}",
        **_page(result.address),
    }


def _page(address: str | None) -> dict[str, str]:
    return {} if address is None else {"url": address}


def _scenario_properties(section: Section) -> dict[str, str]:
    found = section.figures
    return {
        "trials": str(found.planned),
        **{outcome.value: str(found.outcomes.get(outcome, 0)) for outcome in Outcome},
        **{f"pass^{k}": f"{value:.4f}" for k, value in found.pass_hat.items()},
        **({"interval_95": figures.interval(found.interval)} if found.interval is not None else {}),
        "flaky": str(found.is_flaky).lower(),
        "cost_usd": "unknown" if found.cost is None else f"{found.cost:.6f}",
    }


def _properties(parent: Element, values: dict[str, str]) -> None:
    holder = SubElement(parent, "properties")
    for name, value in values.items():
        SubElement(holder, "property", {"name": name, "value": _clean(value)})


def _seconds(values: Iterable[float | None]) -> str:
    return f"{sum(value for value in values if value is not None):.3f}"


def _clean(text: str) -> str:
    """Without what XML cannot hold, not even escaped."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
