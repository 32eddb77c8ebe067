"""Tools that are really called: those of chats, and the live ones of trials where the installation allows it.

A result is journalled like any other, so what was answered is never asked again. Of a call that was left without a
result when a process was killed, nobody knows whether it was carried out: only a safe one is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sparring.domain import webhooks
from sparring.domain.agent import Tool
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation
from sparring.domain.transcript import LIVE, UNANSWERED, Message, Side, ToolCall, ToolResult
from sparring.simulation.ports import WebCaller, WebFault

MOCKED_ONLY = "sigmamind"
"""The door whose test runs never call a tool, whatever the installation allows."""

BROKEN_OFF = (
    "This call was broken off before its answer was stored. It may have been carried out, and was not made again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTools:
    """The tools of one conversation that are really called."""

    web: WebCaller
    tools: Mapping[str, Tool]
    """By name."""
    variables: Mapping[str, Any]
    """The conversation's; they win over a call's arguments."""

    def takes(self, call: ToolCall, side: Side) -> bool:
        """Whether a call is answered here."""
        return side is Side.AGENT and call.malformed is None and call.name in self.tools

    async def answer(self, call: ToolCall, *, left_behind: bool) -> ToolResult:
        """What the tool's address says; an error result where it says none, or that it failed.

        Args:
            left_behind: whether a process that was killed may have made this call already.
        """
        text, is_error, source = await self._called(call, left_behind=left_behind)
        return ToolResult(call_id=call.id, name=call.name, text=text, is_error=is_error, source=source)

    async def _called(self, call: ToolCall, *, left_behind: bool) -> tuple[str, bool, str]:
        try:
            request = webhooks.web_call(self.tools[call.name], call.arguments, self.variables)
        except webhooks.MissingValues as error:
            return str(error), True, LIVE
        if left_behind and request.method not in webhooks.SAFE_METHODS:
            return BROKEN_OFF, True, UNANSWERED
        try:
            answer = await self.web.send(request)
        except WebFault as error:
            return str(error), True, UNANSWERED
        if 200 <= answer.status < 300:
            return answer.text, False, LIVE
        return f"HTTP {answer.status}: {answer.text}" if answer.text else f"HTTP {answer.status}", True, LIVE


def tools_of_trial(simulation: Simulation, scenario: Scenario, web: WebCaller | None) -> LiveTools | None:
    """The tools that a trial really calls; None where it calls none.

    Args:
        web: sends the requests; None where the installation allows none.
    """
    if web is None or simulation.source == MOCKED_ONLY:
        return None
    tools = webhooks.live_tools(simulation.agent, scenario)
    return LiveTools(web=web, tools=tools, variables=scenario.variables) if tools else None


def made_calls(messages: Iterable[Message]) -> bool:
    """Whether something was really called, so that a conversation must not be played anew by itself."""
    return any(isinstance(one, ToolResult) and one.source in (LIVE, UNANSWERED) for one in messages)
