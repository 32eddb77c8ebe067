"""One trial: the conversation, message by message through its journal, and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sparring.domain import answering, evaluation, templates, turns
from sparring.domain.agent import Agent, Opening, ToolKind
from sparring.domain.answering import Reply
from sparring.domain.costs import add_costs, costs_by_role
from sparring.domain.errors import AgentFault, LimitReached, MockGap, ToolFault, UserFault
from sparring.domain.mocks import ToolMock
from sparring.domain.outcomes import Lifecycle, Outcome, Role, Termination
from sparring.domain.scenario import Direction, Medium, Scenario
from sparring.domain.simulation import Limits, Simulation, Trial
from sparring.domain.text import storable_message
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.domain.verdict import Verdict
from sparring.domain.warnings import trial_warnings, unanswered_warnings, unmocked_warnings
from sparring.domain.world import World
from sparring.simulation.about import log_messages
from sparring.simulation.deadlines import Deadline
from sparring.simulation.live_tools import LiveTools
from sparring.simulation.ports import AgentUnderTest, Cast, Clock, Judgement, SimulatedUser
from sparring.simulation.store import Journal

END_RESULT = "The conversation has ended."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything about a conversation that is fixed before it begins."""

    rules: turns.Rules
    history: tuple[Message, ...] = ()
    mocks: Mapping[str, ToolMock] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    """The world as it begins."""
    variables_answer_tools: bool = False
    timeout: float = Limits().timeout
    """Seconds on the wall for the whole conversation."""

    def world(self, transcript: Transcript | None = None) -> World:
        """The world after a transcript, or as it begins."""
        world = World(self.mocks, self.variables, self.state)
        if transcript is not None:
            world.follow(transcript)
        return world

    def answer(self, call: ToolCall, side: Side, world: World) -> Reply:
        """What a tool call is answered; that of an end tool where no mock says otherwise."""
        if turns.is_end_call(call, side, self.rules) and call.name not in self.mocks:
            return Reply(ToolResult(call_id=call.id, name=call.name, text=END_RESULT, side=side, source="end"))
        return answering.answer(
            call, side, world, fallback=self.variables if self.variables_answer_tools else None
        )


def set_stage(agent: Agent, scenario: Scenario, limits: Limits) -> Stage:
    """The stage for a scenario with an agent."""
    opening = agent.opening(outbound=scenario.direction is Direction.OUTBOUND)
    greeting = opening.greeting if scenario.agent_opens is not False else None
    rules = turns.Rules(
        max_steps=limits.max_steps,
        max_errors=limits.max_errors,
        greeting=templates.fill(greeting, scenario.variables) if greeting else None,
        agent_opens=_agent_opens(opening, scenario),
        agent_end_tools=_end_tools(agent),
        user_end_tool=user_end_tool(scenario),
        user_stop_tokens=turns.STOP_TOKENS if scenario.stop_tokens is None else scenario.stop_tokens,
        agent_stop_tokens=scenario.agent_stop_tokens,
    )
    return Stage(
        rules=rules,
        history=scenario.history,
        mocks={**agent.mocks, **scenario.mocks},
        variables=scenario.variables,
        state=scenario.state,
        variables_answer_tools=scenario.variables_answer_tools,
        timeout=limits.timeout,
    )


def user_end_tool(scenario: Scenario) -> str:
    """The name of the tool with which the simulated user ends."""
    ends = (tool.name for tool in scenario.user_tools if tool.kind is ToolKind.END)
    return next(ends, turns.END_TOOL)


async def converse(
    stage: Stage,
    *,
    user: SimulatedUser,
    agent: AgentUnderTest,
    journal: Journal,
    clock: Clock,
    proceed: Callable[[], bool] = lambda: True,
    live: LiveTools | None = None,
) -> tuple[Transcript, Termination]:
    """Play until the conversation is over, storing each message before the next move is chosen.

    Goes on from whatever the journal holds. `proceed` is asked before each move; once it says no, the
    conversation ends as cancelled; it may raise Interrupted to leave the trial for later. The calls that `live`
    takes are really made; all others are the stage's to answer.

    Raises:
        TrialFault: one of the players failed, or gave what is no message of theirs.
        StaleAppend: another worker has this trial.
    """
    transcript = Transcript(await journal.load(), history=len(stage.history))
    left = transcript.pending
    if not len(transcript) and stage.history:
        await _append(journal, transcript, stage.history)
    world: World | None = None
    while proceed():
        said: Sequence[Message]
        match turns.next_move(transcript, stage.rules):
            case turns.Stop(reason):
                return transcript, reason
            case turns.AskUser():
                said = (_fit_user(await user.speak(transcript)),)
            case turns.AskAgent():
                said = _fit_agent(await agent.reply(transcript), transcript)
            case turns.Greet(text):
                said = (AgentMessage(text=text),)
            case turns.AnswerTool(call, side) if live is not None and live.takes(call, side):
                left_behind = left is not None and left[0] is call
                said = (await live.answer(call, left_behind=left_behind),)
            case due:
                world = world or stage.world()
                world.follow(transcript)
                reply = stage.answer(due.call, due.side, world)
                if reply.delay:
                    await clock.sleep(reply.delay)
                said = (reply.result,)
        await _append(journal, transcript, [_dated(storable_message(message), clock) for message in said])
    return transcript, Termination.CANCELLED


async def play(
    simulation: Simulation,
    scenario: Scenario,
    trial: Trial,
    *,
    cast: Cast,
    journal: Journal,
    clock: Clock,
    proceed: Callable[[], bool] = lambda: True,
    live: LiveTools | None = None,
) -> Trial:
    """Play a trial to its end and judge it.

    Args:
        scenario: as this trial plays it, with the variables that are made up for it.
        live: makes the calls of tools that are really called; None where none is.

    Raises:
        TrialFault: it could not be played or judged, or holds a call that nothing answered and did not pass.
        StaleAppend: another worker has this trial.
    """
    stage = set_stage(simulation.agent, scenario, simulation.limits)
    try:
        async with Deadline(simulation.limits.timeout) as deadline:
            transcript, termination = await converse(
                stage,
                user=cast.user,
                agent=cast.agent,
                journal=journal,
                clock=clock,
                proceed=proceed,
                live=live,
            )
            judgement = await _judge(cast, scenario, transcript, termination)
    except TimeoutError:
        if not deadline.expired:
            raise
        seconds = simulation.limits.timeout
        raise LimitReached(f"The trial took longer than its limit of {seconds:g} s.") from None
    ended = replace(
        trial,
        status=Lifecycle.COMPLETED,
        termination=termination,
        steps=transcript.steps,
        costs=add_costs(trial.costs, costs_by_role(transcript, judgement.generations)),
        warnings=warned(trial, simulation.agent, scenario, transcript),
        completed_at=clock.now(),
    )
    return _conclude(ended, simulation.agent, scenario, transcript, judgement, stage)


def warned(trial: Trial, agent: Agent, scenario: Scenario, transcript: Transcript) -> tuple[str, ...]:
    """The warnings of a trial with those of its conversation, each once."""
    return tuple(dict.fromkeys((*trial.warnings, *trial_warnings(agent, scenario, transcript))))


def verdict_on(
    agent: Agent,
    scenario: Scenario,
    stage: Stage,
    transcript: Transcript,
    termination: Termination,
    judgement: Judgement,
) -> Verdict:
    """The verdict on a conversation that is over.

    Raises:
        MockGap, ToolFault: it did not pass, and holds a call that nothing answered.
    """
    verdict = evaluation.grade(
        scenario.expect,
        transcript,
        termination,
        judgement.assessments,
        end_tool=stage.rules.user_end_tool,
        writing=frozenset(tool.name for tool in (*agent.tools, *scenario.user_tools) if tool.writes),
        world=stage.world(transcript) if scenario.expect.state else World({}, stage.variables),
    )
    if verdict.outcome is not Outcome.PASSED:
        cost = costs_by_role((), judgement.generations)[Role.JUDGE]
        if gaps := unmocked_warnings(transcript):
            raise MockGap(" ".join(gaps), cost=cost)
        if lost := unanswered_warnings(transcript):
            raise ToolFault(" ".join(lost), cost=cost)
    return verdict


async def _judge(cast: Cast, scenario: Scenario, transcript: Transcript, termination: Termination) -> Judgement:
    if not evaluation.needs_judge(scenario.expect, termination):
        return Judgement(assessments=())
    return await cast.judge.assess(transcript)


def _conclude(
    ended: Trial, agent: Agent, scenario: Scenario, transcript: Transcript, judgement: Judgement, stage: Stage
) -> Trial:
    if ended.termination is None or ended.termination is Termination.CANCELLED:
        return replace(ended, status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED)
    verdict = verdict_on(agent, scenario, stage, transcript, ended.termination, judgement)
    return replace(ended, outcome=verdict.outcome, verdict=verdict)


def _end_tools(agent: Agent) -> frozenset[str]:
    """The tools with which the agent ends; one that lives elsewhere can hang up without having such a tool."""
    named = frozenset(tool.name for tool in agent.tools if tool.kind is ToolKind.END)
    return named if agent.endpoint is None else named | {turns.END_TOOL}


def _agent_opens(opening: Opening, scenario: Scenario) -> bool:
    if scenario.agent_opens is not None:
        return scenario.agent_opens
    if opening.opens is not None:
        return opening.opens
    return scenario.medium in (Medium.WEB_VOICE, Medium.TELEPHONY)


def _fit_user(said: UserMessage) -> UserMessage:
    if turns.is_blank(said):
        raise UserFault("The simulated user gave a message with neither text nor a tool call.")
    return said


def _fit_agent(said: Sequence[Message], transcript: Transcript) -> Sequence[Message]:
    flaw = turns.flaw(said, transcript)
    if flaw is not None:
        raise AgentFault(f"The agent {flaw}.")
    return said


def _dated(message: Message, clock: Clock) -> Message:
    return message if message.at is not None else replace(message, at=clock.now())


async def _append(journal: Journal, transcript: Transcript, said: Sequence[Message]) -> None:
    await journal.append(len(transcript), said)
    log_messages(len(transcript), said)
    transcript.extend(said)
