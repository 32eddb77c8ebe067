"""The fields that are this project's own: what the vendor cannot say, and must not take away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from sparring.dialects.extensions import Documented
from sparring.dialects.mock_forms import ActionMock

_OF_MOCKS = ("rules", "sequence", "then")
"""Those of a mock that stand beside the documented default and not in its place."""


def with_own(form: type[Documented], given: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """A vendor's record with the fields of our own that the current record has and it does not name.

    Args:
        form: what both are read as.
        current: as it goes out.
    """
    whole = dict(given)
    for name in _OF_MOCKS if form is ActionMock else form.own:
        if name not in given and current.get(name) is not None:
            whole[name] = current[name]
    for name, inner in _inner_forms(form).items():
        told, known = given.get(name), current.get(name)
        if isinstance(known, Mapping) and (told is None or isinstance(told, Mapping)):
            merged = with_own(inner, told or {}, known)
            if merged or told is not None:
                whole[name] = merged
    if isinstance(mocks := whole.get("action_mocks"), Mapping):
        whole["action_mocks"] = _mocks(mocks, current.get("action_mocks") or {})
    return whole


def _mocks(given: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: with_own(ActionMock, mock, current[name]) if isinstance(mock, Mapping) and name in current else mock
        for name, mock in given.items()
    }


def _inner_forms(form: type[Documented]) -> dict[str, type[Documented]]:
    found = {}
    for name, field in form.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        forms = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Documented)]
        if forms:
            found[name] = forms[0]
    return found


def own_in(form: type[Documented], record: Mapping[str, Any], at: str = "") -> list[str]:
    """The fields of our own that a record has, each with the fields that lead to it."""
    names = [f"{at}{name}" for name in sorted(form.own) if record.get(name) is not None]
    for name, inner in _inner_forms(form).items():
        if isinstance(part := record.get(name), Mapping):
            names += own_in(inner, part, f"{at}{name}.")
    for mock in (record.get("action_mocks") or {}).values():
        names += [f"{at}action_mocks.{name}" for name in sorted(ActionMock.own) if mock.get(name) is not None]
    return names
