"""A streamed answer's text, told while it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparring.adapters.models.events import events

PieceOf = Callable[[dict[str, Any]], str | None]
"""From an event to the text in it."""


class Pieces:
    """Gives on the text of one answer. Where it is asked for again after a piece was given, it keeps silent."""

    def __init__(self, piece_of: PieceOf, on_text: Callable[[str], None]) -> None:
        """Take what reads the text of an event, and who is given it."""
        self._piece_of = piece_of
        self._on_text = on_text
        self._rest = b""
        self._muted = False
        self.told = False
        """Whether a piece was given."""

    def begin(self) -> None:
        """An answer begins."""
        self._muted = self.told
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take what came of it."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if self._muted:
            return
        for event in events(b"\n".join(lines).decode("utf-8", "replace")):
            if text := self._piece_of(event):
                self.told = True
                self._on_text(text)
