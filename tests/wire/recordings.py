"""The recorded exchanges with real providers, and models that are answered with them."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from sparring.adapters.models.exchange import Exchange
from sparring.adapters.models.pieces import Pieces
from sparring.adapters.models.prices import Prices
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.retries import Patience
from sparring.adapters.models.transport import Received, Transport
from sparring.adapters.models.wired_model import WiredModel
from sparring.adapters.models.wires import make_wire
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelReply, ModelRequest, Occasion, Prompt, Schema
from sparring.testing.clock import FrozenClock

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "wires" / "exchanges.jsonl.gz"
Row = dict[str, Any]


@cache
def _rows() -> tuple[Row, ...]:
    with gzip.open(RECORDED) as lines:
        return tuple(orjson.loads(line) for line in lines)


def recorded(*wires: str) -> tuple[Row, ...]:
    """The exchanges of the wires, in the order of the file."""
    if not RECORDED.exists():
        pytest.skip(f"The recorded exchanges are not at {RECORDED}.")
    return tuple(row for row in _rows() if row["wire"] in wires)


class Tape(Transport):
    """Plays one recorded answer."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row
        self.sent: list[bytes] = []

    async def post(
        self, url: URL, headers: CIMultiDict[str], body: bytes, pieces: Pieces | None = None
    ) -> Received:
        self.sent.append(body)
        response = self.row["response"]
        raw = response.encode() if isinstance(response, str) else orjson.dumps(response)
        kind = "text/event-stream" if isinstance(response, str) else "application/json"
        return Received(self.row["status"], CIMultiDictProxy(CIMultiDict({"content-type": kind})), raw)


def model_on(wire: str, row: Row, model: str = "it") -> tuple[WiredModel, Tape]:
    """A model whose every answer is the recorded one, through everything but the network."""
    provider = Provider(name="recorded", base_url="http://127.0.0.1/v1", wire=wire, api_key="key-of-the-recording")
    clock = FrozenClock()
    tape = Tape(row)
    exchange = Exchange(provider, tape, clock, Patience())
    asked = make_wire(wire, provider, model)
    return WiredModel(exchange, asked, Prices(clock), name=f"recorded:{model}", model=model), tape


async def replay(wire: str, row: Row, role: Role = Role.AGENT, schema: Schema | None = None) -> ModelReply:
    """The reply that a recorded answer becomes."""
    model, _ = model_on(wire, row)
    prompt = Prompt(role="user", text="Hi")
    request = ModelRequest(system="", messages=(prompt,), schema=schema, occasion=Occasion(role=role))
    return await model.complete(request)


def question_after(reply: ModelReply) -> ModelRequest:
    """The request that follows a reply: its calls answered."""
    prompts = (
        Prompt(role="user", text="Hi"),
        Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque),
        *(Prompt(role="tool", text="done", call_id=call.id, name=call.name) for call in reply.calls),
    )
    return ModelRequest(system="s", messages=prompts, occasion=Occasion(role=Role.AGENT))
