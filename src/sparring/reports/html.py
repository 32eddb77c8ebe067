"""The report as one self-contained page that looks like the served ones and asks no host for anything.

Without its script everything but the conversations of passed trials can be read; these are packed, and unfolded when
somebody asks for one. Where the others are too long to be mailed, what is around the words that prove a failure
stands open, and the rest is packed as well.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment

from sparring.domain.divergence import Course, course
from sparring.domain.errors import ScenarioFault
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.reports import figures, headlines
from sparring.reports.fitting import Talk, filled
from sparring.reports.result import Result
from sparring.reports.sections import Section, faults, sections, warnings, worst_first
from sparring.reports.views import simulation as views
from sparring.reports.views.anchors import Anchors
from sparring.reports.views.failures import failure_lines, with_acts
from sparring.reports.views.glimpses import cited
from sparring.reports.views.links import proof
from sparring.reports.views.rendering import environment, static
from sparring.reports.views.trial import TrialView, models, variables, view

LIMIT = 4_800_000
"""Bytes that a report stays under as long as what is packed leaves room: a mail takes it."""

_ORDER = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR, Outcome.CANCELLED, Outcome.PASSED)
_READABLE = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR)
"""What stands open."""
_TEXT = re.compile(">[^<]*<")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPart:
    """One trial."""

    trial: Trial
    view: TrialView
    anchor: str
    why: str
    variables: Sequence[tuple[str, str]]
    """Those that were made up for it."""

    @property
    def is_readable(self) -> bool:
        """Whether it stands open, without the script."""
        return self.trial.outcome in _READABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPart:
    """One scenario with its trials, those first that did not pass."""

    section: Section
    anchor: str
    trials: Sequence[TrialPart]
    models: Sequence[tuple[str, str]]
    variables: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLinks:
    """Places of the same page."""

    trials: Mapping[str, str]
    scenarios: Mapping[str, str]

    def trial(self, trial: Trial) -> str:
        """A trial."""
        return f"#{self.trials[trial.id]}"

    def at(self, trial: Trial, anchor: str | None) -> str:
        """A place of a trial."""
        return f"#{anchor}" if anchor else self.trial(trial)

    def anchors(self, trial: Trial) -> Anchors:
        """They begin with the trial's own."""
        return Anchors(prefix=f"{self.trials[trial.id]}-")

    def narrowed(self, *, outcome: str = "", cause: str = "", scenario: str = "") -> str | None:
        """A scenario has its place; outcomes and causes have none."""
        return f"#{self.scenarios[scenario]}" if scenario else None


def render_html(result: Result, *, limit: int = LIMIT) -> str:
    """The result as a page.

    Args:
        limit: bytes that it may have; it has more where what is packed leaves no room.
    """
    found = worst_first(sections(result))
    links = _links(found)
    parts = [_scenario(section, result, links) for section in found]
    page = _thin(_page(result, found, parts, links))
    return filled(page, [[_talk(trial) for trial in part.trials] for part in parts], limit - len(page.encode()))


def _links(found: Sequence[Section]) -> ReportLinks:
    trials = (trial for section in found for trial in _sorted(section.trials))
    return ReportLinks(
        trials={trial.id: f"t{number}" for number, trial in enumerate(trials, 1)},
        scenarios={section.scenario.id: f"s{number}" for number, section in enumerate(found, 1)},
    )


def _sorted(trials: Sequence[Trial]) -> list[Trial]:
    return sorted(trials, key=lambda one: _ORDER.index(one.outcome) if one.outcome else len(_ORDER))


def _scenario(section: Section, result: Result, links: ReportLinks) -> ScenarioPart:
    return ScenarioPart(
        section=section,
        anchor=links.scenarios[section.scenario.id],
        trials=[_trial(trial, result, links) for trial in _sorted(section.trials)],
        models=models(result.simulation, section.scenario),
        variables=variables(section.scenario),
    )


def _trial(trial: Trial, result: Result, links: ReportLinks) -> TrialPart:
    scenario = result.simulation.scenario(trial.scenario)
    played = _as_played(result.simulation, trial)
    return TrialPart(
        trial=trial,
        view=view(trial, played, result.transcripts.get(trial.id, ()), links.anchors(trial)),
        anchor=links.trials[trial.id],
        why=views.why(trial),
        variables=[(name, value) for name, value in variables(played) if name in scenario.generated],
    )


def _as_played(simulation: Simulation, trial: Trial) -> Scenario:
    """With the values of this trial; as it was written where these cannot be made up."""
    try:
        return simulation.played(trial)
    except ScenarioFault:
        return simulation.scenario(trial.scenario)


def _page(result: Result, found: Sequence[Section], parts: Sequence[ScenarioPart], links: ReportLinks) -> str:
    """The page, with a hole for each conversation."""
    failed = [trial for trial in result.trials if trial.outcome is Outcome.FAILED]
    newest = max(failed, key=lambda trial: trial.completed_at or 0.0, default=None)
    courses = _courses(result)
    style, script = static("look.css") + static("report.css"), static("keys.js") + static("report.js")
    return _rendered(
        "report.html.jinja",
        style=style,
        script=script,
        policy=_policy(style, script),
        title=headlines.title(result.simulation),
        setup=headlines.setup(result.simulation),
        over_all=headlines.over_all(result.summary),
        view=views.headline(result),
        address=result.address,
        links=links,
        failures=[with_acts(line, courses, links) for line in failure_lines(found, links)],
        newest=None if newest is None else proof(links, newest),
        faults=faults(result),
        warnings=warnings(result),
        rows=views.rows(found, links, is_paused=result.simulation.status is Lifecycle.PAUSED),
        cents=figures.money_decimals(section.figures.cost for section in found),
        scenarios=parts,
    )


def _courses(result: Result) -> Mapping[str, Course]:
    """What the agent did in each conversation that there is."""
    given = {scenario.id: len(scenario.history) for scenario in result.simulation.scenarios}
    return {
        trial.id: course(result.transcripts[trial.id], history=given[trial.scenario])
        for trial in result.trials
        if trial.id in result.transcripts
    }


def _policy(style: str, script: str) -> str:
    """What the page may do: be styled by its own style, run its own script, and nothing else."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _talk(part: TrialPart) -> Talk:
    """The conversation of a trial; of one that is not to be read at once with its verdict."""

    def excerpt() -> str:
        return _thin(_rendered("report-excerpt.html.jinja", lines=cited(part.view.messages)))

    return Talk(
        anchor=part.anchor,
        whole=_thin(_rendered("report-trial.html.jinja", part=part)),
        part=excerpt if part.is_readable else None,
    )


def _thin(markup: str) -> str:
    """With quotes in texts as they are: the same page in less room."""
    return _TEXT.sub(lambda text: _unquoted(text[0]), markup)


def _unquoted(text: str) -> str:
    return text.replace("&#34;", '"').replace("&#39;", "'")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return environment()


def _rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)
