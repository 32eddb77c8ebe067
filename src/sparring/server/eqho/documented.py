"""What every operation's documentation has in common."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from sparring.dialects.eqho.wire.forms import PageNumber, PerPage, Refusal, UnusableRequest
from sparring.server.openapi import refused

_WORDS = {
    401: "No valid API key came with the request.",
    403: "The API key may read only.",
    404: "There is no such record in this account.",
    405: "The method is not served at this path.",
    409: "The record is not in a state that allows this.",
    413: "The body is larger than 10 MiB.",
    415: "The body is no JSON.",
    422: "Something in the request cannot be used; each message names the field, what is allowed, and what came.",
    429: "The API key has sent too many requests; the header Retry-After tells when to come again.",
    500: "Something went wrong in the server; its log tells more under the id in the message.",
}
_ALWAYS = (401, 404, 405, 413, 422, 429, 500)
_WRITING = (403, 415)

Responses = dict[int | str, dict[str, Any]]


def reading() -> Responses:
    """The refusals that an operation may answer which changes nothing."""
    return _responses(_ALWAYS)


def writing(*others: int) -> Responses:
    """The refusals that an operation may answer which changes something."""
    return _responses((*_ALWAYS, *_WRITING, *others))


def _responses(statuses: tuple[int, ...]) -> Responses:
    return {
        status: refused(UnusableRequest if status == 422 else Refusal, _WORDS[status])
        for status in sorted(statuses)
    }


_ID = "24 hex digits, or the spelling of the other dialect."

ScenarioId = Annotated[str, Path(description=_ID)]
SetId = Annotated[str, Path(description="24 hex digits.")]
ResultId = Annotated[str, Path(description=_ID)]
RunId = Annotated[str, Path(description=_ID)]
ActionId = Annotated[str, Path(description="24 hex digits.")]
AgentId = Annotated[str, Path(description=_ID)]
AgentQuery = Annotated[str | None, Query(alias="agent_id", description="Only those of this agent.")]
SetQuery = Annotated[str | None, Query(alias="scenario_set_id", description="Only those of this set.")]
PageQuery = Annotated[PageNumber, Query(description="Counted from 1.")]
PerPageQuery = Annotated[PerPage, Query(description="Records on a page.")]
