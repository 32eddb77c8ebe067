"""Keeping keys out of everything that is written down."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_SHORTEST = 4
_BEARER = re.compile(
    r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)?\bbearer\s+[^\s'\",;]+|authorization\s*[:=]\s*\S+"
)
_KEY_LIKE = re.compile(r"\b(?:sk|gsk|xai|csk|AIza)[-_*A-Za-z0-9]{8,}|\bspk_[a-z2-7]{8,}")
_NAMED = re.compile(
    r"(?i)\b((?:x[-_]api[-_]key|x-goog-api-key|api[-_]?key|access[-_]?token|token|secret|password|sig|key)"
    r"['\"]?\s*[:=]\s*['\"]?)[^\s'\"&;,)\]}]{4,}"
)
_IN_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@'\"]+@")


class Redaction:
    """The values that must not be seen, and what looks like one."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Know the values themselves; those of less than four characters are none."""
        known = {value.strip() for value in values if len(value.strip()) >= _SHORTEST}
        self._values = sorted(known, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text with every value, and everything that looks like a key, replaced."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return _KEY_LIKE.sub(HIDDEN, _BEARER.sub(HIDDEN, text))

    def hide_all(self, text: str) -> str:
        """The same, and also what stands where keys do: in the user's part and the query of an address, behind the
        name of a key."""
        return _NAMED.sub(rf"\g<1>{HIDDEN}", _IN_ADDRESS.sub(rf"\g<1>{HIDDEN}@", self.hide(text)))
