"""Checks of tool calls: those that must occur, those that must not, and those that write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sparring.domain import templates
from sparring.domain.matching import ABSENT, Matcher, filled, fits, matches, same
from sparring.domain.scenario import ExpectedAction, ExpectedWrites, ForbiddenAction
from sparring.domain.templates import Scope, compact_json
from sparring.domain.transcript import Side, ToolCall, ToolResult, Transcript
from sparring.domain.verdict import Check, CheckKind, Evidence, Finding

_FAILED = "Error"
"""How the result of a failed call begins, where its tool does not mark it as an error."""

_TOLD = 3
"""Calls that a reason shows."""


def matching_calls(expected: ExpectedAction, transcript: Transcript, end_tool: str) -> list[tuple[int, ToolCall]]:
    """The calls that satisfy an expected action, with the index of their messages."""
    return [
        (index, call)
        for index, call, side in transcript.calls()
        if not (side is Side.USER and call.name == end_tool) and action_matches(expected, call, side)
    ]


def action_matches(expected: ExpectedAction, call: ToolCall, side: Side) -> bool:
    """Whether a call is the expected one; one whose arguments could not be read never is.

    With `compare_args` None the union of both sides' argument names is compared, so that a call with a missing
    argument does not match; under the rule `tau2` the actual call's names alone, as tau2-bench does.
    """
    if call.name != expected.name or call.malformed is not None:
        return False
    if expected.match_side and side is not expected.side:
        return False
    if expected.arguments is None:
        return True
    if expected.compare_args is not None:
        names = set(expected.compare_args)
    elif expected.match_rule == "tau2":
        names = set(call.arguments)
    else:
        names = set(call.arguments) | set(expected.arguments)
    tau2 = expected.match_rule == "tau2"
    return all(_same_argument(name, expected.arguments, call.arguments, tau2=tau2) for name in names)


def filled_action(expected: ExpectedAction, variables: Scope) -> ExpectedAction:
    """The expected action with the variables put into its arguments."""
    if expected.arguments is None:
        return expected
    arguments = {
        name: filled(wanted, variables) if isinstance(wanted, Matcher) else templates.put_in(wanted, variables)
        for name, wanted in expected.arguments.items()
    }
    return replace(expected, arguments=arguments)


def check_action(index: int, expected: ExpectedAction, transcript: Transcript, end_tool: str) -> Check:
    """Whether an expected call occurred."""
    found = matching_calls(expected, transcript, end_tool)
    if found:
        where, call = found[0]
        reason = f"{call.name} was called as expected."
        evidence: tuple[Evidence, ...] = (Evidence(message=where, quote=call.name),)
        finding = Finding.MET
    else:
        near = [(where, call) for where, call, _ in transcript.calls() if call.name == expected.name]
        reason = _why_not(expected, [call for _, call in near])
        evidence = tuple(Evidence(message=where, quote=call.name) for where, call in near)
        finding = Finding.NOT_MET
    return Check(
        kind=CheckKind.ACTION,
        subject=expected.name,
        finding=finding,
        reason=reason,
        evidence=evidence,
        required=expected.required,
        index=index,
    )


def check_forbidden(index: int, forbidden: ForbiddenAction, transcript: Transcript, variables: Scope) -> Check:
    """Whether the agent kept from a call."""
    wanted = {path: filled(matcher, variables) for path, matcher in forbidden.arguments.items()}
    found = [
        (where, call)
        for where, call, side in transcript.calls()
        if call.name == forbidden.name
        and side is Side.AGENT
        and all(fits(path, matcher, call.arguments, variables) for path, matcher in wanted.items())
    ]
    how = _how(wanted)
    reason = f"{forbidden.name} was not called{how}."
    if found:
        came = ": " + _listed([call for _, call in found]) if wanted else ""
        reason = f"{forbidden.name} must not be called{how}, and was{came}."
    return Check(
        kind=CheckKind.FORBIDDEN,
        subject=forbidden.name + _how(forbidden.arguments),
        finding=Finding.NOT_MET if found else Finding.MET,
        reason=reason,
        evidence=tuple(Evidence(message=where, quote=call.name) for where, call in found),
        required=forbidden.required,
        index=index,
    )


def check_writes(
    writes: ExpectedWrites, actions: Sequence[ExpectedAction], transcript: Transcript, writing: Collection[str]
) -> Check:
    """Whether the successful calls of the tools that write, a history's left out, are exactly the expected ones.

    Args:
        actions: all expected actions; those of other tools do not matter here.
        writing: the names of the tools that write.
    """
    wanted = [action for action in actions if action.name in writing]
    made = [(where, call, side) for where, call, side in _successful(transcript) if call.name in writing]
    partner = _paired(len(wanted), len(made), lambda i, j: action_matches(wanted[i], made[j][1], made[j][2]))
    missing = [action for i, action in enumerate(wanted) if i not in partner]
    further = [(where, call) for j, (where, call, _) in enumerate(made) if j not in partner.values()]
    if not missing and not further:
        few = "no call that writes" if not made else "1 call that writes"
        told = f"was {few}" if len(made) < 2 else f"were {len(made)} calls that write"
        reason = f"There {told}, as expected."
        evidence = [(where, call) for where, call, _ in made]
    else:
        parts = [
            f"missing: {_named([(a.name, _shown(a.arguments)) for a in missing])}" if missing else "",
            f"not expected: {_named([(c.name, c.arguments) for _, c in further])}" if further else "",
        ]
        reason = f"Of the calls that write and succeeded, {'; '.join(part for part in parts if part)}."
        evidence = further
    return Check(
        kind=CheckKind.WRITES,
        subject="writes: exact",
        finding=Finding.NOT_MET if missing or further else Finding.MET,
        reason=reason,
        evidence=tuple(Evidence(message=where, quote=call.name) for where, call in evidence),
        required=writes.required,
    )


def succeeded(result: ToolResult) -> bool:
    """Whether a call did what it should, by its result."""
    return not result.is_error and not result.text.startswith(_FAILED)


def _successful(transcript: Transcript) -> list[tuple[int, ToolCall, Side]]:
    results = transcript.results()
    found = []
    last, position = -1, 0
    for index, call, side in transcript.calls():
        position = position + 1 if index == last else 0
        last = index
        answered = results.get((index, position))
        if index >= transcript.history and answered is not None and succeeded(answered[1]):
            found.append((index, call, side))
    return found


def _paired(wanted: int, made: int, match: Callable[[int, int], bool]) -> dict[int, int]:
    """Most pairs of a wanted and a made call that match, each in one pair only (augmenting paths)."""
    partner: dict[int, int] = {}
    taken: dict[int, int] = {}
    fitting = [[j for j in range(made) if match(i, j)] for i in range(wanted)]
    for start in range(wanted):
        came_from: dict[int, int] = {}
        waiting, free = [start], None
        while waiting and free is None:
            i = waiting.pop()
            for j in fitting[i]:
                if j in came_from:
                    continue
                came_from[j] = i
                if j not in taken:
                    free = j
                    break
                waiting.append(taken[j])
        while free is not None:
            i = came_from[free]
            before = partner.get(i)
            partner[i], taken[free] = free, i
            free = before
    return partner


def _same_argument(name: str, expected: Mapping[str, Any], actual: Mapping[str, Any], *, tau2: bool) -> bool:
    wanted, came = expected.get(name, ABSENT), actual.get(name, ABSENT)
    if isinstance(wanted, Matcher):
        return matches(wanted, came)
    if wanted is ABSENT or came is ABSENT:
        return wanted is came
    return bool(wanted == came) if tau2 else same(wanted, came)


def _why_not(expected: ExpectedAction, near: list[ToolCall]) -> str:
    if not near:
        return f"{expected.name} was never called."
    wanted = compact_json(_shown(expected.arguments))
    return f"{expected.name} was called with other arguments: expected {wanted}, came {_listed(near)}."


def _how(wanted: Mapping[str, Matcher]) -> str:
    return " with " + " and ".join(f"{path} {matcher}" for path, matcher in wanted.items()) if wanted else ""


def _shown(arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    wanted = arguments or {}
    return {name: str(value) if isinstance(value, Matcher) else value for name, value in wanted.items()}


def _listed(calls: Sequence[ToolCall]) -> str:
    return "; ".join(call.malformed or compact_json(dict(call.arguments)) for call in calls[:_TOLD])


def _named(calls: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    told = ", ".join(f"{name} {compact_json(dict(arguments))}" for name, arguments in calls[:_TOLD])
    return told + (f" and {len(calls) - _TOLD} more" if len(calls) > _TOLD else "")
