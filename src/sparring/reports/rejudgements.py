"""What judging again has changed: for a terminal, and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparring.domain.metrics import Summary, summarize
from sparring.domain.outcomes import Outcome
from sparring.domain.rejudgement import Flip, Rejudged, Revision
from sparring.domain.verdict import Check, Finding
from sparring.reports import figures, headlines
from sparring.reports.lettering import folded, painted, shortened
from sparring.reports.sections import check_title

FORMAT = 1
"""Raised when a field changes its meaning or goes away; fields may be added without."""

_NARROWEST = 40
_WIDEST = 110
_REASON = 600
_SHOWN = 40
"""Trials that are told of one by one."""

_COLOURS = {Finding.MET: "green", Finding.NOT_MET: "red", Finding.INCONCLUSIVE: "yellow"}


def render_rejudged(found: Rejudged, *, width: int = 80, color: bool = False) -> str:
    """What flipped, as text.

    Args:
        width: cells of a line; between 40 and 110 are used.
        color: whether to use ANSI colours.
    """
    page = _Page(min(max(width, _NARROWEST), _WIDEST), color)
    place = {scenario.id: place for place, scenario in enumerate(found.simulation.scenarios)}
    changed = sorted(
        (one for one in found.revisions if one.is_turned or any(map(is_news, one.flips))),
        key=lambda one: (place[one.trial.scenario], one.trial.number),
    )
    blocks = [page.head(found), *page.changes(found, changed), page.foot(found, changed)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def render_rejudged_json(found: Rejudged) -> str:
    """The same as JSON text."""
    return json.dumps(rejudged_document(found), ensure_ascii=False, indent=2) + "\n"


def rejudged_document(found: Rejudged) -> dict[str, Any]:
    """The same as plain values; costs are US dollars, null where a price is not known."""
    before, now = summaries(found)
    names = {scenario.id: scenario.name for scenario in found.simulation.scenarios}
    return {
        "format": FORMAT,
        "judging": found.judging,
        "simulation": {"id": found.simulation.id, "name": headlines.title(found.simulation)},
        "judge": {"before": found.before.models.judge, "now": found.simulation.models.judge},
        "votes": votes(found),
        "planned": len(found.trials),
        "judged": len(found.judgements),
        "checks": found.checks,
        "flipped": sum(flip.is_reversal for one in found.revisions for flip in one.flips),
        "turned": sum(one.is_turned for one in found.revisions),
        "pass_hat": {
            "before": {str(k): rate for k, rate in before.pass_hat.items()},
            "now": {str(k): rate for k, rate in now.pass_hat.items()},
        },
        "cost": found.cost,
        "trials": [_revision(one, names[one.trial.scenario]) for one in found.revisions],
    }


def summaries(found: Rejudged) -> tuple[Summary, Summary]:
    """The figures of the trials that were judged again: as they were, and as they are now."""
    order = [scenario.id for scenario in found.simulation.scenarios]
    return summarize([one.trial for one in found.revisions], order), summarize(found.judged, order)


def votes(found: Rejudged) -> int:
    """How often the judge was asked about each conversation."""
    return max((one.votes for one in found.judgements.values()), default=1)


def _revision(one: Revision, scenario: str) -> dict[str, Any]:
    judgement = one.judgement
    return {
        "id": one.trial.id,
        "scenario": scenario,
        "number": one.trial.number,
        "before": None if one.trial.outcome is None else one.trial.outcome.value,
        "now": judgement.outcome.value,
        "error": judgement.error,
        "cost": judgement.cost,
        "splits": {place: dict(split) for place, split in judgement.splits.items()},
        "flips": [
            {
                "kind": flip.kind.value,
                "subject": flip.subject,
                "before": None if flip.was is None else flip.was.value,
                "now": None if flip.now is None else flip.now.value,
                "reason": flip.reason,
                "required": flip.required,
            }
            for flip in one.flips
        ],
    }


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    color: bool

    def head(self, found: Rejudged) -> list[str]:
        was, now = found.before.models.judge, found.simulation.models.judge
        told = [f"judge {now}" + (f" (before: {was})" if was != now else "")]
        if votes(found) > 1:
            told.append(f"{votes(found)} votes each")
        pairs = zip(found.before.scenarios, found.simulation.scenarios, strict=True)
        others = sum(one.expect != other.expect for one, other in pairs)
        if others:
            told.append(f"other expectations of {figures.count(others, 'scenario')}")
        told.append(f"{len(found.judgements)} of {figures.count(len(found.trials), 'trial')}")
        title = f"{headlines.title(found.simulation)} {found.simulation.id[:12]}, judged again"
        return [*self.painted(title, "bold"), *self.painted(" · ".join(told), "dim")]

    def changes(self, found: Rejudged, changed: Sequence[Revision]) -> list[list[str]]:
        names = {scenario.id: scenario.name for scenario in found.simulation.scenarios}
        blocks = [self.change(one, names[one.trial.scenario]) for one in changed[:_SHOWN]]
        if len(changed) > _SHOWN:
            blocks.append(self.painted(f"and {len(changed) - _SHOWN} more trials; --json has all of them", "dim"))
        return blocks

    def change(self, one: Revision, scenario: str) -> list[str]:
        was, now = (_said(outcome) for outcome in (one.trial.outcome, one.judgement.outcome))
        turned = f": {was} → {now}" if one.is_turned else f": {now}, as before"
        colour = {"passed": "green", "failed": "red"}.get(now, "yellow") if one.is_turned else "bold"
        lines = self.painted(f"{scenario}, trial {one.trial.number}{turned}", colour)
        if one.judgement.error is not None:
            lines += [f"  {line}" for line in folded(shortened(one.judgement.error, _REASON), self.width - 2)]
            return lines
        for flip in filter(is_news, one.flips):
            lines += self.flip(flip)
        return lines

    def flip(self, flip: Flip) -> list[str]:
        lines = [f"  {line}" for line in folded(title_of(flip), self.width - 2)]
        words = f"{_word(flip.was)} → {_word(flip.now)}"
        reason = shortened(flip.reason, _REASON) if flip.now is not None else ""
        first, *more = folded(f"{words}: {reason}" if reason else words, self.width - 4)
        lead = self.paint(words, _COLOURS[flip.now]) if flip.now is not None else words
        lines.append("    " + (lead + first[len(words) :] if first.startswith(words) else first))
        return [*lines, *(f"    {line}" for line in more)]

    def foot(self, found: Rejudged, changed: Sequence[Revision]) -> list[str]:
        flips = [flip for one in found.revisions for flip in one.flips]
        flipped, turned = sum(flip.is_reversal for flip in flips), sum(one.is_turned for one in changed)
        came, went = sum(flip.was is None for flip in flips), sum(flip.now is None for flip in flips)
        before, now = summaries(found)
        told = (
            [f"{flipped} of {figures.count(found.checks - came, 'check')} flipped"] if found.checks > came else []
        )
        told += [f"{came} new"] if came else []
        told += [f"{went} gone"] if went else []
        told.append(f"{figures.count(turned, 'trial')} turned")
        rates = f"pass^1 {figures.rate(before.pass_hat.get(1))} → {figures.rate(now.pass_hat.get(1))}"
        cost = "cost unknown" if found.cost is None else f"cost {figures.money(found.cost)}"
        lines = folded(", ".join(told), self.width)
        left = len(found.trials) - len(found.judgements)
        rest = [rates, cost, *([f"{figures.count(left, 'trial')} left out"] if left else [])]
        return [*lines, *self.painted(" · ".join(rest), "dim")]

    def painted(self, text: str, style: str) -> list[str]:
        return [self.paint(line, style) for line in folded(text, self.width)]

    def paint(self, text: str, style: str) -> str:
        return painted(text, style, self.color)


def title_of(flip: Flip) -> str:
    """What was checked, in words."""
    return check_title(_as_check(flip)) + ("" if flip.required else " (not required)")


def is_news(flip: Flip) -> bool:
    """Whether a reader is to be told: not that a new check is met, or that one is gone."""
    return flip.is_reversal or flip.now not in (None, Finding.MET)


def _said(outcome: Outcome | None) -> str:
    return "not judged" if outcome is None else "errored" if outcome is Outcome.ERROR else outcome.value


def _word(finding: Finding | None) -> str:
    return "not checked" if finding is None else finding.value.replace("_", " ")


def _as_check(flip: Flip) -> Check:
    return Check(
        kind=flip.kind, subject=flip.subject, finding=flip.now or Finding.INCONCLUSIVE, reason=flip.reason
    )
