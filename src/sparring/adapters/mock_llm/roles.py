"""Whose model a request is for: the wire does not say."""

from __future__ import annotations

import re

from sparring.domain.agent import Tool, ToolKind
from sparring.domain.outcomes import Role
from sparring.domain.turns import END_TOOL

_NAMED = re.compile(r"(?:.*[^A-Za-z])?(agent|user|judge)")
_JUDGING = re.compile(r"\bassessments?\b", re.IGNORECASE)
_ENDING = re.compile(
    r"\b(?:ends?|finish(?:es)?|hangs? up|closes?)\b.{0,40}\b(?:conversation|chat|call)\b", re.IGNORECASE
)


def role_of(*, model: str, structured: bool, system: str, tools: tuple[tuple[str, str], ...]) -> Role:
    """The role of a request.

    Args:
        model: a name that ends in `agent`, `user` or `judge` decides.
        structured: an answer in JSON is asked for: that is what judges give.
        tools: names and descriptions; a tool that ends the conversation is a simulated user's.
    """
    named = _NAMED.fullmatch(model)
    if named:
        return Role(named[1])
    if structured:
        return Role.JUDGE
    if any(ends(name, description) for name, description in tools):
        return Role.USER
    return Role.JUDGE if _JUDGING.search(system) else Role.AGENT


def ends(name: str, description: str) -> bool:
    """Whether a tool is one that ends the conversation."""
    return name == END_TOOL or _ENDING.search(description) is not None


def offered(name: str, description: str, parameters: object) -> Tool:
    """A tool as a scripted model is shown it."""
    kind = ToolKind.END if ends(name, description) else ToolKind.FUNCTION
    schema = parameters if isinstance(parameters, dict) else {"type": "object", "properties": {}}
    return Tool(name=name, description=description, parameters=schema, kind=kind)
