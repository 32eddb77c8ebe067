"""Players that speak given lines, and a judge that finds what it is told to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparring.domain.errors import AgentFault
from sparring.domain.evaluation import Assessment, Evidence, Finding
from sparring.domain.transcript import AgentMessage, Message, ToolCall, Transcript, UserMessage
from sparring.domain.turns import END_TOOL
from sparring.simulation.ports import Judgement


def user_says(text: str | None, *calls: ToolCall) -> UserMessage:
    """A line of the simulated user's."""
    return UserMessage(text=text, calls=calls)


def user_ends(reason: str = "done") -> UserMessage:
    """The simulated user hangs up."""
    return UserMessage(text=None, calls=(ToolCall(id="end", name=END_TOOL, arguments={"reason": reason}),))


def agent_says(text: str | None, **calls: Mapping[str, Any]) -> AgentMessage:
    """A line of the agent's; keywords are tool calls by name."""
    made = tuple(
        ToolCall(id=f"call_{number}", name=name, arguments=dict(arguments))
        for number, (name, arguments) in enumerate(calls.items(), 1)
    )
    return AgentMessage(text=text, calls=made)


class Lines:
    """A player that speaks its lines in order; the n-th line is its n-th message of the conversation.

    Stateless: which line is due is counted in the transcript, so a trial that goes on after a crash gets the
    line that was due. `asked` counts the lines that were given out. A line that is an exception is raised, once.
    """

    def __init__(self, lines: Iterable[Message | Exception]) -> None:
        """Take the lines of one side."""
        self._lines = list(lines)
        self.asked = 0

    async def speak(self, transcript: Transcript) -> UserMessage:
        """The user's line that is due."""
        line = self._due(transcript, UserMessage)
        assert isinstance(line, UserMessage)
        return line

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """The agent's line that is due."""
        return (self._due(transcript, AgentMessage),)

    def _due(self, transcript: Transcript, kind: type[Message]) -> Message:
        spoken = sum(isinstance(message, kind) for message in transcript)
        if spoken >= len(self._lines):
            raise AgentFault(f"No line {spoken + 1} was given.", retryable=False)
        self.asked += 1
        line = self._lines[spoken]
        if isinstance(line, Exception):
            del self._lines[spoken]
            raise line
        return line


def assessed(finding: Finding | str, reason: str = "as told", *quotes: tuple[int, str]) -> Assessment:
    """An assessment with its evidence as (message, quote)."""
    evidence = tuple(Evidence(message=message, quote=quote) for message, quote in quotes)
    return Assessment(finding=Finding(finding), reason=reason, evidence=evidence)


class judge_finds:  # noqa: N801
    """A judge that gives the same assessments each time; an exception is raised, once."""

    def __init__(self, *findings: Assessment | Finding | str | Exception) -> None:
        """One finding for each assertion, in order."""
        self._errors = [found for found in findings if isinstance(found, Exception)]
        self._found = tuple(
            found if isinstance(found, Assessment) else assessed(found)
            for found in findings
            if not isinstance(found, Exception)
        )
        self.asked = 0

    async def assess(self, transcript: Transcript) -> Judgement:
        """The given assessments."""
        self.asked += 1
        if self._errors:
            raise self._errors.pop(0)
        return Judgement(assessments=self._found)
