"""What a vendor's form cannot say of a record of ours: it travels beside that form, and is put back on arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import orjson

from sparring.adapters.store.records import Record
from sparring.adapters.suites.suite import Suite
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario

RecordT = TypeVar("RecordT", Agent, Scenario, Suite)

_ABSENT = "without"
"""Names the fields that have no value of their own in the record, and would have one after the vendor's form."""

_ELSEWHERE: Mapping[type[Any], tuple[str, ...]] = {
    Agent: ("id", "workspace", "alias", "extra", "created_at", "updated_at", "revision"),
    Scenario: (
        "id",
        "workspace",
        "alias",
        "agent_id",
        "set_id",
        "label",
        "extra",
        "created_at",
        "updated_at",
        "revision",
    ),
    Suite: ("agent", "scenarios", "places", "warnings"),
}
"""The fields that are no part of it: they belong to where the record is kept, or travel by themselves."""

_FORMS: Mapping[type[Any], Record[Any]] = {kind: Record(kind, columns=names) for kind, names in _ELSEWHERE.items()}


def words(record: Agent | Scenario | Suite) -> dict[str, Any]:
    """The fields of a record that are not as they are by default, as JSON."""
    found: dict[str, Any] = orjson.loads(_FORMS[type(record)].dump(record))
    return found


def remainder(wanted: RecordT, made: RecordT) -> dict[str, Any]:
    """What has to be changed in a record that was made from a vendor's form, to have the one that is wanted."""
    told, known = words(wanted), words(made)
    rest = {name: value for name, value in told.items() if name not in known or known[name] != value}
    absent = [name for name in known if name not in told]
    return {**rest, **({_ABSENT: absent} if absent else {})}


def absences(rest: Mapping[str, Any]) -> list[str]:
    """The fields that a remainder is about."""
    return [name for name in rest if name != _ABSENT] + list(rest.get(_ABSENT, ()))


def with_remainder(made: RecordT, given: Any) -> RecordT:
    """The record with a remainder put back.

    Raises:
        InvalidInput: it is no such remainder.
    """
    kind = type(made)
    known = {field.name for field in fields(kind)} - set(_ELSEWHERE[kind])
    absent: Any = given.get(_ABSENT, []) if isinstance(given, Mapping) else None
    if not isinstance(absent, list) or not (set(given) - {_ABSENT}) | set(map(str, absent)) <= known:
        raise InvalidInput("sparring must hold fields of a record of this project, as an export writes them.")
    told = {name: value for name, value in {**words(made), **given}.items() if name not in (_ABSENT, *absent)}
    try:
        columns = {name: getattr(made, name) for name in _ELSEWHERE[kind]}
        return _FORMS[kind].load(orjson.dumps(told).decode(), **columns)  # type: ignore[no-any-return]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"sparring holds what no record can have ({type(error).__name__}: {error}).") from None
