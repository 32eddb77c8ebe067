"""A scenario as the fields of a form, and the fields as what was typed.

What the form has no field for travels along in hidden ones, is said, and can be changed in the YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sparring.domain.editing import Given, How, Items, Pairs, Typed
from sparring.server.ui.form_tree import Cursor, Tree
from sparring.server.ui.mock_fields import (
    Shown,
    condition_rows,
    condition_tree,
    conditions_given,
    kept_given,
    mock_rows,
    mocks_given,
    parts_given,
    texts_given,
    texts_shown,
)

ROOT = "s"
"""Before the names of all fields that are part of the scenario."""

MEDIA: Mapping[str, str] = {
    "chatbot": "chat",
    "sms": "SMS",
    "email": "e-mail",
    "web_voice": "voice on the web",
    "telephony": "telephone",
}
"""The media, as they are read."""

_TEXTS = ("name", "folder", "purpose", "notes", "persona", "model")
_TOLD = ("task_instructions", "reason_for_call", "known_info", "unknown_info", "language")
_CHOSEN = {"medium": "chatbot", "direction": "inbound", "opens": ""}
_SHOWN = frozenset(
    (*_TEXTS, *_CHOSEN, "instructions", "trials", "tags", "required", "variables", "variables_answer_tools")
) | {"state", "mocks", "expect"}
_COUNTED = {"history": "messages that it begins with", "user_tools": "tools of the simulated user"}
_ACTION_KEPT = ("requestor", "match_requestor", "match", "info", "tool_call_id")


def scenario_tree(document: Mapping[str, Any], shown: Shown) -> Tree:
    """The fields of a scenario."""
    told = document.get("instructions", "")
    told = {"task_instructions": told} if isinstance(told, str) else told
    expect = document.get("expect", {})
    return {
        **{name: document.get(name, "") for name in _TEXTS},
        **{name: told.get(name, "") for name in _TOLD},
        **{name: document.get(name, default) for name, default in _CHOSEN.items()},
        "trials": str(document.get("trials", "")),
        "variables": [
            {"name": name, "value": shown.value(value)} for name, value in document.get("variables", {}).items()
        ],
        "answer_tools": "on" if document.get("variables_answer_tools") else "",
        "state": shown.yaml(document.get("state", {})),
        "mocks": mock_rows(document.get("mocks", {}), shown.value, shown.yaml),
        "assertions": [_assertion_tree(one) for one in expect.get("assertions", ())],
        "actions": [_action_tree(one, shown) for one in expect.get("actions", ())],
        "forbidden": [_forbidden_tree(one, shown) for one in expect.get("forbidden", ())],
        "writes": _writes(expect.get("writes")),
        "final": [_final_tree(one, shown) for one in _listed(expect.get("state", ()))],
        "said": [_said_tree(one) for one in expect.get("said", ())],
        "tags": texts_shown(document.get("tags", ()), ", ", shown),
        "required": "on" if document.get("required") else "",
        "rest": _rest({name: value for name, value in document.items() if name not in _SHOWN}),
    }


def scenario_given(tree: Tree) -> Pairs:
    """What was typed, by the words of a suite."""
    form = Cursor(tree, ROOT)
    told = Pairs(tuple(_texts_given(form, _TOLD)), form.field("task_instructions"))
    pairs: list[tuple[str, Given]] = [
        ("name", Typed(form.text("name"), field=form.field("name"))),
        *_texts_given(form, _TEXTS[1:]),
        ("instructions", told),
        *_world(form),
    ]
    if expected := _expected(form):
        pairs.append(("expect", Pairs(tuple(expected))))
    for name, default in _CHOSEN.items():
        if form.text(name) not in ("", default):
            pairs.append((name, Typed(form.text(name), field=form.field(name))))
    return Pairs((*pairs, *_how_often(form), *kept_given(form)))


def _world(form: Cursor) -> list[tuple[str, Given]]:
    pairs: list[tuple[str, Given]] = []
    variables = [row for row in form.rows("variables") if row.has("name") or row.has("value")]
    if variables:
        pairs.append(("variables", Pairs(tuple((row.text("name"), _variable(row)) for row in variables))))
    if form.text("answer_tools"):
        pairs.append(("variables_answer_tools", Typed("true", How.VALUE)))
    if form.has("state"):
        pairs.append(("state", Typed(form.text("state"), How.YAML, form.field("state"))))
    if (mocks := mocks_given(form.rows("mocks"))) is not None:
        pairs.append(("mocks", mocks))
    return pairs


def _how_often(form: Cursor) -> list[tuple[str, Given]]:
    pairs: list[tuple[str, Given]] = []
    if form.has("tags"):
        pairs.append(("tags", texts_given(form.text("tags"), ",", form.field("tags"))))
    if form.has("trials"):
        pairs.append(("trials", Typed(form.text("trials").strip(), How.VALUE, form.field("trials"))))
    if form.text("required"):
        pairs.append(("required", Typed("true", How.VALUE)))
    return pairs


def kept_words(tree: Tree) -> list[str]:
    """What the form keeps and does not show, in words."""
    try:
        kept = json.loads(Cursor(tree, ROOT).text("rest") or "{}")
    except (ValueError, RecursionError):
        return []
    return [_kept_in_words(name, value) for name, value in kept.items()] if isinstance(kept, dict) else []


def _kept_in_words(name: str, value: Any) -> str:
    if name in _COUNTED and isinstance(value, list):
        return f"{len(value)} {_COUNTED[name]}"
    listed = ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
    return f"{name}: {listed}"


def _texts_given(form: Cursor, names: Iterable[str]) -> list[tuple[str, Given]]:
    return [(name, Typed(form.text(name), field=form.field(name))) for name in names if form.has(name)]


def _variable(row: Cursor) -> Typed:
    return Typed(row.text("value"), How.VALUE, row.field("value"))


def _expected(form: Cursor) -> list[tuple[str, Given]]:
    rows = {
        "assertions": [_assertion(row) for row in form.rows("assertions") if row.has("text")],
        "actions": [_action(row) for row in form.rows("actions") if row.has("name") or row.rows("arguments")],
        "forbidden": [_forbidden(row) for row in form.rows("forbidden") if row.has("name")],
        "state": [_final(row) for row in form.rows("final") if row.has("path") or row.has("value")],
        "said": [_said(row) for row in form.rows("said") if row.has("text")],
    }
    pairs: list[tuple[str, Given]] = [(name, Items(tuple(items))) for name, items in rows.items() if items]
    if (writes := form.text("writes")) in ("exact", "optional"):
        exact = Typed("exact", field=form.field("writes"))
        free = Pairs((("match", exact), _NOT_REQUIRED), form.field("writes"))
        pairs.append(("writes", exact if writes == "exact" else free))
    return pairs


_NOT_REQUIRED: tuple[str, Given] = ("required", Typed("false", How.VALUE))


def _unless_required(row: Cursor) -> list[tuple[str, Given]]:
    return [_NOT_REQUIRED] if row.text("optional") else []


def _assertion_tree(one: Any) -> Tree:
    if isinstance(one, str):
        return {"text": one, "optional": ""}
    return {"text": one["assertion"], "optional": "on"}


def _assertion(row: Cursor) -> Given:
    sentence = Typed(row.text("text"), field=row.field("text"))
    free = _unless_required(row)
    return Pairs((("assertion", sentence), *free), row.field("text")) if free else sentence


def _action_tree(action: Mapping[str, Any], shown: Shown) -> Tree:
    compared = action.get("compare_args")
    is_given = "arguments" in action
    whole = "all" if compared is None and is_given else "name"
    return {
        "name": action["name"],
        "arguments": condition_rows(action.get("arguments", {}), shown),
        "compare": "some" if compared else whole,
        "these": texts_shown(compared or (), ", ", shown),
        "optional": "" if action.get("required", True) else "on",
        "given": "on" if is_given else "",
        "bare": "on" if compared is None else "",
        "rest": _rest({name: action[name] for name in _ACTION_KEPT if name in action}),
    }


def _action(row: Cursor) -> Given:
    compare, rows = row.text("compare"), conditions_given(row.rows("arguments"))
    pairs: list[tuple[str, Given]] = [("name", Typed(row.text("name"), field=row.field("name")))]
    if rows is not None or compare == "all" or row.text("given"):
        pairs.append(("arguments", rows or Pairs(())))
    if compare == "some":
        pairs.append(("compare_args", texts_given(row.text("these"), ",", row.field("these"))))
    elif compare != "all" and not (row.text("bare") and rows is None and not row.text("given")):
        pairs.append(("compare_args", Items(())))
    return Pairs((*pairs, *_unless_required(row), *kept_given(row)), row.field("name"))


def _forbidden_tree(one: Any, shown: Shown) -> Tree:
    if isinstance(one, str):
        return {"name": one, "arguments": [], "optional": ""}
    return {
        "name": one["name"],
        "arguments": condition_rows(one.get("arguments", {}), shown),
        "optional": "" if one.get("required", True) else "on",
    }


def _forbidden(row: Cursor) -> Given:
    name = Typed(row.text("name"), field=row.field("name"))
    arguments = conditions_given(row.rows("arguments"))
    free = _unless_required(row)
    if arguments is None and not free:
        return name
    beside: list[tuple[str, Given]] = [] if arguments is None else [("arguments", arguments)]
    return Pairs((("name", name), *beside, *free), row.field("name"))


def _writes(written: Any) -> str:
    if written is None:
        return ""
    return "exact" if written == "exact" else "optional"


def _listed(state: Any) -> list[tuple[str, Any, bool]]:
    """Expected state in either of its forms: path, condition, whether it counts."""
    if isinstance(state, Mapping):
        return [(path, wanted, True) for path, wanted in state.items()]
    return [
        (one["path"], {k: v for k, v in one.items() if k not in ("path", "required")}, one.get("required", True))
        for one in state
    ]


def _final_tree(one: tuple[str, Any, bool], shown: Shown) -> Tree:
    path, wanted, required = one
    return {"path": path, **condition_tree(wanted, shown), "optional": "" if required else "on"}


def _final(row: Cursor) -> Given:
    path = Typed(row.text("path"), field=row.field("path"))
    return Pairs((("path", path), *parts_given(row), *_unless_required(row)), row.field("path"))


def _said_tree(one: Any) -> Tree:
    words = {"contains": one} if isinstance(one, str) else one
    kind = "regex" if "regex" in words else "contains"
    case = words.get("ignore_case")
    return {
        "kind": kind,
        "text": words[kind],
        "absent": "on" if words.get("absent") else "",
        "case": "" if case is None else ("no" if case else "yes"),
        "optional": "" if words.get("required", True) else "on",
    }


def _said(row: Cursor) -> Given:
    kind = "regex" if row.text("kind") == "regex" else "contains"
    text = Typed(row.text("text"), field=row.field("text"))
    pairs: list[tuple[str, Given]] = [(kind, text)]
    if row.text("case") in ("yes", "no"):
        pairs.append(("ignore_case", Typed("true" if row.text("case") == "no" else "false", How.VALUE)))
    if row.text("absent"):
        pairs.append(("absent", Typed("true", How.VALUE)))
    pairs += _unless_required(row)
    return text if pairs == [("contains", text)] else Pairs(tuple(pairs), row.field("text"))


def _rest(kept: Mapping[str, Any]) -> str:
    return json.dumps(kept, ensure_ascii=False) if kept else ""
