"""What the extensions of both dialects are made of: forms that refuse in words what they do not know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sparring.dialects.fields import ERROR_TYPE, FROM_ELSEWHERE, REFUSAL_TYPE

_LOOKED_AT = 100


class Documented(BaseModel):
    """An object of the reference: what is unknown is passed over, unless it is nearly one of our own fields."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)

    own: ClassVar[frozenset[str]] = frozenset()
    """The fields that are extensions."""

    @model_validator(mode="before")
    @classmethod
    def _no_mistyped_extension(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping) and cls.own and info.context is not FROM_ELSEWHERE:
            found = nearly((name for name in value if name not in cls.model_fields), cls.own)
            if found is not None:
                raise refused(f"must not have the field {found[0]!r}, which means nothing; {found[1]!r} would")
        return value


class Extension(BaseModel):
    """An object of our own: every field must be known."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            unknown = [name for name in value if name not in cls.model_fields]
            if unknown:
                known = ", ".join(cls.model_fields)
                raise refused(f"must not have the field {unknown[0][:60]!r}; it may have {known}")
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """A short form beside an object: what is turned into the long one before that is checked."""

    long: Callable[[Any], Any]
    """The long form of a short one; everything else as it is."""
    schema: Mapping[str, Any]
    """JSON Schema of the short form."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Turn, then check."""
        return core_schema.no_info_before_validator_function(self.long, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either form."""
        return {"anyOf": [dict(self.schema), handler(schema)]}


def nearly(names: Iterable[str], words: Iterable[str]) -> tuple[str, str] | None:
    """The first of the names that is nearly one of the words, and that word.

    Only so many names are looked at, and no long ones: it takes its time, and whoever mistypes types little.
    """
    known = list(words)
    for name in islice((name for name in names if len(name) <= 2 * max(map(len, known))), _LOOKED_AT):
        for near in get_close_matches(name, known, n=1, cutoff=0.8):
            return name, near
    return None


def left_out() -> Any:
    """A field that may be left out and, when it is there, must not be null."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def as_field(name: str) -> Short:
    """A bare text that stands for an object with that one field."""

    def long(value: Any) -> Any:
        if isinstance(value, str):
            return {name: value}
        if not isinstance(value, Mapping | BaseModel):
            raise PydanticCustomError(ERROR_TYPE, "must be a text or an object")
        return value

    return Short(long, {"type": "string"})


def refused(message: str) -> PydanticCustomError:
    """An error whose message reads on after the field's name, and tells what came."""
    return PydanticCustomError(REFUSAL_TYPE, "{told}", {"told": message})


def check_one_of(given: Collection[str], words: Sequence[str]) -> None:
    """Refuse more or fewer than one of several fields."""
    if len(given) != 1:
        came = " and ".join(given) if given else "none"
        raise refused(f"must have exactly one of {', '.join(words)}; {came} came")
