"""What is wrong with a request or record, in sentences: the field, what is allowed, and what came."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sparring.dialects.fields import ERROR_TYPE, REFUSAL_TYPE, TAG
from sparring.domain.templates import compact_json

_PLAIN = re.compile(r"[\w-]+")
_STEP = re.compile(r'\[(?:(\d+)|("(?:[^"\\]|\\.)*"))\]|([^.\[\]]+)')
_SHOWN = 5
_VALUE_LENGTH = 60
_SENTENCES: Mapping[str, str] = {
    "missing": "is required",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def complaint(errors: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for each of the first errors, and how many more there are."""
    told = list(dict.fromkeys(sentence(error) for error in errors))
    more = len(told) - _SHOWN
    return " ".join(told[:_SHOWN]) + (f" And {more} more." if more > 0 else "")


def steps(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where in a request an error is: its source, then field by field.

    A tagged union puts the tag of the chosen form there, and a mapping's key a mark, where nobody wrote them.
    """
    place = [part for part in error["loc"] if not (isinstance(part, str) and part.startswith(TAG))]
    return tuple(place[:-1] if place[-1:] == ["[key]"] else place) or ("body",)


def field_name(location: Sequence[str | int]) -> str:
    """A place in a JSON document as people write it: `mockData[0].value`."""
    name = ""
    for part in location:
        if isinstance(part, int):
            name += f"[{part}]"
        elif not _PLAIN.fullmatch(part):
            name += f"[{compact_json(part)}]"
        else:
            name += f".{part}" if name else part
    return name


def field_steps(name: str) -> list[str | int]:
    """The steps of a name that `field_name` has written."""
    steps: list[str | int] = []
    for index, quoted, plain in _STEP.findall(name):
        steps.append(int(index) if index else json.loads(quoted) if quoted else plain)
    return steps


def came(value: Any) -> str:
    """A value as it came, short enough to read."""
    if isinstance(value, str) and len(value) > _VALUE_LENGTH:
        return f"a text of {len(value)} characters came"
    if isinstance(value, Mapping):
        return "an object came"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)} came"
    return f"{compact_json(value)} came"


def sentence(error: Mapping[str, Any]) -> str:
    """What is wrong with one field, what is allowed, and what came."""
    source, *inside = steps(error)
    name = field_name(inside)
    kind, value = error["type"], error.get("input")
    if kind == REFUSAL_TYPE:
        return f"{name or 'The body'} {error['msg']}."
    if not name:
        return "The body must be a JSON object" + ("." if kind == "missing" else f"; {came(value)}.")
    if kind == "missing":
        where = "" if source == "body" else f" in the {source}"
        return f"{name} is required{where}."
    return f"{name} {_allowed(error)}; {came(value)}."


def _allowed(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    if kind == ERROR_TYPE:
        return str(error["msg"])
    if kind == "too_short":
        return (
            f"must have at least {context['min_length']} entries"
            if context["min_length"] != 1
            else "must not be empty"
        )
    if kind == "too_long":
        return f"must have at most {context['max_length']} entries"
    return _SENTENCES.get(kind) or f"cannot be used ({str(error['msg']).rstrip('.')})"
