"""Trying configured models for real: which ones, for how much, and how they did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.players.rehearsal import EXPECTED, rehearse
from sparring.bootstrap.estimates import price_of
from sparring.domain.errors import InvalidInput
from sparring.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a model did."""

    model: str
    parts: tuple[str, ...] = ()
    """What it can do."""
    problems: tuple[str, ...] = ()
    cost: float | None = 0.0
    """USD, None where a price is not known."""


def configured(settings: Settings, models: Catalogue) -> Sequence[str]:
    """The models that the settings name, and the listed defaults of every provider that has its key."""
    named = [settings.agent_model, settings.user_model, settings.judge_model]
    listed = [
        f"{provider.name}:{model}"
        for provider in models.providers
        if provider.missing is None
        for model in provider.defaults.values()
    ]
    return list(dict.fromkeys(name for name in (*named, *listed) if name is not None))


def expected_cost(models: Catalogue, names: Sequence[str], now: float) -> tuple[float, Sequence[str]]:
    """USD for trying models, roughly, and those of them whose price is not known."""
    prices = {name: price_of(models, name, EXPECTED, now) for name in names}
    known = sum(price for price in prices.values() if price is not None)
    return known, [name for name, price in prices.items() if price is None]


async def try_models(models: Catalogue, names: Sequence[str]) -> AsyncIterator[Tried]:
    """Try them one after another; each as it is done."""
    for name in names:
        try:
            model = models.model(name)
        except InvalidInput as error:
            yield Tried(model=name, problems=(str(error),))
            continue
        parts = [part async for part in rehearse(model)]
        costs = [part.cost for part in parts]
        yield Tried(
            model=name,
            parts=tuple(part.part for part in parts if part.problem is None),
            problems=tuple(f"{part.part}: {part.problem}" for part in parts if part.problem is not None),
            cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        )
