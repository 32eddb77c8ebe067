"""Types of single fields: each says in one sentence what is allowed, to people and in the OpenAPI document."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from sparring.domain.gates import THRESHOLD

ERROR_TYPE = "allowed"
"""The pydantic error type of a message that reads on after the field's name: `must be ...`."""

REFUSAL_TYPE = "refused"
"""The same, of a message that tells what came by itself."""

INT32 = 2**31 - 1

TAG = "\0"
"""Begins the tags of a union's forms. They turn up in the places of errors; no document can hold such a name."""

FROM_ELSEWHERE = {"from": "elsewhere"}
"""The context in which records are read that were not written for this project: none of their fields is a mistyped
one of ours."""

_VISIBLE = re.compile(r"\S")


def text(low: int, high: int, *, pattern: str | None = None, like: str = "") -> Any:
    """A text of so many characters; one that must not be empty must not be blank either.

    Args:
        pattern: what it must match as well.
        like: the pattern in words.
    """
    allowed = (
        f"must be a text of {low} to {high} characters" if low else f"must be a text of up to {high} characters"
    )
    if pattern is not None:
        fits = re.compile(pattern).fullmatch
    else:
        fits = _VISIBLE.search
        pattern = _VISIBLE.pattern if low else None
    words = like or ("not only blanks" if low else "")
    refusal = f"{allowed}, {words}" if words else allowed

    def check(value: Any) -> str:
        if not isinstance(value, str) or not low <= len(value) <= high or (pattern and not fits(value)):
            raise PydanticCustomError(ERROR_TYPE, refusal)
        return value

    schema: dict[str, Any] = {"type": "string", "minLength": low, "maxLength": high}
    if pattern is not None:
        schema["pattern"] = pattern
    return PlainValidator(check), WithJsonSchema(schema)


def whole(low: int, high: int, *, format: str = "int64", digits: bool = False) -> Any:
    """A whole number in a range; `digits` takes it as text too, the way a query has it."""

    def check(value: Any) -> int:
        as_digits = digits and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value)
        if as_digits or (isinstance(value, float) and value.is_integer()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise PydanticCustomError(ERROR_TYPE, f"must be a whole number from {low} to {high}")
        return value

    return PlainValidator(check), WithJsonSchema(
        {"type": "integer", "format": format, "minimum": low, "maximum": high}
    )


def number(low: float, high: float) -> Any:
    """A number in a range."""

    def check(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            raise PydanticCustomError(ERROR_TYPE, f"must be a number from {low:g} to {high:g}")
        return value

    return PlainValidator(check), WithJsonSchema({"type": "number", "minimum": low, "maximum": high})


Number = Annotated[float, *number(-sys.float_info.max, sys.float_info.max)]
"""Any number."""


def amount(high: int) -> Any:
    """A number above 0."""

    def check(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= high:
            raise PydanticCustomError(ERROR_TYPE, f"must be a number above 0 and up to {high:,}")
        return value

    return PlainValidator(check), WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": high})


def threshold() -> Any:
    """What pass^k must reach, such as `pass^1=0.9`."""
    return text(8, 40, pattern=THRESHOLD, like="such as pass^1=0.9")


def arguments_schema() -> Any:
    """A JSON Schema of the arguments of a tool, which come by name."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or value.get("type", "object") != "object":
            raise PydanticCustomError(ERROR_TYPE, "must be a JSON Schema of the type object")
        return value

    return PlainValidator(check), WithJsonSchema({"type": "object", "properties": {"type": {"const": "object"}}})


def choice(*values: str) -> Any:
    """One of a few words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in values:
            raise PydanticCustomError(ERROR_TYPE, f"must be one of {', '.join(values)}")
        return value

    return PlainValidator(check), WithJsonSchema({"type": "string", "enum": list(values)})


def true_or_false() -> Any:
    """A boolean, as a query has it."""

    def check(value: Any) -> bool:
        if value is True or value is False:
            return bool(value)
        if not isinstance(value, str) or value.lower() not in ("true", "false"):
            raise PydanticCustomError(ERROR_TYPE, "must be true or false")
        return value.lower() == "true"

    return PlainValidator(check), WithJsonSchema({"type": "boolean"})
