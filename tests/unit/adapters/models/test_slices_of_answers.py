"""Answers that arrive together are worked off in slices, and the event loop serves others in between."""

import asyncio

from sparring.adapters.models.turns import Turns


async def gone_on_by_round(turns, count, done):
    """How many had gone on by the end of each round of the loop."""
    gone = []

    async def one(number):
        await turns.take()
        gone.append(number)

    tasks = [asyncio.create_task(one(number)) for number in range(count)]
    rounds = []
    while len(gone) < done:
        await asyncio.sleep(0)
        rounds.append(len(gone))
    return tasks, gone, rounds


async def test_those_who_are_ready_together_go_on_in_their_order_a_few_in_a_round():
    _, gone, rounds = await gone_on_by_round(Turns(at_once=3), 10, 10)
    assert gone == list(range(10))
    steps = [after - before for before, after in zip([0, *rounds], rounds, strict=False)]
    assert max(steps) == 3


async def test_whoever_comes_alone_waits_for_nothing():
    turns = Turns(at_once=1)
    for _ in range(3):
        taking = turns.take()
        try:
            taking.send(None)
        except StopIteration:
            pass
        else:
            raise AssertionError("it waited")
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_one_that_is_cancelled_takes_no_turn_from_the_others():
    turns = Turns(at_once=1)
    tasks = [asyncio.create_task(turns.take()) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.wait(tasks)
    assert [task.cancelled() for task in tasks] == [False, True, True, False]
