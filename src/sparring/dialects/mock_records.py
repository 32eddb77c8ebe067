"""Mocks of actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.dialects.conditions import written
from sparring.dialects.mock_forms import ActionMock, MockAnswer, MockRule
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock


def mocks(given: Mapping[str, ActionMock]) -> dict[str, ToolMock]:
    """The mocks that a request describes, by tool."""
    return {name: _mock(mock) for name, mock in given.items()}


def mock_records(mocks: Mapping[str, ToolMock]) -> dict[str, dict[str, Any]]:
    """The mocks as they go out; the default in the documented form where that can say it."""
    return {name: _record(mock) for name, mock in mocks.items()}


def _mock(given: ActionMock) -> ToolMock:
    return ToolMock(
        rules=tuple(map(_rule, given.rules or ())),
        sequence=tuple(map(_answer, given.sequence or ())),
        then=Then(given.then or Then.OTHERWISE),
        otherwise=_default(given),
    )


def _default(given: ActionMock) -> Answer | None:
    if given.otherwise is not None:
        return _answer(given.otherwise)
    sent = given.model_fields_set
    if sent & {"returns", "error"}:
        return _answer(given)
    if sent & {"default_return_value", "default_is_error"}:
        value = given.default_return_value if "default_return_value" in sent else ""
        return Answer(value=value, is_error=bool(given.default_is_error))
    return None


def _rule(given: MockRule) -> Rule:
    return Rule(
        when={path: condition.matcher for path, condition in (given.when or {}).items()},
        state={path: condition.matcher for path, condition in (given.state or {}).items()},
        answer=_answer(given),
        times=given.times,
    )


def _answer(given: MockAnswer | ActionMock) -> Answer:
    is_error = "error" in given.model_fields_set
    return Answer(
        value=given.error if is_error else given.returns,
        is_error=is_error,
        changes=Changes(set=given.set or {}, append=given.append or {}, remove=tuple(given.remove or ())),
        delay_ms=given.delay_ms or 0,
    )


def _record(mock: ToolMock) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if mock.otherwise is not None:
        plain = Answer(value=mock.otherwise.value, is_error=mock.otherwise.is_error)
        if mock.otherwise == plain:
            record = {"default_return_value": plain.value, "default_is_error": plain.is_error}
        else:
            record = {"otherwise": _answer_record(mock.otherwise)}
    if mock.rules:
        record["rules"] = [_rule_record(rule) for rule in mock.rules]
    if mock.sequence:
        record["sequence"] = [_answer_record(answer) for answer in mock.sequence]
    if mock.then is not Then.OTHERWISE:
        record["then"] = mock.then.value
    return record


def _rule_record(rule: Rule) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, conditions in (("when", rule.when), ("state", rule.state)):
        if conditions:
            record[name] = {path: written(matcher) for path, matcher in conditions.items()}
    record |= _answer_record(rule.answer)
    return record if rule.times is None else {**record, "times": rule.times}


def _answer_record(answer: Answer) -> dict[str, Any]:
    record = {"error" if answer.is_error else "returns": answer.value}
    changes = (
        ("set", answer.changes.set),
        ("append", answer.changes.append),
        ("remove", list(answer.changes.remove)),
        ("delay_ms", answer.delay_ms),
    )
    return {**record, **{name: value for name, value in changes if value}}
