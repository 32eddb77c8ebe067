"""Dotted paths into JSON values: finding, and changing without touching what was there before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Dots inside of a placeholder belong to it.
_PART = re.compile(r"(?:\{\{[^{}]*+\}\}|[^.])*+")

_LONGEST_INDEX = 9


class _Absent:
    """What is not there."""


ABSENT = _Absent()


class NoPlace(Exception):
    """A path cannot be changed; the message says what stands in its way."""


def split(path: str) -> list[str]:
    """The parts of a path."""
    if "." not in path:
        return [path]
    if "{{" not in path:
        return path.split(".")
    parts, start = [], 0
    while True:
        match = _PART.match(path, start)
        assert match is not None
        parts.append(match[0])
        start = match.end() + 1
        if start > len(path):
            return parts


def find(tree: Any, parts: Sequence[str]) -> Any:
    """What stands at a path, or ABSENT."""
    value = tree
    for part in parts:
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and (index := _index(part)) is not None and index < len(value):
            value = value[index]
        else:
            return ABSENT
    return value


def put(tree: Any, parts: Sequence[str], value: Any) -> Any:
    """The tree with a value at a path; objects on the way are made where they are missing.

    Raises:
        NoPlace: something on the way is neither object nor list, or a list has no such index.
    """
    return _changed(tree, parts, lambda old: value)


def append(tree: Any, parts: Sequence[str], item: Any) -> Any:
    """The tree with one more item in the list at a path, which is made where it is missing.

    Raises:
        NoPlace: something else than a list stands there, or nothing can.
    """

    def longer(old: Any) -> list[Any]:
        if old is ABSENT:
            return [item]
        if not isinstance(old, list | tuple):
            raise NoPlace(f"{'.'.join(parts)!r} is {_described(old)}, not a list")
        return [*old, item]

    return _changed(tree, parts, longer)


def remove(tree: Any, parts: Sequence[str]) -> Any:
    """The tree without what stands at a path; the same tree where nothing does."""
    if find(tree, parts) is ABSENT:
        return tree

    def without(holder: Any) -> Any:
        if isinstance(holder, Mapping):
            return {key: item for key, item in holder.items() if key != parts[-1]}
        index = int(parts[-1])
        return [*holder[:index], *holder[index + 1 :]]

    return _changed(tree, parts[:-1], without)


def _changed(tree: Any, parts: Sequence[str], change: Callable[[Any], Any], depth: int = 0) -> Any:
    """The tree with another value at a path; only what holds it is made anew."""
    if depth == len(parts):
        return change(tree)
    part = parts[depth]
    if tree is ABSENT:
        return {part: _changed(ABSENT, parts, change, depth + 1)}
    if isinstance(tree, Mapping):
        return {**tree, part: _changed(tree.get(part, ABSENT), parts, change, depth + 1)}
    if not isinstance(tree, list | tuple):
        raise NoPlace(f"{'.'.join(parts[:depth])!r} is {_described(tree)}, which has nothing inside")
    index = _index(part)
    if index is None or index >= len(tree):
        raise NoPlace(f"the list at {'.'.join(parts[:depth])!r} has no item {part!r}")
    return [*tree[:index], _changed(tree[index], parts, change, depth + 1), *tree[index + 1 :]]


def _index(part: str) -> int | None:
    return int(part) if part.isdecimal() and len(part) <= _LONGEST_INDEX else None


def _described(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    return f"the value {str(value)[:40]!r}"
