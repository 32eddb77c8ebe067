"""The OpenAI chat-completions wire."""

from __future__ import annotations

from typing import Any

from sparring.adapters.json_answers import loads
from sparring.adapters.models.failures import Failure
from sparring.adapters.models.openai_answers import read_answer
from sparring.adapters.models.openai_requests import Encoder, expected
from sparring.adapters.models.openai_streams import parse_stream
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.said import Said
from sparring.simulation.ports import ModelRequest


class OpenAIChat:
    """Asks one model at `/chat/completions`, of OpenAI or of a compatible server."""

    tag = "openai"
    path = stream_path = "/chat/completions"
    finish_field = "finish_reason"

    def __init__(self, provider: Provider, model: str, tier: str | None = None) -> None:
        """Take the name that goes out, and the service tier to ask for."""
        self._habits = expected(model, provider.structured)
        self._encoder = Encoder(provider=provider.name, model=model, tier=tier, habits=self._habits)

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return self._encoder.body(request)

    def streamed(self, body: bytes) -> bytes:
        """The request, asking for pieces and, with the last one, for the usage."""
        return body[:-1] + b',"stream":true,"stream_options":{"include_usage":true}}'

    def piece(self, event: dict[str, Any]) -> str | None:
        """The text in a chunk."""
        for choice in event.get("choices") or ():
            if isinstance(choice, dict) and choice.get("index", 0) == 0:
                content = (choice.get("delta") or {}).get("content")
                return content if isinstance(content, str) else None
        return None

    def decode(self, body: bytes, content_type: str) -> Any:
        """JSON, or the events of a server that streams, asked or unasked."""
        if content_type.startswith("text/event-stream"):
            return parse_stream(body.decode("utf-8", "replace"))
        return loads(body)

    def read(self, payload: dict[str, Any], request: ModelRequest) -> Said:
        """What the first choice says."""
        return read_answer(payload, position=len(request.messages))

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart."""
        return self._habits.learn(failure, request)
