"""How much of what is asked in the demo's conversations lies on a prefix that the provider's cache can hold."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from sparring.adapters import bundled
from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.models.wires import WIRES
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.suites.reading import load_suite
from sparring.domain.chance import derive
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.simulation import trial as trials
from sparring.simulation.store import Journal
from sparring.testing import FrozenClock, MemoryStore

AIM = 0.8
TALK = {
    "openai.chat": ("tools", "response_format", "messages"),
    "openai.responses": ("tools", "text", "instructions", "input"),
    "anthropic.messages": ("tools", "output_config", "system", "messages"),
    "google.generate": ("tools", "generationConfig", "systemInstruction", "contents"),
}
"""The fields that make the prompt, in the order in which the provider puts them together."""


@dataclass
class Cache:
    """What a provider has seen so far."""

    wire: str
    seen: set[tuple[str, ...]] = field(default_factory=set)
    held: int = 0
    asked: int = 0

    def ask(self, body: dict[str, Any]) -> None:
        """Count a request: how many characters there are, and how many of them are a prefix seen before."""
        blocks = tuple(self.blocks(body))
        sizes = [len(block) for block in blocks]
        self.asked += sum(sizes)
        self.held += max(
            (sum(sizes[:end]) for end in range(len(blocks) + 1) if blocks[:end] in self.seen), default=0
        )
        self.seen |= {blocks[:end] for end in self.breakpoints(body, blocks)}

    def blocks(self, body: dict[str, Any]) -> Iterator[str]:
        """The prompt in pieces, without the marks that only the cache looks at."""
        for name in TALK[self.wire]:
            value = body.get(name)
            for piece in value if isinstance(value, list) else [value]:
                parts = piece.get("content") or piece.get("parts") if isinstance(piece, dict) else None
                for part in parts if isinstance(parts, list) else [piece]:
                    yield json.dumps({name: part}, sort_keys=True).replace(MARK, "")

    def breakpoints(self, body: dict[str, Any], blocks: tuple[str, ...]) -> Iterator[int]:
        """Where the provider keeps a prefix: anywhere, or on Anthropic's wire where it was told to."""
        if self.wire != "anthropic.messages":
            yield from range(1, len(blocks) + 1)
            return
        if "cache_control" in body:
            yield len(blocks)
        if "cache_control" in body["system"][-1]:
            yield 1 + max(index for index, block in enumerate(blocks) if block.startswith('{"system"'))

    @property
    def share(self) -> float:
        return self.held / self.asked


MARK = '"cache_control": {"type": "ephemeral"}, '


async def play_demo(wire: str, record: Path) -> None:
    """The demo's suite against its script behind a mock server, one trial of each scenario."""
    suite = load_suite(bundled.AIRLINE_SUITE)
    script = scripted_model(suite.agent.model or "").script
    clock = FrozenClock()
    async with running(create_app(script, record_path=record, clock=clock)) as base:
        address = base if wire.startswith("openai") else base.removesuffix("/v1")
        catalogue = Catalogue([Provider(name="mock", base_url=address, wire=wire, needs_key=False)], clock=clock)
        simulation = Simulation(
            id="s",
            workspace="w",
            agent=replace(suite.agent, model="mock:agent"),
            scenarios=suite.scenarios,
            models=Models(user="mock:user", judge="mock:judge"),
        )
        store = MemoryStore(clock)
        for number, scenario in enumerate(suite.scenarios):
            trial = Trial(
                id=f"t{number}", simulation="s", scenario=scenario.id, number=1, seed=derive(0, scenario.name)
            )
            cast = ModelCasting(catalogue, clock).cast(simulation, scenario, trial)
            journal: Journal = store.journal(trial)
            await trials.play(simulation, scenario, trial, cast=cast, journal=journal, clock=clock)
        await catalogue.close()


@pytest.mark.parametrize("wire", WIRES)
async def test_four_fifths_of_the_demo_s_input_lie_on_a_cacheable_prefix(
    wire: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await play_demo(wire, tmp_path / "asked.jsonl")
    talks: defaultdict[str, Cache] = defaultdict(lambda: Cache(wire))
    requests = 0
    for line in (tmp_path / "asked.jsonl").read_text().splitlines():
        told = json.loads(line)
        assert told["status"] == 200, told["answer"]
        if told["role"] != "judge":
            talks[told["role"]].ask(told["request"])
            requests += 1
    whole = sum(cache.held for cache in talks.values()) / sum(cache.asked for cache in talks.values())
    with capsys.disabled():
        by_role = ", ".join(f"{role} {cache.share:.0%}" for role, cache in sorted(talks.items()))
        print(f"\n{wire}: {whole:.0%} of the demo's input on a cacheable prefix ({by_role}; {requests} requests)")
    assert whole >= AIM
