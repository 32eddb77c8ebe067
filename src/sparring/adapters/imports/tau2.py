"""Tasks of tau2-bench as a suite.

A task file names its tools only by the calls that it expects, so tools are derived from those, and tau2-bench's
database has no counterpart here. What cannot be taken over is told, one line for each kind of thing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparring.adapters.imports.schemas import guess_tools
from sparring.adapters.imports.tau2_criteria import ACTION, CRITERIA, read_criteria
from sparring.adapters.imports.tau2_records import Fields, Notes, read_records
from sparring.adapters.imports.tau2_tools import WRITING, seems_to_write
from sparring.adapters.suites.inclusion import read_text
from sparring.adapters.suites.suite import Suite
from sparring.domain import templates
from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)

GREETING = "Hi! How can I help you today?"
"""What every agent of tau2-bench says first."""


def import_tau2(tasks: Path, policy: Path | None = None, *, name: str | None = None) -> tuple[Suite, list[str]]:
    """The tasks as a suite, and what of them has no counterpart in it.

    Args:
        tasks: a `tasks.json`.
        policy: the domain's `policy.md`, which becomes the agent's instructions.
        name: of the suite; by default the name of the folder or file.

    Raises:
        InvalidInput: a file cannot be read or does not hold tasks.
    """
    notes = Notes()
    read = [_Task(record, notes) for record in read_records(tasks)]
    told = read_text(policy, str(policy)) if policy is not None else ""
    if policy is None:
        notes.add("no policy was given, so the agent has no instructions")
    escaped = _escapes([told], notes, "the policy")
    suite_name = name or (tasks.parent.name if tasks.stem == "tasks" and tasks.parent.name else tasks.stem)
    scenarios = [task.scenario(escaped) for task in read]
    _check_unique(tasks, scenarios)
    writing = _writing(scenarios, suite_name, notes)
    agent = Agent(
        id="",
        workspace="",
        name=f"{suite_name} agent",
        instructions=told,
        greeting=GREETING,
        tools=_tools(scenarios, Side.AGENT, writing),
    )
    if agent.tools:
        many = f"{len(agent.tools)} tools were" if len(agent.tools) > 1 else "1 tool was"
        names = ", ".join(tool.name for tool in agent.tools)
        notes.add(f"{many} derived from the calls that the tasks expect, with no mock: {names}")
    equipped = tuple(replace(one, user_tools=_tools([one], Side.USER, writing)) for one in scenarios)
    return Suite(name=suite_name, agent=agent, scenarios=equipped), notes.lines()


@dataclass(frozen=True, slots=True)
class _Task:
    """One record of the file."""

    record: Fields
    notes: Notes

    @property
    def id(self) -> str:
        return str(self.record.get("id", str, int, required=True))

    def scenario(self, policy_variables: Mapping[str, str]) -> Scenario:
        """The task as a scenario, without tools."""
        user = self.record.inner("user_scenario", required=True)
        description = self.record.inner("description")
        criteria = self.record.inner("evaluation_criteria")
        instructions, domain = self._instructions(user)
        scenario = Scenario(
            name=f"Task {self.id}" if self.id.isdecimal() else self.id,
            folder=domain,
            purpose=description.text("purpose"),
            notes=description.text("notes"),
            persona=user.text("persona"),
            instructions=instructions,
            history=self._history(),
            expect=read_criteria(criteria, self._note),
        )
        self._note_the_rest(user, description, criteria)
        escaped = _escapes(_texts(scenario), self.notes, f"task {self.id}")
        return replace(scenario, variables={**policy_variables, **escaped})

    def _instructions(self, user: Fields) -> tuple[Instructions, str | None]:
        told = user.get("instructions", str, dict, required=True)
        if isinstance(told, str):
            return Instructions(task=told), None
        fields = user.inner("instructions")
        self._unread(
            fields,
            "task_instructions",
            "reason_for_call",
            "known_info",
            "unknown_info",
            "domain",
            label="instructions",
        )
        instructions = Instructions(
            task=fields.text("task_instructions") or "",
            reason=fields.text("reason_for_call"),
            known=fields.text("known_info"),
            unknown=fields.text("unknown_info"),
        )
        return instructions, fields.text("domain")

    def _history(self) -> tuple[Message, ...]:
        state = self.record.inner("initial_state")
        waiting: list[tuple[ToolCall, Side]] = []
        read = tuple(_message(item, waiting) for item in state.items("message_history"))
        if waiting:
            state.refuse(f"message_history leaves the call of {waiting[0][0].name!r} without a result.")
        self._unread(state, "message_history", label="initial_state")
        return read

    def _note_the_rest(self, user: Fields, description: Fields, criteria: Fields) -> None:
        self._unread(user, "persona", "instructions", label="user_scenario")
        self._unread(description, "purpose", "notes", label="description")
        self._unread(criteria, *CRITERIA, label="evaluation_criteria")
        for action in criteria.items("actions"):
            self._unread(action, *ACTION, label="evaluation_criteria.actions")
        known = ("id", "user_scenario", "description", "evaluation_criteria", "initial_state")
        self._unread(self.record, *known, label="")

    def _unread(self, fields: Fields, *known: str, label: str) -> None:
        for name, value in fields.record.items():
            if name not in known and value not in (None, [], {}, ""):
                self._note(f"{label}{'.' if label else ''}{name} has no counterpart and is left out")

    def _note(self, what: str) -> None:
        self.notes.add(what, self.id)


def _message(fields: Fields, waiting: list[tuple[ToolCall, Side]]) -> Message:
    role, text = fields.text("role"), fields.text("content")
    if role == "tool":
        if not waiting:
            fields.refuse("this tool result answers no call.")
        call, side = waiting.pop(0)
        id = fields.text("id")
        if id and call.id != id:
            fields.refuse(f"this tool result answers the call {id!r}, but {call.id!r} is the next to be answered.")
        is_error = fields.record.get("error") is True
        return ToolResult(call_id=call.id, name=call.name, text=text or "", is_error=is_error, side=side)
    if role == "system":
        return SystemMessage(text=text or "")
    if role not in ("user", "assistant"):
        fields.refuse(f"'role' should be system, user, assistant or tool, came {role!r}.")
    if waiting:
        fields.refuse(f"the call of {waiting[0][0].name!r} before it has no result.")
    side = Side.USER if role == "user" else Side.AGENT
    calls = tuple(
        ToolCall(
            id=item.text("id") or f"call_{number}",
            name=str(item.get("name", str, required=True)),
            arguments=item.get("arguments", dict) or {},
        )
        for number, item in enumerate(fields.items("tool_calls"), 1)
    )
    if text is None and not calls:
        fields.refuse("a message needs content or tool_calls.")
    waiting.extend((call, side) for call in calls)
    return (UserMessage if side is Side.USER else AgentMessage)(text=text, calls=calls)


def _tools(scenarios: Sequence[Scenario], side: Side, writing: Collection[str]) -> tuple[Tool, ...]:
    """The tools of one side, by the calls that the scenarios expect of it or begin with."""
    calls = [call for scenario in scenarios for caller, call in _calls(scenario) if caller is side]
    return tuple(replace(tool, writes=tool.name in writing) for tool in guess_tools(calls))


def _calls(scenario: Scenario) -> Iterator[tuple[Side, ToolCall]]:
    """Every call that a scenario expects or begins with."""
    for action in scenario.expect.actions:
        yield action.side, ToolCall(id="", name=action.name, arguments=action.arguments or {})
    for _, call, side in Transcript(scenario.history).calls():
        yield side, call


def _writing(scenarios: Sequence[Scenario], suite_name: str, notes: Notes) -> frozenset[str]:
    """The names of the tools that write: known of tau2-bench's own domains, guessed for others."""
    called = {call.name for scenario in scenarios for _, call in _calls(scenario)}
    domains = {scenario.folder or suite_name for scenario in scenarios}
    known: frozenset[str] = frozenset().union(*(WRITING.get(domain, ()) for domain in domains))
    if all(scenario.expect.writes is None for scenario in scenarios):
        return known
    if absent := sorted(known - called):
        notes.add(
            "these tools write as well, but are not among the tools, because no task calls them: "
            + ", ".join(absent)
        )
    if domains <= WRITING.keys():
        return known
    guessed = frozenset(name for name in called - known if seems_to_write(name))
    told = ", ".join(sorted(guessed)) or "none"
    notes.add(f"which tools write was guessed from their names, mark others with `writes: true`: {told}")
    return known | guessed


def _texts(scenario: Scenario) -> list[str]:
    """Every text of a scenario in which variables would be filled in."""
    expect = scenario.expect
    told: list[Any] = [*scenario.texts, *(one.contains for one in expect.said)]
    told += [action.arguments for action in expect.actions]
    for message in scenario.history:
        told.append(message.text)
        if isinstance(message, UserMessage | AgentMessage):
            told += [call.arguments for call in message.calls]
    return [text for value in told for text in templates.texts_in(value, keys=True)]


def _escapes(texts: Sequence[str], notes: Notes, where: str) -> dict[str, str]:
    """Variables that put `{{words}}` of texts back as they are: values are inserted once."""
    found = list(dict.fromkeys(name for text in texts for name in templates.names(text)))
    if found:
        notes.add(
            f"{where} holds {{{{{found[0]}}}}}, which is no variable there; it is kept by variables of that name"
        )
    return {name: f"{{{{{name}}}}}" for name in found}


def _check_unique(path: Path, scenarios: Sequence[Scenario]) -> None:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.name in seen:
            raise InvalidInput(f"{path}: the task id {scenario.name.removeprefix('Task ')!r} occurs twice.")
        seen.add(scenario.name)
