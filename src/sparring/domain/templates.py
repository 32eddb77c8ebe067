"""`{{path.to.variable}}` in texts: strict lookup, one pass, no expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Fixed and linear: no user's pattern is ever compiled here, and blanks are stripped outside of it, because a
# pattern that strips them itself takes quadratic time on a long run of blanks.
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")

_ABSENT = object()


def names(text: str) -> list[str]:
    """The variable names that a text asks for, in order, each once."""
    return [name for name in dict.fromkeys(map(str.strip, _PLACE.findall(text))) if name]


def look_up(name: str, variables: Mapping[str, Any]) -> Any:
    """The value of a name: as one whole key first, then as a dotted path. KeyError where there is none."""
    value = _look_up(name, variables)
    if value is _ABSENT:
        raise KeyError(name)
    return value


def fill(text: str, variables: Mapping[str, Any]) -> str:
    """The text with its variables put in, once: a value that holds `{{x}}` stays as it is.

    An unknown name stays as it is written; `unknown` finds those.
    """
    if "{{" not in text:
        return text

    def put(match: re.Match[str]) -> str:
        name = match[1].strip()
        value = _look_up(name, variables) if name else _ABSENT
        return match[0] if value is _ABSENT else as_text(value)

    return _PLACE.sub(put, text)


def unknown(texts: Iterable[str], variables: Mapping[str, Any]) -> list[str]:
    """The names in the texts that no variable answers, in order, each once."""
    asked = dict.fromkeys(name for text in texts for name in names(text))
    return [name for name in asked if _look_up(name, variables) is _ABSENT]


def unused(texts: Iterable[str], variables: Mapping[str, Any]) -> list[str]:
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


def _look_up(name: str, variables: Mapping[str, Any]) -> Any:
    if name in variables:
        return variables[name]
    value: Any = variables
    for part in name.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _ABSENT
    return value
