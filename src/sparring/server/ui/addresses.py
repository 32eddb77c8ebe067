"""The addresses of pages."""

from __future__ import annotations

from sparring.domain.evaluation import Finding
from sparring.domain.simulation import Trial


def trial(id: str) -> str:
    """A trial's page."""
    return f"/trials/{id}"


def simulation(id: str) -> str:
    """A simulation's page."""
    return f"/simulations/{id}"


def proof(found: Trial) -> str:
    """A trial's page at the words that show why it failed; at its first unmet check where none were named."""
    checks = found.verdict.checks if found.verdict is not None else ()
    unmet = [place for place, check in enumerate(checks) if check.required and check.finding is Finding.NOT_MET]
    proved = next((place for place in unmet if checks[place].evidence), None)
    if proved is not None:
        return f"{trial(found.id)}#{quote_anchor(proved, 0)}"
    return trial(found.id) + (f"#{check_anchor(unmet[0])}" if unmet else "")


def message_anchor(index: int) -> str:
    """A message on the page of its trial."""
    return f"m-{index}"


def check_anchor(place: int) -> str:
    """A check on the page of its trial, by its place in the verdict."""
    return f"check-{place}"


def quote_anchor(check: int, place: int) -> str:
    """The words that a check's evidence quotes, by the places of both."""
    return f"q-{check}-{place}"
