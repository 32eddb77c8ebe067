"""What every operation's documentation has in common."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from sparring.dialects.sigmamind import wire
from sparring.server.openapi import refused

_WORDS = {
    400: "Something in the request cannot be used; the message names the field, what is allowed, and what came.",
    401: "No valid API key came with the request.",
    403: "The API key may read only.",
    404: "There is no such record in this workspace, or it is not the agent's.",
    405: "The method is not served at this path.",
    409: "The record is not in a state that allows this.",
    413: "The body is larger than 10 MiB.",
    415: "The body is no JSON.",
    429: "The API key has sent too many requests; the header Retry-After tells when to come again.",
    500: "Something went wrong in the server; its log tells more under the id in the message.",
}
_ALWAYS = (400, 401, 404, 405, 413, 429, 500)
_WRITING = (403, 415)

Responses = dict[int | str, dict[str, Any]]


def reading() -> Responses:
    """The refusals that an operation may answer which changes nothing."""
    return _responses(_ALWAYS)


def writing(*others: int) -> Responses:
    """The refusals that an operation may answer which changes something."""
    return _responses((*_ALWAYS, *_WRITING, *others))


def _responses(statuses: tuple[int, ...]) -> Responses:
    return {status: refused(wire.ErrorBody, _WORDS[status]) for status in sorted(statuses)}


AgentId = Annotated[str, Path(alias="agentId", description="With or without `agent_`.")]
CaseId = Annotated[str, Path(alias="testCaseId")]
BatchId = Annotated[str, Path(alias="batchId")]
JobId = Annotated[str, Path(alias="jobId")]
ChatId = Annotated[str, Path(alias="chatId")]
AgentQuery = Annotated[str | None, Query(alias="agentId", description="The agent that must own the record.")]
PageQuery = Annotated[wire.PageNumber, Query(description="Counted from 0.")]
SizeQuery = Annotated[wire.PageSize, Query(description="Records on a page.")]
