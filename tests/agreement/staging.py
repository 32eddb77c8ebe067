"""A recording as a simulation: who is cast, what the tools answer, and within which limits."""

from collections.abc import Iterable

from sparring.adapters.imports.schemas import guess_tools
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits, Models, Simulation
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult
from sparring.domain.turns import END_TOOL

from .model_server import model_of
from .recordings import Recording
from .shapes import MAX_ERRORS, stop_tokens

PROVIDER = "replay"
MAX_STEPS = 5000
NO_LIMIT = 1e6
"""Seconds."""


def as_simulation(recording: Recording, *, id: str, scenario_id: str, workspace: str) -> Simulation:
    """One trial of one scenario, whose models and mocks say again what was recorded."""
    words = _Words()
    opening = recording.messages[0] if recording.messages else None
    opens = isinstance(opening, AgentMessage)
    greeting = opening.text if isinstance(opening, AgentMessage) and not opening.calls else None
    agent = Agent(
        id=workspace,
        workspace=workspace,
        name="recorded agent",
        model=f"{PROVIDER}:{model_of(recording, Side.AGENT)}",
        greeting=words.verbatim(greeting) if greeting else None,
        tools=guess_tools(_calls(recording, Side.AGENT)),
    )
    scenario = Scenario(
        id=scenario_id,
        workspace=workspace,
        name=str(recording),
        agent_opens=opens,
        mocks=_mocks(recording, words),
        variables=words.variables,
        user_tools=(*guess_tools(_calls(recording, Side.USER)), _hang_up(recording)),
        agent_stop_tokens=_agent_stop_tokens(recording),
    )
    return Simulation(
        id=id,
        workspace=workspace,
        agent=agent,
        scenarios=(scenario,),
        models=Models(user=f"{PROVIDER}:{model_of(recording, Side.USER)}", judge=f"{PROVIDER}:judge"),
        limits=Limits(max_steps=_max_steps(recording), max_errors=MAX_ERRORS, timeout=NO_LIMIT),
        name=str(recording),
    )


class _Words:
    """Keeps recorded texts from being read as templates: what a variable puts in is put in as it is."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}

    def verbatim(self, text: str) -> str:
        """A text for a place in which variables are filled in."""
        if "{{" not in text:
            return text
        name = f"recorded_{len(self.variables)}"
        self.variables[name] = text
        return f"{{{{{name}}}}}"


def _mocks(recording: Recording, words: _Words) -> dict[str, ToolMock]:
    """For each tool the recorded results in their order, whichever side called it."""
    answers: dict[str, list[Answer]] = {}
    for message in recording.messages:
        if isinstance(message, ToolResult):
            answer = Answer(value=words.verbatim(message.text), is_error=message.is_error)
            answers.setdefault(message.name, []).append(answer)
    return {name: ToolMock(sequence=tuple(given)) for name, given in answers.items()}


def _calls(recording: Recording, side: Side) -> list[ToolCall]:
    return [call for _, call, caller in recording.transcript.calls() if caller is side]


def _hang_up(recording: Recording) -> Tool:
    """The tool with which the user would end, under a name that no recorded call has."""
    return Tool(name=_unused(END_TOOL, recording.called), kind=ToolKind.END)


def _unused(name: str, taken: Iterable[str]) -> str:
    return _unused(f"{name}_", taken) if name in taken else name


def _agent_stop_tokens(recording: Recording) -> tuple[str, ...]:
    last = recording.messages[-1] if recording.messages else None
    if recording.termination is Termination.AGENT_STOP and isinstance(last, AgentMessage):
        return stop_tokens(last)
    return ()


def _max_steps(recording: Recording) -> int:
    return recording.transcript.steps if recording.termination is Termination.MAX_STEPS else MAX_STEPS
