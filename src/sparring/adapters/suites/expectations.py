"""What must have happened when the talking is over: assertions, expected actions, forbidden tools."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sparring.adapters.suites.matchers import read_expected
from sparring.adapters.suites.places import Place
from sparring.domain.scenario import Expectations, ExpectedAction, ForbiddenAction
from sparring.domain.transcript import Side

_ACTION = (
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


def read_expectations(place: Place | None) -> Expectations:
    """The checks of a scenario."""
    if place is None:
        return Expectations()
    fields = place.fields("assertions", "actions", "forbidden")
    actions = [_read_action(item) for item in fields.items("actions", "a list of expected tool calls")]
    return Expectations(
        assertions=fields.texts("assertions", "a list of sentences") or (),
        actions=tuple(action for action in actions if action is not None),
        forbidden=tuple(
            ForbiddenAction(name=name) for name in fields.texts("forbidden", "a list of tool names") or ()
        ),
    )


def _read_action(place: Place) -> ExpectedAction | None:
    fields = place.fields(*_ACTION, required=("name",))
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
