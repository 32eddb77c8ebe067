"""A conversation as one of its two sides is shown it, extended message by message."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.domain import turns
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    Spoken,
    SystemMessage,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.simulation.ports import Prompt

BEGINNING = "(The conversation begins. You speak first.)"
"""What a side is told that opens by its model: providers want something to answer."""

SILENCE = "(The other side sent an empty message.)"


class Perspective:
    """Keeps the prompts of one side: its own words are the assistant's, the other's the user's.

    Each message becomes a prompt once, so that what a wire keeps in `memo` stays valid for the whole
    conversation. The other side's tool traffic is left out, and so are the other side's stop tokens.
    """

    def __init__(self, side: Side, *, hidden_tokens: tuple[str, ...] = ()) -> None:
        """Take a side; `hidden_tokens` are taken out of what the other side said."""
        self._side = side
        self._hidden = hidden_tokens
        self._transcript: Transcript | None = None
        self._seen = 0
        self._prompts: list[Prompt] = []
        self._system: list[str] = []

    def prompts(self, transcript: Transcript) -> Sequence[Prompt]:
        """The prompts so far, at least one; a transcript that was not seen before is read from its beginning."""
        if transcript is not self._transcript or len(transcript) < self._seen:
            self._transcript, self._seen = transcript, 0
            self._prompts, self._system = [], []
        for index in range(self._seen, len(transcript)):
            self._see(transcript[index])
        self._seen = len(transcript)
        if not self._prompts:
            self._begin()
        return tuple(self._prompts)

    @property
    def system(self) -> Sequence[str]:
        """The texts of the system messages among what was seen."""
        return self._system

    def _see(self, message: Message) -> None:
        match message:
            case SystemMessage(text=text):
                self._system.append(text)
            case ToolResult():
                if message.side is self._side:
                    self._prompts.append(_result(message))
            case UserMessage() if self._side is Side.USER:
                self._see_own(message)
            case AgentMessage() if self._side is Side.AGENT:
                self._see_own(message)
            case UserMessage() | AgentMessage():
                self._hear(message)

    def _see_own(self, message: Spoken) -> None:
        generation = message.generation
        if not self._prompts and (generation is not None or self._side is Side.USER):
            self._begin()
        self._prompts.append(
            Prompt(
                role="assistant",
                text=message.text,
                calls=message.calls,
                opaque=generation.opaque if generation else None,
            )
        )

    def _hear(self, message: Spoken) -> None:
        text = message.text
        if text and any(token in text for token in self._hidden):
            text = turns.without_tokens(text, self._hidden)
        if text and not text.isspace():
            self._prompts.append(Prompt(role="user", text=text))
        elif not message.calls:
            self._prompts.append(Prompt(role="user", text=SILENCE))

    def _begin(self) -> None:
        self._prompts.append(Prompt(role="user", text=BEGINNING))


def _result(message: ToolResult) -> Prompt:
    return Prompt(
        role="tool",
        text=message.text,
        call_id=message.call_id,
        name=message.name,
        is_error=message.is_error,
    )
