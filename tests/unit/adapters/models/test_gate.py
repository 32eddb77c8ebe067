"""The queue before a provider: who is let through, and in which order."""

import asyncio

import pytest
from virtual_time import LoopClock, run

from sparring.adapters.models.gate import Gate, Lane
from sparring.adapters.models.provider import Provider, Rates
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Usage
from sparring.testing import FrozenClock


def gate(clock=None, **provider) -> Gate:
    return Gate(Provider(name="p", base_url="http://p", **provider), clock or FrozenClock())


def leave(lane: Lane, task: asyncio.Task) -> None:
    lane.leave(task.result())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def enter(lane: Lane, size: int = 100) -> asyncio.Task:
    return asyncio.create_task(lane.enter(Role.AGENT, size))


async def test_no_more_requests_are_let_in_than_may_be_in_flight() -> None:
    lane = gate(concurrency=2).lane("m")
    tasks = [enter(lane) for _ in range(4)]
    await settle()
    assert [task.done() for task in tasks] == [True, True, False, False]
    leave(lane, tasks[0])
    await settle()
    assert [task.done() for task in tasks] == [True, True, True, False]
    leave(lane, tasks[1])
    await settle()
    assert lane.in_flight == 2
    assert all(task.done() for task in tasks)


async def test_a_providers_places_are_shared_by_its_models() -> None:
    shared = gate(concurrency=2)
    one, other = shared.lane("one"), shared.lane("other")
    tasks = [enter(one), enter(one), enter(other)]
    await settle()
    assert [task.done() for task in tasks] == [True, True, False]
    leave(one, tasks[0])
    await settle()
    assert tasks[2].done()


async def test_models_that_fit_one_pattern_share_its_places() -> None:
    shared = gate(models={"small*": Rates(concurrency=1)})
    tasks = [enter(shared.lane(name)) for name in ("small-1", "small-2", "large")]
    await settle()
    assert [task.done() for task in tasks] == [True, False, True]


async def test_those_who_wait_are_let_in_when_the_window_grows() -> None:
    lane = gate(initial=1, concurrency=4).lane("m")
    permit = await lane.enter(Role.AGENT, 100)
    waiting = [enter(lane) for _ in range(3)]
    await settle()
    lane.good(permit, {})
    lane.leave(permit)
    await settle()
    assert [task.done() for task in waiting] == [True, True, False]


async def test_a_caller_that_gives_up_waiting_takes_no_place() -> None:
    lane = gate(concurrency=1).lane("m")
    permit = await lane.enter(Role.AGENT, 100)
    first, second = enter(lane), enter(lane)
    await settle()
    first.cancel()
    await settle()
    lane.leave(permit)
    await asyncio.wait_for(second, 1)
    assert lane.in_flight == 1


async def test_a_caller_cancelled_in_the_moment_of_its_turn_hands_the_place_on() -> None:
    lane = gate(concurrency=1).lane("m")
    permit = await lane.enter(Role.AGENT, 100)
    first, second = enter(lane), enter(lane)
    await settle()
    lane.leave(permit)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await asyncio.wait_for(second, 1)
    assert lane.in_flight == 1
    leave(lane, second)
    assert lane.in_flight == 0


async def test_a_newcomer_does_not_overtake_the_queue() -> None:
    lane = gate(concurrency=1).lane("m")
    inside = [await lane.enter(Role.AGENT, 100)]
    order: list[str] = []

    async def visit(name: str) -> None:
        inside.append(await lane.enter(Role.AGENT, 100))
        order.append(name)

    waiting = asyncio.create_task(visit("waiting"))
    await settle()
    lane.leave(inside.pop())
    newcomer = asyncio.create_task(visit("newcomer"))
    await settle()
    assert order == ["waiting"]
    lane.leave(inside.pop())
    await asyncio.wait([waiting, newcomer])
    assert order == ["waiting", "newcomer"]


def test_a_model_at_its_limit_does_not_keep_another_one_waiting() -> None:
    async def main() -> list[float]:
        clock = LoopClock()
        shared = gate(clock, models={"slow": Rates(requests_per_minute=60)})
        began, passed = clock.now(), []
        for name in ("slow", "slow", "fast"):
            for _ in range(60):
                lane = shared.lane(name)
                lane.leave(await lane.enter(Role.AGENT, 100))
            passed.append(clock.now() - began)
        return passed

    first, second, third = run(main())
    assert first < 5
    assert second == pytest.approx(60, abs=3)
    assert third == second


def test_a_request_that_is_larger_than_the_whole_limit_goes_when_the_limit_is_unused() -> None:
    async def main() -> float:
        clock = LoopClock()
        lane = gate(clock, tokens_per_minute=1000).lane("m")
        began = clock.now()
        for _ in range(2):
            permit = await lane.enter(Role.AGENT, 40_000)
            lane.settle(permit, Usage(input=10_000, output=100))
            lane.leave(permit)
        return clock.now() - began

    assert 300 < run(main()) < 700


def test_what_was_expected_is_corrected_by_what_was_used() -> None:
    async def main() -> tuple[float, float]:
        lane = gate(LoopClock(), tokens_per_minute=10_000).lane("m")
        permit = await lane.enter(Role.AGENT, 4000)
        (counted,) = [allowance for unit, allowance in lane.allowances if unit == 3]
        before = counted.level
        lane.settle(permit, Usage(input=300, output=20))
        return before, counted.level

    before, after = run(main())
    assert before == 10_000 - 1200
    assert after == 10_000 - 320


def test_four_refusals_in_a_row_hold_everything_back_for_as_long_as_the_provider_asks() -> None:
    async def main() -> float:
        clock = LoopClock()
        lane = gate(clock).lane("m")
        for _ in range(4):
            permit = await lane.enter(Role.AGENT, 100)
            lane.throttled(permit, {}, "", 20.0)
            lane.leave(permit)
        began = clock.now()
        await lane.enter(Role.AGENT, 100)
        return clock.now() - began

    assert run(main()) == pytest.approx(20, abs=0.1)


def test_one_refusal_holds_back_nobody_else() -> None:
    async def main() -> float:
        clock = LoopClock()
        lane = gate(clock).lane("m")
        permit = await lane.enter(Role.AGENT, 100)
        lane.throttled(permit, {}, "", 20.0)
        lane.leave(permit)
        began = clock.now()
        await lane.enter(Role.AGENT, 100)
        return clock.now() - began

    assert run(main()) == 0
