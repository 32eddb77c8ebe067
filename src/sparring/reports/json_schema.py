"""The JSON Schema of the report for programs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Role, Termination
from sparring.domain.transcript import Side
from sparring.domain.verdict import CheckKind, Finding
from sparring.reports.json import FORMAT
from sparring.reports.sections import Standing

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES_OR_NO: Schema = {"type": "boolean"}
TIME: Schema = {"type": "number", "description": "Unix seconds."}
COST: Schema = {"type": ["number", "null"], "description": "US dollars; null where a price is not known."}
TEXTS: Schema = {"type": "array", "items": TEXT}


def report_schema() -> Schema:
    """JSON Schema draft 2020-12; every field of the report stands in it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of Sparring",
        **_object(
            format={"const": FORMAT, "description": "Raised when a field changes its meaning or goes away."},
            simulation=_simulation(),
            setup=_setup(),
            summary=_summary(),
            scenarios=_list(_scenario()),
        ),
    }


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _map(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _or_null(schema: Schema) -> Schema:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else {"anyOf": [schema, {"type": "null"}]}


def _word(words: type[StrEnum]) -> Schema:
    return {"enum": [word.value for word in words]}


def _by(words: type[StrEnum], value: Schema) -> Schema:
    """A mapping from some of the words."""
    return {"type": "object", "properties": {word.value: value for word in words}, "additionalProperties": False}


def _by_k(value: Schema, description: str) -> Schema:
    return {
        "type": "object",
        "patternProperties": {"^[1-9][0-9]*$": value},
        "additionalProperties": False,
        "description": description,
    }


def _interval(description: str) -> Schema:
    bounds = {"type": ["array", "null"], "items": NUMBER, "minItems": 2, "maxItems": 2}
    return {**bounds, "description": description}


def _simulation() -> Schema:
    return _object(
        id=TEXT,
        name=TEXT,
        status=_word(Lifecycle),
        status_reason=_or_null(TEXT),
        source=TEXT,
        agent=_object(id=TEXT, name=TEXT, model=_or_null(TEXT)),
        models=_object(user=TEXT, judge=TEXT),
        limits=_object(max_steps=WHOLE, max_errors=WHOLE, timeout=NUMBER),
        seed=WHOLE,
        max_cost={**_or_null(NUMBER), "description": "The budget in US dollars."},
        thresholds=_by_k(NUMBER, "What pass^k must reach."),
        warnings=TEXTS,
        created_at=TIME,
        started_at=_or_null(TIME),
        completed_at=_or_null(TIME),
        url={**_or_null(TEXT), "description": "The address of its page."},
    )


def _setup() -> Schema:
    parts = _map(_map(TEXT))
    return {
        **_object(agent=_map(TEXT), tools=parts, models=_map(TEXT), limits=_map(TEXT), scenarios=parts),
        "description": "Everything that decides how trials fall out, as texts by name.",
    }


def _figures() -> Mapping[str, Schema]:
    return {
        "planned": WHOLE,
        "outcomes": _by(Outcome, WHOLE),
        "pass_hat": _by_k(NUMBER, "The chance that k trials in a row all pass."),
        "pass_at": _by_k(NUMBER, "The chance that at least one of k trials passes."),
        "cost": COST,
    }


def _summary() -> Schema:
    return _object(
        **_figures(),
        finished=WHOLE,
        judged=WHOLE,
        causes=_by(Cause, WHOLE),
        pass_hat_scenarios=_by_k(WHOLE, "How many scenarios entered the mean for k."),
        intervals=_object(
            this_suite_again=_interval("95 %, if this suite were played again."),
            situations_like_these=_interval("95 %, over situations like these."),
        ),
        flaky={**WHOLE, "description": "Scenarios that passed sometimes and failed sometimes."},
        mean_reward=_or_null(NUMBER),
        costs=_by(Role, COST),
    )


def _scenario() -> Schema:
    return _object(
        id=TEXT,
        name=TEXT,
        folder=_or_null(TEXT),
        tags=TEXTS,
        required=YES_OR_NO,
        standing=_word(Standing),
        **_figures(),
        interval=_interval("95 %, Wilson, of pass^1."),
        flaky=YES_OR_NO,
        median_seconds=_or_null(NUMBER),
        trials=_list(_trial()),
    )


def _trial() -> Schema:
    return _object(
        id=TEXT,
        number=WHOLE,
        seed=WHOLE,
        attempt={**WHOLE, "description": "Which technical try this was; in no figure."},
        status=_word(Lifecycle),
        outcome=_or_null(_word(Outcome)),
        cause=_or_null(_word(Cause)),
        error=_or_null(TEXT),
        termination=_or_null(_word(Termination)),
        verdict=_or_null(_verdict()),
        costs=_by(Role, COST),
        steps=WHOLE,
        warnings=TEXTS,
        started_at=_or_null(TIME),
        seconds=_or_null(NUMBER),
        messages={"type": ["array", "null"], "items": {"anyOf": _messages()}},
    )


def _verdict() -> Schema:
    evidence = _object(message={**WHOLE, "description": "The message's index, from 0."}, quote=TEXT)
    check = _object(
        kind=_word(CheckKind),
        subject=TEXT,
        finding=_word(Finding),
        required=YES_OR_NO,
        reason=TEXT,
        evidence=_list(evidence),
    )
    return _object(reward=_or_null(NUMBER), breakdown=_map(NUMBER), note=_or_null(TEXT), checks=_list(check))


def _messages() -> list[Schema]:
    call = _object(id=TEXT, name=TEXT, arguments={"type": "object"})
    call["properties"]["malformed"] = {**TEXT, "description": "What came instead of a JSON object of arguments."}
    usage = _object(input=WHOLE, output=WHOLE, cached=WHOLE, reasoning=WHOLE)
    generation = _object(provider=TEXT, model=TEXT, cost=COST, seconds=_or_null(NUMBER), usage=_or_null(usage))
    at = _or_null(TIME)
    return [
        _object(role={"const": "system"}, content=TEXT, at=at),
        _object(
            role={"enum": ["user", "assistant"]},
            content=_or_null(TEXT),
            tool_calls=_list(call),
            at=at,
            generation=_or_null(generation),
        ),
        _object(
            role={"const": "tool"},
            id=TEXT,
            name=TEXT,
            content=TEXT,
            error=YES_OR_NO,
            requestor=_word(Side),
            source={
                **TEXT,
                "description": "How it came about: static, rule 2, sequence 1, mockData, unmocked ...",
            },
            at=at,
        ),
    ]
