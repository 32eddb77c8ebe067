"""Limits that several processes keep to together, in virtual time."""

import asyncio
import random

import pytest
from limited_provider import REQUESTS, TOKENS, Server, ask_often
from virtual_time import LoopClock, run

from sparring.adapters.models.gate import Gate
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.sharing import LENT_FOR, Sharing
from sparring.adapters.shares import Standing, divide
from sparring.domain.errors import DatabaseUnusable
from sparring.domain.outcomes import Role


class Book:
    """A ledger in memory, which works as the database's does."""

    def __init__(self, clock):
        self.clock = clock
        self.rows = {}
        self.free = [0.0, 0.0]
        self.fails = False

    async def divide(self, process, claims, *, lent_for):
        if self.fails:
            raise DatabaseUnusable("The database does not answer.")
        return {provider: self._divide(provider, process, claim, lent_for) for provider, claim in claims.items()}

    def _divide(self, provider, process, claim, lent_for):
        now = self.clock.now()
        others = [row for key, row in self.rows.items() if key[0] == provider and key[1] != process]
        _, before, seen = self.rows.get((provider, process), (0, 0.0, now))
        standing = Standing(
            live=[(weight, part) for weight, part, seen in others if now - seen <= lent_for],
            others=len(others),
            before=before if now - seen <= lent_for else 0.0,
            free=self.free[0],
            free_fill=self.free[1],
        )
        share, *self.free = divide(claim, standing)
        self.rows[provider, process] = claim.weight, share.part, now
        return share


class Process:
    """One of several that ask the same provider."""

    def __init__(self, book, number, **provider):
        clock = LoopClock()
        clock.entropy = lambda size: bytes([number]) * size
        self.gate = Gate(Provider(name="p", base_url="http://p", **provider), clock)
        self.sharing = Sharing(book, lambda: [self.gate], clock)
        self.sharing.join(self.gate)
        self.renewing = asyncio.create_task(self.sharing.run())


def test_three_processes_together_keep_to_a_limit_and_use_it_to_the_full():
    async def main():
        clock = LoopClock()
        server, book, chance = Server("bucket", clock), Book(clock), random.Random(1)
        limits = {"requests_per_minute": REQUESTS, "tokens_per_minute": TOKENS}
        processes = [Process(book, number, **limits) for number in range(3)]
        began = clock.now()
        async with asyncio.TaskGroup() as group:
            for process in processes:
                for _ in range(40):
                    group.create_task(ask_often(process.gate, server, chance, calls=15))
        for process in processes:
            process.renewing.cancel()
        return clock.now() - began, server.least(3 * 40 * 15, 200), server.refused / 1800

    seconds, least, refused = run(main())
    assert seconds <= 1.1 * least
    assert refused <= 0.02


def test_a_process_alone_has_the_whole_limit_from_the_beginning():
    async def main():
        clock = LoopClock()
        process = Process(Book(clock), 1, requests_per_minute=60)
        lane = process.gate.lane("m")
        began = clock.now()
        for _ in range(50):
            lane.leave(await lane.enter(Role.AGENT, 100))
        process.renewing.cancel()
        return clock.now() - began

    assert run(main()) < 1


def test_what_a_process_had_that_is_gone_goes_to_the_others():
    async def main():
        clock = LoopClock()
        book = Book(clock)
        book.rows["p", "gone"] = 1.0, 1.0, clock.now()
        process = Process(book, 1, requests_per_minute=60)
        lane = process.gate.lane("m")
        began = clock.now()
        await lane.enter(Role.AGENT, 100)
        process.renewing.cancel()
        return clock.now() - began

    assert LENT_FOR < run(main()) < LENT_FOR + 5


def test_without_the_database_nothing_is_asked_beyond_what_was_lent():
    async def main():
        clock = LoopClock()
        book = Book(clock)
        process = Process(book, 1, requests_per_minute=6000)
        lane = process.gate.lane("m")
        lane.leave(await lane.enter(Role.AGENT, 100))
        book.fails = True
        await asyncio.sleep(LENT_FOR + 1)
        waiting = asyncio.create_task(lane.enter(Role.AGENT, 100))
        await asyncio.sleep(30)
        held_back = not waiting.done()
        book.fails = False
        await waiting
        process.renewing.cancel()
        return held_back

    assert run(main())


@pytest.mark.parametrize("concurrency", [1, 10])
def test_places_are_divided_as_well_and_nobody_is_left_without_one(concurrency):
    async def main():
        clock = LoopClock()
        book = Book(clock)
        processes = [Process(book, number, concurrency=concurrency, initial=10) for number in range(2)]
        tasks = [
            asyncio.create_task(process.gate.lane("m").enter(Role.AGENT, 100))
            for process in processes
            for _ in range(20)
        ]
        await asyncio.sleep(5)
        inside = [process.gate.places.most for process in processes]
        for task in tasks:
            task.cancel()
        for process in processes:
            process.renewing.cancel()
        return inside

    assert run(main()) == [max(1, concurrency / 2)] * 2
