"""What a process writes down about itself, on standard error: as text, or one JSON object a line.

No key is ever in it, whatever is logged and by whom, and no word of a conversation unless that is asked for.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from sparring.adapters.redaction import Redaction
from sparring.simulation.about import TRANSCRIPTS, subject

OURS = "sparring"
FORMS = ("text", "json")


def set_up_logs(
    *, form: str = "text", level: str = "warning", secrets: Iterable[str] = (), transcripts: bool = False
) -> None:
    """Let the process log; once more changes how.

    Args:
        form: `text` or `json`.
        level: the least that is written, of this program; of what it is built on, warnings at the least.
        secrets: values that must not be seen.
        transcripts: whether the messages of conversations are written as well.
    """
    handler = logging.StreamHandler(sys.stderr)
    redaction = Redaction(secrets)
    handler.setFormatter(JsonLines(redaction) if form == "json" else TextLines(redaction))
    root = logging.getLogger()
    for other in root.handlers[:]:
        if getattr(other, "is_sparrings", False):
            root.removeHandler(other)
    handler.is_sparrings = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, _level(level)))
    logging.getLogger(OURS).setLevel(_level(level))
    logging.getLogger(TRANSCRIPTS).setLevel(logging.INFO if transcripts else logging.CRITICAL)


class TextLines(logging.Formatter):
    """A line for a person: when, how bad, who, what, and about what."""

    def __init__(self, redaction: Redaction) -> None:
        """Take what hides keys."""
        super().__init__()
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """The line; several where an error's trace follows."""
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items())
        told = f"{_moment(record)} {record.levelname} {record.name}: {record.getMessage()}"
        lines = [f"{told} [{facts}]" if facts else told]
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        return self._redaction.hide_all("\n".join(lines))


class JsonLines(logging.Formatter):
    """A JSON object for a program: time, level, logger, message, the ids of what it is about, and what else is
    known."""

    def __init__(self, redaction: Redaction) -> None:
        """Take what hides keys."""
        super().__init__()
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        hidden = {name: self._hidden(value) for name, value in told.items()}
        return orjson.dumps(hidden, default=str).decode()

    def _hidden(self, value: Any) -> Any:
        if isinstance(value, bool | int | float) or value is None:
            return value
        return self._redaction.hide_all(str(value))


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    return {**subject(), **getattr(record, "facts", {})}


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _level(name: str) -> int:
    return logging.getLevelNamesMapping()[name.upper()]
