"""How a question differs from the recorded one, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.adapters.cassettes.tapes import Question
from sparring.domain.templates import compact_json

_BEFORE = 40
_LONGEST = 100


def difference(asked: Question, recorded: Question | None) -> str:
    """Where two questions differ first: model, instructions, tools, or a message."""
    if recorded is None:
        return "the recording has no further answer here."
    if asked.model != recorded.model:
        return f"the model was {recorded.model} and is {asked.model}."
    if asked.system != recorded.system:
        return f"the instructions changed: {_changed_words(recorded.system, asked.system)}."
    if asked.rest != recorded.rest:
        return _of_rest(recorded.rest, asked.rest)
    for index, (before, now) in enumerate(zip(recorded.messages, asked.messages, strict=False)):
        if before != now:
            return f"message {index} ({now['role']}) changed: {_changed_words(_told(before), _told(now))}."
    return f"{len(recorded.messages)} messages came before, and {len(asked.messages)} do now."


def _changed_words(before: str, now: str) -> str:
    """The words around the first change, as they were and as they are."""
    was, are = " ".join(before.split()), " ".join(now.split())
    if was == are:
        return "only in spaces or line breaks"
    start = next((at for at, (one, other) in enumerate(zip(was, are, strict=False)) if one != other), None)
    start = min(len(was), len(are)) if start is None else start
    return f"{_around(was, start)} then, {_around(are, start)} now"


def _around(text: str, start: int) -> str:
    begin = max(start - _BEFORE, 0)
    begin = text.find(" ", begin, start) + 1 if begin else 0
    end = min(begin + _LONGEST, len(text))
    return f"“{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}”"


def _of_rest(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    tools = [{tool["name"]: tool for tool in rest.get("tools", ())} for rest in (before, now)]
    parts = [
        *(f"the tool {name!r} is gone" for name in tools[0].keys() - tools[1].keys()),
        *(f"the tool {name!r} is new" for name in tools[1].keys() - tools[0].keys()),
        *(f"the tool {name!r} changed" for name in _changed(*tools)),
        *(
            f"{name} was {before.get(name)} and is {now.get(name)}"
            for name in ("temperature", "top_p")
            if before.get(name) != now.get(name)
        ),
    ]
    return f"{'; '.join(sorted(parts)) or 'the order of the tools, or the form of the answer, changed'}."


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> Sequence[str]:
    return [name for name in before.keys() & now.keys() if before[name] != now[name]]


def _told(message: Mapping[str, Any]) -> str:
    return str(message.get("text") or compact_json(message.get("calls")))
