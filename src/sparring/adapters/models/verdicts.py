"""How a scripted judge comes to its assessments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sparring.adapters.models.judging_prompts import Case, Line
from sparring.adapters.models.scenes import Bound, Scene, conditions_hold, filled
from sparring.adapters.models.scripts import Mark, Rule
from sparring.domain import patterns
from sparring.domain.chance import derive

Quote = tuple[int, str]
"""The number of a message and words that stand in it."""


class Unanswered(Exception):
    """No rule judges an assertion, or one's text cannot be filled in; the message says which."""


def assess(rules: Sequence[Rule], case: Case, scene: Scene) -> dict[str, Any]:
    """The judge's answer, in the form that judges answer in.

    Raises:
        Unanswered: no rule fits an assertion.
    """
    return {
        "assessments": [
            {"index": index, **_assess_one(rules, case, scene, index, assertion)}
            for index, assertion in enumerate(case.assertions, 1)
        ]
    }


def _assess_one(rules: Sequence[Rule], case: Case, scene: Scene, index: int, assertion: str) -> dict[str, Any]:
    for rule in rules:
        bound = scene.names
        quotes = _fits(rule, case.lines, scene, index, assertion, bound)
        if quotes is None:
            continue
        if rule.cite or rule.quote:
            quotes = [*_cited(rule.cite, case.lines), *_quoted(rule.quote, case.lines)]
        bound["message"] = [None, *(number for number, _ in quotes)]
        bound["quote"] = [None, *(quote for _, quote in quotes)]
        reason = rule.reason[derive(scene.seed, "reason", rule.identity, index) % len(rule.reason)]
        try:
            told = filled(reason, bound)
        except KeyError as error:
            raise Unanswered(
                f"its rule in {rule.place} names {error.args[0]!r}, which has no value here"
            ) from None
        evidence = [{"message": number, "quote": quote} for number, quote in quotes]
        return {"verdict": rule.finding.value, "reason": told, "evidence": evidence}
    raise Unanswered(f"no rule judges assertion {index}: {assertion!r}")


def _fits(
    rule: Rule, lines: Sequence[Line], scene: Scene, index: int, assertion: str, bound: Bound
) -> list[Quote] | None:
    """The words that all conditions together found, or None where one of them does not hold."""
    quotes: list[Quote] = []
    for when in rule.when:
        caught = conditions_hold(when, scene, (rule.identity, scene.length, index))
        if caught is None:
            return None
        bound.update(caught)
        if when.assertion is not None:
            match = patterns.compiled(when.assertion).search(assertion)
            if match is None:
                return None
            bound.update({name: value or "" for name, value in match.groupdict().items()})
        if any(_find(mark, lines, 0) is not None for mark in when.lacks):
            return None
        if not _in_order(when.shows, lines, quotes, bound):
            return None
    return quotes


def _in_order(marks: Sequence[Mark], lines: Sequence[Line], quotes: list[Quote], bound: Bound) -> bool:
    """Whether the marks are found one after the other, several perhaps in one text; notes what they found."""
    begin = 0
    for mark in marks:
        found = _find(mark, lines, begin)
        if found is None:
            return False
        begin, quote, caught = found
        quotes.append((lines[begin].message, quote))
        bound.update(caught)
    return True


def _cited(marks: Sequence[Mark], lines: Sequence[Line]) -> Iterator[Quote]:
    """The words of each mark, wherever they stand; a mark that is not found is left out."""
    for mark in marks:
        found = _find(mark, lines, 0)
        if found is not None:
            yield lines[found[0]].message, found[1]


def _quoted(quotes: Sequence[str], lines: Sequence[Line]) -> Iterator[Quote]:
    """Each of the words with the first message that holds them; those that none holds are left out."""
    for quote in quotes:
        held = next((line.message for line in lines if quote in line.text), None)
        if held is not None:
            yield held, quote


def _find(mark: Mark, lines: Sequence[Line], begin: int) -> tuple[int, str, Bound] | None:
    """The first place from `begin` on, its words (the group `quote` where there is one) and what was caught."""
    compiled = patterns.compiled(mark.pattern)
    for at in range(begin, len(lines)):
        line = lines[at]
        if line.kind != mark.kind:
            continue
        match = compiled.search(line.text)
        if match is not None:
            caught = {name: value or "" for name, value in match.groupdict().items()}
            return at, caught.get("quote") or match[0], caught
    return None
