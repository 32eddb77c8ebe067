"""The time that a trial may take."""

import asyncio

import pytest

from sparring.simulation.deadlines import Deadline, standing_still


async def test_what_takes_longer_than_its_deadline_is_ended() -> None:
    with pytest.raises(TimeoutError):
        async with Deadline(0.01) as deadline:
            await asyncio.Event().wait()
    assert deadline.expired


async def test_time_that_stands_still_does_not_count() -> None:
    async with Deadline(0.05) as deadline:
        with standing_still():
            await asyncio.sleep(0.1)
            with standing_still():
                await asyncio.sleep(0.01)
        await asyncio.sleep(0)
    assert not deadline.expired


async def test_what_is_left_counts_on_afterwards() -> None:
    with pytest.raises(TimeoutError):
        async with Deadline(0.02):
            with standing_still():
                await asyncio.sleep(0.03)
            await asyncio.Event().wait()


async def test_without_a_deadline_there_is_nothing_to_stop() -> None:
    with standing_still():
        await asyncio.sleep(0)
