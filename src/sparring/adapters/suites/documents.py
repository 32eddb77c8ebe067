"""YAML and JSON to nodes that know where they stand.

Built over the parser's events rather than its nodes: that keeps the depth bounded, counts what aliases expand
to before anything is expanded, and leaves the meaning of a scalar to whoever asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from sparring.adapters.suites.problems import Position, Problems

MAX_DEPTH = 100
MAX_NODES = 1_000_000
"""Values in one file, every use of an alias counted."""

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels."
_SECOND = "a second document begins here (---); a file holds one."
_NO_NAME = "a name is expected here, not a list or mapping; a text with {{variables}} goes in quotes."
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(slots=True)
class Scalar:
    """Text as it is written; `plain` tells whether it stands without quotes."""

    text: str
    plain: bool
    line: int
    column: int
    start: int
    end: int
    size: int = 1
    depth: int = 0


@dataclass(slots=True)
class Listing:
    """A sequence."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    size: int = 1
    depth: int = 1


@dataclass(slots=True)
class Table:
    """A mapping, its pairs in the order of the file, repeated keys included."""

    line: int
    column: int
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list)
    size: int = 1
    depth: int = 1
    merged: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    """What came by merge keys (`<<`); a pair of the mapping's own wins over it."""


Node = Scalar | Listing | Table


class _Malformed(Exception):
    """The file cannot be read any further."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def parse(text: str, file: str, problems: Problems) -> Node | None:
    """The one document of a file, or None with the problem noted."""
    if file.endswith(".json"):
        text = _PAIR.sub(_join_surrogates, text)
    try:
        node = _compose(text)
    except _Malformed as error:
        problems.error(Position(file, error.line, error.column), "", str(error))
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.error(
            Position(file, line), "", "a control character stands here; write it as an escape in quotes."
        )
        return None
    except yaml.MarkedYAMLError as error:
        problems.error(_where(error, file), "", _told(error, text))
        return None
    if node is None:
        problems.error(Position(file), "", "the file is empty.")
    return node


def _compose(text: str) -> Node | None:
    root: Node | None = None
    open_nodes: list[Node] = []
    keys: list[Scalar | None] = []
    anchors: dict[str, Node | None] = {}
    names: list[str | None] = []
    for event in _events(text):
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        done: Node
        if isinstance(event, yaml.AliasEvent):
            done = _alias(str(event.anchor), anchors, line, column)
        elif isinstance(event, yaml.ScalarEvent):
            done = _scalar(event, line, column)
            if event.anchor:
                anchors[event.anchor] = done
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            _check_tag(event, line, column)
            if len(open_nodes) >= MAX_DEPTH:
                raise _Malformed(_TOO_DEEP, line, column)
            open_nodes.append(
                Listing(line, column) if isinstance(event, yaml.SequenceStartEvent) else Table(line, column)
            )
            keys.append(None)
            names.append(event.anchor)
            if event.anchor:
                anchors[event.anchor] = None
            continue
        else:
            done = open_nodes.pop()
            keys.pop()
            if name := names.pop():
                anchors[name] = done
        if open_nodes:
            _put(open_nodes[-1], keys, done)
        else:
            root = done
    return root


def _events(text: str) -> Iterator[Any]:
    """What the parser finds between the beginning and the end of the one document."""
    skipped = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)
    documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                assert event.start_mark is not None
                raise _Malformed(_SECOND, event.start_mark.line + 1, 1)
        elif not isinstance(event, skipped):
            yield event


def _put(parent: Node, keys: list[Scalar | None], done: Node) -> None:
    """Put a finished node into the one that is open."""
    assert not isinstance(parent, Scalar)
    parent.size += done.size
    parent.depth = max(parent.depth, done.depth + 1)
    if parent.size > MAX_NODES:
        raise _Malformed(f"more than {MAX_NODES:,} values, aliases (*) expanded.", done.line, done.column)
    if parent.depth > MAX_DEPTH:
        raise _Malformed(_TOO_DEEP, done.line, done.column)
    if isinstance(parent, Listing):
        parent.items.append(done)
        return
    key = keys[-1]
    if key is None:
        if not isinstance(done, Scalar):
            raise _Malformed(_NO_NAME, done.line, done.column)
        keys[-1] = done
        return
    keys[-1] = None
    if key.plain and key.text == "<<":
        _merge(parent, done)
    else:
        parent.pairs.append((key, done))


def _merge(table: Table, source: Node) -> None:
    sources = source.items if isinstance(source, Listing) else [source]
    for one in sources:
        if not isinstance(one, Table):
            raise _Malformed("only a mapping can be merged with <<.", source.line, source.column)
        own = {key.text: (key, node) for key, node in one.pairs}
        table.merged = {**one.merged, **own, **table.merged}


def _alias(name: str, anchors: dict[str, Node | None], line: int, column: int) -> Node:
    if name not in anchors:
        raise _Malformed(f"the alias *{name} has no anchor &{name} before it.", line, column)
    node = anchors[name]
    if node is None:
        raise _Malformed(f"the alias *{name} stands inside of what it names.", line, column)
    return node


def _scalar(event: Any, line: int, column: int) -> Scalar:
    _check_tag(event, line, column)
    if "\0" in event.value:
        raise _Malformed("a text must not hold the character NUL.", line, column)
    plain = not event.style and event.tag is None
    return Scalar(event.value, plain, line, column, event.start_mark.index, event.end_mark.index)


def _check_tag(event: Any, line: int, column: int) -> None:
    allowed = _TEXT_TAGS if isinstance(event, yaml.ScalarEvent) else (None, "!")
    if event.tag not in allowed:
        raise _Malformed(f"the tag {event.tag} has no meaning here; leave it out.", line, column)


def _where(error: yaml.MarkedYAMLError, file: str) -> Position:
    mark = error.problem_mark or error.context_mark
    return Position(file) if mark is None else Position(file, mark.line + 1, mark.column + 1)


def _told(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if mark is not None and "\t" in line[: mark.column + 1]:
        return "a tab stands here; YAML is indented with spaces."
    if error.problem == "found invalid Unicode character escape code":
        return "half a surrogate pair stands here, which is no character."
    told = ", ".join(part for part in (error.context, error.problem) if part)
    if text.lstrip()[:1] in ("{", "["):
        return f"this is not valid JSON: {told}."
    hint = " Put a text that holds a colon or begins with a special character in quotes." if ":" in line else ""
    return f"this is not valid YAML: {told}.{hint}"


def _join_surrogates(match: re.Match[str]) -> str:
    """JSON writes a character above U+FFFF as two escapes, which YAML does not know."""
    high, low = int(match[2], 16), int(match[3], 16)
    return match[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
