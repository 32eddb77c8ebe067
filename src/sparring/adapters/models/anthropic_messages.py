"""The Anthropic messages wire."""

from __future__ import annotations

import re
from typing import Any

from sparring.adapters.json_answers import loads
from sparring.adapters.models.anthropic_answers import read_answer
from sparring.adapters.models.anthropic_requests import TAG, Encoder, expected
from sparring.adapters.models.anthropic_streams import parse_stream
from sparring.adapters.models.failures import Failure
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.said import Said, mapping
from sparring.simulation.ports import ModelRequest

_TOO_MANY_TOKENS = re.compile(r"max_tokens: \d+ > (\d+)")


class AnthropicMessages:
    """Asks one model at `/v1/messages`."""

    tag = TAG
    finish_field = "stop_reason"

    def __init__(self, provider: Provider, model: str) -> None:
        """Take the name that goes out."""
        self.path = self.stream_path = f"{provider.version('v1')}/messages"
        self._habits = expected(model)
        self._encoder = Encoder(provider=provider.name, model=model, habits=self._habits)

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return self._encoder.body(request)

    def streamed(self, body: bytes) -> bytes:
        """The request, asking for pieces."""
        return body[:-1] + b',"stream":true}'

    def piece(self, event: dict[str, Any]) -> str | None:
        """The text in an event."""
        text = mapping(event.get("delta")).get("text") if event.get("type") == "content_block_delta" else None
        return text if isinstance(text, str) else None

    def decode(self, body: bytes, content_type: str) -> Any:
        """JSON, or the events of a server that streams, asked or unasked."""
        if content_type.startswith("text/event-stream"):
            return parse_stream(body.decode("utf-8", "replace"))
        return loads(body)

    def read(self, payload: dict[str, Any], request: ModelRequest) -> Said:
        """What the message says."""
        forced = request.schema.name if request.schema is not None else None
        return read_answer(payload, position=len(request.messages), form=forced)

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart; one that names the model's limit of tokens is kept to."""
        if failure.status == 400 and (match := _TOO_MANY_TOKENS.search(failure.words)):
            limit = int(match[1])
            if 0 < limit < self._encoder.max_tokens:
                self._encoder.max_tokens = limit
                return True
        return self._habits.learn(failure, request)
