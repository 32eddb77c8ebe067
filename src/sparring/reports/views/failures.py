"""Why trials failed: one line for each check that was not met, and for each act with which trials began to fail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sparring.domain.divergence import Course, Departure, Divergence, first_divergence
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Trial
from sparring.reports.lettering import shortened
from sparring.reports.sections import Failing, Section, check_title
from sparring.reports.views.links import Links
from sparring.reports.views.simulation import REASON

_EXAMPLES = 5
"""Trials of a scenario that passed, with which the failed ones are compared."""
_QUOTE = 90
"""Characters of words that are quoted in a line."""

_WORDS: Mapping[Departure, str] = {
    Departure.FORBIDDEN: "called {}, which is forbidden",
    Departure.SKIPPED: "skipped {}",
    Departure.OTHERWISE: "called {} with other arguments",
    Departure.EARLY: "called {} too early",
    Departure.UNEXPECTED: "called {}, which was not expected",
    Departure.CALLED: "called {}",
    Departure.SAID: "said “{}”",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """One act, over the trials of a failure that began to fail with it."""

    words: str
    count: int
    of: int
    is_sample: bool
    """Whether more trials failed than were looked at."""
    href: str
    """Where the newest of them shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """One check that was not met, over the trials of a scenario."""

    section: Section
    trials: Sequence[Trial]
    """Those that did not meet it, the newest first."""
    title: str
    count: int
    of: int
    is_open: bool
    reason: str
    """The one that most trials gave."""
    proof: str
    """Where the newest of them shows it."""
    listed: str | None
    """Where they are listed."""
    acts: Sequence[ActLine] = ()

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return self.section.scenario.name


def failure_lines(
    shown: Sequence[Section], links: Links, *, fitting: Collection[str] | None = None
) -> list[FailureLine]:
    """Why trials failed, what is certain and frequent first; of some trials only where `fitting` is given."""
    lines = [line for section in shown for line in _failures(section, links, fitting)]
    return sorted(lines, key=lambda line: (line.is_open, -line.count))


def to_compare(lines: Sequence[FailureLine], most: int) -> list[Trial]:
    """The trials whose conversations tell with which acts they began to fail.

    Args:
        most: of those that failed, over all lines; the newest of each line.
    """
    each = max(1, most // max(1, len(lines)))
    found = {trial.id: trial for line in lines for trial in (*line.trials[:each], *_examples(line.section))}
    return list(found.values())


def with_acts(line: FailureLine, courses: Mapping[str, Course], links: Links) -> FailureLine:
    """The line with the acts of the trials whose conversations are known, the most frequent first."""
    passed = [courses[trial.id] for trial in _examples(line.section) if trial.id in courses]
    known = [trial for trial in line.trials if trial.id in courses and trial.outcome is Outcome.FAILED]
    grouped: dict[tuple[Departure, str], list[tuple[Trial, Divergence]]] = {}
    for trial in known:
        checks = trial.verdict.checks if trial.verdict is not None else ()
        found = first_divergence(line.section.scenario.expect, checks, courses[trial.id], passed)
        if found is not None:
            name = "" if found.departure is Departure.SAID else found.name
            grouped.setdefault((found.departure, name), []).append((trial, found))
    is_sample = len(known) < line.count
    of = len(known) if is_sample else line.of
    acts = [_act(cases, of, links, is_sample=is_sample) for cases in grouped.values()]
    return replace(line, acts=sorted(acts, key=lambda act: -act.count))


def _act(cases: Sequence[tuple[Trial, Divergence]], of: int, links: Links, *, is_sample: bool) -> ActLine:
    trial, found = cases[0]
    return ActLine(
        words=_WORDS[found.departure].format(shortened(found.name, _QUOTE)),
        count=len(cases),
        of=of,
        is_sample=is_sample,
        href=links.at(trial, links.anchors(trial).message(found.message)),
    )


def _examples(section: Section) -> Iterable[Trial]:
    return [trial for trial in section.trials if trial.outcome is Outcome.PASSED][:_EXAMPLES]


def _failures(section: Section, links: Links, fitting: Collection[str] | None) -> list[FailureLine]:
    by_number = {trial.number: trial for trial in section.trials if fitting is None or trial.id in fitting}
    over = sum(trial.is_over for trial in section.trials)
    lines = (_failure(section, failing, by_number, over, links) for failing in section.failings)
    return [line for line in lines if line is not None]


def _failure(
    section: Section, failing: Failing, by_number: Mapping[int, Trial], over: int, links: Links
) -> FailureLine | None:
    trials = [by_number[number] for number in failing.trials if number in by_number]
    if not trials:
        return None
    trials.sort(key=lambda trial: trial.completed_at or 0.0, reverse=True)
    newest = trials[0]
    most = max(failing.accounts, key=lambda account: len(account.trials))
    return FailureLine(
        section=section,
        trials=trials,
        title=failing.title,
        count=len(failing.trials),
        of=over,
        is_open=failing.is_open,
        reason=shortened(most.reason, REASON),
        proof=_proof(newest, failing.title, links),
        listed=links.narrowed(scenario=section.scenario.id, outcome=(newest.outcome or newest.status).value),
    )


def _proof(trial: Trial, title: str, links: Links) -> str:
    """Where a trial shows why the check of that title was not met."""
    anchors = links.anchors(trial)
    checks = trial.verdict.checks if trial.verdict is not None else ()
    for place, check in enumerate(checks):
        if check.finding is not Finding.MET and check_title(check) == title:
            return links.at(trial, anchors.quote(place, 0) if check.evidence else anchors.check(place))
    return links.trial(trial)
