"""A provider that grants so much a minute, and callers that ask it through a gate, in virtual time."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from math import ceil

from virtual_time import LoopClock, run

from sparring.adapters.models.gate import Gate
from sparring.adapters.models.provider import Provider
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Usage

REQUESTS, TOKENS = 500, 200_000


@dataclass
class Server:
    """Counts as `bucket`, `sliding` (looks back a minute) or `aligned` (anew with each minute of the clock)."""

    counting: str
    clock: LoopClock
    depth: float = 1.0
    """Of the bucket, in minutes."""
    random_refusals: float = 0.0
    generous: float = 1.0
    """How many times the usual limits are granted."""
    granted: int = 0
    refused: int = 0
    _log: deque = field(default_factory=deque)
    _levels: list = field(default_factory=list)
    _at: float = 0.0
    _chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def limits(self) -> tuple[float, float]:
        return REQUESTS * self.generous, TOKENS * self.generous

    def ask(self, tokens: float) -> tuple[bool, float, list[tuple[str, float, float, float]]]:
        """Whether it is granted, how long to wait, and name, limit, rest and seconds to the whole of each limit."""
        if self._chance.random() < self.random_refusals:
            self.refused += 1
            return False, 1.0, []
        now, amounts = self.clock.now(), (1.0, tokens)
        left, resets = self._left(now)
        short = [amount - rest for amount, rest in zip(amounts, left, strict=True)]
        granted = max(short) <= 0
        if granted:
            self.granted += 1
            self._take(now, amounts)
            left, resets = self._left(now)
        else:
            self.refused += 1
        limits = self.limits
        wait = max(lacking * 60 / limit for lacking, limit in zip(short, limits, strict=True))
        told = [
            (n, lim, rest, s) for n, lim, rest, s in zip(("requests", "tokens"), limits, left, resets, strict=True)
        ]
        return granted, wait if self.counting == "bucket" else resets[0], told

    def _left(self, now: float) -> tuple[list[float], list[float]]:
        limits = self.limits
        if self.counting == "bucket":
            depths = [limit * self.depth for limit in limits]
            passed = now - self._at if self._levels else 0.0
            self._levels = [
                min(deep, level + passed * limit / 60)
                for deep, level, limit in zip(depths, self._levels or depths, limits, strict=True)
            ]
            self._at = now
            gone = zip(depths, self._levels, limits, strict=True)
            return self._levels, [(deep - level) * 60 / limit for deep, level, limit in gone]
        began = now - 60 if self.counting == "sliding" else now // 60 * 60
        while self._log and (self._log[0][0] <= began if self.counting == "sliding" else self._log[0][0] < began):
            self._log.popleft()
        used = [float(len(self._log)), sum(tokens for _, tokens in self._log)]
        reset = (self._log[0][0] if self._log and self.counting == "sliding" else began) + 60 - now
        return [limit - spent for limit, spent in zip(limits, used, strict=True)], [reset, reset]

    def _take(self, now: float, amounts: tuple[float, float]) -> None:
        if self.counting == "bucket":
            self._levels = [level - amount for level, amount in zip(self._levels, amounts, strict=True)]
        else:
            self._log.append((now, amounts[1]))

    def least(self, requests: int, tokens: float) -> float:
        """Seconds that so many requests of so many tokens each take at the least."""
        wanted = zip((requests, requests * tokens), self.limits, strict=True)
        if self.counting == "bucket":
            return max((amount - limit * self.depth) * 60 / limit for amount, limit in wanted)
        return max((ceil(amount / limit) - 1) * 60.0 for amount, limit in wanted)


@dataclass(frozen=True)
class Played:
    """What came of it."""

    seconds: float
    least: float
    refused: float
    """Part of all answers."""
    gate: Gate


def play(
    counting: str,
    *,
    callers: int = 100,
    calls: int = 15,
    latency: float = 0.2,
    tokens: float = 200,
    models: int = 1,
    headers: bool = False,
    configured: bool = True,
    **server: float,
) -> Played:
    """Let callers ask one after the other, each so often."""

    async def main() -> Played:
        clock = LoopClock()
        provider = Server(counting, clock, **server)
        limits = {"requests_per_minute": REQUESTS, "tokens_per_minute": TOKENS} if configured else {}
        gate = Gate(Provider(name="p", base_url="http://p", **limits), clock)
        chance = random.Random(1)
        began = clock.now()
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                asking = ask_often(
                    gate,
                    provider,
                    chance,
                    calls=calls,
                    latency=latency,
                    tokens=tokens,
                    models=models,
                    headers=headers,
                )
                group.create_task(asking)
        answers = provider.granted + provider.refused
        least = max(provider.least(callers * calls, tokens), latency * calls)
        return Played(clock.now() - began, least, provider.refused / answers, gate)

    return run(main())


async def ask_often(
    gate: Gate,
    provider: Server,
    chance: random.Random,
    *,
    calls: int,
    latency: float = 0.2,
    tokens: float = 200,
    models: int = 1,
    headers: bool = False,
) -> None:
    for call in range(calls):
        lane = gate.lane(f"model {call % models}")
        asked, answer = 0.8 * tokens * chance.uniform(0.8, 1.2), 0.2 * tokens
        size = int(asked * 4.3)
        granted = False
        while not granted:
            permit = await lane.enter(Role.AGENT, size)
            await asyncio.sleep(latency * 0.02 * chance.random())
            granted, wait, told = provider.ask(asked + answer)
            await asyncio.sleep(latency * chance.uniform(0.5, 1.5) if granted else 0.03)
            answered = _headers(told) if headers else {}
            if granted:
                lane.good(permit, answered)
                lane.settle(permit, Usage(input=int(asked), output=int(answer)))
            else:
                lane.throttled(permit, answered, "", wait)
            lane.leave(permit)
            if not granted:
                await asyncio.sleep(wait + 0.5 * chance.random())


def _headers(told: list[tuple[str, float, float, float]]) -> dict[str, str]:
    named = {}
    for name, limit, rest, reset in told:
        named[f"x-ratelimit-limit-{name}"] = f"{limit:g}"
        named[f"x-ratelimit-remaining-{name}"] = str(max(0, int(rest)))
        named[f"x-ratelimit-reset-{name}"] = f"{reset:.3f}s"
    return named
