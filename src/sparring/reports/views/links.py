"""Where pages and report show trials and choices of them."""

from __future__ import annotations

from typing import Protocol

from sparring.domain.simulation import Trial
from sparring.reports.views.anchors import Anchors


class Links(Protocol):
    """The addresses of one simulation's parts."""

    def trial(self, trial: Trial) -> str:
        """A trial."""

    def at(self, trial: Trial, anchor: str | None) -> str:
        """A place of a trial, by its name among the trial's anchors."""

    def anchors(self, trial: Trial) -> Anchors:
        """The places of a trial."""

    def narrowed(self, *, outcome: str = "", cause: str = "", scenario: str = "") -> str | None:
        """The trials that ended so, with that cause or of that scenario; None where they are not listed."""


def proof(links: Links, trial: Trial) -> str:
    """A trial at the words that show why it failed."""
    return links.at(trial, links.anchors(trial).proof(trial))
