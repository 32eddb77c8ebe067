"""Parts of a mock that can never answer, because something before them answers every call that they could."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sparring.domain.matching import ABSENT, Matcher, matches, same
from sparring.domain.mocks import Rule, Then, ToolMock
from sparring.domain.templates import texts_in


def unreachable(mock: ToolMock) -> list[tuple[str, str]]:
    """Each part that can never answer (`rule 3`, `sequence`, `otherwise`), and why."""
    found = []
    for index, rule in enumerate(mock.rules):
        if (why := _why(index, rule, mock.rules)) is not None:
            found.append((f"rule {index + 1}", why))
    last = next((n for n, rule in enumerate(mock.rules, 1) if _is_open(rule)), None)
    if last is not None:
        rest = [name for name, given in (("sequence", mock.sequence), ("otherwise", mock.otherwise)) if given]
        found += [(name, f"rule {last} answers every call.") for name in rest]
    elif mock.sequence and mock.otherwise is not None and mock.then is not Then.OTHERWISE:
        found.append(("otherwise", f"the sequence goes on for ever (`then: {mock.then}`)."))
    return found


def _why(index: int, rule: Rule, rules: tuple[Rule, ...]) -> str | None:
    for path, matcher in (*rule.when.items(), *rule.state.items()):
        if _is_empty(matcher):
            return f"nothing meets its condition on {path!r}."
    before = enumerate(rules[:index], 1)
    shadow = next((number for number, other in before if other.times is None and _covers(other, rule)), None)
    return None if shadow is None else f"rule {shadow} before it answers every call that fits."


def _is_open(rule: Rule) -> bool:
    return rule.times is None and not rule.when and not rule.state


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether every call that fits the narrow rule fits the wide one too; where that is not clear, no."""
    return _all_implied(narrow.when, wide.when) and _all_implied(narrow.state, wide.state)


def _all_implied(narrow: Mapping[str, Matcher], wide: Mapping[str, Matcher]) -> bool:
    return all(path in narrow and _implies(narrow[path], matcher) for path, matcher in wide.items())


def _implies(narrow: Matcher, wide: Matcher) -> bool:
    if narrow == wide and _same_options(narrow, wide):
        return True
    if wide.present is False or narrow.present is False:
        return wide.present is narrow.present
    if any("{{" in text for text in (*_texts(narrow), *_texts(wide))):
        return False
    if narrow.equal is not ABSENT:
        return matches(wide, narrow.equal)
    if narrow.one_of is not None:
        return all(matches(wide, option) for option in narrow.one_of)
    if wide.equal is not ABSENT or wide.one_of is not None:
        return False
    return wide.regex in (None, narrow.regex) and _within(narrow, wide)


def _same_options(a: Matcher, b: Matcher) -> bool:
    """Equality of dataclasses takes `true` for 1."""
    return same(_plain(a), _plain(b))


def _plain(matcher: Matcher) -> list[object]:
    return [None if matcher.equal is ABSENT else matcher.equal, None if matcher.one_of is None else matcher.one_of]


def _within(narrow: Matcher, wide: Matcher) -> bool:
    low = wide.at_least is None or (narrow.at_least is not None and narrow.at_least >= wide.at_least)
    high = wide.at_most is None or (narrow.at_most is not None and narrow.at_most <= wide.at_most)
    return low and high


def _is_empty(matcher: Matcher) -> bool:
    """Whether nothing can meet it."""
    if any("{{" in text for text in _texts(matcher)) or matcher.present is False:
        return False
    if matcher.equal is not ABSENT:
        return not matches(matcher, matcher.equal)
    if matcher.one_of is not None:
        return not any(matches(matcher, option) for option in matcher.one_of)
    return matcher.at_least is not None and matcher.at_most is not None and matcher.at_least > matcher.at_most


def _texts(matcher: Matcher) -> Iterator[str]:
    if matcher.equal is not ABSENT:
        yield from texts_in(matcher.equal, keys=True)
    yield from texts_in(matcher.one_of or (), keys=True)
    if matcher.regex is not None:
        yield matcher.regex
