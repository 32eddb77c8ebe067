"""The addresses of pages."""

from __future__ import annotations

from sparring.domain.simulation import Trial
from sparring.reports.views.anchors import ALONE

AGENTS = "/agents"


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
