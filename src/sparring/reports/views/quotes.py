"""Where in a transcript the words stand that a verdict quotes, and which checks cite a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparring.domain.evaluation import Check
from sparring.domain.scenario import Scenario
from sparring.domain.transcript import Message
from sparring.reports.excerpts import Quote, marked, quote
from sparring.reports.views.anchors import Anchors


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Words of a message that a check quotes."""

    quote: Quote
    check: int
    """The check's place in the verdict."""
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text."""

    text: str
    is_quoted: bool
    anchors: tuple[str, ...]
    """What leads here; words that stand in a text again are only marked."""


def citations(
    checks: Sequence[Check], messages: Sequence[Message], scenario: Scenario, anchors: Anchors
) -> list[list[Cited]]:
    """For each check, in its order, the words that its evidence points to; equal ones once."""
    found: list[list[Cited]] = []
    for place, check in enumerate(checks):
        words = [quote(evidence, messages, scenario) for evidence in check.evidence]
        found.append(
            [
                Cited(quote=one, check=place, anchor=anchors.quote(place, number))
                for number, one in enumerate(words)
                if one is not None and one not in words[:number]
            ]
        )
    return found


def by_message(found: Sequence[Sequence[Cited]]) -> Mapping[int, list[Cited]]:
    """The same by the message that is quoted."""
    cited: dict[int, list[Cited]] = {}
    for of_check in found:
        for one in of_check:
            cited.setdefault(one.quote.message, []).append(one)
    return cited


def pieces(text: str, cited: Sequence[Cited]) -> tuple[list[Piece], list[str]]:
    """The text in pieces, and the anchors for which it holds no words.

    Each anchor stands once. Words within other quoted words share their place.
    """
    parts = marked(text, [one.quote.words for one in cited])
    anchors: dict[int, list[str]] = {}
    elsewhere: list[str] = []
    for one in cited:
        words = one.quote.words
        places = [place for place, (part, is_marked) in enumerate(parts) if is_marked and words and words in part]
        exact = [place for place in places if parts[place][0] == words]
        if places:
            anchors.setdefault((exact or places)[0], []).append(one.anchor)
        else:
            elsewhere.append(one.anchor)
    return [
        Piece(text=part, is_quoted=is_marked, anchors=tuple(anchors.get(place, ())))
        for place, (part, is_marked) in enumerate(parts)
    ], elsewhere
