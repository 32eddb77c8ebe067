"""JSON, read strictly: what two readers could read differently, or nobody could store, is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sparring.dialects.complaints import field_name
from sparring.domain.errors import InvalidInput
from sparring.domain.text import is_storable

MAX_DEPTH = 100
_INT64 = 2**63


def read_json(content: bytes, told: str = "The body") -> Any:
    """The value that a JSON document is.

    Args:
        told: how the document is named in a message.

    Raises:
        InvalidInput: it is no JSON; it names a field twice, is nested deeper than 100, or holds a number beyond 64
            bits, NaN, or a text with NUL or a lone surrogate.
    """
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object_of(told),
            parse_constant=_no_constant_of(told),
            parse_float=_float_of(told),
            parse_int=_int_of(told),
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{told} is not UTF-8: byte {error.start} cannot be read.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"{told} is not JSON: {error.msg} in {where}.") from None
    except RecursionError:
        raise InvalidInput(_too_deep(told)) from None
    _check_inside(value, told)
    return value


def _too_deep(told: str) -> str:
    return f"{told} is nested deeper than {MAX_DEPTH} levels."


def _object_of(told: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise InvalidInput(f"{told} names the field {json.dumps(twice[:60])} twice.")
        return found

    return read


def _no_constant_of(told: str) -> Callable[[str], None]:
    def read(name: str) -> None:
        raise InvalidInput(f"{told} is not JSON: {name} is no number of JSON.")

    return read


def _float_of(told: str) -> Callable[[str], float]:
    def read(digits: str) -> float:
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise InvalidInput(f"{told} holds a number that is too large: {digits[:40]}.")
        return value

    return read


def _int_of(told: str) -> Callable[[str], int]:
    def read(digits: str) -> int:
        if len(digits) > 20 or not -_INT64 <= (value := int(digits)) < 2 * _INT64:
            raise InvalidInput(f"{told} holds a whole number beyond 64 bits: {digits[:40]}.")
        return value

    return read


Place = tuple["Place", str | int] | None
"""Where in a document something is: the place that holds it, and the last step."""


def _check_inside(document: Any, told: str) -> None:
    """Walk the document, level by level and without recursion."""
    if isinstance(document, str):
        _check_text(document, None, told)
    level: list[tuple[Place, Any]] = [(None, document)] if isinstance(document, dict | list) else []
    for _ in range(MAX_DEPTH):
        below: list[tuple[Place, Any]] = []
        for place, holder in level:
            steps = holder.items() if isinstance(holder, dict) else enumerate(holder)
            for step, item in steps:
                if isinstance(step, str):
                    _check_text(step, place, told)
                if isinstance(item, str):
                    _check_text(item, (place, step), told)
                elif isinstance(item, dict | list):
                    below.append(((place, step), item))
        if not below:
            return
        level = below
    raise InvalidInput(_too_deep(told))


def _check_text(text: str, place: Place, told: str) -> None:
    if not is_storable(text):
        where = field_name(_steps(place)) or told
        what = "NUL" if "\0" in text else "a lone surrogate"
        raise InvalidInput(f"{where} must be text that can be stored; it holds {what}.", field=where)


def _steps(place: Place) -> list[str | int]:
    steps: list[str | int] = []
    while place is not None:
        place, step = place
        steps.append(step)
    return steps[::-1]
