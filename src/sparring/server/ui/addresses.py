"""The addresses of pages."""

from __future__ import annotations

from urllib.parse import urlencode

from sparring.domain.simulation import Trial
from sparring.reports.views.anchors import ALONE

AGENTS = "/agents"
COMPARE = "/compare"


def agent(id: str) -> str:
    """An agent's page."""
    return f"{AGENTS}/{id}"


def scenario(id: str) -> str:
    """A scenario's editor."""
    return f"/scenarios/{id}"


def chat(id: str) -> str:
    """A chat's page."""
    return f"/chats/{id}"


def trial(id: str) -> str:
    """A trial's page."""
    return f"/trials/{id}"


def judging(simulation_id: str) -> str:
    """What judging a simulation again has changed."""
    return f"/simulations/{simulation_id}/judging"


def simulation(id: str) -> str:
    """A simulation's page."""
    return f"/simulations/{id}"


def proof(found: Trial) -> str:
    """A trial's page at the words that show why it failed; at its first unmet check where none were named."""
    anchor = ALONE.proof(found)
    return trial(found.id) + (f"#{anchor}" if anchor else "")


def comparison(before: str, after: str) -> str:
    """Two simulations beside each other."""
    return f"{COMPARE}?before={before}&after={after}"


def side_by_side(
    before: str, after: str, *, scenario: str, was: int | None = None, trial: int | None = None
) -> str:
    """A conversation of each of two simulations: trial `was` of the first, trial `trial` of the second."""
    wanted = {"before": before, "after": after, "scenario": scenario, "was": was, "trial": trial}
    given = {name: value for name, value in wanted.items() if value is not None}
    return f"{COMPARE}/trials?{urlencode(given)}"
