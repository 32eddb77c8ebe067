"""Sparring partners for conversational agents.

>>> from sparring import Scenario, simulate
>>> result = await simulate(Scenario(name="...", task="...", assertions=["..."]), agent=my_agent, trials=5)
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparring.adapters.players.callable_agent import agent_context
    from sparring.bootstrap.library import SimulationResult, simulate, simulate_suite
    from sparring.domain.agent import Agent, Tool
    from sparring.domain.authoring import Scenario
    from sparring.domain.errors import SparringError

__all__ = [
    "Agent",
    "Scenario",
    "SimulationResult",
    "SparringError",
    "Tool",
    "agent_context",
    "simulate",
    "simulate_suite",
    "version",
]

_HOMES = {
    "Agent": "sparring.domain.agent",
    "Scenario": "sparring.domain.authoring",
    "SimulationResult": "sparring.bootstrap.library",
    "SparringError": "sparring.domain.errors",
    "Tool": "sparring.domain.agent",
    "agent_context": "sparring.adapters.players.callable_agent",
    "simulate": "sparring.bootstrap.library",
    "simulate_suite": "sparring.bootstrap.library",
}


def version() -> str:
    """The version of this program."""
    return metadata.version("sparring")


def __getattr__(name: str) -> Any:
    """Public names are loaded when they are first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
