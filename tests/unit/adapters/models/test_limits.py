"""How many requests are in flight to one provider."""

import asyncio

import pytest

from sparring.adapters.models.limits import Limiter, Window


def answer_a_round(window: Window) -> None:
    cuts = window.cuts
    for _ in range(window.size):
        window.good(cuts)


def test_the_window_reaches_a_hundred_from_eight_within_five_rounds() -> None:
    window = Window(initial=8, maximum=100)
    sizes = [window.size]
    for _ in range(5):
        answer_a_round(window)
        sizes.append(window.size)
    assert sizes == [8, 16, 32, 64, 100, 100]


def test_the_window_doubles_only_when_the_round_is_complete() -> None:
    window = Window(initial=8, maximum=100)
    for _ in range(7):
        window.good(window.cuts)
    assert window.size == 8
    window.good(window.cuts)
    assert window.size == 16


def test_a_configured_limit_below_the_start_is_kept_from_the_start() -> None:
    window = Window(initial=8, maximum=3)
    answer_a_round(window)
    assert window.size == 3


def test_a_burst_of_429s_from_one_round_halves_once() -> None:
    window = Window(initial=64, maximum=100)
    sent_at = window.cuts
    for _ in range(64):
        window.throttled(sent_at)
    assert window.size == 32


def test_a_429_of_the_next_round_halves_again() -> None:
    window = Window(initial=64, maximum=100)
    window.throttled(window.cuts)
    window.throttled(window.cuts)
    assert window.size == 16


def test_good_answers_from_before_a_cut_do_not_undo_it() -> None:
    window = Window(initial=64, maximum=100)
    before = window.cuts
    window.throttled(before)
    for _ in range(63):
        window.good(before)
    assert window.size == 32


def test_the_window_never_closes() -> None:
    window = Window(initial=2, maximum=100)
    for _ in range(5):
        window.throttled(window.cuts)
    assert window.size == 1


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_requests_are_let_in_than_the_window_is_wide() -> None:
    limiter = Limiter(Window(initial=2, maximum=2))
    entered: list[int] = []

    async def visit(number: int) -> None:
        await limiter.enter()
        entered.append(number)

    tasks = [asyncio.create_task(visit(number)) for number in range(5)]
    await settle()
    assert entered == [0, 1]
    for expected in ([0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4]):
        limiter.leave()
        await settle()
        assert entered == expected
    await asyncio.wait(tasks)
    assert limiter.in_flight == 2


async def test_those_who_wait_are_let_in_when_the_window_grows() -> None:
    window = Window(initial=1, maximum=4)
    limiter = Limiter(window)
    cuts = await limiter.enter()
    waiting = [asyncio.create_task(limiter.enter()) for _ in range(3)]
    await settle()
    window.good(cuts)
    limiter.leave()
    await settle()
    assert [task.done() for task in waiting] == [True, True, False]
    waiting[2].cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting[2]


async def test_a_visitor_that_gives_up_waiting_takes_no_place() -> None:
    limiter = Limiter(Window(initial=1, maximum=1))
    await limiter.enter()
    first, second = asyncio.create_task(limiter.enter()), asyncio.create_task(limiter.enter())
    await settle()
    first.cancel()
    await settle()
    limiter.leave()
    await asyncio.wait_for(second, 1)
    assert limiter.in_flight == 1


async def test_a_visitor_cancelled_in_the_moment_of_its_turn_hands_the_place_on() -> None:
    limiter = Limiter(Window(initial=1, maximum=1))
    await limiter.enter()
    first, second = asyncio.create_task(limiter.enter()), asyncio.create_task(limiter.enter())
    await settle()
    limiter.leave()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await asyncio.wait_for(second, 1)
    assert limiter.in_flight == 1
    limiter.leave()
    assert limiter.in_flight == 0


async def test_a_newcomer_does_not_overtake_the_queue() -> None:
    limiter = Limiter(Window(initial=1, maximum=1))
    await limiter.enter()
    order: list[str] = []

    async def visit(name: str) -> None:
        await limiter.enter()
        order.append(name)

    waiting = asyncio.create_task(visit("waiting"))
    await settle()
    limiter.leave()
    newcomer = asyncio.create_task(visit("newcomer"))
    await settle()
    assert order == ["waiting"]
    limiter.leave()
    await asyncio.wait([waiting, newcomer])
    assert order == ["waiting", "newcomer"]
