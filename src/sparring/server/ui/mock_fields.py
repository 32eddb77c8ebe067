"""Mocks and conditions as fields of a form: from a suite's words to rows, and back to what was typed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sparring.domain.editing import Given, How, Items, Pairs, Typed
from sparring.server.ui.form_tree import Cursor, Tree

CONDITIONS: Mapping[str, str] = {
    "equal": "is",
    "one_of": "is one of",
    "regex": "matches",
    "at_least": "is at least",
    "at_most": "is at most",
    "between": "is from … to",
    "present": "is there",
    "absent": "is not there",
}
"""The conditions that a row can say, as they are read."""

KEPT = "kept"
"""The condition of a row that says more than a row can show."""

_PARTS = ("equal", "regex", "one_of", "at_least", "at_most", "present", "absent")
_BOUNDS = re.compile(r"\s*(?:\bto\b|\band\b|\.\.|…|,|–)\s*")
_CHANGES = ("set", "append")

Show = Callable[[Any], str]
"""A value as it stands in a field."""


def mock_rows(document: Mapping[str, Any], show: Show, show_object: Show) -> list[Tree]:
    """The mocks of a document as rows."""
    return [
        {"tool": tool, **_mock_tree(mock, Shown(show, show_object))} for tool, mock in (document or {}).items()
    ]


def mocks_given(rows: Iterable[Cursor]) -> Pairs | None:
    """The mocks that were typed; None where there is none."""
    pairs = tuple((row.text("tool"), _mock_given(row)) for row in rows if _says_something(row))
    return Pairs(pairs) if pairs else None


class Shown:
    """How values of a document stand in fields."""

    def __init__(self, value: Show, yaml: Show) -> None:
        """Take the two ways: as a value, and as lines of YAML."""
        self.value = value
        self.yaml = yaml


def condition_rows(conditions: Mapping[str, Any], shown: Shown) -> list[Tree]:
    """Conditions by path, as rows."""
    return [{"path": path, **condition_tree(wanted, shown)} for path, wanted in conditions.items()]


def condition_tree(wanted: Any, shown: Shown) -> Tree:
    """One condition: a plain value, or a mapping of the parts of one."""
    is_matcher = isinstance(wanted, Mapping) and bool(wanted) and all(part in _PARTS for part in wanted)
    if not is_matcher:
        return {"is": "equal", "value": shown.value(wanted)}
    parts = set(wanted)
    if parts == {"at_least", "at_most"}:
        return {"is": "between", "value": f"{shown.value(wanted['at_least'])} to {shown.value(wanted['at_most'])}"}
    if len(parts) > 1:
        return {"is": KEPT, "rest": json.dumps(wanted, ensure_ascii=False)}
    part = parts.pop()
    if part in ("present", "absent"):
        return {"is": part, "value": ""}
    return {"is": part, "value": _listed(wanted[part], shown) if part == "one_of" else shown.value(wanted[part])}


def conditions_given(rows: Iterable[Cursor]) -> Pairs | None:
    """Conditions by path; None where there is none."""
    pairs = tuple((row.text("path"), matcher_given(row)) for row in rows if _is_told(row))
    return Pairs(pairs) if pairs else None


def matcher_given(row: Cursor) -> Given:
    """One condition as the right side of its path."""
    parts = parts_given(row)
    name, part = parts[0]
    is_plain = name == "equal" and not (isinstance(part, Typed) and part.text.lstrip().startswith("{"))
    return part if is_plain else Pairs(tuple(parts), row.field("value"))


def parts_given(row: Cursor) -> list[tuple[str, Given]]:
    """One condition in its parts, at least one."""
    kind, value, field = row.text("is"), row.text("value"), row.field("value")
    if kind == KEPT:
        return kept_given(row) or [("present", Typed("true", How.VALUE, field))]
    if kind == "between":
        low, _, high = _BOUNDS.sub("\0", value.strip(), count=1).partition("\0")
        return [("at_least", Typed(low, How.VALUE, field)), ("at_most", Typed(high, How.VALUE, field))]
    if kind in ("present", "absent"):
        return [(kind, Typed("true", How.VALUE, field))]
    if kind == "one_of":
        return [(kind, _items_given(value, field))]
    if kind == "regex":
        return [(kind, Typed(value, How.TEXT, field))]
    return [(kind if kind in CONDITIONS else "equal", Typed(value, How.VALUE, field))]


def kept_given(row: Cursor) -> list[tuple[str, Given]]:
    """What a row keeps and does not show."""
    try:
        kept = json.loads(row.text("rest") or "{}")
    except (ValueError, RecursionError):
        return []
    return [(name, value_given(value)) for name, value in kept.items()] if isinstance(kept, dict) else []


def value_given(value: Any) -> Given:
    """A JSON value as if it had been typed."""
    if isinstance(value, dict):
        return Pairs(tuple((name, value_given(part)) for name, part in value.items()))
    if isinstance(value, list):
        return Items(tuple(map(value_given, value)))
    return Typed(value) if isinstance(value, str) else Typed(json.dumps(value), How.VALUE)


def texts_shown(texts: Iterable[str], between: str, shown: Shown) -> str:
    """A list of texts with something between them; as JSON where that would not come back."""
    listed = list(texts)
    plain = all(text == text.strip() != "" and between.strip(" ") not in text for text in listed)
    first = listed[0] if listed else ""
    return between.join(listed) if plain and not first.startswith("[") else shown.value(listed)


def texts_given(text: str, between: str, field: str) -> Given:
    """A list of texts as it was typed: with something between them, or as JSON."""
    if text.lstrip().startswith("["):
        return Typed(text, How.VALUE, field)
    parts = [part.strip() for part in text.split(between)]
    return Items(tuple(Typed(part, How.TEXT, field) for part in parts if part), field)


def _mock_tree(mock: Mapping[str, Any], shown: Shown) -> Tree:
    if "returns" in mock or "error" in mock:
        return {"otherwise": _answer_tree(mock, shown)}
    otherwise = mock.get("otherwise")
    return {
        "rules": [
            {
                "when": condition_rows(rule.get("when", {}), shown),
                "state": condition_rows(rule.get("state", {}), shown),
                "times": str(rule.get("times", "")),
                **_answer_tree(rule, shown),
            }
            for rule in mock.get("rules", ())
        ],
        "sequence": [_answer_tree(answer, shown) for answer in mock.get("sequence", ())],
        "then": mock.get("then", "otherwise"),
        "otherwise": {"kind": "none"} if otherwise is None else _answer_tree(otherwise, shown),
    }


def _answer_tree(answer: Mapping[str, Any], shown: Shown) -> Tree:
    kind = "error" if "error" in answer else "returns"
    return {
        "kind": kind,
        "value": shown.value(answer[kind]),
        **{name: shown.yaml(answer.get(name, {})).rstrip("\n") for name in _CHANGES},
        "remove": texts_shown(answer.get("remove", ()), "\n", shown),
        "delay": str(answer.get("delay_ms", "")),
    }


def _listed(options: Iterable[Any], shown: Shown) -> str:
    """Values with commas between them; as JSON where that would not come back."""
    texts = [shown.value(option) for option in options]
    plain = all(text and "," not in text and "\n" not in text and text[0] != "[" for text in texts)
    return ", ".join(texts) if plain and texts else shown.value(list(options))


def _items_given(text: str, field: str) -> Given:
    if text.lstrip().startswith("["):
        return Typed(text, How.VALUE, field)
    parts = [part.strip() for part in text.split(",")]
    return Items(tuple(Typed(part, How.VALUE, field) for part in parts if part), field)


def _is_told(row: Cursor) -> bool:
    return row.has("path") or row.has("value") or row.text("is") not in ("", "equal")


def _says_something(row: Cursor) -> bool:
    otherwise = row.inside("otherwise")
    return row.has("tool") or bool(row.rows("rules") or row.rows("sequence")) or otherwise.has("value")


def _mock_given(row: Cursor) -> Pairs:
    pairs: list[tuple[str, Given]] = []
    if rules := row.rows("rules"):
        pairs.append(("rules", Items(tuple(map(_rule_given, rules)))))
    if answers := row.rows("sequence"):
        items = tuple(Pairs(tuple(_answer_given(one)), one.field("value")) for one in answers)
        pairs.append(("sequence", Items(items)))
    if row.text("then") not in ("", "otherwise"):
        pairs.append(("then", Typed(row.text("then"), field=row.field("then"))))
    otherwise = row.inside("otherwise")
    if otherwise.text("kind") in ("returns", "error"):
        pairs.append(("otherwise", Pairs(tuple(_answer_given(otherwise)), otherwise.field("value"))))
    return Pairs(tuple(pairs), row.field("tool"))


def _rule_given(row: Cursor) -> Pairs:
    pairs: list[tuple[str, Given]] = [
        (name, conditions)
        for name in ("when", "state")
        if (conditions := conditions_given(row.rows(name))) is not None
    ]
    pairs += _answer_given(row)
    if row.has("times"):
        pairs.append(("times", Typed(row.text("times").strip(), How.VALUE, row.field("times"))))
    return Pairs(tuple(pairs), row.field("value"))


def _answer_given(row: Cursor) -> list[tuple[str, Given]]:
    kind = "error" if row.text("kind") == "error" else "returns"
    pairs: list[tuple[str, Given]] = [(kind, Typed(row.text("value"), How.VALUE, row.field("value")))]
    pairs += [(name, Typed(row.text(name), How.YAML, row.field(name))) for name in _CHANGES if row.has(name)]
    if row.has("remove"):
        pairs.append(("remove", texts_given(row.text("remove"), "\n", row.field("remove"))))
    if row.has("delay"):
        pairs.append(("delay_ms", Typed(row.text("delay").strip(), How.VALUE, row.field("delay"))))
    return pairs
