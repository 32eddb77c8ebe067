"""What a report says of each scenario: how it stands, why trials failed, what could not be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sparring.domain.evaluation import Check, CheckKind, Finding
from sparring.domain.metrics import ScenarioFigures
from sparring.domain.outcomes import Cause, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Trial
from sparring.domain.transcript import Message
from sparring.reports.excerpts import Quote, quote
from sparring.reports.result import Result


class Standing(StrEnum):
    """How a scenario stands; the worst comes first."""

    FAILED = "failed"
    """Trials were judged, and none passed."""
    FLAKY = "flaky"
    """Trials passed and trials failed."""
    ERROR = "error"
    """What was judged passed, or nothing was; trials errored or were inconclusive."""
    UNFINISHED = "unfinished"
    """Nothing is judged yet, or it was cancelled."""
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One reason, with the trials that gave it in the same words."""

    reason: str
    trials: tuple[int, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A check that was not met, or a limit that was reached, over the trials of a scenario."""

    title: str
    is_open: bool
    """Whether it could not be decided."""
    accounts: tuple[Account, ...]

    @property
    def trials(self) -> tuple[int, ...]:
        """The numbers of the trials, in order."""
        return tuple(sorted(number for account in self.accounts for number in account.trials))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why trials could not be judged, in the same words for all of them."""

    cause: Cause | None
    error: str
    trials: tuple[tuple[str, int], ...]
    """Scenario name and trial number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One scenario."""

    scenario: Scenario
    figures: ScenarioFigures
    trials: tuple[Trial, ...]
    failings: tuple[Failing, ...]

    @property
    def standing(self) -> Standing:
        """How it stands."""
        figures = self.figures
        if figures.is_flaky:
            return Standing.FLAKY
        if figures.judged and not figures.passed:
            return Standing.FAILED
        if any(figures.outcomes.get(outcome) for outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE)):
            return Standing.ERROR
        return Standing.PASSED if figures.judged else Standing.UNFINISHED


def sections(result: Result) -> list[Section]:
    """One for each scenario that has trials, in the order of the simulation."""
    scenarios = {scenario.id: scenario for scenario in result.simulation.scenarios}
    by_scenario: dict[str, list[Trial]] = {}
    for trial in result.trials:
        by_scenario.setdefault(trial.scenario, []).append(trial)
    figures = {found.scenario: found for found in result.summary.scenarios}
    return [
        Section(
            scenario=scenario,
            figures=figures[id],
            trials=(trials := tuple(sorted(by_scenario[id], key=lambda trial: trial.number))),
            failings=failings(trials, result.transcripts, scenario),
        )
        for id, scenario in scenarios.items()
        if id in figures and id in by_scenario
    ]


def worst_first(found: Iterable[Section]) -> list[Section]:
    """The sections by how they stand; equal ones keep their order."""
    order = list(Standing)
    return sorted(found, key=lambda section: order.index(section.standing))


def failings(
    trials: Sequence[Trial], transcripts: Mapping[str, Sequence[Message]], scenario: Scenario
) -> tuple[Failing, ...]:
    """Every check that trials of a scenario did not meet, equal reasons together; the most frequent first."""
    grouped: dict[tuple[str, bool], dict[str, list[tuple[int, tuple[Quote, ...]]]]] = {}
    for trial in trials:
        messages = transcripts.get(trial.id, ())
        for title, is_open, reason, quotes in _unmet(trial, messages, scenario):
            accounts = grouped.setdefault((title, is_open), {})
            accounts.setdefault(reason, []).append((trial.number, quotes))
    found = [
        Failing(
            title=title,
            is_open=is_open,
            accounts=tuple(
                Account(
                    reason=reason,
                    trials=tuple(number for number, _ in cases),
                    quotes=next((quotes for _, quotes in cases if quotes), ()),
                )
                for reason, cases in accounts.items()
            ),
        )
        for (title, is_open), accounts in grouped.items()
    ]
    return tuple(sorted(found, key=lambda failing: (failing.is_open, -len(failing.trials))))


def faults(result: Result) -> list[Fault]:
    """Why trials errored, equal words together; the most frequent first."""
    names = {scenario.id: scenario.name for scenario in result.simulation.scenarios}
    grouped: dict[tuple[Cause | None, str], list[tuple[str, int]]] = {}
    for trial in result.trials:
        if trial.outcome is Outcome.ERROR:
            key = (trial.cause, trial.error or "No reason was recorded.")
            grouped.setdefault(key, []).append((names.get(trial.scenario, trial.scenario), trial.number))
    found = [Fault(cause=cause, error=error, trials=tuple(where)) for (cause, error), where in grouped.items()]
    return sorted(found, key=lambda fault: -len(fault.trials))


def warnings(result: Result) -> list[tuple[str, int]]:
    """Every warning with the number of trials that carry it; 0 for those of the simulation itself.

    What was told of a scenario beforehand is not told of its trials once more.
    """
    counts: dict[str, int] = dict.fromkeys(result.simulation.warnings, 0)
    names = {scenario.id: scenario.name for scenario in result.simulation.scenarios}
    beforehand = frozenset(counts)
    for trial in result.trials:
        for warning in dict.fromkeys(trial.warnings):
            if f"{names.get(trial.scenario)}: {warning}" in beforehand:
                continue
            counts[warning] = counts.get(warning, 0) + 1
    return list(counts.items())


def check_title(check: Check) -> str:
    """What was checked, in words."""
    match check.kind:
        case CheckKind.ACTION:
            return f"Expected call: {check.subject}"
        case CheckKind.FORBIDDEN:
            return f"Forbidden call: {check.subject}"
        case CheckKind.WRITES:
            return "Calls that write, exactly as expected"
        case CheckKind.STATE:
            return f"Final state: {check.subject}"
        case CheckKind.SAID:
            return f"Said: {check.subject}"
        case CheckKind.ASSERTION:
            return check.subject


def check_quotes(check: Check, messages: Sequence[Message], scenario: Scenario) -> tuple[Quote, ...]:
    """The words that a check's evidence points to."""
    found = [quote(evidence, messages, scenario) for evidence in check.evidence]
    return tuple(dict.fromkeys(words for words in found if words is not None))


def _unmet(
    trial: Trial, messages: Sequence[Message], scenario: Scenario
) -> list[tuple[str, bool, str, tuple[Quote, ...]]]:
    """Title, whether it is open, reason and quotes of everything that keeps a trial from passing.

    Where a limit ended the conversation, its assertions were not assessed, which says nothing more.
    """
    if trial.verdict is None or trial.outcome is Outcome.PASSED:
        return []
    note = trial.verdict.note
    found: list[tuple[str, bool, str, tuple[Quote, ...]]] = [] if note is None else [(note, False, "", ())]
    for check in trial.verdict.unmet:
        is_open = check.finding is not Finding.NOT_MET
        if not (note is not None and is_open):
            found.append((check_title(check), is_open, check.reason, check_quotes(check, messages, scenario)))
    return found
