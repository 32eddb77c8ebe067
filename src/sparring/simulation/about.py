"""What the process is about at the moment, for its log: kept beside each task, so that nothing has to pass it on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from sparring.domain.transcript import Message

TRANSCRIPTS = "sparring.transcripts"
"""The logger that is told every message, where that is asked for."""

_transcripts = logging.getLogger(TRANSCRIPTS)

_NOTHING: Mapping[str, str] = MappingProxyType({})
_SUBJECT: ContextVar[Mapping[str, str]] = ContextVar("subject", default=_NOTHING)


def subject() -> Mapping[str, str]:
    """The ids of what is worked on: of a workspace, a simulation, a trial, a chat."""
    return _SUBJECT.get()


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Work on something, beside what is worked on already."""
    token = _SUBJECT.set({**_SUBJECT.get(), **ids})
    try:
        yield
    finally:
        _SUBJECT.reset(token)


def log_messages(position: int, said: Sequence[Message]) -> None:
    """Log messages of a conversation, where that is asked for.

    Args:
        position: of the first.
    """
    if not _transcripts.isEnabledFor(logging.INFO):
        return
    for number, message in enumerate(said, position):
        calls = [{"name": call.name, "arguments": dict(call.arguments)} for call in getattr(message, "calls", ())]
        facts = {"position": number, "kind": type(message).__name__} | ({"calls": calls} if calls else {})
        _transcripts.info("%s", message.text, extra={"facts": facts})
