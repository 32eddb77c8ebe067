"""The agent under test: its instructions, its model, its tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sparring.domain.endpoints import Endpoint, placeholders_of
from sparring.domain.mocks import ToolMock
from sparring.domain.templates import texts_in


class ToolKind(StrEnum):
    """What a call of the tool means to a conversation."""

    FUNCTION = "function"
    WEBHOOK = "webhook"
    END = "end"
    """Hangs up or hands over: the conversation ends once the calls of the message are answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that the agent's model is offered."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON Schema of the arguments."""
    kind: ToolKind = ToolKind.FUNCTION
    writes: bool = False
    """Whether a successful call changes the world."""
    live: bool = False
    """Whether a trial really calls its address where no mock answers and the installation allows it."""
    derived: bool = False
    """Made up by an import from the calls that its tasks expect; the schema is a guess."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What came with it and is given back unchanged."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of it in which variables are filled in: the description and those of its parameters."""
        return (self.description, *texts_in(self.parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A tool as a record of its own: agents are given it by its id."""

    id: str
    workspace: str
    name: str
    """For people; the model knows it by the tool's name."""
    tool: Tool
    created_at: float = 0.0
    updated_at: float = 0.0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How an agent begins."""

    greeting: str | None = None
    """What it says first, word by word."""
    opens: bool | None = None
    """Whether it speaks first without a greeting, by its model; None leaves it to the scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who is tested."""

    id: str
    workspace: str
    name: str
    instructions: str = ""
    """The system prompt; `{{variables}}` are filled in for each trial."""
    model: str | None = None
    """Its model's name, or None for an agent that lives elsewhere."""
    endpoint: Endpoint | None = None
    """Where it lives, for one that no model of this installation plays."""
    greeting: str | None = None
    """What it says first, word by word."""
    opens: bool | None = None
    """Whether it speaks first without a greeting, by its model; None leaves it to the scenario."""
    temperature: float | None = None
    top_p: float | None = None
    outbound: Opening | None = None
    """How it begins where it is the one that gets in touch; None: as it does otherwise."""
    language: str | None = None
    tools: tuple[Tool, ...] = ()
    mocks: Mapping[str, ToolMock] = field(default_factory=dict)
    """Defaults; a scenario's mock of the same name wins."""
    alias: str | None = None
    """The id that the record had elsewhere."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a dialect that are stored and given back unchanged, by dialect."""
    created_at: float = 0.0
    updated_at: float = 0.0
    revision: int = 0
    """How often it was changed."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the agent's side in which variables are filled in."""
        outbound = self.outbound.greeting if self.outbound is not None else None
        sent = placeholders_of(self.endpoint) if self.endpoint is not None else ()
        of_tools = (text for tool in self.tools for text in tool.texts)
        parts = (self.instructions, self.greeting, outbound, *sent, *of_tools)
        return tuple(part for part in parts if part)

    def opening(self, *, outbound: bool) -> Opening:
        """How it begins, by who got in touch."""
        if outbound and self.outbound is not None:
            return self.outbound
        return Opening(greeting=self.greeting, opens=self.opens)

    def tool(self, name: str) -> Tool | None:
        """The tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)
