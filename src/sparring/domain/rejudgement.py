"""A stored conversation judged once more, beside the verdict that it has: nothing is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.verdict import Check, CheckKind, Finding, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudgement:
    """What judging a trial again came to."""

    id: str
    judging: str
    """Of the occasion: all trials that were judged again at once have the same."""
    simulation: str
    trial: str
    judge: str
    """The model's name."""
    votes: int = 1
    """How many judgements it rests on, where the judge was asked."""
    outcome: Outcome
    verdict: Verdict | None = None
    """None where it could not be judged."""
    splits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By an assertion's place, how many votes found what; only where they did not agree."""
    error: str | None = None
    """Why it could not be judged."""
    cost: float | None = 0.0
    """USD, None where a price is not known."""
    created_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A check that found something else than before."""

    kind: CheckKind
    subject: str
    was: Finding | None
    """None: it was not checked."""
    now: Finding | None
    """None: it is not checked any more."""
    reason: str
    """Of the later finding; of the earlier one where there is no later one."""
    required: bool = True
    index: int = 0
    """Place among the checks of its kind, of the later verdict where there is one."""

    @property
    def is_reversal(self) -> bool:
        """Whether it was checked both times."""
        return self.was is not None and self.now is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One trial with a later judgement."""

    trial: Trial
    """As it was judged at first."""
    judgement: Rejudgement
    flips: tuple[Flip, ...]
    """Empty where it could not be judged."""

    @property
    def is_turned(self) -> bool:
        """Whether the whole trial has another outcome."""
        return self.trial.outcome is not self.judgement.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """One occasion on which a simulation was judged again."""

    judging: str
    before: Simulation
    simulation: Simulation
    """The same with the judge and the expectations of this occasion."""
    trials: tuple[Trial, ...]
    """All of it, with the verdicts that they have."""
    judgements: Mapping[str, Rejudgement]
    """By trial; what is not over, or broke off, is left out."""

    @property
    def judged(self) -> tuple[Trial, ...]:
        """The trials with the verdicts of this occasion, in their order, for figures as of any simulation."""
        return tuple(
            replace(
                one.trial, outcome=one.judgement.outcome, verdict=one.judgement.verdict, error=one.judgement.error
            )
            for one in self.revisions
        )

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """Every trial that was judged again, in their order."""
        return tuple(
            Revision(
                trial=trial,
                judgement=found,
                flips=flips(trial.verdict, found.verdict) if found.verdict is not None else (),
            )
            for trial in self.trials
            if (found := self.judgements.get(trial.id)) is not None
        )

    @property
    def checks(self) -> int:
        """How many checks the later verdicts hold."""
        return sum(len(found.verdict.checks) for found in self.judgements.values() if found.verdict is not None)

    @property
    def cost(self) -> float | None:
        """USD of the occasion; None where a price is not known."""
        costs = [found.cost for found in self.judgements.values()]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None


def flips(before: Verdict | None, after: Verdict | None) -> tuple[Flip, ...]:
    """Every check that is not as it was, in the order of the later verdict; a check is the same by its words."""
    waiting: dict[tuple[CheckKind, str], list[Check]] = {}
    for check in before.checks if before is not None else ():
        waiting.setdefault((check.kind, check.subject), []).append(check)
    found = []
    for check in after.checks if after is not None else ():
        earlier = waiting.get((check.kind, check.subject))
        was = earlier.pop(0).finding if earlier else None
        if was is not check.finding:
            found.append(_flip(check, was, check.finding))
    found += [_flip(check, check.finding, None) for left in waiting.values() for check in left]
    return tuple(found)


def _flip(check: Check, was: Finding | None, now: Finding | None) -> Flip:
    return Flip(
        kind=check.kind,
        subject=check.subject,
        was=was,
        now=now,
        reason=check.reason,
        required=check.required,
        index=check.index,
    )
