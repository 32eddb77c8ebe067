"""What the agent said: words that one of its texts must hold, or that none may."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.domain import patterns, templates
from sparring.domain.matching import filled_pattern
from sparring.domain.scenario import ExpectedWords
from sparring.domain.templates import Scope
from sparring.domain.transcript import AgentMessage, Transcript
from sparring.domain.verdict import Check, CheckKind, Evidence, Finding


def check_words(index: int, expected: ExpectedWords, transcript: Transcript, variables: Scope) -> Check:
    """Whether the agent said the words; the evidence is how they stand there."""
    told, found = _found(expected, transcript, variables)
    if expected.absent:
        reason = f"The agent said {told}, which it must not." if found else f"The agent did not say {told}."
    else:
        reason = f"The agent said {told}." if found else f"No text of the agent's holds {told}."
    subject = f"“{expected.contains}”" if expected.regex is None else f"/{expected.regex}/"
    return Check(
        kind=CheckKind.SAID,
        subject=f"not {subject}" if expected.absent else subject,
        finding=Finding.MET if bool(found) is not expected.absent else Finding.NOT_MET,
        reason=reason,
        evidence=tuple(Evidence(message=where, quote=words) for where, words in found),
        required=expected.required,
        index=index,
    )


def _found(expected: ExpectedWords, transcript: Transcript, variables: Scope) -> tuple[str, list[tuple[int, str]]]:
    """The words as they are told, and where they stand: index and quote."""
    texts = list(_texts(transcript))
    if expected.regex is not None:
        pattern = filled_pattern(expected.regex, variables)
        flagged = f"(?i){pattern}" if expected.ignore_case else pattern
        spans = ((where, text, patterns.span(flagged, text)) for where, text in texts)
        return f"/{pattern}/", [(where, text[span[0] : span[1]]) for where, text, span in spans if span]
    words = templates.fill(expected.contains or "", variables)
    quotes = ((where, quote(words, text, ignore_case=expected.ignore_case is not False)) for where, text in texts)
    return f"“{words}”", [(where, found) for where, found in quotes if found is not None]


def quote(words: str, text: str, *, ignore_case: bool) -> str | None:
    """The words as they stand in a text, commas left out of account on both sides; None where they do not."""
    wanted = _plain(words, ignore_case)
    plain = _plain(text, ignore_case)
    at = plain.find(wanted)
    if at < 0:
        return None
    places = [place for place, char in enumerate(text) for _ in _plain(char, ignore_case)]
    end = at + len(wanted) - 1
    return text[places[at] : places[end] + 1] if wanted and end < len(places) else ""


def _plain(text: str, ignore_case: bool) -> str:
    """Character by character, so that places can be told."""
    bare = text.replace(",", "")
    return "".join(map(str.lower, bare)) if ignore_case else bare


def _texts(transcript: Transcript) -> Iterator[tuple[int, str]]:
    for index, message in enumerate(transcript):
        if isinstance(message, AgentMessage) and message.text:
            yield index, message.text
