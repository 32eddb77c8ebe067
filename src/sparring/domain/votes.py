"""Several judgements of one conversation made into one: what most of them found, and how they were split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sparring.domain.verdict import Assessment, Finding

Split = Mapping[Finding, int]
"""How many votes found what."""


def majority(votes: Sequence[Sequence[Assessment]]) -> tuple[tuple[Assessment, ...], tuple[Split, ...]]:
    """One assessment for each assertion, and how its votes were split.

    What more than half of the votes found stands, in the words of the first of them; without such a majority it is
    inconclusive. A reason says how the votes were split, where they were.

    Args:
        votes: of at least one judgement, each with an assessment for every assertion in their order.
    """
    columns = list(zip(*votes, strict=True))
    splits = tuple(Counter(assessment.finding for assessment in column) for column in columns)
    return tuple(_agreed(column, split) for column, split in zip(columns, splits, strict=True)), splits


def told(split: Split) -> str:
    """A split in words, the most frequent finding first."""
    found = sorted(split.items(), key=lambda item: -item[1])
    return ", ".join(f"{number} {finding.value.replace('_', ' ')}" for finding, number in found)


def _agreed(column: Sequence[Assessment], split: Split) -> Assessment:
    if len(split) == 1:
        return column[0]
    most = next((finding for finding, number in split.items() if 2 * number > len(column)), None)
    if most is None:
        reasons = " ".join(assessment.reason for assessment in column if assessment.reason)
        return Assessment(finding=Finding.INCONCLUSIVE, reason=f"No majority ({told(split)}). {reasons}".strip())
    first = next(assessment for assessment in column if assessment.finding is most)
    return replace(first, reason=f"{first.reason} (Votes: {told(split)}.)".strip())
