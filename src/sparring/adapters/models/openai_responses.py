"""The OpenAI responses wire."""

from __future__ import annotations

from typing import Any

from sparring.adapters.json_answers import loads
from sparring.adapters.models.failures import Failure
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.responses_answers import read_answer
from sparring.adapters.models.responses_requests import TAG, Encoder, expected
from sparring.adapters.models.responses_streams import parse_stream
from sparring.adapters.models.said import Said
from sparring.simulation.ports import ModelRequest


class OpenAIResponses:
    """Asks one model at `/responses`, of OpenAI or of a compatible server."""

    tag = TAG
    path = stream_path = "/responses"
    finish_field = "status"

    def __init__(self, provider: Provider, model: str, tier: str | None = None) -> None:
        """Take the name that goes out, and the service tier to ask for."""
        self._habits = expected(model)
        self._encoder = Encoder(provider=provider.name, model=model, tier=tier, habits=self._habits)

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return self._encoder.body(request)

    def streamed(self, body: bytes) -> bytes:
        """The request, asking for pieces."""
        return body[:-1] + b',"stream":true}'

    def piece(self, event: dict[str, Any]) -> str | None:
        """The text in an event."""
        delta = event.get("delta") if event.get("type") == "response.output_text.delta" else None
        return delta if isinstance(delta, str) else None

    def decode(self, body: bytes, content_type: str) -> Any:
        """JSON, or the events of a server that streams, asked or unasked."""
        if content_type.startswith("text/event-stream"):
            return parse_stream(body.decode("utf-8", "replace"))
        return loads(body)

    def read(self, payload: dict[str, Any], request: ModelRequest) -> Said:
        """What the response says."""
        return read_answer(payload, position=len(request.messages))

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart."""
        return self._habits.learn(failure, request)
