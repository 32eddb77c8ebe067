"""What a model must be able to do before it is worth a suite: answer, call tools in turn, judge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sparring.adapters.players.judge import ModelJudge
from sparring.adapters.players.replies import total_cost
from sparring.domain.agent import Tool
from sparring.domain.errors import TrialFault
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Role
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.transcript import AgentMessage, Generation, ToolCall, Transcript, Usage, UserMessage
from sparring.simulation.ports import ChatModel, ModelRequest, Occasion, Prompt

EXPECTED = Usage(input=4_000, output=1_500)
"""Tokens of a whole rehearsal, roughly; a model that reasons takes more of the latter."""

_MOST_ROUNDS = 4
_INSTRUCTIONS = (
    "You are the agent of an airline. To cancel a booking, first look it up with look_up_booking, which tells you "
    "its cancellation code; then cancel it with cancel_booking and that code; then confirm it in one sentence."
)
_CODE = "QX7"
_RESULTS = {"look_up_booking": {"status": "active", "code": _CODE}, "cancel_booking": {"cancelled": True}}
_TOOLS = (
    Tool(
        name="look_up_booking",
        description="Looks a booking up; tells its status and its cancellation code.",
        parameters={
            "type": "object",
            "properties": {"booking": {"type": "string", "description": "Such as AB12."}},
            "required": ["booking"],
        },
    ),
    Tool(
        name="cancel_booking",
        description="Cancels a booking.",
        parameters={
            "type": "object",
            "properties": {"booking": {"type": "string"}, "code": {"type": "string"}},
            "required": ["booking", "code"],
        },
    ),
)
_JUDGED = Transcript(
    [
        UserMessage(text="Please cancel my booking AB12."),
        AgentMessage(text="Your booking AB12 is cancelled. The refund of 120 euros is on its way."),
    ]
)
_CRITERIA = ("The agent says that the booking is cancelled.", "The agent asks for a credit card number.")
_FINDINGS = (Finding.MET, Finding.NOT_MET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One part of a rehearsal."""

    part: str
    problem: str | None = None
    """What went wrong; None where it went well."""
    generations: tuple[Generation, ...] = ()
    """Of the answers that came."""

    @property
    def cost(self) -> float | None:
        """USD, None where a price is not known."""
        return total_cost(self.generations)


async def rehearse(model: ChatModel) -> AsyncIterator[Rehearsed]:
    """Ask a model for a text, two rounds of tools and a judgement, one after another; each as it is done."""
    parts: Mapping[str, Callable[[ChatModel, list[Generation]], Awaitable[str | None]]] = {
        "text": _speak,
        "two tool rounds": _use_tools,
        "judgement": _judge,
    }
    for part, play in parts.items():
        made: list[Generation] = []
        try:
            problem = await play(model, made)
        except TrialFault as fault:
            problem = str(fault)
        yield Rehearsed(part=part, problem=problem, generations=tuple(made))


async def _speak(model: ChatModel, made: list[Generation]) -> str | None:
    reply = await model.complete(_asked("You are a friendly agent.", [Prompt(role="user", text="Say hello.")]))
    made.append(reply.generation)
    return None if reply.text else "it answered without a word"


async def _use_tools(model: ChatModel, made: list[Generation]) -> str | None:
    prompts = [Prompt(role="user", text="Please cancel my booking AB12.")]
    rounds: list[list[str]] = []
    for _ in range(_MOST_ROUNDS):
        reply = await model.complete(_asked(_INSTRUCTIONS, prompts, tools=_TOOLS))
        made.append(reply.generation)
        prompts.append(
            Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque)
        )
        if not reply.calls:
            break
        rounds.append([call.name for call in reply.calls])
        prompts += map(_result, reply.calls)
    called = [name for names in rounds for name in names]
    if len(rounds) < 2 or set(called) != set(_RESULTS):
        return f"it was to look a booking up and then to cancel it, but called {', '.join(called) or 'no tool'}"
    return None if prompts[-1].text else "it called its tools and then said nothing"


async def _judge(model: ChatModel, made: list[Generation]) -> str | None:
    scenario = Scenario(name="Rehearsal", expect=Expectations(assertions=_CRITERIA))
    occasion = Occasion(role=Role.JUDGE, scenario=scenario.name)
    judge = ModelJudge(scenario, agent_instructions="", model=model, occasion=occasion)
    judgement = await judge.assess(_JUDGED)
    made += judgement.generations
    findings = tuple(assessment.finding for assessment in judgement.assessments)
    if findings == _FINDINGS:
        return None
    expected, came = (", ".join(finding.value for finding in some) for some in (_FINDINGS, findings))
    return f"it was to find {expected}, but found {came}"


def _asked(system: str, prompts: Sequence[Prompt], tools: tuple[Tool, ...] = ()) -> ModelRequest:
    return ModelRequest(system=system, messages=tuple(prompts), tools=tools, occasion=Occasion(role=Role.AGENT))


def _result(call: ToolCall) -> Prompt:
    known = call.name in _RESULTS
    told = _RESULTS[call.name] if known else {"error": "There is no such tool."}
    return Prompt(role="tool", text=json.dumps(told), call_id=call.id, name=call.name, is_error=not known)
