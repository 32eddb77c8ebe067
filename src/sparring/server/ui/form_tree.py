"""The fields of a form as a tree: the field `s.mocks.0.tool` is the tool of the first mock.

Rows are added, taken out and moved by orders that a button sends, so that a form of any length works without
scripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Tree = dict[str, Any]
"""Texts by name, trees, and lists of trees."""

_NAMES = frozenset({"name", "tool", "path", "folder", "model", "language"})
"""Fields around whose texts blanks mean nothing."""

_DEEPEST = 12


def tree_of(fields: Mapping[str, str], root: str) -> Tree:
    """The fields whose names begin with a root, line ends made `\\n`."""
    found: Tree = {}
    for name, text in fields.items():
        head, *parts = name.split(".")
        if head == root and parts and len(parts) <= _DEEPEST:
            line_ends = _with_line_ends(text)
            _put(found, parts, line_ends.strip() if parts[-1] in _NAMES else line_ends)
    tree = _with_lists(found)
    return tree if isinstance(tree, dict) else {}


def ordered(tree: Tree, order: str, root: str) -> tuple[Tree, str | None]:
    """The tree after an order, and the row that it is about: `add s.mocks`, `drop s.mocks.0`, `up s.mocks.1`."""
    verb, _, name = order.partition(" ")
    head, *parts = name.split(".")
    if head != root or not parts:
        return tree, None
    if verb == "add":
        rows = _rows(tree, parts, make=True)
        if rows is None:
            return tree, None
        rows.append({})
        return tree, f"{name}.{len(rows) - 1}"
    place = int(parts[-1]) if parts[-1].isdecimal() and len(parts[-1]) < 6 else None
    rows = _rows(tree, parts[:-1]) if len(parts) > 1 else None
    if rows is None or place is None or place >= len(rows):
        return tree, None
    if verb == "drop":
        del rows[place]
        return tree, None
    if verb == "up" and place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        return tree, f"{root}.{'.'.join(parts[:-1])}.{place - 1}"
    return tree, None


def restored(tree: Any, before: Any) -> Any:
    """The tree with the texts of another one where they differ in line ends or in blanks around a name only.

    Browsers change the one and `tree_of` the other.
    """
    if isinstance(tree, dict) and isinstance(before, dict):
        return {name: restored(part, before.get(name)) for name, part in tree.items()}
    if isinstance(tree, list) and isinstance(before, list):
        return [restored(part, before[place] if place < len(before) else None) for place, part in enumerate(tree)]
    if isinstance(tree, str) and isinstance(before, str):
        return before if tree in (_with_line_ends(before), _with_line_ends(before).strip()) else tree
    return tree


def _with_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _put(tree: Tree, parts: list[str], text: str) -> None:
    for part in parts[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree.setdefault(parts[-1], text)


def _with_lists(tree: Any) -> Any:
    """The tree with a list wherever all names are numbers."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(name.isdecimal() and len(name) < 6 for name in tree):
        return [
            part if isinstance(part := _with_lists(tree[name]), dict) else {} for name in sorted(tree, key=int)
        ]
    return {name: _with_lists(part) for name, part in tree.items()}


def _rows(tree: Tree, parts: list[str], *, make: bool = False) -> list[Tree] | None:
    """The list at a path; an empty one where none is there and it may be made."""
    here: Any = tree
    for depth, part in enumerate(parts):
        is_last = depth == len(parts) - 1
        if isinstance(here, list):
            here = here[int(part)] if part.isdecimal() and int(part[:6]) < len(here) else None
        elif isinstance(here, dict):
            if part not in here and make:
                here[part] = [] if is_last else {}
            here = here.get(part)
        if here is None:
            return None
    return here if isinstance(here, list) else None


class Cursor:
    """One place in a tree, which knows its name in the form."""

    def __init__(self, tree: Any, name: str) -> None:
        """Stand at a tree."""
        self.tree: Tree = tree if isinstance(tree, dict) else {}
        self.name = name

    def text(self, key: str) -> str:
        """A field; empty where it was not sent."""
        found = self.tree.get(key, "")
        return found if isinstance(found, str) else ""

    def has(self, key: str) -> bool:
        """Whether a field holds more than blanks."""
        return bool(self.text(key).strip())

    def field(self, key: str) -> str:
        """A field's name in the form."""
        return f"{self.name}.{key}"

    def inside(self, key: str) -> Cursor:
        """The tree below a name."""
        return Cursor(self.tree.get(key), self.field(key))

    def rows(self, key: str) -> list[Cursor]:
        """The rows of a list."""
        found = self.tree.get(key)
        rows = found if isinstance(found, list) else []
        return [Cursor(row, f"{self.field(key)}.{place}") for place, row in enumerate(rows)]
