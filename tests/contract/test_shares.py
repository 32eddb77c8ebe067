"""Parts of a provider's limits, lent to the processes that play on one database: what every database keeps to."""

import asyncio

import pytest

from sparring.adapters.shares import Claim

LENT_FOR = 10.0


@pytest.fixture
async def ledger(place, store):
    if place is None:
        pytest.skip("Nobody shares a memory.")
    return store


async def part(ledger, process, weight=1.0, *, fill=1.0, lent_for=LENT_FOR):
    claims = {"openai": Claim(weight=weight, fill=fill)}
    return (await ledger.divide(process, claims, lent_for=lent_for))["openai"]


async def test_who_is_alone_gets_all_of_it_and_is_told_so(ledger):
    share = await part(ledger, "a")
    assert (share.part, share.fill, share.is_alone) == (1.0, 1.0, True)


async def test_a_newcomer_gets_only_what_others_have_given_back(ledger):
    await part(ledger, "a")
    share = await part(ledger, "b")
    assert (share.part, share.is_alone) == (0.0, False)
    assert (await part(ledger, "a")).part == 0.5
    assert (await part(ledger, "b")).part == 0.5


async def test_what_is_left_of_a_part_goes_with_it(ledger):
    await part(ledger, "a")
    await part(ledger, "b")
    await part(ledger, "a", fill=0.25)
    share = await part(ledger, "b")
    assert (share.part, share.fill) == (0.5, 0.25)


async def test_parts_go_by_how_much_there_is_to_ask(ledger):
    for _ in range(2):
        shares = [await part(ledger, process, weight) for process, weight in (("a", 30), ("b", 10))]
    assert [share.part for share in shares] == [0.75, 0.25]


async def test_providers_are_divided_apart(ledger):
    await part(ledger, "a")
    claim = Claim(weight=1.0, fill=1.0)
    lent = await ledger.divide("b", {"openai": claim, "google": claim}, lent_for=LENT_FOR)
    assert {provider: share.part for provider, share in lent.items()} == {"openai": 0.0, "google": 1.0}


async def test_a_part_that_is_not_asked_for_again_is_free_and_not_forgotten_at_once(ledger):
    await part(ledger, "a")
    share = await part(ledger, "b", lent_for=-1.0)
    assert (share.part, share.fill, share.is_alone) == (1.0, 0.0, False)


async def test_processes_that_come_at_once_never_get_more_than_all_of_it_together(ledger):
    for _ in range(5):
        async with asyncio.TaskGroup() as group:
            shares = [group.create_task(part(ledger, process, 1.0 + ord(process) % 3)) for process in "abcdefgh"]
        assert sum(share.result().part for share in shares) <= 1.0 + 1e-9
    assert sum(share.result().part for share in shares) > 0.99
