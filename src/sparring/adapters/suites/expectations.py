"""What must have happened when the talking is over: assertions, calls, writes, the final state, words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sparring.adapters.suites.documents import Scalar, Table
from sparring.adapters.suites.matchers import (
    KEYS,
    read_conditions,
    read_expected,
    read_parts,
    read_pattern,
)
from sparring.adapters.suites.places import Place
from sparring.domain.scenario import (
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
)
from sparring.domain.transcript import Side

EXPECT = ("assertions", "actions", "forbidden", "writes", "state", "said")
ACTION = (
    "name",
    "arguments",
    "compare_args",
    "requestor",
    "match_requestor",
    "match",
    "required",
    "info",
    "tool_call_id",
)


class MatchRule(StrEnum):
    """How an expected action is compared."""

    EXACT = "exact"
    TAU2 = "tau2"


class WritesRule(StrEnum):
    """How the calls that write are compared with the expected ones."""

    EXACT = "exact"


def read_expectations(place: Place | None) -> Expectations:
    """The checks of a scenario."""
    if place is None:
        return Expectations()
    fields = place.fields(*EXPECT)
    read = [_read_assertion(item) for item in fields.items("assertions", "a list of sentences")]
    assertions = [one for one in read if one is not None]
    actions = [_read_action(item) for item in fields.items("actions", "a list of expected tool calls")]
    forbidden = [_read_forbidden(item) for item in fields.items("forbidden", "a list of tool names")]
    said = [_read_words(item) for item in fields.items("said", "a list of texts or {contains} or {regex}")]
    return Expectations(
        assertions=tuple(sentence for sentence, _ in assertions),
        optional_assertions=tuple(index for index, (_, required) in enumerate(assertions) if not required),
        actions=tuple(action for action in actions if action is not None),
        forbidden=tuple(one for one in forbidden if one is not None),
        writes=_read_writes(fields.get("writes")),
        state=_read_state(fields.get("state")),
        said=tuple(one for one in said if one is not None),
    )


def _read_assertion(place: Place) -> tuple[str, bool] | None:
    if not isinstance(place.node, Table):
        sentence = place.text()
        return None if sentence is None else (sentence, True)
    fields = place.fields("assertion", "required", required=("assertion",))
    sentence = fields.text("assertion")
    return None if sentence is None else (sentence, fields.boolean("required") is not False)


def _read_forbidden(place: Place) -> ForbiddenAction | None:
    if not isinstance(place.node, Table):
        name = place.text()
        return None if name is None else ForbiddenAction(name=name)
    fields = place.fields("name", "arguments", "required", required=("name",))
    name = fields.text("name")
    arguments = read_conditions(fields.get("arguments"), "a mapping of arguments")
    required = fields.boolean("required") is not False
    return None if name is None else ForbiddenAction(name=name, arguments=arguments, required=required)


def _read_writes(place: Place | None) -> ExpectedWrites | None:
    if place is None:
        return None
    if not isinstance(place.node, Table):
        return None if place.chosen(WritesRule) is None else ExpectedWrites()
    fields = place.fields("match", "required", required=("match",))
    fields.chosen("match", WritesRule)
    return ExpectedWrites(required=fields.boolean("required") is not False)


def _read_state(place: Place | None) -> tuple[ExpectedState, ...]:
    if place is None:
        return ()
    if isinstance(place.node, Table):
        conditions = read_conditions(place, "a mapping from paths to values or conditions")
        return tuple(ExpectedState(path=path, matcher=matcher) for path, matcher in conditions.items())
    read = [
        _read_state_item(item) for item in place.items("a mapping from paths to values, or a list of {path, ...}")
    ]
    return tuple(one for one in read if one is not None)


def _read_state_item(place: Place) -> ExpectedState | None:
    fields = place.fields("path", *KEYS, "required", required=("path",), values=("equal",))
    path = fields.text("path")
    matcher = read_parts(fields)
    if matcher is None and path is not None:
        place.wrong(f"nothing says what stands at {path!r}; give one of {', '.join(KEYS)}.")
    if path is None or matcher is None:
        return None
    return ExpectedState(path=path, matcher=matcher, required=fields.boolean("required") is not False)


def _read_words(place: Place) -> ExpectedWords | None:
    if isinstance(place.node, Scalar):
        words = place.text()
        return None if words is None else ExpectedWords(contains=words)
    fields = place.fields("contains", "regex", "ignore_case", "absent", "required")
    pattern = fields.get("regex")
    read = ExpectedWords(
        contains=fields.text("contains"),
        regex=None if pattern is None else read_pattern(pattern),
        ignore_case=fields.boolean("ignore_case"),
        absent=bool(fields.boolean("absent")),
        required=fields.boolean("required") is not False,
    )
    if ("contains" in fields) is ("regex" in fields):
        place.wrong("expected either 'contains' or 'regex', came " + ("both." if pattern else "neither."))
        return None
    return read


def _read_action(place: Place) -> ExpectedAction | None:
    fields = place.fields(*ACTION, required=("name",))
    name = fields.text("name")
    if name is None:
        return None
    required = fields.boolean("required")
    rule = fields.chosen("match", MatchRule)
    return ExpectedAction(
        name=name,
        arguments=_read_arguments(fields.get("arguments")),
        compare_args=fields.texts("compare_args", "a list of argument names"),
        side=fields.chosen("requestor", Side) or Side.AGENT,
        match_side=bool(fields.boolean("match_requestor")),
        match_rule=(rule or MatchRule.EXACT).value,
        call_id=fields.text("tool_call_id", blank=True),
        info=fields.text("info", blank=True),
        required=required is not False,
    )


def _read_arguments(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    read = {name: read_expected(value) for name, value in place.entries("a mapping of arguments").items()}
    return read if place.node.depth else None
