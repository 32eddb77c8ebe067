"""Why an order of an editor was not carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is told instead, beside what was typed."""

    text: str
    status: int = 422
    difference: Sequence[str] = ()
    """Lines of what is stored and of what was typed, where somebody else has stored something."""
    revision: int | None = None
    """What was stored meanwhile."""


UNMENDED = Trouble(text="Not yet: mend what is marked first.")


def overtaken(kind: str, *, stored: str, typed: str, revision: int) -> Trouble:
    """Somebody has changed a record since the page was made.

    Args:
        kind: of record, in words.
        stored, typed: the record as it is and as it would be, in YAML.
        revision: the stored one.
    """
    lines = unified_diff(stored.splitlines(), typed.splitlines(), "as it is stored now", "as you have it", n=2)
    return Trouble(
        text=f"This {kind} was changed while you edited it, so yours is not saved.",
        status=409,
        difference=tuple(line.rstrip("\n") for line in lines),
        revision=revision,
    )
