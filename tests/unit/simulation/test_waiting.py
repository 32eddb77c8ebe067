"""Simulations that wait for a provider that is down."""

from sparring.domain.errors import ProviderDown
from sparring.simulation.waiting import Waiting

NOW = 1000.0


def down(until=NOW + 5, waiting="waiting for p: 503 since 12:00 UTC"):
    return ProviderDown("p is down.", provider="p", model="m", reason="refused", waiting=waiting, until=until)


class Providers:
    """Tells what is down."""

    def __init__(self):
        self.down = {("p", "m")}

    def __call__(self, provider, model):
        return (provider, model) in self.down


def test_a_simulation_that_waits_is_told_of_once():
    waiting = Waiting(Providers())
    assert waiting.add("s", down())
    assert not waiting.add("s", down(until=NOW + 9))
    assert waiting.add("s", down(waiting="waiting for p: no connection since 12:00 UTC"))
    assert list(waiting.ids) == ["s"]


def test_one_trial_at_a_time_looks_whether_the_provider_is_back():
    waiting = Waiting(Providers())
    waiting.add("s", down())
    assert waiting.due(NOW) == []
    assert waiting.due(NOW + 5) == ["s"]
    waiting.look("s", found=True)
    assert waiting.due(NOW + 5) == []
    waiting.looked("s")
    assert waiting.due(NOW + 5) == ["s"]


def test_a_simulation_with_nothing_in_the_queue_waits_no_longer():
    waiting = Waiting(Providers())
    waiting.add("s", down())
    waiting.look("s", found=False)
    assert not waiting.ids


def test_once_its_provider_answers_a_simulation_goes_on():
    providers = Providers()
    waiting = Waiting(providers)
    waiting.add("s", down())
    assert waiting.back() == []
    providers.down.clear()
    assert waiting.back() == ["s"]
    assert not waiting.ids
    waiting.looked("s")
