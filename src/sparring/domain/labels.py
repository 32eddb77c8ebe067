"""What people think of single checks: the measure of a judge."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.domain.verdict import CheckKind, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One person's opinion of one check of a trial's verdict."""

    trial: str
    """The id."""
    kind: CheckKind
    index: int
    """The check's place among the checks of its kind."""
    by: str
    """The id of the key that the person came with."""
    agrees: bool
    finding: Finding
    """What the check had found when the person looked: a later judgement may find another."""
    note: str = ""
    at: float = 0.0
    """Unix seconds."""
