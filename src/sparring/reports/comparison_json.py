"""A comparison for programs: one JSON document with everything, in a versioned form."""

from __future__ import annotations

import json
from typing import Any

from sparring.domain.comparison import Change, Comparison, Pair, Side, Tally
from sparring.domain.setups import Alteration
from sparring.reports import comparing

FORMAT = 1
"""Raised when a field changes its meaning or goes away; fields may be added without."""


def render_comparison_json(comparison: Comparison) -> str:
    """The comparison as JSON text."""
    return json.dumps(comparison_document(comparison), ensure_ascii=False, indent=2) + "\n"


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain values; rates and differences are those of pass^1."""
    rates = comparison.rates
    return {
        "format": FORMAT,
        "before": _side(comparison.before),
        "now": _side(comparison.after),
        "conclusion": comparison.conclusion.value,
        "told": comparing.conclusion(comparison),
        "obstacles": list(comparison.obstacles),
        "compared": len(comparison.counts),
        "worse": comparison.worse,
        "better": comparison.better,
        "changes": {change.value: comparison.count(change) for change in Change},
        "pass_hat": {
            str(k): None if (both := comparison.pass_hat(k)) is None else list(both)
            for k in range(1, comparison.most + 1)
        },
        "difference": comparison.difference if rates else None,
        "interval": None if comparison.interval is None else list(comparison.interval),
        "chance": comparison.chance,
        "chance_of_movement": comparison.moved_by_chance if rates else None,
        "trials_needed": comparison.trials_needed,
        "detectable": comparison.detectable,
        "altered": [_alteration(one) for one in comparison.alterations],
        "scenarios": [_pair(pair) for pair in comparison.pairs],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "id": side.id,
        "name": side.name,
        "created_at": side.created_at,
        "models": dict(side.setup.models),
        "cost_per_trial": side.cost,
    }


def _alteration(altered: Alteration) -> dict[str, Any]:
    return {
        "facet": altered.facet.value,
        "name": altered.name,
        "part": altered.part or None,
        "before": altered.before,
        "now": altered.after,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    counts = pair.counts
    return {
        "name": pair.name,
        "change": pair.change.value,
        "before": _tally(pair.before),
        "now": _tally(pair.after),
        "difference": None if counts is None else counts.difference,
        "altered": pair.is_altered,
    }


def _tally(tally: Tally | None) -> dict[str, Any] | None:
    if tally is None:
        return None
    return {"id": tally.id, "passed": tally.passed, "judged": tally.judged, "planned": tally.planned}
