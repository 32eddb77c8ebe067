"""Numbers that people write into forms."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from sparring.domain.errors import InvalidInput


def whole(fields: Mapping[str, str], name: str, *, what: str, least: int, most: int) -> int:
    """A whole number between two bounds.

    Raises:
        InvalidInput: it is none; the message says what it is for, and what came.
    """
    text = fields.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and least <= int(text[:12]) <= most):
        raise InvalidInput(f"{what} must be a whole number from {least} to {most:,}, not {text!r}.", field=name)
    return int(text)


def amount(fields: Mapping[str, str], name: str, *, what: str) -> float | None:
    """US dollars above 0; None where nothing was written.

    Raises:
        InvalidInput: it is no such amount.
    """
    text = fields.get(name, "").strip().removeprefix("$").replace(",", "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0):
        raise InvalidInput(f"{what} must be an amount of US dollars above 0, not {text!r}.", field=name)
    return value
