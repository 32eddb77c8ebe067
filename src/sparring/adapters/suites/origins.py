"""Where a record of a suite came from: its id there, and what a suite cannot say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.adapters.suites.places import Place

ORIGIN = "origin"
"""Under this name a record's `extra` holds it, and a suite says it."""

ORIGIN_FIELDS = ("vendor", "id", "kept")
KEPT = ("at", "value", "over")


def read_origin(place: Place | None) -> dict[str, Any]:
    """What of a record's `extra` a suite says."""
    if place is None:
        return {}
    fields = place.fields(*ORIGIN_FIELDS, required=("vendor",))
    kept = [part for item in fields.items("kept", "a list of {at, value}") if (part := _part(item)) is not None]
    given = {"vendor": fields.text("vendor"), "id": fields.text("id"), "kept": kept or None}
    return {ORIGIN: {name: value for name, value in given.items() if value is not None}}


def origin_of(extra: Mapping[str, Any], vendor: str | None = None) -> Mapping[str, Any]:
    """A record's origin; an empty one where it has none, or another vendor's."""
    origin: Mapping[str, Any] = extra.get(ORIGIN, {})
    return origin if vendor in (None, origin.get("vendor")) else {}


def _part(place: Place) -> dict[str, Any] | None:
    fields = place.fields(*KEPT, required=("at",), values=("value", "over"))
    at = fields.get("at")
    if at is None:
        return None
    steps = at.value()
    if not isinstance(steps, list) or not all(isinstance(step, str) or type(step) is int for step in steps):
        at.expected("a list of names and places in lists")
        return None
    return {"at": steps, **{name: where.value() for name in KEPT[1:] if (where := fields.get(name)) is not None}}
