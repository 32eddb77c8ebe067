"""How a suite is laid out as YAML: what stands on one line, what in a block, what in quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from sparring.adapters.suites.scalars import stays_text

_WIDTH = 100
_INLINE = 76
"""Lists and mappings of scalars that are no longer than this stand on one line."""

_FOLDS = re.compile(r"[^ \t\n]+(?: [^ \t\n]+)*")

_PRINTABLE = re.compile(r"[\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


class Block(dict[str, Any]):
    """A mapping with a line for each field, however short it is."""


class _Dumper(yaml.SafeDumper):
    """Writes plain what every reader of YAML reads back as it was, quotes all other texts, keeps line breaks."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        if kind is not yaml.ScalarNode:
            return _TAGS[kind]
        elsewhere = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        is_special = implicit[0] and (elsewhere != _YAML_TEXT or not stays_text(value))
        return _SPECIAL if is_special else _TEXT

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def analyze_scalar(self, scalar: str) -> Any:
        """PyYAML refuses blocks with spaces before a line break, though they are kept in a literal one."""
        analysis = super().analyze_scalar(scalar)
        if _can_stand_as_block(scalar):
            analysis.allow_block = True
        return analysis


_TEXT, _SPECIAL = "text", "special"
_YAML_TEXT = "tag:yaml.org,2002:str"
_TAGS: dict[Any, str] = {yaml.MappingNode: "mapping", yaml.SequenceNode: "sequence"}


def as_yaml(content: Mapping[str, Any]) -> str:
    """The content as YAML, its fields in the order in which they are given."""
    return serialized(_node(content, inline=False))


def serialized(node: yaml.Node) -> str:
    """The YAML of a node that is made of what the functions here give."""
    text: str = yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=_WIDTH)
    return text


def text_node(text: str, *, inline: bool = False) -> yaml.ScalarNode:
    """A text, in whatever way it reads back as one.

    Args:
        inline: whether it has to stand on one line, as a key does.
    """
    if not _PRINTABLE.fullmatch(text):
        return yaml.ScalarNode(_TEXT, text, style='"')
    return yaml.ScalarNode(_TEXT, text, style=None if inline else _style(text))


def plain_node(text: str) -> yaml.ScalarNode:
    """What is written without quotes, and reads back as it would have read there."""
    is_text = stays_text(text) and _elsewhere(text) == _YAML_TEXT
    return yaml.ScalarNode(_TEXT if is_text else _SPECIAL, text)


def mapping_node(pairs: Sequence[tuple[yaml.Node, yaml.Node]]) -> yaml.MappingNode:
    """A mapping, a line for each of its pairs."""
    return yaml.MappingNode(_TAGS[yaml.MappingNode], list(pairs), flow_style=not pairs)


def list_node(items: Sequence[yaml.Node]) -> yaml.SequenceNode:
    """A list, a line for each of its items."""
    return yaml.SequenceNode(_TAGS[yaml.SequenceNode], list(items), flow_style=not items)


def _elsewhere(text: str) -> Any:
    """What other readers of YAML take a text without quotes for."""
    return yaml.resolver.Resolver().resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]


def _node(value: Any, *, inline: bool = True) -> yaml.Node:
    if isinstance(value, Mapping):
        pairs = [(text_node(str(key), inline=True), _node(item)) for key, item in value.items()]
        parts = [node for pair in pairs for node in pair]
        flow = inline and not isinstance(value, Block) and _is_short(parts)
        return yaml.MappingNode("mapping", pairs, flow_style=flow)
    if isinstance(value, list | tuple):
        items = [_node(item, inline=not _is_nested(item)) for item in value]
        words = all(isinstance(item, yaml.ScalarNode) and " " not in item.value for item in items)
        return yaml.SequenceNode("sequence", items, flow_style=inline and words and _is_short(items))
    if isinstance(value, str):
        return text_node(value)
    return yaml.ScalarNode(_SPECIAL, json.dumps(value))


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(item, Mapping) for item in value.values())


def _style(text: str) -> str | None:
    if "\n" in text:
        return "|" if _can_stand_as_block(text) else '"'
    return ">" if len(text) > _WIDTH - 20 and _FOLDS.fullmatch(text) else None


def _can_stand_as_block(text: str) -> bool:
    return bool(text) and not text[0].isspace() and not text.endswith("\n\n") and bool(_PRINTABLE.fullmatch(text))


def _is_short(nodes: Sequence[yaml.Node]) -> bool:
    return all(map(_is_inline, nodes)) and sum(map(_length, nodes)) <= _INLINE


def _is_inline(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode):
        return node.style is None
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _length(node: yaml.Node) -> int:
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 2
    if isinstance(node, yaml.MappingNode):
        return 2 + sum(_length(key) + _length(value) for key, value in node.value)
    return 2 + sum(map(_length, node.value))
