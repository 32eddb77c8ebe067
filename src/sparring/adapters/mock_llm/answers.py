"""What the mock server answers before any fault: from a script, and from memory where it can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparring.adapters.mock_llm import openai_wire as wire
from sparring.adapters.models.scenes import turn_of
from sparring.adapters.models.scripted import ScriptedModel
from sparring.adapters.models.scripts import Script
from sparring.domain.outcomes import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer without what differs between two requests that get the same one."""

    choices: bytes
    """Encoded."""
    words: int
    said: Mapping[str, Any]
    finish: str


class Answers:
    """Answers of one script.

    Where a role's answers depend on the turn alone, each is made once: the server is to cost as little as it can
    beside what is measured against it.
    """

    def __init__(self, script: Script, seed: int) -> None:
        """Take a script and the seed of its chance."""
        self._model = ScriptedModel(script)
        self._seed = seed
        self._fixed = {role: script.only_by_turn(role) for role in Role}
        self._made: dict[tuple[Role, int, str], Answer] = {}

    def to(self, body: Mapping[str, Any], role: Role) -> Answer:
        """The answer to a request.

        Raises:
            ModelFault: the script has none.
        """
        if not self._fixed[role]:
            return self._make(body, role)
        told, answered, after_tool = wire.counts(body)
        if after_tool:
            return self._make(body, role)
        key = role, turn_of(role, told, answered), _tool_names(body) if role is Role.USER else ""
        if key not in self._made:
            self._made[key] = self._make(body, role)
        return self._made[key]

    def _make(self, body: Mapping[str, Any], role: Role) -> Answer:
        reply = self._model.answer(wire.request(body, role, self._seed))
        said = wire.message(reply.text, reply.calls)
        finish = reply.generation.finish or "stop"
        usage = reply.generation.usage
        return Answer(
            choices=wire.choices(said, finish),
            words=max(1, usage.output if usage else 1) + 8 * len(reply.calls),
            said=said,
            finish=finish,
        )


def _tool_names(body: Mapping[str, Any]) -> str:
    return repr([tool.get("function") for tool in body.get("tools") or ()])
