"""Lines by which GitHub Actions marks the scenarios that did not pass, where the suite file names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sparring.reports.lettering import shortened
from sparring.reports.result import Result
from sparring.reports.sections import Section, Standing, sections

_LEVELS = {Standing.FAILED: "error", Standing.FLAKY: "warning", Standing.ERROR: "warning"}
_LONGEST = 400
_MOST = 8


def render_annotations(result: Result, places: Mapping[str, tuple[str, int]]) -> str:
    """Workflow commands, one a line; empty where everything passed.

    Args:
        places: the file and line of each scenario, by its name.
    """
    lines = [
        _line(section, places.get(section.scenario.name), result.address_of(section.scenario))
        for section in sections(result)
        if section.standing in _LEVELS
    ]
    return "".join(f"{line}\n" for line in lines)


def render_mark(level: str, told: str, *, file: str, line: int = 0, column: int = 0) -> str:
    """One workflow command on a place of a file, counted from 1; 0 where it is not known."""
    places = {"file": _property(file), "line": line, "col": column}
    where = ",".join(f"{name}={value}" for name, value in places.items() if value)
    return f"::{level} {where}::{_data(told)}"


def _line(section: Section, place: tuple[str, int] | None, address: str | None) -> str:
    found = section.figures
    title = f"{section.scenario.name}: {found.passed} of {found.planned} trials passed"
    where = f"file={_property(place[0])},line={place[1]}," if place is not None else ""
    level = _LEVELS[section.standing]
    return f"::{level} {where}title={_property(title)}::{_data(_told(section, address))}"


def _told(section: Section, address: str | None) -> str:
    told = [
        f"{failing.title} ({_which(failing.trials)}): {failing.accounts[0].reason}" for failing in section.failings
    ]
    told += [f"Trial {trial.number}: {trial.error}" for trial in section.trials if trial.error]
    lines = [shortened(line, _LONGEST) for line in told[:_MOST]] or [section.standing.value]
    return "\n".join([*lines, *([f"Every conversation: {address}"] if address is not None else [])])


def _which(trials: Sequence[int]) -> str:
    return ("trial " if len(trials) == 1 else "trials ") + ", ".join(map(str, trials))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
