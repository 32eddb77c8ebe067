"""`{{path.to.variable}}` in texts: strict lookup, one pass, no expressions.

A part of a path may be a placeholder itself: `{{state.orders.{{arguments.id}}.status}}`. Where several scopes are
given, the first that has the name answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sparring.domain import paths
from sparring.domain.paths import ABSENT

# Fixed and linear: no user's pattern is ever compiled here, nothing is tried twice (possessive), and blanks are
# stripped outside of it, because a pattern that strips them itself takes quadratic time on a long run of blanks.
_PLACE = re.compile(r"\{\{((?:[^{}]++|\{\{[^{}]*+\}\})*+)\}\}")

Scope = Mapping[str, Any]


def names(text: str) -> list[str]:
    """The variable names that a text asks for, in order, each once; those inside of others before them."""
    if "{{" not in text:
        return []
    return list(dict.fromkeys(_names(text)))


def look_up(name: str, *scopes: Scope) -> Any:
    """The value of a name: as one whole key first, then as a dotted path. KeyError where there is none."""
    value = _look_up(name, scopes)
    if value is ABSENT:
        raise KeyError(name)
    return value


def fill(text: str, *scopes: Scope, shown: Callable[[Any], str] | None = None) -> str:
    """The text with its variables put in, once: a value that holds `{{x}}` stays as it is.

    An unknown name stays as it is written; `unknown` finds those.

    Args:
        shown: a value as it stands in the text; by default `as_text`.
    """
    if "{{" not in text:
        return text

    def put(match: re.Match[str]) -> str:
        value = _look_up(match[1].strip(), scopes)
        if value is not ABSENT:
            return as_text(value) if shown is None else shown(value)
        return f"{{{{{fill(match[1], *scopes, shown=shown)}}}}}"

    return _PLACE.sub(put, text)


def put_in(value: Any, *scopes: Scope) -> Any:
    """A JSON value with the variables put into its texts and keys; a text that is nothing but one placeholder
    becomes what is put in, of whatever type. The same object where there is no placeholder in it.
    """
    if isinstance(value, str):
        return _put_in_text(value, scopes)
    if isinstance(value, Mapping):
        pairs = [(key, item, fill(key, *scopes), put_in(item, *scopes)) for key, item in value.items()]
        if all(new_key is key and new is item for key, item, new_key, new in pairs):
            return value
        return {new_key: new for _, _, new_key, new in pairs}
    if isinstance(value, list | tuple):
        items = [put_in(item, *scopes) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value


def parts(path: str, *scopes: Scope) -> list[str]:
    """The parts of a dotted path, each with its variables put in: what is put in is never taken apart."""
    return [fill(part, *scopes) for part in paths.split(path)]


def unknown(texts: Iterable[str], *scopes: Scope) -> list[str]:
    """The names in the texts that no variable answers, in order, each once."""
    asked = dict.fromkeys(name for text in texts for name in names(text))
    return [name for name in asked if _look_up(name, scopes) is ABSENT]


def unused(texts: Iterable[str], variables: Scope) -> list[str]:
    """The variables that no text names, neither whole nor by a path that begins with them."""
    asked = {name for text in texts for name in names(text)}
    heads = {name.split(".", 1)[0] for name in asked if name not in variables}
    return [name for name in variables if name not in asked and name not in heads]


def texts_in(value: Any, *, keys: bool = False) -> Iterator[str]:
    """Every text in a JSON value, the keys of its objects only where they are wanted."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if keys:
            yield from value
        for item in value.values():
            yield from texts_in(item, keys=keys)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item, keys=keys)


def as_text(value: Any) -> str:
    """A value as it stands in a text: strings as they are, the rest as compact JSON."""
    return value if isinstance(value, str) else compact_json(value)


def compact_json(value: Any) -> str:
    """JSON without needless spaces, non-ASCII characters as themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _names(text: str) -> Iterator[str]:
    for content in _PLACE.findall(text):
        if "{{" in content:
            yield from _names(content)
        if name := content.strip():
            yield name


def _look_up(name: str, scopes: tuple[Scope, ...]) -> Any:
    if not name:
        return ABSENT
    for scope in scopes:
        if name in scope:
            return scope[name]
    path = parts(name, *scopes) if "{{" in name else name.split(".")
    found = (paths.find(scope, path) for scope in scopes)
    return next((value for value in found if value is not ABSENT), ABSENT)


def _put_in_text(text: str, scopes: tuple[Scope, ...]) -> Any:
    if "{{" not in text:
        return text
    alone = _PLACE.fullmatch(text)
    value = ABSENT if alone is None else _look_up(alone[1].strip(), scopes)
    return fill(text, *scopes) if value is ABSENT else value
