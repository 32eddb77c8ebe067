"""What all requests and answers of this dialect are made of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any, ClassVar

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
from typing_extensions import TypedDict

from sparring.dialects.fields import FROM_ELSEWHERE, INT32, REFUSAL_TYPE, number, text, whole

_LOOKED_AT = 100

MAX_TEXT = 100_000
MAX_BODY_TEXT = 10_000_000
MAX_SCENARIOS = 500
MAX_RUNS = 10_000
MAX_TRIALS = 100
MAX_STEPS = 5_000
MAX_DELAY = 3_600_000

Text = Annotated[str, *text(0, MAX_TEXT)]
Sentence = Annotated[str, *text(1, MAX_TEXT)]
Name = Annotated[str, *text(1, 256)]
Word = Annotated[str, *text(0, 256)]
ToolName = Annotated[str, *text(1, 128)]
StopToken = Annotated[str, *text(1, 256)]

Number = Annotated[float, *number(-sys.float_info.max, sys.float_info.max)]

PageNumber = Annotated[int, *whole(1, INT32, format="int32", digits=True)]
PerPage = Annotated[int, *whole(1, 100, format="int32", digits=True)]


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
    return Short(lambda value: {name: value} if isinstance(value, str) else value, {"type": "string"})


def refused(message: str) -> PydanticCustomError:
    """An error whose message reads on after the field's name, and tells what came."""
    return PydanticCustomError(REFUSAL_TYPE, "{told}", {"told": message})


def check_one_of(given: Collection[str], words: Sequence[str]) -> None:
    """Refuse more or fewer than one of several fields."""
    if len(given) != 1:
        came = " and ".join(given) if given else "none"
        raise refused(f"must have exactly one of {', '.join(words)}; {came} came")


class Refusal(TypedDict):
    """What every refusal but 422 looks like."""

    detail: str


class Problem(TypedDict):
    """One thing that is wrong with a request."""

    loc: Sequence[str | int]
    msg: str
    type: str


class UnusableRequest(TypedDict):
    """What is wrong with a request, thing by thing."""

    detail: Sequence[Problem]


class History(TypedDict):
    """How a record came to be what it is."""

    last_modified_at: str
    revision: int
    created_at: str
    created_by: str
    last_modified_by: str


class Meta(TypedDict):
    """Where a page stands in its list."""

    per_page: int
    last_page: int
    current_page: int
    next_page: int | None
    prev_page: int | None
    total: int


class Identified(TypedDict):
    """A record and whose it is."""

    _id: str
    account_id: str
