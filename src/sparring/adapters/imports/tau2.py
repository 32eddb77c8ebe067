"""Tasks of tau2-bench as a suite.

A task file names its tools only by the calls that it expects, so tools are derived from those, and tau2-bench's
database has no counterpart here. What cannot be taken over is told, one line for each kind of thing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sparring.adapters.imports.schemas import guess_tools
from sparring.adapters.suites.inclusion import read_text
from sparring.adapters.suites.suite import Suite
from sparring.domain import templates
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Expectations, ExpectedAction, Instructions, Scenario
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

_DEFAULT_BASIS = ("DB", "COMMUNICATE")
_NAMED_TASKS = 8
_KINDS: dict[type, str] = {str: "a text", int: "a number", dict: "an object", list: "a list"}
_T = TypeVar("_T")


def import_tau2(tasks: Path, policy: Path | None = None, *, name: str | None = None) -> tuple[Suite, list[str]]:
    """The tasks as a suite, and what of them has no counterpart in it.

    Args:
        tasks: a `tasks.json`.
        policy: the domain's `policy.md`, which becomes the agent's instructions.
        name: of the suite; by default the name of the folder or file.

    Raises:
        InvalidInput: a file cannot be read or does not hold tasks.
    """
    notes = _Notes()
    read = [_Task(record, notes) for record in _records(tasks)]
    told = read_text(policy, str(policy)) if policy is not None else ""
    if policy is None:
        notes.add("no policy was given, so the agent has no instructions")
    escaped = _escapes(told, notes, "the policy")
    suite_name = name or (tasks.parent.name if tasks.stem == "tasks" and tasks.parent.name else tasks.stem)
    scenarios = [task.scenario(escaped) for task in read]
    _check_unique(tasks, scenarios)
    calls = [call for scenario in scenarios for side, call in _calls(scenario) if side is Side.AGENT]
    tools = guess_tools(calls)
    if tools:
        many = f"{len(tools)} tools were" if len(tools) > 1 else "1 tool was"
        names = ", ".join(tool.name for tool in tools)
        notes.add(f"{many} derived from the calls that the tasks expect, with no mock: {names}")
    agent = Agent(
        id="", workspace="", name=f"{suite_name} agent", instructions=told, greeting=GREETING, tools=tools
    )
    return Suite(name=suite_name, agent=agent, scenarios=tuple(scenarios)), notes.lines()


@dataclass(slots=True)
class _Notes:
    """What has no counterpart, each kind once with the tasks that it concerns."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, task: str | None = None) -> None:
        """Note something, of one task or of the whole file."""
        tasks = self.found.setdefault(what, [])
        if task is not None and task not in tasks:
            tasks.append(task)

    def lines(self) -> list[str]:
        """One line each."""
        return [what + self._of(tasks) + "." for what, tasks in self.found.items()]

    def _of(self, tasks: Sequence[str]) -> str:
        if not tasks:
            return ""
        named = ", ".join(tasks[:_NAMED_TASKS])
        more = f" and {len(tasks) - _NAMED_TASKS} more" if len(tasks) > _NAMED_TASKS else ""
        return f" ({'task' if len(tasks) == 1 else f'{len(tasks)} tasks:'} {named}{more})"


@dataclass(frozen=True, slots=True)
class _Task:
    """One record of the file."""

    record: _Fields
    notes: _Notes

    @property
    def id(self) -> str:
        return str(self.record.get("id", str, int, required=True))

    def scenario(self, policy_variables: Mapping[str, str]) -> Scenario:
        """The task as a scenario."""
        user = self.record.inner("user_scenario", required=True)
        description = self.record.inner("description")
        criteria = self.record.inner("evaluation_criteria")
        persona = user.text("persona")
        instructions, domain = self._instructions(user)
        assertions = tuple(criteria.texts("nl_assertions"))
        actions, user_calls = self._actions(criteria, assertions)
        texts = Scenario(
            persona=persona, instructions=instructions, expect=Expectations(assertions=assertions)
        ).texts
        variables = {**policy_variables, **_escapes("\n".join(texts), self.notes, f"task {self.id}")}
        scenario = Scenario(
            name=f"Task {self.id}" if self.id.isdecimal() else self.id,
            folder=domain,
            purpose=description.text("purpose"),
            notes=self._notes_text(description, criteria),
            persona=persona,
            instructions=instructions,
            variables=variables,
            history=self._history(),
            user_tools=guess_tools(user_calls),
            expect=Expectations(assertions=assertions, actions=actions),
        )
        self._note_the_rest(user, description, criteria)
        return scenario

    def _instructions(self, user: _Fields) -> tuple[Instructions, str | None]:
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

    def _actions(
        self, criteria: _Fields, assertions: Sequence[str]
    ) -> tuple[tuple[ExpectedAction, ...], list[ToolCall]]:
        basis = criteria.texts("reward_basis") or list(_DEFAULT_BASIS)
        gates = "ACTION" in basis
        for component in basis:
            if component not in ("ACTION", "NL_ASSERTION"):
                self._note(f"the reward's component {component} has no counterpart and is not checked")
        if assertions and "NL_ASSERTION" not in basis:
            self._note("assertions count for the verdict here, though tau2-bench leaves them out of the reward")
        actions = tuple(_action(item, required=gates) for item in criteria.items("actions"))
        if actions and not gates:
            self._note(
                "expected actions are checked and shown, but not required, because ACTION is not in the reward"
            )
        by_user = [a for a in actions if a.side is Side.USER]
        return actions, [ToolCall(id="", name=a.name, arguments=a.arguments or {}) for a in by_user]

    def _notes_text(self, description: _Fields, criteria: _Fields) -> str | None:
        parts = [description.text("notes")]
        if communicated := criteria.texts("communicate_info"):
            parts.append("tau2-bench checks that the agent says: " + "; ".join(communicated))
            self._note("communicate_info is kept in the scenario's notes, but not checked")
        return "\n\n".join(part for part in parts if part) or None

    def _history(self) -> tuple[Message, ...]:
        state = self.record.inner("initial_state")
        waiting: list[tuple[ToolCall, Side]] = []
        read = tuple(_message(item, waiting) for item in state.items("message_history"))
        if waiting:
            state.refuse(f"message_history leaves the call of {waiting[0][0].name!r} without a result.")
        self._unread(state, "message_history", label="initial_state")
        return read

    def _note_the_rest(self, user: _Fields, description: _Fields, criteria: _Fields) -> None:
        self._unread(user, "persona", "instructions", label="user_scenario")
        self._unread(description, "purpose", "notes", label="description")
        checked = ("actions", "nl_assertions", "communicate_info", "reward_basis")
        self._unread(criteria, *checked, label="evaluation_criteria")
        known = ("id", "user_scenario", "description", "evaluation_criteria", "initial_state")
        self._unread(self.record, *known, label="")

    def _unread(self, fields: _Fields, *known: str, label: str) -> None:
        for name, value in fields.record.items():
            if name not in known and value not in (None, [], {}, ""):
                self._note(f"{label}{'.' if label else ''}{name} has no counterpart and is left out")

    def _note(self, what: str) -> None:
        self.notes.add(what, self.id)


@dataclass(frozen=True, slots=True)
class _Fields:
    """A JSON object with the place it came from."""

    record: Mapping[str, Any]
    where: str

    def refuse(self, message: str) -> NoReturn:
        """Raise InvalidInput about this object."""
        raise InvalidInput(f"{self.where}: {message}")

    def get(self, name: str, *kinds: type[_T], required: bool = False) -> _T | None:
        """A field of one of the kinds; None where it is null or not there."""
        value = self.record.get(name)
        if value is None:
            if required:
                self.refuse(f"the field {name!r} is missing, so this is no task of tau2-bench.")
            return None
        if not isinstance(value, kinds) or isinstance(value, bool):
            allowed = " or ".join(_KINDS[kind] for kind in kinds)
            self.refuse(f"{name!r} should be {allowed}, came {json.dumps(value)[:60]}.")
        return value

    def text(self, name: str) -> str | None:
        """A text."""
        return self.get(name, str)

    def texts(self, name: str) -> list[str]:
        """A list of texts; numbers are taken as they are written."""
        return [item if isinstance(item, str) else json.dumps(item) for item in self.get(name, list) or []]

    def inner(self, name: str, *, required: bool = False) -> _Fields:
        """An object in this one; an empty one where there is none."""
        return _Fields(self.get(name, dict, required=required) or {}, f"{self.where}, {name}")

    def items(self, name: str) -> list[_Fields]:
        """A list of objects."""
        found = self.get(name, list) or []
        for index, item in enumerate(found):
            if not isinstance(item, dict):
                self.refuse(f"{name}[{index}] should be an object, came {json.dumps(item)[:60]}.")
        return [_Fields(item, f"{self.where}, {name}[{index}]") for index, item in enumerate(found)]


def _records(path: Path) -> list[_Fields]:
    try:
        content = json.loads(read_text(path, str(path)), parse_constant=lambda name: name)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}.") from None
    except RecursionError:
        raise InvalidInput(f"{path}: nested too deeply.") from None
    if isinstance(content, dict) and isinstance(content.get("tasks"), list):
        content = content["tasks"]
    if not isinstance(content, list) or not content:
        raise InvalidInput(f"{path}: expected a list of tau2-bench tasks, with at least one.")
    for index, item in enumerate(content):
        if not isinstance(item, dict):
            raise InvalidInput(f"{path}: task {index + 1} of the list should be an object.")
    return [_Fields(item, f"{path}: task {item.get('id', index + 1)}") for index, item in enumerate(content)]


def _action(fields: _Fields, *, required: bool) -> ExpectedAction:
    compared = fields.get("compare_args", list)
    return ExpectedAction(
        name=str(fields.get("name", str, required=True)),
        arguments=fields.get("arguments", dict),
        compare_args=None if compared is None else tuple(map(str, compared)),
        side=_side(fields),
        match_rule="tau2",
        call_id=fields.text("action_id"),
        info=fields.text("info"),
        required=required,
    )


def _side(fields: _Fields) -> Side:
    word = fields.text("requestor") or Side.AGENT.value
    if word not in tuple(Side):
        fields.refuse(f"'requestor' should be assistant or user, came {word!r}.")
    return Side(word)


def _message(fields: _Fields, waiting: list[tuple[ToolCall, Side]]) -> Message:
    role, text = fields.text("role"), fields.text("content")
    if role == "tool":
        if not waiting:
            fields.refuse("this tool result answers no call.")
        call, side = waiting.pop(0)
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


def _calls(scenario: Scenario) -> Iterator[tuple[Side, ToolCall]]:
    """Every call that a scenario expects or begins with."""
    for action in scenario.expect.actions:
        yield action.side, ToolCall(id="", name=action.name, arguments=action.arguments or {})
    for _, call, side in Transcript(scenario.history).calls():
        yield side, call


def _escapes(text: str, notes: _Notes, where: str) -> dict[str, str]:
    """Variables that put `{{words}}` of a text back as they are: values are inserted once."""
    found = templates.names(text)
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
