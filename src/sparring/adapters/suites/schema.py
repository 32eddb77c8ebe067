"""The JSON Schema of suite files, with which editors complete and check them while they are written.

It says what fields there are and of what kind; what only reading can tell (names that lead nowhere, expressions that
do not compile, bounds that depend on each other) is left to the reader. Its field names are the reader's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.adapters.suites import (
    endpoints,
    expectations,
    histories,
    mocks,
    origins,
    reading,
    scenarios,
    tools,
    variables,
)
from sparring.adapters.suites.matchers import KEYS
from sparring.domain.mocks import Then
from sparring.domain.scenario import Direction, Medium

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""A scalar as it is written: what looks like a number or a date stays text."""
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES_OR_NO: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
FILE: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string"}},
    "required": ["file"],
    "additionalProperties": False,
    "description": "What stands in another file, relative to this one.",
}


def suite_schema() -> Schema:
    """The schema of a suite, JSON Schema draft 2020-12."""
    return {
        "$schema": DIALECT,
        "title": "Suite of Sparring",
        **_object(reading.SUITE, _SUITE, required=("agent", "scenarios")),
        "$defs": _definitions(),
    }


def _definitions() -> Schema:
    return {
        "agent": _object(scenarios.AGENT, _AGENT),
        "endpoint": _endpoint(),
        "scenario": _object(scenarios.SCENARIO, _SCENARIO, required=("name", "instructions")),
        "defaults": _object(scenarios.DEFAULTS, _SCENARIO),
        "instructions": _object(scenarios.INSTRUCTIONS, dict.fromkeys(scenarios.INSTRUCTIONS, TEXT)),
        "tool": _tool(),
        "mock": _object(mocks.MOCK, _MOCK),
        "rule": _object(mocks.RULE, {**_MOCK, **dict.fromkeys(("when", "state"), _map(_ref("condition")))}),
        "answer": _object(mocks.EFFECT, _MOCK),
        "condition": {"anyOf": [_matcher(), ANYTHING], "description": "A value, or a condition on one."},
        "generator": _object(variables.WAYS_AND_MORE, _GENERATOR),
        "message": _object(histories.MESSAGE, _MESSAGE, required=("role",)),
        "call": _object(histories.CALL, _CALL, required=("name",)),
        "expect": _object(expectations.EXPECT, _EXPECT),
        "expectedAction": _object(expectations.ACTION, _ACTION, required=("name",)),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(item: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": item, **more}


def _map(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _words(*words: str) -> Schema:
    return {"enum": list(words)}


def _or_file(schema: Schema) -> Schema:
    return {"anyOf": [schema, FILE]}


def _told(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _object(names: Sequence[str], kinds: Mapping[str, Schema], *, required: Sequence[str] = ()) -> Schema:
    """A mapping with these fields and no others; `null` means not given."""
    made: Schema = {
        "type": "object",
        "properties": {name: _or_nothing(kinds[name]) if name not in required else kinds[name] for name in names},
        "additionalProperties": False,
    }
    return made | ({"required": list(required)} if required else {})


def _or_nothing(schema: Schema) -> Schema:
    if schema == ANYTHING:
        return schema
    description = {"description": schema["description"]} if "description" in schema else {}
    plain = {key: value for key, value in schema.items() if key != "description"}
    return {"anyOf": [plain, {"type": "null"}], **description}


def _matcher() -> Schema:
    kinds = {
        "equal": ANYTHING,
        "regex": {"type": "string"},
        "one_of": _list(ANYTHING),
        "present": YES_OR_NO,
        "absent": YES_OR_NO,
    }
    return _object(KEYS, {**dict.fromkeys(KEYS, NUMBER), **kinds}) | {"minProperties": 1}


def _tool() -> Schema:
    function = _object(tools.FUNCTION, _TOOL, required=("name",))
    wrapped = _object(tools.OPENAI, {"type": TEXT, "function": function}, required=("function",))
    return {"anyOf": [_object(tools.PLAIN, _TOOL, required=("name",)), wrapped]}


def _endpoint() -> Schema:
    limits = _object(endpoints.LIMITS, dict.fromkeys(endpoints.LIMITS, NUMBER))
    kinds: dict[str, Schema] = {"headers": _map(TEXT), "body": ANYTHING, "own_tools": YES_OR_NO, "limits": limits}
    methods = {"method": _words(*endpoints.Method)}
    forms = (
        (endpoints.Kind.OPENAI, endpoints.OPENAI, "base_url"),
        (endpoints.Kind.HTTP, endpoints.HTTP, "url"),
        (endpoints.Kind.PYTHON, endpoints.PYTHON, "callable"),
    )
    return {
        "oneOf": [
            _object(
                names,
                {**dict.fromkeys(names, TEXT), **kinds, **methods, "kind": {"const": kind.value}},
                required=("kind", needed),
            )
            for kind, names, needed in forms
        ]
    }


_RATE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_TRIALS: Schema = {"type": "integer", "minimum": 1, "maximum": scenarios.MAX_TRIALS}
_TOOLS = _or_file(_list(_ref("tool")))
_MOCKS = _or_file(_map(_ref("mock")))
_STATE = _or_file(_map(ANYTHING))
_VARIABLE: Schema = {
    "anyOf": [_object(("generate",), {"generate": _ref("generator")}, required=("generate",)), ANYTHING]
}
_VARIABLES = _or_file(_map(_VARIABLE))
_LIMITS = {"max_steps": WHOLE, "max_errors": WHOLE, "timeout": _told(NUMBER, "Seconds for one trial.")}

_PART = _object(origins.KEPT, {"at": {"type": "array"}, "value": ANYTHING, "over": ANYTHING}, required=("at",))
_ORIGIN = _told(
    _object(origins.ORIGIN_FIELDS, {"vendor": TEXT, "id": TEXT, "kept": _list(_PART)}, required=("vendor",)),
    "Where an import found it: its id there, and what a suite cannot say of it.",
)

_SUITE: Mapping[str, Schema] = {
    "name": _told(TEXT, "How reports call it."),
    "agent": _or_file(_ref("agent")),
    "user_model": _told(TEXT, "The model of the simulated user, such as openai:gpt-5-mini."),
    "judge_model": _told(TEXT, "The model of the judge."),
    "trials": _told(_TRIALS, "How often each scenario is played."),
    "seed": _told(WHOLE, "What chance is derived from."),
    "limits": _object(reading.LIMITS, _LIMITS),
    "variables": _told(_VARIABLES, "Values for all scenarios; a scenario's own win."),
    "state": _told(_STATE, "The world of the mocks, for all scenarios."),
    "thresholds": {
        "type": "object",
        "patternProperties": {r"^pass\^[1-9][0-9]*$": _RATE},
        "additionalProperties": False,
        "description": "What must be reached, such as pass^1: 0.9.",
    },
    "defaults": _told(_or_file(_ref("defaults")), "What holds for scenarios that do not say it themselves."),
    "scenarios": _told(_or_file(_list({"anyOf": [_ref("scenario"), FILE]}, minItems=1)), "At least one."),
}
_AGENT: Mapping[str, Schema] = {
    "name": TEXT,
    "model": TEXT,
    "endpoint": _told(_ref("endpoint"), "Where it lives, if no model plays it."),
    "instructions": _told(_or_file(TEXT), "Its system prompt."),
    "greeting": _told(TEXT, "What it says first, word by word."),
    "opens": YES_OR_NO,
    "outbound": _told(
        _object(scenarios.OPENING, {"greeting": TEXT, "opens": YES_OR_NO}),
        "How it begins where it is the one that gets in touch.",
    ),
    "temperature": NUMBER,
    "top_p": NUMBER,
    "language": TEXT,
    "tools": _TOOLS,
    "mocks": _MOCKS,
    "origin": _ORIGIN,
}
_SCENARIO: Mapping[str, Schema] = {
    **dict.fromkeys(("name", "folder", "purpose", "notes", "persona", "model"), TEXT),
    "tags": _told(_list(TEXT), "Words by which --only chooses."),
    "instructions": {"anyOf": [TEXT, _ref("instructions")], "description": "What the simulated user wants."},
    "variables": _VARIABLES,
    "variables_answer_tools": YES_OR_NO,
    "state": _STATE,
    "mocks": _told(_MOCKS, "What tools answer."),
    "expect": _told(_or_file(_ref("expect")), "What must have happened."),
    "history": _list(_ref("message")),
    "medium": _words(*Medium),
    "direction": _words(*Direction),
    "opens": _words(*scenarios.Opener),
    "stop_tokens": _list(TEXT),
    "agent_stop_tokens": _list(TEXT),
    "user_tools": _TOOLS,
    "trials": _TRIALS,
    "required": _told(YES_OR_NO, "Whether every trial of it must pass."),
    "origin": _ORIGIN,
}
_TOOL: Mapping[str, Schema] = {
    "name": TEXT,
    "description": TEXT,
    "parameters": {"type": "object", "description": "A JSON Schema."},
    **dict.fromkeys(("writes", "ends", "derived", "strict"), YES_OR_NO),
    "type": TEXT,
}
_MOCK: Mapping[str, Schema] = {
    "rules": _list(_ref("rule")),
    "sequence": _list(_ref("answer")),
    "then": _words(*Then),
    "otherwise": _ref("answer"),
    **dict.fromkeys(("returns", "error", "default_return_value"), ANYTHING),
    "default_is_error": YES_OR_NO,
    "set": _map(ANYTHING),
    "append": _map(ANYTHING),
    "remove": _list(TEXT),
    "delay_ms": WHOLE,
    "times": WHOLE,
}
_GENERATOR: Mapping[str, Schema] = {
    **dict.fromkeys(("pattern", "date", "text", "relative_to"), TEXT),
    "name": _words("full", "first", "last"),
    "one_of": _list(ANYTHING),
    "integer": _list(WHOLE, minItems=2, maxItems=2),
}
_MESSAGE: Mapping[str, Schema] = {
    "role": _words(*histories.Speaker),
    "content": TEXT,
    "tool_calls": _list(_ref("call")),
    "id": TEXT,
    "error": YES_OR_NO,
    "requestor": TEXT,
}
_CALL: Mapping[str, Schema] = {"id": TEXT, "name": TEXT, "arguments": ANYTHING, "requestor": TEXT}
_ACTION: Mapping[str, Schema] = {
    **dict.fromkeys(("name", "requestor", "info", "tool_call_id"), TEXT),
    "arguments": _map(_ref("condition")),
    "compare_args": _list(TEXT),
    "match_requestor": YES_OR_NO,
    "match": _words(*expectations.MatchRule),
    "required": YES_OR_NO,
}


def _item(**kinds: Schema) -> Schema:
    """One check as a mapping, required unless it says otherwise."""
    return _object((*kinds, "required"), {**kinds, "required": YES_OR_NO})


_EXPECT: Mapping[str, Schema] = {
    "assertions": _list({"anyOf": [TEXT, _item(assertion=TEXT)]}),
    "actions": _list(_ref("expectedAction")),
    "forbidden": _list({"anyOf": [TEXT, _item(name=TEXT, arguments=_map(_ref("condition")))]}),
    "writes": {"anyOf": [_words("exact"), _item(match=_words("exact"))]},
    "state": {"anyOf": [_map(_ref("condition")), _list({"type": "object", "required": ["path"]})]},
    "said": _list({"anyOf": [TEXT, _item(contains=TEXT, regex=TEXT, ignore_case=YES_OR_NO, absent=YES_OR_NO)]}),
}
