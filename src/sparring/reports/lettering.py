"""Text on a terminal: what takes how many cells, where lines break, and nothing that steers the terminal."""

from __future__ import annotations

import unicodedata

_MARKS = {"Mn", "Me", "Cf"}
_TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that turn the direction of what follows."""
_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}


def cells(text: str) -> int:
    """How many cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def visible(text: str) -> str:
    """The text on one line, without characters that steer a terminal or turn its direction."""
    return " ".join("".join(_harmless(character) for character in text).split())


def harmless(text: str) -> str:
    """The text in its lines, without characters that steer a terminal or turn its direction."""
    return "".join(character if character in "\n\t" else _harmless(character) for character in text)


def folded(text: str, width: int) -> list[str]:
    """The text in lines of at most so many cells, broken between words where that is possible."""
    lines, line = [], ""
    for word in visible(text).split(" "):
        while cells(word) > width:
            room = width - cells(line) - 1 if line else width
            if room < min(width, 8):
                lines.append(line)
                line, room = "", width
            head = _fitting(word, room)
            lines.append(f"{line} {head}" if line else head)
            word, line = word[len(head) :], ""
        if not line:
            line = word
        elif cells(line) + 1 + cells(word) <= width:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line or not lines else lines


def shortened(text: str, width: int) -> str:
    """The text on one line; what does not fit is an ellipsis."""
    line = visible(text)
    if cells(line) <= width:
        return line
    head = _fitting(line, width - 1).rstrip()
    return (head if cells(head) < width else "") + "…"


def left(text: str, width: int) -> str:
    """Filled up on the right."""
    return text + " " * (width - cells(text))


def right(text: str, width: int) -> str:
    """Filled up on the left."""
    return " " * (width - cells(text)) + text


def painted(text: str, style: str, color: bool) -> str:
    """The text in a style (bold, dim, red, green, yellow), where colours are wanted."""
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if color and text else text


def _fitting(text: str, width: int) -> str:
    """As much of the beginning as fits, at least one character."""
    taken = 0
    for index, character in enumerate(text):
        taken += _width(character)
        if taken > width and index:
            return text[:index]
    return text


def _width(character: str) -> int:
    if unicodedata.category(character) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " " if character in "\n\t\r\v\f\x85" else "\N{REPLACEMENT CHARACTER}"
    if category in ("Cs", "Cn") or character in _TURNING:
        return "\N{REPLACEMENT CHARACTER}"
    return character
