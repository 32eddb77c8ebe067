"""Which trials of a simulation are looked at, in which order: all of it in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.domain.simulation import Trial

SORTS: Mapping[str, str] = {
    "scenario": "by scenario",
    "newest": "newest first",
    "slowest": "slowest first",
    "dearest": "dearest first",
}
_ORDERS: Mapping[str, Callable[[Trial], Any]] = {
    "newest": lambda trial: -(trial.completed_at or trial.started_at or 0.0),
    "slowest": lambda trial: -(trial.seconds or 0.0),
    "dearest": lambda trial: -(trial.cost or 0.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What an address asks for; unknown words ask for nothing."""

    outcome: str = ""
    """An outcome, or a lifecycle of what has none yet."""
    cause: str = ""
    scenario: str = ""
    """The id."""
    text: str = ""
    """In the scenario's name, a check, a reason, a quote or an error; letter case does not count."""
    sort: str = "scenario"
    page: int = 1
    rows: int = 1
    """The page of the grid."""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.outcome or self.cause or self.scenario or self.text)

    def query(self, **changes: object) -> str:
        """The query string of the same view with changes; paging begins anew unless it is what changes."""
        wanted: dict[str, object] = {
            "outcome": self.outcome,
            "cause": self.cause,
            "scenario": self.scenario,
            "text": self.text,
            "sort": self.sort if self.sort != "scenario" else "",
        }
        given = {name: value for name, value in {**wanted, **changes}.items() if value not in ("", 1)}
        return f"?{urlencode(given)}" if given else "?"

    def chosen(self, trials: Iterable[Trial], names: Mapping[str, str]) -> list[Trial]:
        """The trials that fit, in the order that is asked for.

        Args:
            names: of the scenarios, by id, in the simulation's order.
        """
        place = {id: number for number, id in enumerate(names)}
        fitting = [trial for trial in trials if self._fits(trial, names)]
        fitting.sort(key=lambda trial: (place[trial.scenario], trial.number))
        if self.sort in _ORDERS:
            fitting.sort(key=_ORDERS[self.sort])
        return fitting

    def _fits(self, trial: Trial, names: Mapping[str, str]) -> bool:
        state = (trial.outcome or trial.status).value
        return (
            self.outcome in ("", state)
            and (not self.cause or (trial.cause is not None and trial.cause.value == self.cause))
            and self.scenario in ("", trial.scenario)
            and (not self.text or any(self.text.lower() in words.lower() for words in _words(trial, names)))
        )


def states() -> Sequence[str]:
    """What can be asked for as an outcome."""
    return [*(outcome.value for outcome in Outcome), Lifecycle.QUEUED.value, Lifecycle.RUNNING.value]


def causes() -> Sequence[str]:
    """What can be asked for as a cause."""
    return [cause.value for cause in Cause]


def _words(trial: Trial, names: Mapping[str, str]) -> Iterable[str]:
    yield names[trial.scenario]
    if trial.error is not None:
        yield trial.error
    if trial.verdict is not None:
        yield trial.verdict.note or ""
        for check in trial.verdict.checks:
            yield check.subject
            yield check.reason
            yield from (evidence.quote for evidence in check.evidence)
