"""What must have happened when the talking is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.dialects.conditions import Condition, written, written_argument
from sparring.dialects.eqho.wire import checks as wire
from sparring.dialects.eqho.wire.scenarios import EvaluationCriteriaRecord
from sparring.domain.scenario import (
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
)
from sparring.domain.transcript import Side

Record = dict[str, Any]


def expectations(given: wire.EvaluationCriteria) -> Expectations:
    """The checks that a request describes."""
    assertions = given.nl_assertions or []
    return Expectations(
        assertions=tuple(one.nl_assertion for one in assertions),
        optional_assertions=tuple(place for place, one in enumerate(assertions) if one.required is False),
        actions=tuple(map(_action, given.actions or ())),
        forbidden=tuple(map(_forbidden, given.forbidden or ())),
        writes=None if given.writes is None else ExpectedWrites(required=given.writes.required is not False),
        state=tuple(map(_state, given.state or ())),
        said=tuple(map(_said, given.said or ())),
    )


def criteria_record(expect: Expectations) -> EvaluationCriteriaRecord:
    """The checks as they go out; a kind of our own only where there are some."""
    record = EvaluationCriteriaRecord(
        actions=[action_record(action) for action in expect.actions],
        nl_assertions=[
            {"nl_assertion": text, "required": False} if place in expect.optional_assertions else text
            for place, text in enumerate(expect.assertions)
        ],
    )
    if expect.forbidden:
        record["forbidden"] = [_forbidden_record(one) for one in expect.forbidden]
    if expect.writes is not None:
        record["writes"] = "exact" if expect.writes.required else {"match": "exact", "required": False}
    if expect.state:
        record["state"] = _state_record(expect.state)
    if expect.said:
        record["said"] = [_said_record(one) for one in expect.said]
    return record


def action_record(action: ExpectedAction) -> Record:
    """An expected action as it goes out."""
    arguments = action.arguments
    record: Record = {
        "tool_call_id": action.call_id,
        "name": action.name,
        "arguments": arguments
        if arguments is None
        else {name: written_argument(value) for name, value in arguments.items()},
        "requestor": action.side.value,
        "info": action.info,
        "compare_args": None if action.compare_args is None else list(action.compare_args),
    }
    if action.match_rule != "exact":
        record["match"] = action.match_rule
    if action.match_side:
        record["match_requestor"] = True
    return _with_required(record, action.required)


def _action(given: wire.ExpectedAction) -> ExpectedAction:
    arguments = given.arguments
    return ExpectedAction(
        name=given.name,
        arguments=arguments
        if arguments is None
        else {name: value.matcher if isinstance(value, Condition) else value for name, value in arguments.items()},
        compare_args=None if given.compare_args is None else tuple(given.compare_args),
        side=Side(given.requestor or Side.AGENT),
        match_side=bool(given.match_requestor),
        match_rule=given.match or "exact",
        call_id=given.tool_call_id,
        info=given.info,
        required=given.required is not False,
    )


def _forbidden(given: wire.ForbiddenAction) -> ForbiddenAction:
    return ForbiddenAction(
        name=given.name,
        arguments={path: condition.matcher for path, condition in (given.arguments or {}).items()},
        required=given.required is not False,
    )


def _forbidden_record(one: ForbiddenAction) -> str | Record:
    if not one.arguments and one.required:
        return one.name
    record: Record = {"name": one.name}
    if one.arguments:
        record["arguments"] = {path: written(matcher) for path, matcher in one.arguments.items()}
    return _with_required(record, one.required)


def _state(given: wire.StateCheck) -> ExpectedState:
    return ExpectedState(path=given.path, matcher=given.matcher, required=given.required is not False)


def _state_record(checks: Sequence[ExpectedState]) -> Mapping[str, Any] | list[Mapping[str, Any]]:
    by_path = {one.path: written(one.matcher) for one in checks}
    if len(by_path) == len(checks) and all(one.required for one in checks):
        return by_path
    return [_with_required({"path": one.path, **_words(written(one.matcher))}, one.required) for one in checks]


def _words(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"equal": value}


def _said(given: wire.Said) -> ExpectedWords:
    return ExpectedWords(
        contains=given.contains,
        regex=given.regex,
        ignore_case=given.ignore_case,
        absent=bool(given.absent),
        required=given.required is not False,
    )


def _said_record(one: ExpectedWords) -> str | Record:
    if one == ExpectedWords(contains=one.contains) and one.contains is not None:
        return one.contains
    record: Record = {"contains": one.contains} if one.contains is not None else {"regex": one.regex}
    if one.ignore_case is not None:
        record["ignore_case"] = one.ignore_case
    if one.absent:
        record["absent"] = True
    return _with_required(record, one.required)


def _with_required(record: Record, required: bool) -> Record:
    return record if required else {**record, "required": False}
