"""The agent under test where it is instructions, a model and tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sparring.adapters.players import prompt_texts
from sparring.adapters.players.perspective import Perspective
from sparring.adapters.players.replies import is_blank
from sparring.domain.agent import Agent
from sparring.domain.errors import ModelFault
from sparring.domain.scenario import Direction, Medium, Scenario
from sparring.domain.transcript import AgentMessage, Message, Side, Transcript
from sparring.domain.turns import STOP_TOKENS
from sparring.simulation.ports import ChatModel, Clock, ModelReply, ModelRequest, Occasion, StreamingModel


class ModelAgent:
    """Answers as its author's instructions tell it, one model call a turn.

    The system prompt is the author's own. Only where a conversation is no chat that the other side began, two
    lines about medium and direction follow it, and the system messages of the scenario's history.
    """

    def __init__(
        self,
        agent: Agent,
        scenario: Scenario,
        *,
        model: ChatModel,
        clock: Clock,
        occasion: Occasion,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        """Take an agent and a scenario whose variables are filled in.

        Args:
            on_text: is given the pieces of a text as they come, where the model can stream.
        """
        self._agent = agent
        self._model = model
        self._clock = clock
        self._occasion = occasion
        self._on_text = on_text
        tokens = STOP_TOKENS if scenario.stop_tokens is None else scenario.stop_tokens
        self._view = Perspective(Side.AGENT, hidden_tokens=tokens)
        self._setting = _setting(scenario)
        self._system: str | None = None

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """The model's next message.

        Raises:
            ModelFault: the model failed, or said nothing and called nothing.
        """
        prompts = self._view.prompts(transcript)
        if self._system is None:
            parts = (self._agent.instructions, *self._setting, *self._view.system)
            self._system = "\n\n".join(part for part in parts if part)
        reply = await self._ask(
            ModelRequest(
                system=self._system,
                messages=prompts,
                tools=self._agent.tools,
                temperature=self._agent.temperature,
                top_p=self._agent.top_p,
                occasion=self._occasion,
            )
        )
        if is_blank(reply):
            made = reply.generation
            raise ModelFault(
                f"The agent's model {made.model!r} ({made.provider}) answered with neither text nor a tool call.",
                provider=made.provider,
                model=made.model,
                reason="empty",
            )
        return (
            AgentMessage(text=reply.text, calls=reply.calls, at=self._clock.now(), generation=reply.generation),
        )

    async def _ask(self, request: ModelRequest) -> ModelReply:
        if self._on_text is not None and isinstance(self._model, StreamingModel):
            return await self._model.stream(request, self._on_text)
        return await self._model.complete(request)


def _setting(scenario: Scenario) -> tuple[str, ...]:
    if scenario.medium is Medium.CHATBOT and scenario.direction is Direction.INBOUND:
        return ()
    direction = prompt_texts.sections("direction")[f"agent {scenario.direction.value}"]
    if scenario.medium is Medium.CHATBOT:
        return (direction,)
    return (f"{prompt_texts.sections('medium')[scenario.medium.value]} {direction}",)
