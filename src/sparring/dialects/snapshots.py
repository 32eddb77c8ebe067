"""Agent and scenarios as a simulation plays them, marked where a script answers for a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sparring.domain.agent import Agent
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario

SCRIPTED = "scripted:"
"""Begins the names of models that are scripts."""

_MARK = "scripted"


def snapshot(
    agent: Agent, scenarios: Sequence[Scenario], *, model: str | None, scripted: Callable[[str | None], bool]
) -> tuple[Agent, tuple[Scenario, ...]]:
    """Agent and scenarios as they are played.

    Args:
        model: the agent's where it names none.
        scripted: whether a model's answers come from a script; such records stay marked.

    Raises:
        InvalidInput: the agent is Python code, which is not run on behalf of the API.
    """
    if isinstance(agent.endpoint, PythonEndpoint):
        raise InvalidInput(
            f"The agent {agent.name!r} is Python code, which only the command line and the library play."
        )
    played = replace(agent, model=None if agent.endpoint is not None else agent.model or model)
    if scripted(played.model):
        played = replace(played, extra=_marked(played.extra))
    marked = [
        replace(scenario, extra=_marked(scenario.extra)) if scripted(scenario.model or played.model) else scenario
        for scenario in scenarios
    ]
    return played, tuple(marked)


def unmarked(scenario: Scenario) -> Scenario:
    """A scenario of a snapshot without its mark, as it can be stored again."""
    return replace(scenario, extra={name: value for name, value in scenario.extra.items() if name != _MARK})


def is_scripted(played: Agent | Scenario, model: str | None) -> bool:
    """Whether a snapshot is answered from a script: by the name of its model, or by its mark."""
    return (model or "").startswith(SCRIPTED) or bool(played.extra.get(_MARK))


def _marked(extra: Mapping[str, object]) -> dict[str, object]:
    return {**extra, _MARK: True}
