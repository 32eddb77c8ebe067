"""A model whose answers are recorded, or whose recorded answers are given again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sparring.adapters.cassettes.differences import difference
from sparring.adapters.cassettes.tapes import Cassettes, Question, Tape, question_of
from sparring.domain.errors import ModelFault
from sparring.simulation.ports import ChatModel, ModelReply, ModelRequest

CASSETTE = "cassette"


class RecordedModel:
    """Asks a model and keeps what it answers."""

    def __init__(self, model: ChatModel, cassettes: Cassettes) -> None:
        """Take the model, and where its answers are kept."""
        self.name = model.name
        self._model = model
        self._cassettes = cassettes

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The model's answer, which is on the tape when this returns."""
        reply = await self._model.complete(request)
        self._cassettes.tape(request.occasion).add(question_of(self.name, request), reply)
        return reply


class ReplayedModel:
    """Answers what was answered to the same question in the same trial; it costs nothing."""

    def __init__(self, name: str, cassettes: Cassettes, live: Callable[[], ChatModel] | None = None) -> None:
        """Take the recorded answers.

        Args:
            name: what the model is asked for by; nothing is asked of it.
            live: the model itself, for questions that were not recorded; None where these are a fault.
        """
        self.name = name
        self._cassettes = cassettes
        self._live = live

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The recorded answer.

        Raises:
            ModelFault: the question is another one than in the recording; the message says where they differ.
        """
        tape = self._cassettes.tape(request.occasion)
        question = question_of(self.name, request)
        found = tape.take(question)
        if found is not None:
            generation = replace(found.generation, cost=0.0, seconds=0.0)
            return replace(found, generation=generation)
        if self._live is None:
            raise self._changed(request, question, tape)
        reply = await self._live().complete(request)
        tape.add(question, reply)
        return reply

    def _changed(self, request: ModelRequest, question: Question, tape: Tape) -> ModelFault:
        occasion = request.occasion
        role = "simulated user" if occasion.role == "user" else occasion.role
        told = (
            f"The {role} is asked something else than in the recording: {difference(question, tape.expected())}"
            if tape.lines
            else f"The recording holds nothing of the {role} in this trial."
        )
        return ModelFault(
            f"{told} Record anew (--record), or let the models answer where something changed (--replay=changed).",
            provider=CASSETTE,
            model=self.name,
            reason="changed",
            retryable=False,
        )
