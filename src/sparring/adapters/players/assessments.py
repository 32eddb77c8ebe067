"""Reading a judge's answer: strict about what it must hold, patient about how it is wrapped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sparring.adapters.players.exhibits import Exhibits
from sparring.domain.evaluation import Assessment, Evidence, Finding
from sparring.domain.text import storable
from sparring.simulation.ports import Schema

_LONGEST_TOLD = 120
_THOUGHT = "</think>"
"""Ends what some open models think aloud before they answer."""
_MOST_OBJECTS = 20
"""Places in a text at which the beginning of an answer is looked for."""

ANSWER = Schema(
    name="assessments",
    body={
        "type": "object",
        "properties": {
            "assessments": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "index": {"type": "integer", "description": "The number of the assertion, from 1."},
                        "reason": {"type": "string"},
                        "evidence": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "message": {
                                        "type": "integer",
                                        "description": "The number of the message, as in its brackets.",
                                    },
                                    "quote": {"type": "string", "description": "Words that stand there verbatim."},
                                },
                                "required": ["message", "quote"],
                                "additionalProperties": False,
                            },
                        },
                        "verdict": {"type": "string", "enum": [finding.value for finding in Finding]},
                    },
                    "required": ["index", "reason", "evidence", "verdict"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["assessments"],
        "additionalProperties": False,
    },
)
"""The form of the answer. The reason comes before the verdict, so that the verdict follows from it."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """What could be read of one answer; assertions are numbered from 1."""

    found: dict[int, Assessment] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    """By assertion, what is wrong with its entry; under 0, what makes the whole answer worthless."""

    def doubts(self) -> dict[int, str]:
        """The assertions whose assessment is sound in form, but asks for a second look, and why."""
        told = {number: _doubt(assessment) for number, assessment in self.found.items()}
        return {number: doubt for number, doubt in told.items() if doubt}


def read(text: str | None, count: int, exhibits: Exhibits) -> Answer:
    """The assessments in a judge's answer.

    Args:
        text: as it came, perhaps in a code fence or with words around it.
        count: how many assertions there are.
        exhibits: what is quoted from.
    """
    entries = _entries((text or "").rpartition(_THOUGHT)[2])
    if entries is None:
        return _worthless('it holds no JSON object with a list "assessments"', count)
    answer = Answer()
    seen: set[int] = set()
    for entry in entries:
        number = _whole(entry.get("index")) if isinstance(entry, Mapping) else None
        if number is None or not 1 <= number <= count:
            return _worthless(f"an entry names no assertion from 1 to {count}: {_told(entry)}", count)
        if number in seen:
            answer.found.pop(number, None)
            answer.faults[number] = "it is assessed more than once"
            continue
        seen.add(number)
        assessment = _assessment(entry, exhibits)
        if isinstance(assessment, str):
            answer.faults[number] = assessment
        else:
            answer.found[number] = assessment
    for number in range(1, count + 1):
        if number not in seen:
            answer.faults[number] = "it is not assessed"
    return answer


def _worthless(why: str, count: int) -> Answer:
    return Answer(faults={0: why, **dict.fromkeys(range(1, count + 1), "it is not assessed in a form to rely on")})


def _doubt(assessment: Assessment) -> str | None:
    if assessment.finding is Finding.INCONCLUSIVE:
        return "it was found inconclusive"
    if not any(evidence.quote for evidence in assessment.evidence):
        return "no quote shows it"
    return None if assessment.reason else "no reason is given"


def _assessment(entry: Mapping[str, Any], exhibits: Exhibits) -> Assessment | str:
    """The assessment in an entry, or what is wrong with it."""
    verdict = entry.get("verdict")
    words = verdict.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(verdict, str) else None
    if words not in list(Finding):
        return f"its verdict is none of met, not_met and inconclusive: {_told(verdict)}"
    reason = entry.get("reason")
    if not isinstance(reason, str):
        return f"its reason is no text: {_told(reason)}"
    evidence = _evidence(entry.get("evidence"), exhibits)
    if isinstance(evidence, str):
        return evidence
    return Assessment(finding=Finding(words), reason=storable(reason.strip()), evidence=evidence)


def _evidence(given: Any, exhibits: Exhibits) -> tuple[Evidence, ...] | str:
    """The evidence of an entry, or what is wrong with it."""
    if given is None:
        return ()
    if not isinstance(given, list):
        return f"its evidence is no list: {_told(given)}"
    found: dict[Evidence, None] = {}
    for item in given:
        named = _whole(item.get("message")) if isinstance(item, Mapping) else None
        quote = (item.get("quote") or "") if isinstance(item, Mapping) else None
        if named is None or not isinstance(quote, str):
            return f"a piece of its evidence is not a message's number with a quote: {_told(item)}"
        evidence = exhibits.find(named, quote)
        if evidence is None:
            return f"message {named} does not hold these words: {_told(quote)}"
        found[evidence] = None
    return tuple(found)


def _entries(text: str) -> list[Any] | None:
    """The list of assessments in a text, None where there is none; a bare list is one if it comes first."""
    decoder = json.JSONDecoder()
    at = -1
    bare = True
    for _ in range(_MOST_OBJECTS):
        at = min((place for mark in "{[" if (place := text.find(mark, at + 1)) >= 0), default=-1)
        if at < 0:
            return None
        bare = bare and text[at] == "["
        try:
            value, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        entries = value.get("assessments") if isinstance(value, dict) else value if bare else None
        if isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries):
            return entries
    return None


def _whole(value: Any) -> int | None:
    """A whole number, also where it came as text or in the brackets of the transcript."""
    if isinstance(value, str):
        digits = value.strip().strip("[]")
        return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _told(value: Any) -> str:
    """A value as it came, short enough to be told."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    short = text[:_LONGEST_TOLD] + ("…" if len(text) > _LONGEST_TOLD else "")
    return json.dumps(storable(short), ensure_ascii=False)
