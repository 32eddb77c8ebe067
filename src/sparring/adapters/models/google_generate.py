"""Google's generateContent wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sparring.adapters.json_answers import loads
from sparring.adapters.models.failures import Failure
from sparring.adapters.models.google_answers import read_answer
from sparring.adapters.models.google_requests import TAG, Encoder, expected
from sparring.adapters.models.google_streams import parse_stream, together
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.said import Said, objects
from sparring.simulation.ports import ModelRequest


class GoogleGenerate:
    """Asks one model at `/v1beta/models/MODEL:generateContent`."""

    tag = TAG
    finish_field = "finishReason"

    def __init__(self, provider: Provider, model: str) -> None:
        """Take the name that goes out; one that holds a slash says itself where the model is."""
        place = quote(model, safe="/@") if "/" in model else f"models/{quote(model, safe='@')}"
        self.path = f"{provider.version('v1beta')}/{place}:generateContent"
        self.stream_path = f"{provider.version('v1beta')}/{place}:streamGenerateContent?alt=sse"
        self._habits = expected()
        self._encoder = Encoder(provider=provider.name, model=model, habits=self._habits)

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return self._encoder.body(request)

    def streamed(self, body: bytes) -> bytes:
        """The request as it is: here the address asks for pieces."""
        return body

    def piece(self, event: dict[str, Any]) -> str | None:
        """The text in a part of the answer."""
        return read_answer(event).text

    def decode(self, body: bytes, content_type: str) -> Any:
        """JSON, or the parts of a server that streams, as events or as a list."""
        if content_type.startswith("text/event-stream"):
            return parse_stream(body.decode("utf-8", "replace"))
        value = loads(body)
        return together(objects(value)) if isinstance(value, list) and len(value) > 1 else value

    def read(self, payload: dict[str, Any], request: ModelRequest) -> Said:
        """What the first candidate says."""
        return read_answer(payload, position=len(request.messages))

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart."""
        return self._habits.learn(failure, request)
