"""What a mock server was asked, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from sparring.adapters.mock_llm.spoiling import Response
from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Role


class Record:
    """Appends one JSON line a request, before the answer goes out.

    Each line is with the operating system when `write` returns, so that a client that is killed at any moment can
    be checked against the file.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, which may hold earlier lines.

        Raises:
            InvalidInput: it cannot be written.
        """
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise InvalidInput(f"The record {path} cannot be written: {error.strerror}.", field="record") from None

    def write(self, at: float, path: str, role: Role | None, body: Any, response: Response) -> None:
        """Append a request and its answer."""
        whole = response.fault is None and response.content_type == "application/json"
        answer: Any = orjson.Fragment(response.body) if whole else response.body.decode("utf-8", "replace")
        line = {
            "time": at,
            "path": path,
            "role": role.value if role is not None else None,
            "request": body,
            "status": response.status,
            "fault": response.fault,
            "answer": answer,
        }
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
