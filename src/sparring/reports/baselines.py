"""A JSON report as one side of a comparison, so that yesterday's figures need no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.domain.comparison import Side, Tally
from sparring.domain.errors import InvalidInput
from sparring.domain.setups import Parts, Setup
from sparring.reports.json import FORMAT

Fields = Mapping[str, Any]


def read_side(document: object, *, file: str) -> Side:
    """What a JSON report tells of its simulation.

    Args:
        file: how it is named in messages.

    Raises:
        InvalidInput: it is no report, or one of a format that this program does not know.
    """
    report = _fields(document)
    if report.get("format") != FORMAT:
        told = f"its format is {report['format']!r}" if "format" in report else "it has no format"
        raise InvalidInput(
            f"{file} is no JSON report of format {FORMAT}: {told}. `sparring export --format json` writes one."
        )
    simulation, summary = _fields(report.get("simulation")), _fields(report.get("summary"))
    cost, judged = _number(summary.get("cost")), _number(summary.get("judged"))
    return Side(
        id=str(simulation.get("id", "")),
        name=str(simulation.get("name", "")),
        created_at=_number(simulation.get("created_at")) or 0.0,
        setup=_setup(report, simulation),
        tallies=tuple(_tally(_fields(one)) for one in _listed(report.get("scenarios"))),
        cost=cost / judged if cost is not None and judged else None,
    )


def _tally(scenario: Fields) -> Tally:
    outcomes = _fields(scenario.get("outcomes"))
    passed, failed = (int(_number(outcomes.get(outcome)) or 0) for outcome in ("passed", "failed"))
    return Tally(
        id=str(scenario.get("id", "")),
        name=str(scenario.get("name", "")),
        passed=passed,
        judged=passed + failed,
        planned=int(_number(scenario.get("planned")) or 0),
    )


def _setup(report: Fields, simulation: Fields) -> Setup:
    """What it was played with; reports of the first versions tell only models and limits."""
    made = report.get("setup")
    if not isinstance(made, Mapping):
        agent, models = _fields(simulation.get("agent")), _fields(simulation.get("models"))
        known = {name: text for name in ("name", "model") if isinstance(text := agent.get(name), str)}
        return Setup(agent=known, models=_texts(models), is_whole=False)
    return Setup(
        agent=_texts(made.get("agent")),
        tools={name: _texts(parts) for name, parts in _fields(made.get("tools")).items()},
        models=_texts(made.get("models")),
        limits=_texts(made.get("limits")),
        scenarios={name: _texts(parts) for name, parts in _fields(made.get("scenarios")).items()},
    )


def _texts(value: object) -> Parts:
    return {name: str(text) for name, text in _fields(value).items()}


def _fields(value: object) -> Fields:
    return value if isinstance(value, Mapping) else {}


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
