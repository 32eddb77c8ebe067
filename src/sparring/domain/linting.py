"""What makes a check hard to trust: sentences that leave it to the judge, and facts that are no secret.

Rules of thumb, each with its reason: what they find is worth a second look and not an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_VAGUE = re.compile(
    r"\b(appropriate(?:ly)?|adequate(?:ly)?|proper(?:ly)?|satisfactor(?:y|ily)|reasonabl[ey]|suitabl[ey]"
    r"|sensibl[ey]|correctly|good|well|nicely|as (?:expected|needed|necessary|required)|if (?:needed|necessary)"
    r"|helpful(?:ly)?|etc\b\.?|and so on|high[- ]quality)(?![\w-])",
    re.IGNORECASE,
)

_DONE = (
    "acknowledge|add|answer|apologi[sz]e|ask|book|call|cancel|charge|check|close|confirm|correct|decline|deny|end"
    "|escalate|explain|find|give|greet|guide|hand|inform|insist|issue|keep|look|make|mention|name|note|offer|pay"
    "|promise|propose|provide|quote|read|recommend|refund|refuse|reject|remind|repeat|replace|say|schedule|send"
    "|show|state|suggest|summari[sz]e|tell|thank|transfer|update|use|verif(?:y|ie)|waive|warn"
)
_SECOND = re.compile(
    rf"(?:\band|, but|;)\s+(?:then\s+|also\s+|finally\s+)?(?:the agent\s+|it\s+|he\s+|she\s+)?"
    rf"(?:(?:should|must|will|does|did|do|is|has|can)(?:\s+not|n't)?\b|never\b|(?:{_DONE})e?s?\b)",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[.!?]\s+(?=[A-Z])")

_FACTS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b(?=[\w#-]*\d)(?=[\w#-]*[A-Za-z_])[A-Za-z0-9#][\w#-]{3,}\b"
    r"|\b\d{5,}\b"
    r"|\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b"
)
"""Addresses of e-mail, codes of letters and digits, long numbers, and names of several words."""


def vague(sentence: str) -> str | None:
    """The words that leave to the judge what passes."""
    found = _VAGUE.search(sentence)
    return found[0] if found else None


def double_barrelled(sentence: str) -> str | None:
    """Where a second thing is asked for in the same assertion; half of it being met then means nothing."""
    found = _SENTENCES.search(sentence) or _SECOND.search(sentence)
    return sentence[found.start() :].strip(" .;,!?") if found else None


def facts(texts: Iterable[str | None]) -> tuple[str, ...]:
    """What can be told apart from common words in what somebody knows, each once."""
    return tuple(dict.fromkeys(fact for text in texts if text for fact in _FACTS.findall(text)))


def given_away(known: Iterable[str | None], prompt: str) -> tuple[str, ...]:
    """The facts that stand in a prompt already, so that nobody needs to ask for them."""
    return tuple(
        fact for fact in facts(known) if re.search(rf"(?<!\w){re.escape(fact)}(?!\w)", prompt, re.IGNORECASE)
    )
