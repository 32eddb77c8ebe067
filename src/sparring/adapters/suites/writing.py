"""From a suite to a YAML file that people like to edit, and that reads back to the same suite."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import yaml

from sparring.adapters.suites.matchers import KEYS
from sparring.adapters.suites.scalars import stays_text
from sparring.adapters.suites.suite import Suite
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.matching import ABSENT, Matcher, same
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import Direction, Expectations, ExpectedAction, Instructions, Medium, Scenario
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)

_WIDTH = 100
_INLINE = 76
"""Lists and mappings of scalars that are no longer than this stand on one line."""

_FOLDS = re.compile(r"[^ \t\n]+(?: [^ \t\n]+)*")

_PRINTABLE = re.compile(r"[\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")

_Given = Mapping[str, Any]


class _Block(dict[str, Any]):
    """A mapping with a line for each field, however short it is."""


def dump_suite(suite: Suite) -> str:
    """The suite as YAML, with the fields in the order of the documentation."""
    shared = _shared_variables(suite.scenarios)
    head = _without_none(
        {
            "name": suite.name,
            "agent": _agent(suite.agent),
            "user_model": suite.user_model,
            "judge_model": suite.judge_model,
            "trials": suite.trials,
            "seed": suite.seed or None,
            "limits": _limits(suite) or None,
            "variables": shared or None,
        }
    )
    parts = [_yaml(head), "scenarios:\n"]
    for index, scenario in enumerate(suite.scenarios):
        text = _yaml({"scenarios": [_scenario(scenario, shared, suite.trials)]})
        parts.append(("\n" if index else "") + text.partition("\n")[2])
    return "".join(parts)


def _agent(agent: Agent) -> _Given:
    return _without_none(
        {
            "name": agent.name,
            "model": agent.model,
            "instructions": agent.instructions,
            "greeting": agent.greeting,
            "opens": agent.opens,
            "temperature": agent.temperature,
            "top_p": agent.top_p,
            "language": agent.language,
            "tools": [_tool(tool) for tool in agent.tools] or None,
            "mocks": _mocks(agent.mocks),
        }
    )


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


def _limits(suite: Suite) -> _Given:
    defaults = {field.name: field.default for field in fields(Suite)}
    names = ("max_steps", "max_errors", "timeout")
    return {name: getattr(suite, name) for name in names if getattr(suite, name) != defaults[name]}


def _shared_variables(scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """The variables that every scenario has with the same value; none where there is only one scenario."""
    if len(scenarios) < 2:
        return {}
    first, *others = (scenario.variables for scenario in scenarios)
    return {
        name: value
        for name, value in first.items()
        if all(name in variables and _is_same(variables[name], value) for variables in others)
    }


def _is_same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and same(a, b) and repr(a) == repr(b)


def _scenario(scenario: Scenario, shared: _Given, trials: int) -> _Given:
    opens = None if scenario.agent_opens is None else ("agent" if scenario.agent_opens else "user")
    return _without_none(
        {
            "name": scenario.name,
            "folder": scenario.folder,
            "purpose": scenario.purpose,
            "notes": scenario.notes,
            "persona": scenario.persona,
            "instructions": _instructions(scenario.instructions),
            "variables": {k: v for k, v in scenario.variables.items() if k not in shared} or None,
            "variables_answer_tools": scenario.variables_answer_tools or None,
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
    return _Block(_without_none(given))


def _mocks(mocks: Mapping[str, ToolMock]) -> _Given | None:
    return _Block({name: _mock(mock) for name, mock in mocks.items()}) or None


def _mock(mock: ToolMock) -> _Given:
    if mock.is_static and mock.otherwise is not None:
        return _answer(mock.otherwise)
    return _without_none(
        {
            "rules": [_rule(rule) for rule in mock.rules] or None,
            "sequence": [_answer(answer) for answer in mock.sequence] or None,
            "otherwise": None if mock.otherwise is None else _answer(mock.otherwise),
        }
    )


def _rule(rule: Rule) -> _Given:
    when = {"when": {name: _matcher(matcher) for name, matcher in rule.when.items()}} if rule.when else {}
    times = {"times": rule.times} if rule.times is not None else {}
    return {**when, **_answer(rule.answer), **times}


def _answer(answer: Answer) -> _Given:
    return {"error" if answer.is_error else "returns": answer.value}


def _matcher(matcher: Matcher) -> Any:
    if matcher == Matcher(equal=matcher.equal):
        return _plain(matcher.equal)
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
    given = _without_none(
        {
            "assertions": list(expect.assertions) or None,
            "actions": [_action(action) for action in expect.actions] or None,
            "forbidden": [one.name for one in expect.forbidden] or None,
        }
    )
    return _Block(given) or None


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


class _Dumper(yaml.SafeDumper):
    """Writes plain what every reader of YAML reads back as it was, quotes all other texts, keeps line breaks."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        if kind is not yaml.ScalarNode:
            return _TAGS[kind]
        elsewhere = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        is_special = implicit[0] and (elsewhere != _YAML_TEXT or not stays_text(value))
        return _SPECIAL if is_special else _TEXT

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def analyze_scalar(self, scalar: str) -> Any:
        """PyYAML refuses blocks with spaces before a line break, though they are kept in a literal one."""
        analysis = super().analyze_scalar(scalar)
        if _can_stand_as_block(scalar):
            analysis.allow_block = True
        return analysis


_TEXT, _SPECIAL = "text", "special"
_YAML_TEXT = "tag:yaml.org,2002:str"
_TAGS: dict[Any, str] = {yaml.MappingNode: "mapping", yaml.SequenceNode: "sequence"}


def _yaml(content: _Given) -> str:
    node = _node(content, inline=False)
    text: str = yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=_WIDTH)
    return text


def _node(value: Any, *, inline: bool = True) -> yaml.Node:
    if isinstance(value, Mapping):
        pairs = [(_text(str(key), inline=True), _node(item)) for key, item in value.items()]
        parts = [node for pair in pairs for node in pair]
        flow = inline and not isinstance(value, _Block) and _is_short(parts)
        return yaml.MappingNode("mapping", pairs, flow_style=flow)
    if isinstance(value, list | tuple):
        items = [_node(item, inline=not _is_nested(item)) for item in value]
        words = all(isinstance(item, yaml.ScalarNode) and " " not in item.value for item in items)
        return yaml.SequenceNode("sequence", items, flow_style=inline and words and _is_short(items))
    if isinstance(value, str):
        return _text(value)
    return yaml.ScalarNode(_SPECIAL, json.dumps(value))


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(item, Mapping) for item in value.values())


def _text(text: str, *, inline: bool = False) -> yaml.ScalarNode:
    if not _PRINTABLE.fullmatch(text):
        return yaml.ScalarNode(_TEXT, text, style='"')
    return yaml.ScalarNode(_TEXT, text, style=None if inline else _style(text))


def _style(text: str) -> str | None:
    if "\n" in text:
        return "|" if _can_stand_as_block(text) else '"'
    return ">" if len(text) > _WIDTH - 20 and _FOLDS.fullmatch(text) else None


def _can_stand_as_block(text: str) -> bool:
    return bool(text) and not text[0].isspace() and not text.endswith("\n\n") and bool(_PRINTABLE.fullmatch(text))


def _is_short(nodes: Sequence[yaml.Node]) -> bool:
    return all(map(_is_inline, nodes)) and sum(map(_length, nodes)) <= _INLINE


def _is_inline(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode):
        return node.style is None
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _length(node: yaml.Node) -> int:
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 2
    if isinstance(node, yaml.MappingNode):
        return 2 + sum(_length(key) + _length(value) for key, value in node.value)
    return 2 + sum(map(_length, node.value))
