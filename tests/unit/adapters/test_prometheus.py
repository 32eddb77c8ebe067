"""What a process tells of itself."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sparring.adapters.metrics import CountingHerald, LoopLag, Metrics
from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.mock_llm.quotas import Limits
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.retries import Patience
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Cause, Outcome, Role
from sparring.domain.simulation import Trial
from sparring.simulation.heralds import Herald
from sparring.simulation.ports import ModelRequest, Occasion, Prompt
from sparring.testing import FrozenClock, MemoryStore

ASKED = ModelRequest(system="s", messages=(Prompt(role="user", text="Hi"),), occasion=Occasion(role=Role.AGENT))


class Told:
    """The samples, by name and labels."""

    def __init__(self, text):
        self.samples = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __call__(self, name, **labels):
        return self.samples.get((f"sparring_{name}", *sorted(labels.items())))


class Process:
    """A store, models at a server and what is counted of them."""

    def __init__(self, base_url="http://127.0.0.1:1", **provider):
        clock = FrozenClock()
        self.store = MemoryStore(clock)
        told = Provider(name="p", base_url=base_url, needs_key=False, **provider)
        self.models = Catalogue([told], clock=clock, patience=Patience(tries=2), outage_limit=3600)
        self.herald = CountingHerald(Herald())
        self.metrics = Metrics(
            store=self.store, gates=lambda: self.models.gates, herald=self.herald, waiting=lambda: 3
        )

    async def told(self):
        return Told((await self.metrics.render()).decode())


async def test_calls_are_counted_by_provider_model_and_what_came_of_them():
    async with running(create_app(faults="429:0.5", seed=3)) as base_url:
        process = Process(base_url)
        for _ in range(4):
            await process.models.model("p:agent").complete(ASKED)
        told = await process.told()
        await process.models.close()
    of = {"provider": "p", "model": "agent"}
    assert told("model_calls_total", status="200", **of) == 4
    refused = told("model_calls_total", status="429", **of)
    assert refused >= 1
    assert told("model_retries_total", **of) == refused
    assert told("model_call_seconds_count", **of) == 4 + refused
    assert told("model_call_seconds_bucket", le="+Inf", **of) == 4 + refused
    assert told("model_tokens_total", kind="input", **of) > 4
    assert told("model_unpriced_calls_total", **of) == 4
    assert told("model_cost_dollars_total", **of) == 0
    assert told("model_requests_in_flight", **of) == 0


async def test_limits_are_told_with_what_is_left():
    async with running(create_app(limits=Limits(requests=60))) as base_url:
        process = Process(base_url, tokens_per_minute=10_000)
        await process.models.model("p:agent").complete(ASKED)
        told = await process.told()
        await process.models.close()
    of = {"provider": "p", "model": "agent"}
    assert told("model_limit", unit="requests", **of) == 60
    assert told("model_limit_left", unit="requests", **of) == 59
    assert told("model_limit", unit="tokens", **of) == 10_000
    assert 9900 < told("model_limit_left", unit="tokens", **of) < 10_000


async def test_a_provider_that_is_down_is_seen():
    process = Process()
    with pytest.raises(ModelFault):
        await process.models.model("p:agent").complete(ASKED)
    told = await process.told()
    await process.models.close()
    of = {"provider": "p", "model": "agent"}
    assert told("model_calls_total", status="unreachable", **of) == 2
    assert told("model_circuit_open", **of) == 1
    assert told("model_outages_total", **of) == 1
    assert told("simulations_waiting") == 3


async def test_trials_are_counted_by_how_they_ended_and_by_where_they_are():
    process = Process()
    for outcome, cause in ((Outcome.PASSED, None), (Outcome.PASSED, None), (Outcome.ERROR, Cause.PROVIDER)):
        trial = Trial(id="t", simulation="s", scenario="c", number=1, seed=1, outcome=outcome, cause=cause)
        await process.herald.trial_over(None, trial)
    told = await process.told()
    assert told("trials_ended_total", outcome="passed", cause="") == 2
    assert told("trials_ended_total", outcome="error", cause="provider") == 1
    assert told("trials", status="queued") == 0


@pytest.mark.slow
async def test_a_loop_that_is_held_up_is_seen():
    lag = LoopLag()
    watching = asyncio.create_task(lag.watch())
    while not lag.seen.total > 0.05:
        busy_until = asyncio.get_running_loop().time() + 0.1
        while asyncio.get_running_loop().time() < busy_until:
            pass
        await asyncio.sleep(0.2)
    watching.cancel()
    assert sum(lag.seen.counts) >= 1


async def test_nothing_is_told_of_models_that_were_never_asked():
    told = await Process().told()
    assert not [name for name, *_ in told.samples if name.startswith("sparring_model_calls")]
    assert any(name.startswith("process_cpu") for name, *_ in told.samples)
