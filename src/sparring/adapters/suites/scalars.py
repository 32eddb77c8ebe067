"""What a scalar without quotes means.

As it is written (`as_written`): a number or a boolean only where printing it gives the same text back, so `007`,
`1.10`, `1_000`, `2024-05-15`, `12:30`, `yes` and `True` stay text. That is the reading of variables, which end up
in texts. As JSON would have it (`as_json`): every JSON number is a number. That is the reading of arguments,
answers and schemas, which end up in comparisons and in JSON.
"""

from __future__ import annotations

import re
from math import isfinite

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_JSON_CONSTANTS: dict[str, bool | None] = {
    **_CONSTANTS,
    "True": True,
    "TRUE": True,
    "False": False,
    "FALSE": False,
    "Null": None,
    "NULL": None,
}
_LONGEST_NUMBER = 40
_INT64 = range(-(2**63), 2**63)

Plain = str | int | float | bool | None


def as_written(text: str) -> Plain:
    """The value of a plain scalar whose spelling must survive."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    value = _number(text)
    return value if value is not None and _printed(value) == text else text


def as_json(text: str) -> Plain:
    """The value of a plain scalar whose number counts, not its spelling."""
    if text in _JSON_CONSTANTS:
        return _JSON_CONSTANTS[text]
    value = _number(text)
    return text if value is None else value


def stays_text(text: str) -> bool:
    """Whether a text means itself when it stands without quotes, in either reading."""
    return isinstance(as_written(text), str) and isinstance(as_json(text), str)


def _number(text: str) -> int | float | None:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    if _INTEGER.fullmatch(text):
        whole = int(text)
        return whole if whole in _INT64 else None
    value = float(text)
    return value if isfinite(value) else None


def _printed(value: int | float) -> str:
    return repr(value)
