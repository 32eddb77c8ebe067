"""The names of places on a page that shows trials, by which links lead there."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.domain.evaluation import Finding
from sparring.domain.simulation import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The places of one trial."""

    prefix: str = ""
    """Tells trials apart where a page shows several."""

    def message(self, index: int) -> str:
        """A message."""
        return f"{self.prefix}m-{index}"

    def check(self, place: int) -> str:
        """A check, by its place in the verdict."""
        return f"{self.prefix}check-{place}"

    def quote(self, check: int, place: int) -> str:
        """The words that a check's evidence quotes, by the places of both."""
        return f"{self.prefix}q-{check}-{place}"

    def proof(self, found: Trial) -> str | None:
        """The words that show why a trial failed; its first unmet check where none were named."""
        checks = found.verdict.checks if found.verdict is not None else ()
        unmet = [
            place for place, check in enumerate(checks) if check.required and check.finding is Finding.NOT_MET
        ]
        proved = next((place for place in unmet if checks[place].evidence), None)
        if proved is not None:
            return self.quote(proved, 0)
        return self.check(unmet[0]) if unmet else None


ALONE = Anchors()
"""The places of a trial that has a page for itself."""
