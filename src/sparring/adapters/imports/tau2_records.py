"""The records of a task file, field by field, and what of them has no counterpart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sparring.adapters.suites.inclusion import read_text
from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import Side

_NAMED_TASKS = 8
_KINDS: dict[type, str] = {str: "a text", int: "a number", dict: "an object", list: "a list"}
_T = TypeVar("_T")


@dataclass(slots=True)
class Notes:
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
class Fields:
    """A JSON object with the place it came from."""

    record: Mapping[str, Any]
    where: str

    def refuse(self, message: str) -> NoReturn:
        """Raise InvalidInput about this object."""
        raise InvalidInput(f"{self.where}: {message}")

    def has(self, name: str) -> bool:
        """Whether a field is there and not null."""
        return self.record.get(name) is not None

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

    def side(self, name: str) -> Side:
        """Who asked for a tool; the agent where nothing is said."""
        word = self.text(name) or Side.AGENT.value
        if word not in tuple(Side):
            self.refuse(f"{name!r} should be assistant or user, came {word!r}.")
        return Side(word)

    def inner(self, name: str, *, required: bool = False) -> Fields:
        """An object in this one; an empty one where there is none."""
        return Fields(self.get(name, dict, required=required) or {}, f"{self.where}, {name}")

    def items(self, name: str) -> list[Fields]:
        """A list of objects."""
        found = self.get(name, list) or []
        for index, item in enumerate(found):
            if not isinstance(item, dict):
                self.refuse(f"{name}[{index}] should be an object, came {json.dumps(item)[:60]}.")
        return [Fields(item, f"{self.where}, {name}[{index}]") for index, item in enumerate(found)]


def read_records(path: Path) -> list[Fields]:
    """The tasks of a file, unread.

    Raises:
        InvalidInput: the file cannot be read or holds no list of objects.
    """
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
    return [Fields(item, f"{path}: task {item.get('id', index + 1)}") for index, item in enumerate(content)]
