"""Conversations that took place elsewhere: a JSON Lines file, one conversation a line.

Each line is an object with `messages`, and may have an `id` and `variables`; a bare list of messages is one too. The
messages are those of OpenAI's chat completions, of the Eqho dialect, or of this project's own JSON reports. System
messages at the beginning are the agent's instructions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from sparring.adapters.suites.inclusion import read_text
from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)
from sparring.simulation.reviewing import Conversation

_ROLES = "system, developer, user, assistant, tool"
_IDS = ("id", "_id", "conversation_id", "chat_id")
_SPOKEN: Mapping[str, type[UserMessage] | type[AgentMessage]] = {
    "user": UserMessage,
    "assistant": AgentMessage,
    "agent": AgentMessage,
}


def read_conversations(path: Path) -> list[Conversation]:
    """The conversations in a file.

    Raises:
        InvalidInput: the file cannot be read, holds none, or a line of it is no conversation.
    """
    found: list[Conversation] = []
    for number, line in enumerate(read_text(path, str(path)).split("\n"), 1):
        if line.strip():
            found.append(_conversation(line, number, f"{path}:{number}"))
    if not found:
        raise InvalidInput(f"{path}: there is no conversation in it.")
    seen: dict[str, int] = {}
    for place, one in enumerate(found, 1):
        first = seen.setdefault(one.id, place)
        if first != place:
            raise InvalidInput(f"{path}: conversations {first} and {place} have the same id {one.id!r}.")
    return found


def _conversation(line: str, number: int, where: str) -> Conversation:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: this line is no JSON: {error}.") from None
    record = value if isinstance(value, Mapping) else {"messages": value}
    given = record.get("messages")
    if not isinstance(given, list) or not given:
        raise InvalidInput(f'{where}: expected an object with "messages", a list of messages.')
    if isinstance(given[0], Mapping) and "role" not in given[0] and "messages" in given[0]:
        raise InvalidInput(f"{where}: several conversations stand in this line; give each a line of its own.")
    messages = _messages(given, where)
    system = list(takewhile(lambda message: isinstance(message, SystemMessage), messages))
    variables = record.get("variables")
    if variables is not None and not isinstance(variables, Mapping):
        raise InvalidInput(f"{where}: variables must be an object.")
    named = next((record[name] for name in _IDS if record.get(name) not in (None, "")), None)
    return Conversation(
        id=str(named) if named is not None else f"line {number}",
        messages=tuple(messages[len(system) :]),
        instructions="\n\n".join(message.text for message in system if isinstance(message, SystemMessage)),
        variables=dict(variables or {}),
    )


def _messages(given: Sequence[Any], where: str) -> list[Message]:
    messages: list[Message] = []
    names: dict[str, tuple[str, Side]] = {}
    for place, one in enumerate(given):
        here = f"{where}: messages[{place}]"
        if not isinstance(one, Mapping):
            raise InvalidInput(f"{here} is no object with a role and a content.")
        role = one.get("role")
        if role in ("system", "developer"):
            messages.append(SystemMessage(text=_text(one.get("content"), here) or ""))
        elif role in ("tool", "function"):
            messages.append(_result(one, names, here))
        elif isinstance(role, str) and role in _SPOKEN:
            kind = _SPOKEN[role]
            calls = _calls(one, place, here)
            side = Side.USER if kind is UserMessage else Side.AGENT
            names.update({call.id: (call.name, side) for call in calls})
            messages.append(kind(text=_text(one.get("content"), here), calls=calls))
        else:
            raise InvalidInput(f"{here} has the role {role!r}; roles are {_ROLES}.")
    return messages


def _calls(one: Mapping[str, Any], place: int, where: str) -> tuple[ToolCall, ...]:
    given = one.get("tool_calls") or ([one["function_call"]] if one.get("function_call") else [])
    if not isinstance(given, list):
        raise InvalidInput(f"{where}.tool_calls is no list.")
    return tuple(_call(call, f"call_{place}_{number}", where) for number, call in enumerate(given, 1))


def _call(given: Any, fresh_id: str, where: str) -> ToolCall:
    function = given.get("function", given) if isinstance(given, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"{where} has a tool call without a name.")
    arguments = function.get("arguments") if isinstance(function, Mapping) else None
    id = str(given.get("id") or fresh_id)
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            return ToolCall(id=id, name=name, malformed=arguments)
    if arguments is not None and not isinstance(arguments, Mapping):
        return ToolCall(id=id, name=name, malformed=json.dumps(arguments, ensure_ascii=False))
    return ToolCall(id=id, name=name, arguments=dict(arguments or {}))


def _result(one: Mapping[str, Any], names: Mapping[str, tuple[str, Side]], where: str) -> ToolResult:
    id = str(one.get("tool_call_id") or one.get("id") or "")
    name, side = names.get(id, (str(one.get("name") or "tool"), Side.AGENT))
    content = one.get("content")
    text = content if isinstance(content, str) else _text(content, where) if _has_parts(content) else None
    return ToolResult(
        call_id=id,
        name=name,
        text=json.dumps(content, ensure_ascii=False) if text is None else text,
        is_error=bool(one.get("error") or one.get("is_error")),
        side=side,
        source="recorded",
    )


def _has_parts(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(part, Mapping) and "type" in part for part in content)


def _text(content: Any, where: str) -> str | None:
    """The words of a message: a text, or the texts among its parts; other parts are named."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise InvalidInput(f"{where}.content is neither a text nor a list of parts.")
    words = []
    for part in content:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, Mapping):
            text = part.get("text") or part.get("refusal")
            words.append(text if isinstance(text, str) else f"[{part.get('type', 'part')}]")
    return "\n".join(words)
