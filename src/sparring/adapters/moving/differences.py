"""Where one JSON value says more than another, and saying it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparring.domain.chance import derive
from sparring.domain.matching import same
from sparring.domain.templates import compact_json

Part = dict[str, Any]
"""`{at, value}`, and `over` where something else stands there by itself: what that is."""

_LONGEST_OVER = 200


def beyond(full: Any, bare: Any) -> list[Part]:
    """What has to be put into the bare value to have the full one."""
    return _beyond(full, bare, [])


def overlaid(bare: Any, parts: Iterable[Mapping[str, Any]]) -> Any:
    """The bare value with parts put in.

    A part that stood over something else gives way where that has been changed since, and one whose place is gone
    is left out.
    """
    for part in parts:
        bare = _with(bare, part["at"], part)
    return bare


def _beyond(full: Any, bare: Any, at: list[str | int]) -> list[Part]:
    if _is_nothing(full) and _is_nothing(bare):
        return []
    if isinstance(full, Mapping) and isinstance(bare, Mapping) and _covers(full, bare):
        return [part for key, value in full.items() for part in _beyond(value, bare.get(key), [*at, key])]
    if isinstance(full, list) and isinstance(bare, list) and len(full) == len(bare):
        pairs = enumerate(zip(full, bare, strict=True))
        return [part for place, (value, known) in pairs for part in _beyond(value, known, [*at, place])]
    if same(full, bare):
        return []
    return [{"at": at, "value": full} if _is_nothing(bare) else {"at": at, "value": full, "over": _told(bare)}]


def _covers(full: Mapping[str, Any], bare: Mapping[str, Any]) -> bool:
    return all(key in full or _is_nothing(value) for key, value in bare.items())


def _with(value: Any, at: Sequence[str | int], part: Mapping[str, Any]) -> Any:
    if not at:
        fits = same(_told(value), part["over"]) if "over" in part else _is_nothing(value)
        return part["value"] if fits else value
    step, rest = at[0], at[1:]
    if isinstance(step, str) and (isinstance(value, Mapping) or value is None):
        known = value or {}
        return {**known, step: _with(known.get(step), rest, part)}
    if isinstance(step, int) and isinstance(value, list) and step < len(value):
        return [_with(item, rest, part) if place == step else item for place, item in enumerate(value)]
    return value


def _is_nothing(value: Any) -> bool:
    return value is None or value == [] or value == {}


def _told(value: Any) -> Any:
    """A value to know it by: itself, or a number that follows from it where it is long."""
    text = compact_json(value)
    return value if len(text) <= _LONGEST_OVER else f"#{derive(0, text):016x}"
