"""Users' patterns, on an engine with linear time: no pattern can be made to explode.

The engine reads UTF-8, so a lone surrogate is looked at as U+FFFD.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from sparring.domain.text import storable


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The compiled pattern.

    Raises:
        ValueError: it does not compile; the message is the engine's.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else error
        raise ValueError(told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)) from None


def found(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return compiled(pattern).search(storable(text)) is not None


def span(pattern: str, text: str) -> tuple[int, int] | None:
    """Where the pattern is first found in the text: from which character to before which; None where it is not."""
    match = compiled(pattern).search(storable(text))
    if match is None:
        return None
    start, end = match.span()
    return start, end


def literal(text: str) -> str:
    """The pattern that finds this very text."""
    escaped: str = re2.escape(storable(text))
    return escaped
