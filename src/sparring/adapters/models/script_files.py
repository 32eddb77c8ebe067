"""Reading the file of a script, every mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sparring.adapters.models.scripts import Mark, Rule, Script, TurnRange, When
from sparring.adapters.suites.places import Fields, Place, Source
from sparring.adapters.suites.problems import Problems
from sparring.domain import patterns, templates
from sparring.domain.errors import InvalidInput
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Role

_ANYBODY = ("scenario", "system", "turn", "chance", "draw", "not")
_TALKING = (*_ANYBODY, "said", "heard", "spoke", "tool", "result", "called", "offered")
_CONDITIONS = MappingProxyType(
    {Role.AGENT: _TALKING, Role.USER: _TALKING, Role.JUDGE: (*_ANYBODY, "assertion", "shows", "lacks")}
)
_ANSWERS = MappingProxyType(
    {
        Role.AGENT: ("say", "call", "once", "times"),
        Role.USER: ("say", "call", "end", "once", "times"),
        Role.JUDGE: ("verdict", "reason", "cite", "quote"),
    }
)
_ROLES = tuple(role.value for role in Role)
_MARKS = ("agent", "user", "calls", "result")
_PATTERNED = ("system", "said", "heard", "spoke", "result", "assertion")
_ALWAYS_KNOWN = frozenset({"turn", "scenario", "draw"})
_TURNS = re.compile(r"([0-9]{1,6})(\+|-([0-9]{1,6}))?")


def load_script(path: Path, name: str | None = None) -> Script:
    """Read a script file; `name` is its name where the file gives none, else the file's own.

    Raises:
        InvalidInput: it cannot be read or says something that no script can; the message has file, line and field.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InvalidInput(f"There is no script {path}.") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: byte {error.start} cannot be read.") from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    return read_script(text, file=str(path), name=name or path.stem)


def read_script(text: str, *, file: str = "script.yaml", name: str = "script") -> Script:
    """Read a script from a text.

    Raises:
        InvalidInput: it says something that no script can; the message has line and field.
    """
    problems = Problems()
    document = Source(file, text, None, problems).document()
    script = None if document is None else _Reading().script(document, name)
    problems.raise_errors()
    assert script is not None
    return script


class _Reading:
    """One script on its way from places in a file to values."""

    def __init__(self) -> None:
        self.draws: dict[str, dict[str, float]] = {}

    def script(self, place: Place, name: str) -> Script:
        top = place.fields("name", "price", "draws", *_ROLES)
        self.draws = {draw: _weights(at) for draw, at in top.entries("draws", "draws by name").items()}
        price = top.get("price")
        prices = price.fields(*_ROLES) if price is not None else Fields(place, {})
        amounts = {
            role: prices.number(role.value, "USD of one answer, 0 or more", lambda v: v >= 0) for role in Role
        }
        return Script(
            name=top.text("name") or name,
            rules={role: tuple(self.rules(top.get(role.value), role, ())) for role in Role},
            draws=self.draws,
            price={role: amount for role, amount in amounts.items() if amount is not None},
        )

    def rules(self, place: Place | None, role: Role, around: tuple[When, ...]) -> Iterator[Rule]:
        for item in place.items("a list of rules, each beginning with `-`") if place is not None else ():
            entries = item.entries("a rule: a mapping")
            when = entries.get("when")
            conditions = self.when(when, role) if when is not None else When()
            if "rules" in entries:
                item.fields("when", "rules")
                yield from self.rules(entries["rules"], role, (*around, conditions))
            else:
                yield self.rule(item, role, (*around, conditions))

    def rule(self, place: Place, role: Role, when: tuple[When, ...]) -> Rule:
        given = place.fields("when", *_ANSWERS[role], required=("verdict", "reason") if role is Role.JUDGE else ())
        verdict = given.chosen("verdict", Finding)
        rule = Rule(
            place=f"line {place.position.line}",
            identity=templates.compact_json([role.value, repr(when), place.value()]),
            when=when,
            say=_texts(given.get("say")),
            calls=tuple(_calls(given.get("call"))),
            end=_texts(given.get("end")),
            times=_times(given),
            finding=verdict if verdict is not None else Finding.MET,
            reason=_texts(given.get("reason")),
            cite=_marks(given.get("cite")),
            quote=_texts(given.get("quote")),
        )
        if role is not Role.JUDGE and not (rule.say or rule.calls or rule.end):
            allowed = "`say`, `call` or `end`" if role is Role.USER else "`say` or `call`"
            place.wrong(f"the rule answers nothing; give it {allowed}.")
        _check_names(place, rule, role)
        return rule

    def when(self, place: Place, role: Role) -> When:
        given = place.fields(*_CONDITIONS[role])
        readers: Mapping[str, Callable[[Place], Any]] = {
            "turn": _turns,
            "tool": _texts,
            "called": _texts,
            "offered": _texts,
            "chance": _share,
            "draw": self.draw,
            "shows": _marks,
            "lacks": _marks,
            "not": lambda at: self.when(at, role),
        }
        values = {name: readers.get(name, _pattern)(at) for name, at in given.given.items()}
        if "not" in values:
            values["none"] = values.pop("not")
        return When(**values)

    def draw(self, place: Place) -> dict[str, tuple[str, ...]]:
        if not self.draws:
            place.wrong("this script has no `draws` at its top.")
            return {}
        given = place.fields(*self.draws)
        wanted = {name: _texts(at) for name, at in given.given.items()}
        for name, options in wanted.items():
            for option in options:
                if option not in self.draws[name]:
                    place.wrong(f"{name!r} is never {option!r}. It is one of: {', '.join(self.draws[name])}.")
        return wanted


def _texts(place: Place | None) -> tuple[str, ...]:
    """One text, or a list of them."""
    if place is None:
        return ()
    places = [place] if place.is_text else place.items("a text or a list of texts")
    return tuple(text for text in (at.text() for at in places) if text is not None)


def _pattern(place: Place) -> str | None:
    pattern = place.text(blank=True)
    try:
        patterns.compiled(pattern or "")
    except ValueError as error:
        place.wrong(f"the pattern does not compile (the syntax is RE2's): {error}.")
        return None
    return pattern


def _turns(place: Place) -> tuple[TurnRange, ...]:
    ranges: list[TurnRange] = []
    for text in _texts(place):
        match = _TURNS.fullmatch(text)
        if match is None:
            place.expected("a turn: 2, 2-4, 3+, or a list of these")
            continue
        ranges.append((int(match[1]), None if match[2] == "+" else int(match[3] or match[1])))
    return tuple(ranges)


def _share(place: Place) -> float | None:
    return place.number("a share from 0 to 1", lambda value: 0 <= value <= 1)


def _times(given: Fields) -> int | None:
    if given.boolean("once"):
        if "times" in given:
            given.place.wrong("give `once` or `times`, not both.")
        return 1
    return given.integer("times", 1)


def _calls(place: Place | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """`{tool: {argument: value}}`, or a list of these where a tool is called twice."""
    if place is None:
        return
    several = isinstance(place.value(), list)
    for item in place.items("calls") if several else [place]:
        for tool, arguments in item.entries("a call: the tool's name, then its arguments").items():
            value = {} if arguments.is_null else arguments.value()
            if not isinstance(value, dict):
                arguments.expected("the arguments by name")
                value = {}
            yield tool, value


def _marks(place: Place | None) -> tuple[Mark, ...]:
    """`{agent: pattern}`, or a list of these."""
    if place is None:
        return ()
    several = isinstance(place.value(), list)
    return tuple(
        Mark(kind=kind, pattern=pattern)
        for item in (place.items("marks") if several else [place])
        for kind, at in item.fields(*_MARKS).given.items()
        if (pattern := _pattern(at)) is not None
    )


def _weights(place: Place) -> dict[str, float]:
    """A list of equal options, or options with their weights."""
    if isinstance(place.value(), list):
        return dict.fromkeys(_texts(place), 1.0)
    weights = {
        option: at.number("a weight, 0 or more", lambda value: value >= 0)
        for option, at in place.entries("a list of options, or options with weights").items()
    }
    known = {option: weight for option, weight in weights.items() if weight is not None}
    if not sum(known.values()) > 0:
        place.wrong("a draw needs an option with a weight above 0.")
    return known


def _check_names(place: Place, rule: Rule, role: Role) -> None:
    """Note every `{{name}}` that nothing can give a value."""
    known = set(_ALWAYS_KNOWN) | ({"message", "quote"} if role is Role.JUDGE else {"results"})
    for when in rule.when:
        for source in _PATTERNED:
            if (pattern := getattr(when, source)) is not None:
                known |= {source, *patterns.compiled(pattern).groupindex}
        for mark in when.shows:
            known |= set(patterns.compiled(mark.pattern).groupindex)
    for name in dict.fromkeys(name for text in rule.texts for name in templates.names(text)):
        if name.split(".", 1)[0] not in known:
            place.wrong(f"nothing gives {{{{{name}}}}} a value. Known here: {', '.join(sorted(known))}.")
