"""What a process has done and is doing, in the words of Prometheus.

Everything is counted in plain numbers where it happens, and put into words when somebody asks.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sparring.adapters.models.gate import Gate, Lane
from sparring.adapters.models.tallies import Histogram
from sparring.domain.chat import Talk
from sparring.domain.outcomes import Lifecycle
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation.heralds import Herald
from sparring.simulation.store import Store

if TYPE_CHECKING:
    from prometheus_client.core import Metric

LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Bounds of how late the event loop is."""

_EVERY = 0.25
_MODEL = ("provider", "model")


class CountingHerald(Herald):
    """Counts the trials that end in this process, and passes everything on."""

    def __init__(self, inner: Herald) -> None:
        """Stand before another herald."""
        self._inner = inner
        self.ended: Counter[tuple[str, str]] = Counter()
        """Trials by outcome and cause."""

    async def chat_started(self, talk: Talk) -> None:
        """A chat was made."""
        await self._inner.chat_started(talk)

    async def chat_ended(self, talk: Talk) -> None:
        """A chat is over."""
        await self._inner.chat_ended(talk)

    async def trial_over(self, simulation: Simulation, trial: Trial) -> None:
        """A trial is over."""
        self.ended[str(trial.outcome or ""), str(trial.cause or "")] += 1
        await self._inner.trial_over(simulation, trial)

    async def simulation_over(self, simulation: Simulation) -> None:
        """The last trial of a simulation is over."""
        await self._inner.simulation_over(simulation)


class LoopLag:
    """How late the event loop comes to what is due."""

    def __init__(self) -> None:
        """Measure nothing before `watch`."""
        self.seen = Histogram(LAGS)

    async def watch(self) -> None:
        """Measure four times a second, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY
            await asyncio.sleep(_EVERY)
            self.seen.add(max(0.0, loop.time() - due))


class Metrics:
    """Everything that is counted in one process."""

    def __init__(
        self,
        *,
        store: Store,
        gates: Callable[[], Sequence[Gate]],
        herald: CountingHerald,
        waiting: Callable[[], int],
    ) -> None:
        """Take where it is counted.

        Args:
            gates: those of all providers that have been asked for.
            waiting: how many simulations wait for a provider that is down.
        """
        self.lag = LoopLag()
        self._store = store
        self._gates = gates
        self._herald = herald
        self._waiting = waiting

    async def render(self) -> bytes:
        """All of it as it is now, as the content type says.

        Raises:
            StoreError: the database does not answer.
        """
        unfinished = await self._store.unfinished()
        return await asyncio.to_thread(self._rendered, unfinished)

    def _rendered(self, unfinished: Mapping[Lifecycle, int]) -> bytes:
        # Importing it takes a while, and most processes are never asked.
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest  # noqa: PLC0415

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(lambda: self._families(unfinished)))
        ProcessCollector(registry=registry)
        return generate_latest(registry)

    def _families(self, unfinished: Mapping[Lifecycle, int]) -> Iterator[Metric]:
        lanes = [(gate, lane) for gate in self._gates() for lane in list(gate.lanes.values())]
        yield gauge(
            "sparring_trials",
            "Trials of this database that are not over.",
            ("status",),
            [((status.value,), unfinished.get(status, 0)) for status in (Lifecycle.QUEUED, Lifecycle.RUNNING)],
        )
        yield counter(
            "sparring_trials_ended",
            "Trials that ended in this process.",
            ("outcome", "cause"),
            list(self._herald.ended.items()),
        )
        yield gauge(
            "sparring_simulations_waiting",
            "Simulations that wait for a provider that is down.",
            (),
            [((), self._waiting())],
        )
        yield from _asked(lanes)
        yield from _limited(lanes)
        yield histogram(
            "sparring_event_loop_lag_seconds",
            "How late the event loop comes to what is due.",
            (),
            [((), self.lag.seen)],
        )


class _Collected:
    def __init__(self, families: Callable[[], Iterable[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families()


Lanes = Sequence[tuple[Gate, Lane]]
Values = Sequence[tuple[Sequence[str], float]]


def _asked(lanes: Lanes) -> Iterator[Metric]:
    yield counter(
        "sparring_model_calls",
        "Requests to models, by what came of them: a status, or what came instead of an answer.",
        (*_MODEL, "status"),
        [
            ((*_name(gate, lane), status), count)
            for gate, lane in lanes
            for status, count in list(lane.tally.answers.items())
        ],
    )
    yield histogram(
        "sparring_model_call_seconds",
        "From a request to its whole answer.",
        _MODEL,
        [(_name(gate, lane), lane.tally.seconds) for gate, lane in lanes],
    )
    yield counter(
        "sparring_model_retries",
        "Requests that were made again.",
        _MODEL,
        [(_name(gate, lane), lane.tally.retries) for gate, lane in lanes],
    )
    yield counter(
        "sparring_model_tokens",
        "Tokens; cached ones are among the input, reasoning among the output.",
        (*_MODEL, "kind"),
        [
            ((*_name(gate, lane), kind), getattr(lane.tally, kind))
            for gate, lane in lanes
            for kind in ("input", "cached", "output", "reasoning")
        ],
    )
    yield counter(
        "sparring_model_cost_dollars",
        "What answers cost, as far as prices are known.",
        _MODEL,
        [(_name(gate, lane), lane.tally.cost) for gate, lane in lanes],
    )
    yield counter(
        "sparring_model_unpriced_calls",
        "Answers of unknown price.",
        _MODEL,
        [(_name(gate, lane), lane.tally.unpriced) for gate, lane in lanes],
    )


def _limited(lanes: Lanes) -> Iterator[Metric]:
    yield gauge(
        "sparring_model_requests_in_flight",
        "Requests that are out.",
        _MODEL,
        [(_name(gate, lane), lane.in_flight) for gate, lane in lanes],
    )
    yield gauge(
        "sparring_model_requests_waiting",
        "Requests that wait until a limit lets them go.",
        _MODEL,
        [(_name(gate, lane), len(lane.waiting)) for gate, lane in lanes],
    )
    yield gauge(
        "sparring_model_window",
        "Requests that may be out at once, learnt from the answers.",
        _MODEL,
        [(_name(gate, lane), lane.window.size) for gate, lane in lanes],
    )
    limits = [((*_name(gate, lane), unit), found) for gate, lane in lanes for unit, found in _limits(lane).items()]
    yield gauge(
        "sparring_model_limit",
        "What may be used in a minute, by unit: configured, told or guessed.",
        (*_MODEL, "unit"),
        [(labels, limit) for labels, (limit, _) in limits],
    )
    yield gauge(
        "sparring_model_limit_left",
        "What is left of it now.",
        (*_MODEL, "unit"),
        [(labels, left) for labels, (_, left) in limits],
    )
    yield gauge(
        "sparring_model_circuit_open",
        "1 while nothing is asked because the provider is down.",
        _MODEL,
        [(_name(gate, lane), float(lane.circuit.outage is not None)) for gate, lane in lanes],
    )
    yield counter(
        "sparring_model_outages",
        "How often the provider was found to be down.",
        _MODEL,
        [(_name(gate, lane), lane.circuit.times) for gate, lane in lanes],
    )


def _limits(lane: Lane) -> dict[str, tuple[float, float]]:
    """The narrowest limit of each unit, a minute, and what is left of it."""
    found: dict[str, tuple[float, float]] = {}
    for unit, allowance in lane.allowances:
        limit = allowance.granted * 60 / allowance.span
        if limit < found.get(unit.words, (math.inf, 0.0))[0]:
            found[unit.words] = limit, max(0.0, allowance.level)
    return found


def _name(gate: Gate, lane: Lane) -> tuple[str, str]:
    return gate.provider.name, lane.model


def counter(name: str, told: str, labels: Sequence[str], values: Values) -> Metric:
    """A number that only grows."""
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415

    family = CounterMetricFamily(name, told, labels=labels)
    for own, value in values:
        family.add_metric(own, value)
    return family


def gauge(name: str, told: str, labels: Sequence[str], values: Values) -> Metric:
    """A number that comes and goes."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    family = GaugeMetricFamily(name, told, labels=labels)
    for own, value in values:
        family.add_metric(own, value)
    return family


def histogram(
    name: str, told: str, labels: Sequence[str], values: Sequence[tuple[Sequence[str], Histogram]]
) -> Metric:
    """How many values lie up to each bound."""
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415

    family = HistogramMetricFamily(name, told, labels=labels)
    for own, seen in values:
        below, buckets = 0, []
        for bound, count in zip((*map(str, seen.bounds), "+Inf"), seen.counts, strict=True):
            below += count
            buckets.append((bound, float(below)))
        family.add_metric(own, buckets, seen.total)
    return family
