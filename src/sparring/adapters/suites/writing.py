"""From a suite to a YAML file that people like to edit, and that reads back to the same suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sparring.adapters.suites.endpoints import dump_endpoint
from sparring.adapters.suites.layout import Block, as_yaml
from sparring.adapters.suites.matchers import KEYS
from sparring.adapters.suites.origins import ORIGIN
from sparring.adapters.suites.suite import Suite
from sparring.domain.agent import Agent, Opening, Tool, ToolKind
from sparring.domain.generation import Generator
from sparring.domain.matching import ABSENT, Matcher, same
from sparring.domain.mocks import Answer, Rule, Then, ToolMock
from sparring.domain.scenario import (
    Direction,
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
    Instructions,
    Medium,
    Scenario,
)
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)

_Given = Mapping[str, Any]


def dump_suite(suite: Suite) -> str:
    """The suite as YAML, with the fields in the order of the documentation."""
    shared = _shared([_variables(scenario) for scenario in suite.scenarios])
    state = _shared([scenario.state for scenario in suite.scenarios])
    head = _without_none(
        {
            "name": suite.name,
            "agent": agent_document(suite.agent),
            "user_model": suite.user_model,
            "judge_model": suite.judge_model,
            "trials": suite.trials,
            "seed": suite.seed or None,
            "limits": _limits(suite) or None,
            "variables": shared or None,
            "state": state or None,
            "thresholds": {f"pass^{bar.k}": bar.rate for bar in suite.thresholds} or None,
        }
    )
    parts = [as_yaml(head), "scenarios:\n"]
    for index, scenario in enumerate(suite.scenarios):
        text = as_yaml({"scenarios": [_scenario(scenario, shared, state, suite.trials)]})
        parts.append(("\n" if index else "") + text.partition("\n")[2])
    return "".join(parts)


def agent_document(agent: Agent) -> Mapping[str, Any]:
    """The agent as a suite says it."""
    return _without_none(
        {
            "name": agent.name,
            "model": agent.model,
            "endpoint": dump_endpoint(agent.endpoint),
            "instructions": agent.instructions or None if agent.endpoint else agent.instructions,
            "greeting": agent.greeting,
            "opens": agent.opens,
            "outbound": None if agent.outbound is None else _opening(agent.outbound),
            "temperature": agent.temperature,
            "top_p": agent.top_p,
            "language": agent.language,
            "tools": [_tool(tool) for tool in agent.tools] or None,
            "mocks": _mocks(agent.mocks),
            ORIGIN: agent.extra.get(ORIGIN),
        }
    )


def _opening(opening: Opening) -> _Given:
    return _without_none({"greeting": opening.greeting, "opens": opening.opens})


def _tool(tool: Tool) -> _Given:
    return _without_none(
        {
            "name": tool.name,
            "description": tool.description or None,
            "parameters": tool.parameters if tool.parameters != Tool(name="").parameters else None,
            "writes": tool.writes or None,
            "ends": True if tool.kind is ToolKind.END else None,
            "type": "webhook" if tool.kind is ToolKind.WEBHOOK else None,
            "derived": tool.derived or None,
            "strict": tool.extra.get("strict"),
        }
    )


def scenario_document(scenario: Scenario) -> Mapping[str, Any]:
    """The scenario as a suite says it that shares nothing among its scenarios."""
    return _scenario(scenario, {}, {}, 1)


def _limits(suite: Suite) -> _Given:
    defaults = {field.name: field.default for field in fields(Suite)}
    names = ("max_steps", "max_errors", "timeout")
    return {name: getattr(suite, name) for name in names if getattr(suite, name) != defaults[name]}


def _variables(scenario: Scenario) -> dict[str, Any]:
    made = {name: {"generate": _generator(generator)} for name, generator in scenario.generated.items()}
    return {**{name: _given(value) for name, value in scenario.variables.items()}, **made}


def _given(value: Any) -> Any:
    """A value that reads as what is made up has to be made up itself, from nothing else."""
    looks = isinstance(value, Mapping) and list(value) == ["generate"]
    return {"generate": {"one_of": [value]}} if looks else value


def _generator(generator: Generator) -> _Given:
    return _without_none(
        {
            "pattern": generator.pattern,
            "date": generator.date,
            "name": None if generator.name is None else generator.name.value,
            "one_of": None if generator.one_of is None else list(generator.one_of),
            "integer": None if generator.integer is None else list(generator.integer),
            "text": generator.text,
            "relative_to": None if generator.relative_to == "today" else generator.relative_to,
        }
    )


def _shared(each: Sequence[_Given]) -> dict[str, Any]:
    """What every scenario has with the same value; nothing where there is only one scenario."""
    if len(each) < 2:
        return {}
    first, *others = each
    return {
        name: value
        for name, value in first.items()
        if all(name in other and _is_same(other[name], value) for other in others)
    }


def _is_same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and same(a, b) and repr(a) == repr(b)


def _scenario(scenario: Scenario, shared: _Given, state: _Given, trials: int) -> _Given:
    opens = None if scenario.agent_opens is None else ("agent" if scenario.agent_opens else "user")
    return _without_none(
        {
            "name": scenario.name,
            "folder": scenario.folder,
            "tags": list(scenario.tags) or None,
            "purpose": scenario.purpose,
            "notes": scenario.notes,
            "persona": scenario.persona,
            "instructions": _instructions(scenario.instructions),
            "variables": {k: v for k, v in _variables(scenario).items() if k not in shared} or None,
            "variables_answer_tools": scenario.variables_answer_tools or None,
            "state": {k: v for k, v in scenario.state.items() if k not in state} or None,
            "mocks": _mocks(scenario.mocks),
            "expect": _expect(scenario.expect),
            "history": [_message(message) for message in scenario.history] or None,
            "medium": None if scenario.medium is Medium.CHATBOT else scenario.medium.value,
            "direction": None if scenario.direction is Direction.INBOUND else scenario.direction.value,
            "opens": opens,
            "stop_tokens": None if scenario.stop_tokens is None else list(scenario.stop_tokens),
            "agent_stop_tokens": list(scenario.agent_stop_tokens) or None,
            "user_tools": [_tool(tool) for tool in scenario.user_tools] or None,
            "trials": None if scenario.trials == trials else scenario.trials,
            "model": scenario.model,
            "required": scenario.required or None,
            ORIGIN: scenario.extra.get(ORIGIN),
        }
    )


def _instructions(told: Instructions) -> str | _Given:
    if replace(told, task="") == Instructions():
        return told.task
    given = {
        "task_instructions": told.task or None,
        "reason_for_call": told.reason,
        "known_info": told.known,
        "unknown_info": told.unknown,
        "language": None if told.language == "en" else told.language,
    }
    return Block(_without_none(given))


def _mocks(mocks: Mapping[str, ToolMock]) -> _Given | None:
    return Block({name: _mock(mock) for name, mock in mocks.items()}) or None


def _mock(mock: ToolMock) -> _Given:
    if mock.is_static and mock.otherwise is not None and mock.then is Then.OTHERWISE:
        return _answer(mock.otherwise)
    return _without_none(
        {
            "rules": [_rule(rule) for rule in mock.rules] or None,
            "sequence": [_answer(answer) for answer in mock.sequence] or None,
            "then": None if mock.then is Then.OTHERWISE else mock.then.value,
            "otherwise": None if mock.otherwise is None else _answer(mock.otherwise),
        }
    )


def _rule(rule: Rule) -> _Given:
    when = {"when": _conditions(rule.when)} if rule.when else {}
    state = {"state": _conditions(rule.state)} if rule.state else {}
    times = {"times": rule.times} if rule.times is not None else {}
    return {**when, **state, **_answer(rule.answer), **times}


def _answer(answer: Answer) -> _Given:
    changes = answer.changes
    effects = {
        "set": dict(changes.set),
        "append": dict(changes.append),
        "remove": list(changes.remove),
        "delay_ms": answer.delay_ms,
    }
    told = {name: effect for name, effect in effects.items() if effect}
    return {"error" if answer.is_error else "returns": answer.value, **told}


def _conditions(conditions: Mapping[str, Matcher]) -> _Given:
    return {path: _matcher(matcher) for path, matcher in conditions.items()}


def _matcher(matcher: Matcher) -> Any:
    return _plain(matcher.equal) if matcher == Matcher(equal=matcher.equal) else _parts(matcher)


def _parts(matcher: Matcher) -> dict[str, Any]:
    found: dict[str, Any] = {} if matcher.equal is ABSENT else {"equal": matcher.equal}
    found |= _without_none({"regex": matcher.regex, "at_least": matcher.at_least, "at_most": matcher.at_most})
    if matcher.one_of is not None:
        found["one_of"] = list(matcher.one_of)
    if matcher.present is not None:
        found["present" if matcher.present else "absent"] = True
    return found


def _plain(value: Any) -> Any:
    """A value that is compared as it is; one that looks like a matcher has to be put into one."""
    looks = isinstance(value, Mapping) and bool(value) and all(key in KEYS for key in value)
    return {"equal": value} if looks else value


def _expect(expect: Expectations) -> _Given | None:
    assertions = [
        {"assertion": text, "required": False} if place in expect.optional_assertions else text
        for place, text in enumerate(expect.assertions)
    ]
    given = _without_none(
        {
            "assertions": assertions or None,
            "actions": [_action(action) for action in expect.actions] or None,
            "forbidden": [_forbidden(one) for one in expect.forbidden] or None,
            "writes": _writes(expect.writes),
            "state": _state(expect.state),
            "said": [_words(one) for one in expect.said] or None,
        }
    )
    return Block(given) or None


def _forbidden(forbidden: ForbiddenAction) -> str | _Given:
    if forbidden == ForbiddenAction(name=forbidden.name):
        return forbidden.name
    arguments = _conditions(forbidden.arguments) or None
    return _without_none({"name": forbidden.name, "arguments": arguments, **_unless_required(forbidden.required)})


def _writes(writes: ExpectedWrites | None) -> str | _Given | None:
    if writes is None or writes.required:
        return None if writes is None else "exact"
    return {"match": "exact", "required": False}


def _state(expected: Sequence[ExpectedState]) -> _Given | list[_Given] | None:
    by_path = {one.path: _matcher(one.matcher) for one in expected}
    if len(by_path) == len(expected) and all(one.required for one in expected):
        return by_path or None
    return [{"path": one.path, **_parts(one.matcher), **_unless_required(one.required)} for one in expected]


def _words(words: ExpectedWords) -> str | _Given:
    if words.contains is not None and words == ExpectedWords(contains=words.contains):
        return words.contains
    return _without_none(
        {
            "contains": words.contains,
            "regex": words.regex,
            "ignore_case": words.ignore_case,
            "absent": words.absent or None,
            **_unless_required(words.required),
        }
    )


def _unless_required(required: bool) -> dict[str, Any]:
    return {} if required else {"required": False}


def _action(action: ExpectedAction) -> _Given:
    arguments = action.arguments
    return _without_none(
        {
            "name": action.name,
            "arguments": None
            if arguments is None
            else {k: _matcher(v) if isinstance(v, Matcher) else _plain(v) for k, v in arguments.items()},
            "compare_args": None if action.compare_args is None else list(action.compare_args),
            "requestor": None if action.side is Side.AGENT else action.side.value,
            "match_requestor": action.match_side or None,
            "match": None if action.match_rule == "exact" else action.match_rule,
            "required": None if action.required else False,
            "info": action.info,
            "tool_call_id": action.call_id,
        }
    )


def _message(message: Message) -> _Given:
    match message:
        case SystemMessage(text=text):
            return {"role": "system", "content": text}
        case ToolResult():
            side = {"requestor": message.side.value} if message.side is Side.USER else {}
            error = {"error": True} if message.is_error else {}
            return {"role": "tool", "id": message.call_id, "content": message.text, **error, **side}
        case UserMessage() | AgentMessage():
            role = "user" if isinstance(message, UserMessage) else "assistant"
            calls = [_call(call) for call in message.calls] or None
            return _without_none({"role": role, "content": message.text, "tool_calls": calls})


def _call(call: ToolCall) -> _Given:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}


def _without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
