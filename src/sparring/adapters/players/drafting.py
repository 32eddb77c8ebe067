"""A model that reads a conversation and describes it as a test."""

from __future__ import annotations

import json
from typing import Any

from sparring.adapters.players import prompt_texts
from sparring.adapters.players.exhibits import Exhibits
from sparring.domain.errors import JudgeFault
from sparring.domain.outcomes import Role
from sparring.domain.retelling import Draft
from sparring.domain.text import storable
from sparring.domain.transcript import Transcript
from sparring.simulation.ports import ModelRequest, Models, Occasion, Prompt, Schema

MAX_ASSERTIONS = 10

_ANSWER = Schema(
    name="draft",
    body={
        "type": "object",
        "properties": {
            "task": {"type": "string"},
            "known": {"type": "string"},
            "assertions": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["task", "known", "assertions"],
        "additionalProperties": False,
    },
)


class ModelDrafter:
    """Asks a model once."""

    def __init__(self, models: Models) -> None:
        """Take the models that can be reached."""
        self._models = models

    async def draft(self, model: str, instructions: str, transcript: Transcript) -> Draft:
        """What the model makes of a conversation.

        Args:
            model: its name.
            instructions: the agent's, filled in.

        Raises:
            NotConfigured: it cannot be reached.
            ModelFault: it failed.
            JudgeFault: its answer cannot be used.
        """
        conversation = Exhibits(transcript).render()
        told = f"# The agent's instructions\n\n{instructions}\n\n# The conversation\n\n{conversation}"
        reply = await self._models.model(model).complete(
            ModelRequest(
                system=prompt_texts.read("draft"),
                messages=(Prompt(role="user", text=told),),
                schema=_ANSWER,
                temperature=0.0,
                occasion=Occasion(role=Role.JUDGE),
            )
        )
        return _read(reply.text or "")


def _read(text: str) -> Draft:
    body = _object(text)
    task, known, assertions = body.get("task"), body.get("known"), body.get("assertions")
    if not isinstance(task, str) or not task.strip() or not isinstance(assertions, list):
        raise JudgeFault('The draft of the scenario holds no "task" and "assertions".')
    sentences = [" ".join(one.split()) for one in assertions if isinstance(one, str) and one.strip()]
    return Draft(
        task=storable(task.strip()),
        known=storable(known.strip()) or None if isinstance(known, str) else None,
        assertions=tuple(storable(one) for one in sentences[:MAX_ASSERTIONS]),
    )


def _object(text: str) -> dict[str, Any]:
    """The first JSON object in a text."""
    start = text.find("{")
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start) if start >= 0 else ({}, 0)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
