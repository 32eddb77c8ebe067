"""What pages keep in memory: only of what is over, and never more than there is room for."""

from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import NOW

from sparring.domain.simulation import plan
from sparring.server.ui import courses, played, tallies
from sparring.server.ui.courses import KnownCourses
from sparring.server.ui.played import KnownTrials
from sparring.server.ui.tallies import KnownTallies

from .playing import SAID, errored, judged, scenario, simulation


class Counting:
    """A store that counts what it is asked for."""

    def __init__(self):
        self.asked = []

    async def trials(self, simulation_id):
        self.asked.append(simulation_id)
        return [None] * 6

    async def messages(self, trial_id):
        self.asked.append(trial_id)
        return SAID

    async def progress(self, simulation_id):
        self.asked.append(simulation_id)
        return {}

    async def trial_page(self, simulation_id, page, **options):
        return [], 0


def over(number, at=NOW):
    return simulation(scenario(), id=f"s{number}", completed_at=at)


@pytest.mark.parametrize("kind", [KnownTrials, KnownTallies])
async def test_what_is_over_is_asked_for_once_and_anew_when_it_was_played_on(kind):
    known, store = kind(), Counting()
    for one in (over(1), over(1), over(1, NOW + 1), over(1, None), over(1, None)):
        await known.of(store, one)
    assert store.asked == ["s1"] * 4


@pytest.mark.parametrize(("kind", "home", "room"), [(KnownTrials, played, 12), (KnownTallies, tallies, 2)])
async def test_the_longest_unasked_goes_first(kind, home, room, monkeypatch):
    monkeypatch.setattr(home, "_MOST", room)
    known, store = kind(), Counting()
    for number in (1, 2, 1, 3, 1, 2):
        await known.of(store, over(number))
    assert store.asked == ["s1", "s2", "s3", "s2"]


async def test_one_simulation_is_kept_however_large(monkeypatch):
    monkeypatch.setattr(played, "_MOST", 1)
    known, store = KnownTrials(), Counting()
    for _ in range(3):
        await known.of(store, over(1))
    assert store.asked == ["s1"]


async def test_a_conversation_is_read_once_until_it_is_another_one(monkeypatch):
    monkeypatch.setattr(courses, "_MOST", 2)
    one = simulation(scenario(trials=3))
    trials = [judged(trial) for trial in plan(one, ["t1", "t2", "t3"])]
    known, store = KnownCourses(), Counting()
    found = await known.of(store, one, trials[:2])
    assert [act.name for act in found["t1"].acts] == ["look", "look"]
    await known.of(store, one, [replace(trials[0], take=2), errored(trials[1])])
    assert store.asked == ["t1", "t2", "t1", "t2"]
