"""What all requests and answers of this dialect are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from typing_extensions import TypedDict

from sparring.dialects.fields import INT32, text, whole

MAX_TEXT = 100_000
MAX_BODY_TEXT = 10_000_000
MAX_SCENARIOS = 500
MAX_RUNS = 10_000
MAX_TRIALS = 100
MAX_STEPS = 5_000

Text = Annotated[str, *text(0, MAX_TEXT)]
Sentence = Annotated[str, *text(1, MAX_TEXT)]
Name = Annotated[str, *text(1, 256)]
Word = Annotated[str, *text(0, 256)]
ToolName = Annotated[str, *text(1, 128)]
StopToken = Annotated[str, *text(1, 256)]

PageNumber = Annotated[int, *whole(1, INT32, format="int32", digits=True)]
PerPage = Annotated[int, *whole(1, 100, format="int32", digits=True)]


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
