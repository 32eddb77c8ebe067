"""Tool mocks: rules, a sequence, what is answered otherwise, and the short forms for one canned answer."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.adapters.suites.matchers import read_matcher
from sparring.adapters.suites.places import Fields, Place
from sparring.domain.mocks import Answer, Rule, ToolMock

_ANSWER = ("returns", "error")
_EQHO = ("default_return_value", "default_is_error")
_MOCK = ("rules", "sequence", "otherwise", *_ANSWER, *_EQHO)


def read_mocks(place: Place | None) -> dict[str, ToolMock]:
    """The mocks by tool name."""
    if place is None:
        return {}
    return {name: _read_mock(mock) for name, mock in place.entries("a mapping from tool names to mocks").items()}


def answer_places(place: Place | None) -> Iterator[Place]:
    """Every text of the mocks' answers, in which variables are filled in."""
    for mock in place.entries("mocks").values() if place is not None else ():
        for found in _answers(mock):
            yield from found.scalars()


def _read_mock(place: Place) -> ToolMock:
    fields = place.fields(*_MOCK, values=(*_ANSWER, "default_return_value"))
    if not fields.given:
        place.doubtful(f"this mock answers nothing; give at least one of {', '.join(_MOCK)}.")
    rules = [_read_rule(rule) for rule in fields.items("rules", "a list of rules: {when, returns, times}")]
    turns = [
        _read_answer(item.fields(*_ANSWER, values=_ANSWER))
        for item in fields.items("sequence", "a list of answers: {returns: ...} or {error: ...}")
    ]
    return ToolMock(
        rules=tuple(rule for rule in rules if rule is not None),
        sequence=tuple(answer for answer in turns if answer is not None),
        otherwise=_read_otherwise(fields),
    )


def _read_rule(place: Place) -> Rule | None:
    fields = place.fields("when", *_ANSWER, "times", values=_ANSWER)
    answer = _read_answer(fields)
    when = {
        name: read_matcher(value)
        for name, value in fields.entries("when", "a mapping from arguments to values or conditions").items()
    }
    if answer is None:
        return None
    return Rule(
        when={name: matcher for name, matcher in when.items() if matcher is not None},
        answer=answer,
        times=fields.integer("times", 1),
    )


def _read_answer(fields: Fields) -> Answer | None:
    given = [name for name in _ANSWER if name in fields]
    if len(given) != 1:
        came = "both" if given else "neither"
        fields.place.wrong(f"expected either 'returns' or 'error', came {came}.")
        return None
    return Answer(value=fields.given[given[0]].value(), is_error=given[0] == "error")


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
    if place is not None:
        return _read_answer(place.fields(*_ANSWER, values=_ANSWER))
    if spellings == ["returns or error"]:
        return _read_answer(fields)
    if spellings:
        value = fields.get("default_return_value")
        is_error = bool(fields.boolean("default_is_error"))
        return Answer(value=None if value is None else value.value(), is_error=is_error)
    return None


def _answers(mock: Place) -> Iterator[Place]:
    last = mock.get("otherwise")
    lists = [found for name in ("rules", "sequence") if (found := mock.get(name)) is not None]
    holders = [mock, *([last] if last is not None else []), *(item for found in lists for item in found.items(""))]
    for holder in holders:
        for name in (*_ANSWER, "default_return_value"):
            if (found := holder.get(name)) is not None:
                yield found
