"""Reading the prompt of a judge: the assertions, and the numbered transcript."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sparring.simulation.ports import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One text, call or result of a transcript as the judge is shown it."""

    message: int
    kind: str
    """`user`, `agent` or `system` for a text; `calls` or `result`."""
    text: str
    """What may be quoted: the text, `NAME ARGUMENTS` of a call, the text of a result."""
    name: str = ""
    """Of the tool, for a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is to be judged."""

    assertions: tuple[str, ...]
    lines: tuple[Line, ...]


_ENTRY = re.compile(
    r"\[(?P<message>\d+)\] (?:(?P<speaker>user|agent|system): ?(?P<said>.*)"
    r"|(?:user|agent) calls (?P<call>.*)"
    r"|result of (?P<name>.*?)(?: \(error\))?: ?(?P<result>.*))",
    re.DOTALL,
)
_NUMBERED = re.compile(r"\d+\. (.*)", re.DOTALL)


def read_case(prompts: Sequence[Prompt]) -> Case | None:
    """The case in the first prompt that holds one; None where none does."""
    for prompt in prompts:
        if prompt.role == "user" and prompt.text and (case := _case(prompt.text.split("\n"))):
            return case
    return None


def _case(lines: list[str]) -> Case | None:
    transcript = _block(lines, "transcript", len(lines))
    if transcript is None:
        return None
    assertions = _block(lines, "assertions", transcript[0])
    if assertions is None:
        return None
    return Case(
        assertions=tuple(_assertions(lines[slice(*assertions)])),
        lines=tuple(filter(None, map(_line, _entries(lines[slice(*transcript)])))),
    )


def _block(lines: list[str], tag: str, before: int) -> tuple[int, int] | None:
    """First line and end of the last block of that tag."""
    for opened in range(before - 1, -1, -1):
        if lines[opened] == f"<{tag}>":
            rest = range(opened + 1, len(lines))
            closed = next((at for at in rest if lines[at] == f"</{tag}>"), len(lines))
            return opened + 1, closed
    return None


def _entries(lines: list[str]) -> list[str]:
    """Lines with their indented continuations."""
    entries: list[str] = []
    for line in lines:
        if line.startswith("  ") and entries:
            entries[-1] += "\n" + line[2:]
        elif line:
            entries.append(line)
    return entries


def _assertions(lines: list[str]) -> list[str]:
    return [match[1] for entry in _entries(lines) if (match := _NUMBERED.fullmatch(entry))]


def _line(entry: str) -> Line | None:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        return None
    message = int(match["message"])
    if match["call"] is not None:
        return Line(message=message, kind="calls", text=match["call"])
    if match["result"] is not None:
        return Line(message=message, kind="result", text=match["result"], name=match["name"])
    return Line(message=message, kind=match["speaker"], text=match["said"])
