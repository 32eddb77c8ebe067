"""From the fields of a form to YAML, and values as they stand in a field."""

from __future__ import annotations

import json
from typing import Any

import yaml

from sparring.adapters.suites.documents import Listing, Node, Scalar, Table, parse
from sparring.adapters.suites.layout import list_node, mapping_node, plain_node, serialized, text_node
from sparring.adapters.suites.problems import Position, Problem, Problems
from sparring.adapters.suites.scalars import as_json, stays_text
from sparring.domain.editing import Composed, Flaw, Given, How, Items, Pairs, Typed

_OPENERS = ("{", "[", '"', "'")
"""With these a value in a field begins that is no text as it is."""

_MOST = 20_000
"""Values in one field."""

_LONG = 60
"""Characters from which JSON is spread over lines."""


def compose(given: Pairs) -> Composed:
    """The YAML of what was typed."""
    flaws: list[Flaw] = []
    text = serialized(_node(given, "", flaws))
    return Composed(text=text, flaws=tuple(flaws))


def value_text(value: Any) -> str:
    """A JSON value as it is typed into a field (`How.VALUE`)."""
    if isinstance(value, str):
        return value if _is_plain(value) else _escaped(json.dumps(value, ensure_ascii=False))
    text = json.dumps(value, ensure_ascii=False)
    return _escaped(text if len(text) <= _LONG else json.dumps(value, ensure_ascii=False, indent=2))


def _is_plain(text: str) -> bool:
    """Whether a text means itself in a field."""
    if not text:
        return True
    kept = text == text.strip() and all(char.isprintable() or char == "\n" for char in text)
    return kept and not text.startswith(_OPENERS) and stays_text(text)


def _escaped(written: str) -> str:
    """JSON without the characters that a field or YAML would change."""
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in written)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def _node(given: Given, path: str, flaws: list[Flaw]) -> yaml.Node:
    if isinstance(given, Typed):
        return _typed(given, path, flaws)
    if isinstance(given, Items):
        return list_node([_node(item, f"{path}[{index}]", flaws) for index, item in enumerate(given.items)])
    pairs: list[tuple[yaml.Node, yaml.Node]] = []
    for name, part in given.pairs:
        inner = f"{path}.{name}" if path else name
        if part.field and not name.strip():
            flaws.append(Flaw(path=inner, message="expected a name, came none."))
        pairs.append((text_node(name, inline=True), _node(part, inner, flaws)))
    return mapping_node(pairs)


def _typed(typed: Typed, path: str, flaws: list[Flaw]) -> yaml.Node:
    text = typed.text
    if typed.how is How.TEXT or (typed.how is How.VALUE and not text.strip().startswith(_OPENERS)):
        is_special = typed.how is How.VALUE and text and not isinstance(as_json(text.strip()), str)
        return plain_node(text.strip()) if is_special else text_node(text)
    problems = Problems()
    node = parse(f"{text}\n", "field.json" if typed.how is How.VALUE else "field.yaml", problems)
    if node is not None and node.size > _MOST:
        problems.error(Position("field"), "", f"more than {_MOST:,} values.")
    flaws += [Flaw(path=path, message=_told(problem, text)) for problem in problems.errors]
    return text_node(text) if node is None or problems.errors else _copied(node)


def _told(problem: Problem, text: str) -> str:
    line = problem.position.line
    return f"line {line}: {problem.message}" if line and "\n" in text.strip() else problem.message


def _copied(node: Node) -> yaml.Node:
    """What was read, to be written again."""
    if isinstance(node, Scalar):
        return plain_node(node.text) if node.plain else text_node(node.text)
    if isinstance(node, Listing):
        return list_node([_copied(item) for item in node.items])
    assert isinstance(node, Table)
    own = {key.text for key, _ in node.pairs}
    merged = [pair for name, pair in node.merged.items() if name not in own]
    return mapping_node(
        [(text_node(key.text, inline=True), _copied(value)) for key, value in (*merged, *node.pairs)]
    )
