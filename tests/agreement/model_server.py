"""A model server on the loopback interface whose models speak recorded lines."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson
from aiohttp import web

from sparring.adapters.players import prompt_texts
from sparring.domain.transcript import AgentMessage, Side, Spoken, UserMessage, side_of

from .recordings import Recording

LARGEST = 256_000_000
"""Bytes of a request."""


def model_of(recording: Recording, side: Side) -> str:
    """The name of the model that speaks one side of a recording."""
    return f"{side.value}-{recording.line}"


@asynccontextmanager
async def model_server(recordings: Sequence[Recording]) -> AsyncIterator[str]:
    """A server that speaks every recording; gives its base URL."""
    app = web.Application(client_max_size=LARGEST)
    app.router.add_post("/v1/chat/completions", _Speaker(recordings).answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


class _Speaker:
    """Answers with the line that follows those which a request shows as the model's own.

    It keeps no count, so that a request that is made again gets the same answer.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._lines: dict[str, list[bytes]] = {}
        for recording in recordings:
            for message in recording.messages:
                if isinstance(message, UserMessage | AgentMessage):
                    model = model_of(recording, side_of(message))
                    self._lines.setdefault(model, []).append(_completion(model, message))

    async def answer(self, request: web.Request) -> web.Response:
        """One chat completion."""
        asked = orjson.loads(await request.read())
        lines = self._lines.get(asked["model"], [])
        said = sum(message["role"] == "assistant" for message in asked["messages"])
        # A user that repeats the agent's words is asked once more, with those words shown as its own.
        said -= asked["messages"][-1]["content"] == prompt_texts.read("simulated_user_echo")
        if said >= len(lines):
            told = {"error": {"message": f"The recording of {asked['model']} has {len(lines)} lines."}}
            return web.json_response(told, status=400)
        return web.Response(body=lines[said], content_type="application/json")


def _completion(model: str, message: Spoken) -> bytes:
    told: dict[str, object] = {"role": "assistant", "content": message.text}
    if message.calls:
        told["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for call in message.calls
        ]
    finish = "tool_calls" if message.calls else "stop"
    choice = {"index": 0, "message": told, "finish_reason": finish}
    body = {"id": "recorded", "object": "chat.completion", "created": 0, "model": model, "choices": [choice]}
    return json.dumps(body).encode()
