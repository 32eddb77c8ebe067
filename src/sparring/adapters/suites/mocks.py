"""Tool mocks: rules, a sequence, what is answered otherwise, and the short forms for one canned answer."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.adapters.suites.matchers import read_conditions
from sparring.adapters.suites.places import Fields, Place
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock
from sparring.domain.shadows import unreachable

_ANSWER = ("returns", "error")
_CHANGES = ("set", "append", "remove")
EFFECT = (*_ANSWER, *_CHANGES, "delay_ms")
"""What says what a call is answered, and what that does."""

_EQHO = ("default_return_value", "default_is_error")
MOCK = ("rules", "sequence", "then", "otherwise", *EFFECT, *_EQHO)
RULE = ("when", "state", *EFFECT, "times")
_LONGEST_DELAY = 3_600_000


def read_mocks(place: Place | None) -> dict[str, ToolMock]:
    """The mocks by tool name."""
    if place is None:
        return {}
    return {name: _read_mock(mock) for name, mock in place.entries("a mapping from tool names to mocks").items()}


def mock_texts(place: Place | None) -> Iterator[Place]:
    """Every text of the mocks in which variables are filled in: answers, conditions, changes and their paths."""
    for mock in place.entries("mocks").values() if place is not None else ():
        for field in (*EFFECT, "otherwise", "default_return_value"):
            if (found := mock.get(field)) is not None:
                yield from found.scalars(keys=True)
        for name in ("rules", "sequence"):
            if (found := mock.get(name)) is not None:
                yield from found.scalars(keys=True)


def _read_mock(place: Place) -> ToolMock:
    fields = place.fields(*MOCK, values=(*_ANSWER, "default_return_value"))
    if not any(name in fields for name in ("rules", "sequence", "otherwise", *_ANSWER, *_EQHO)):
        place.doubtful("this mock answers nothing; give it rules, sequence, otherwise, returns or error.")
    rules = [_read_rule(rule) for rule in fields.items("rules", "a list of rules: {when, returns, times}")]
    turns = [
        _read_answer(item.fields(*EFFECT, values=_ANSWER))
        for item in fields.items("sequence", "a list of answers: {returns: ...} or {error: ...}")
    ]
    mock = ToolMock(
        rules=tuple(rule for rule in rules if rule is not None),
        sequence=tuple(answer for answer in turns if answer is not None),
        then=fields.chosen("then", Then) or Then.OTHERWISE,
        otherwise=_read_otherwise(fields),
    )
    if None not in rules and None not in turns:
        _warn_of_idle_parts(place, mock)
    return mock


def _warn_of_idle_parts(place: Place, mock: ToolMock) -> None:
    rules = place.get("rules")
    for part, why in unreachable(mock):
        kind, _, number = part.partition(" ")
        found = rules.items("")[int(number) - 1] if kind == "rule" and rules is not None else place.get(part)
        (found or place).doubtful(f"{part} can never answer: {why}")


def _read_rule(place: Place) -> Rule | None:
    fields = place.fields(*RULE, values=_ANSWER)
    answer = _read_answer(fields)
    when = read_conditions(fields.get("when"), "a mapping from arguments to values or conditions")
    state = read_conditions(fields.get("state"), "a mapping from paths in the state to values or conditions")
    if answer is None:
        return None
    return Rule(when=when, state=state, answer=answer, times=fields.integer("times", 1))


def _read_answer(fields: Fields) -> Answer | None:
    given = [name for name in _ANSWER if name in fields]
    if len(given) != 1:
        came = "both" if given else "neither"
        fields.place.wrong(f"expected either 'returns' or 'error', came {came}.")
        return None
    answer = Answer(
        value=fields.given[given[0]].value(),
        is_error=given[0] == "error",
        changes=_read_changes(fields),
        delay_ms=fields.integer("delay_ms", 0, _LONGEST_DELAY) or 0,
    )
    if answer.is_error and answer.changes != Changes():
        fields.place.doubtful("an error changes nothing; put the changes beside 'returns'.")
    return answer


def _read_changes(fields: Fields) -> Changes:
    return Changes(
        set={
            path: value.value() for path, value in fields.entries("set", "a mapping from paths to values").items()
        },
        append={
            path: value.value()
            for path, value in fields.entries("append", "a mapping from paths to items").items()
        },
        remove=fields.texts("remove", "a list of paths") or (),
    )


def _read_otherwise(fields: Fields) -> Answer | None:
    """The answer of last resort, in whichever of its three spellings it was given."""
    place = fields.get("otherwise")
    spellings = [
        name
        for name, is_given in (
            ("otherwise", place is not None),
            ("returns or error", any(name in fields for name in _ANSWER)),
            ("default_return_value", any(name in fields for name in _EQHO)),
        )
        if is_given
    ]
    if len(spellings) > 1:
        fields.place.wrong(f"{' and '.join(spellings)} are the same thing; give one.")
        return None
    if spellings == ["returns or error"]:
        return _read_answer(fields)
    for name in (*_CHANGES, "delay_ms"):
        if (stray := fields.get(name)) is not None:
            stray.wrong(
                f"{name!r} stands beside the 'returns' that it belongs to, in a rule, the sequence or otherwise."
            )
    if place is not None:
        return _read_answer(place.fields(*EFFECT, values=_ANSWER))
    if spellings:
        value = fields.get("default_return_value")
        is_error = bool(fields.boolean("default_is_error"))
        return Answer(value=None if value is None else value.value(), is_error=is_error)
    return None
