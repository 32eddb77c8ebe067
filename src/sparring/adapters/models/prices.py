"""What a call costs: genai-prices, bundled with the program and never fetched."""

from __future__ import annotations

import asyncio
import difflib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from yarl import URL

from sparring.domain.transcript import Usage
from sparring.simulation.ports import Clock

_SPAN = 900
"""Seconds for which a price stands; some providers have prices by the time of day, on quarters of an hour."""

_PRICED_APART = ("priority", "flex")
"""Service tiers that never cost what the standard one does: without a price of their own, theirs is not known."""


@dataclass(frozen=True, slots=True)
class Rate:
    """USD a token; it may change for all tokens once a request is larger than a step."""

    base: float = 0.0
    steps: tuple[tuple[int, float], ...] = ()
    """(tokens of input above which it counts, rate), ascending."""

    def at(self, size: int) -> float:
        """The rate for a request with `size` tokens of input."""
        rate = self.base
        for above, higher in self.steps:
            if size > above:
                rate = higher
        return rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model's tokens cost."""

    input: Rate
    output: Rate
    cached: Rate | None = None
    """None where cached tokens cost what others do."""
    written: Rate | None = None
    """The same for tokens that are put into the cache."""
    reasoning: Rate | None = None
    """The same for reasoning tokens."""
    request: float = 0.0
    """USD a request."""

    def of(self, usage: Usage) -> float:
        """USD."""
        size = usage.input
        cached = min(usage.cached, size)
        written = min(usage.written, size - cached)
        reasoning = min(usage.reasoning, usage.output)
        cost = self.request + size * self.input.at(size) + usage.output * self.output.at(size)
        if self.cached is not None:
            cost += cached * (self.cached.at(size) - self.input.at(size))
        if self.written is not None:
            cost += written * (self.written.at(size) - self.input.at(size))
        if self.reasoning is not None:
            cost += reasoning * (self.reasoning.at(size) - self.output.at(size))
        return cost


@dataclass(slots=True)
class Prices:
    """The price list. Loading it takes a good part of a second, so that happens beside the event loop, and not at
    all for servers of one's own."""

    clock: Clock
    _known: dict[tuple[str, str, str | None], Price | None] = field(default_factory=dict)
    _span: int = 0

    async def cost(self, base_url: str, model: str, tier: str | None, usage: Usage | None) -> float | None:
        """USD of one call; None where the price or the usage is not known.

        Args:
            base_url: the provider's address, which tells who it is.
            model: as the provider named it in its answer.
            tier: the service tier that served it.
        """
        if usage is None:
            return None
        now = self.clock.now()
        if (span := int(now // _SPAN)) != self._span:
            self._known, self._span = {}, span
        key = base_url, model, tier
        if key not in self._known:
            self._known[key] = None if own_server(base_url) else await asyncio.to_thread(find, *key, now)
        price = self._known[key]
        return None if price is None else price.of(usage)


def own_server(base_url: str) -> bool:
    """Whether an address is one of this machine or of a private network, whose prices no list holds."""
    host = URL(base_url).host or "localhost"
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))


def find(base_url: str, model: str, tier: str | None, now: float) -> Price | None:
    """The price of a model at the provider with that address, at a moment in unix seconds."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    try:
        _, found = get_snapshot().find_provider_model(model, None, None, base_url)
    except LookupError:
        return None
    moment = datetime.fromtimestamp(now, UTC)
    context = {"service_tier": tier} if tier else None
    if tier in _PRICED_APART and not any(
        dict(variant.when) == context and (variant.constraint is None or variant.constraint.active(moment))
        for variant in found.price_variants or ()
    ):
        return None
    rates = found.get_prices(moment, context).__dict__
    return _price(rates, free=model.endswith(":free"))


def nearest_models(base_url: str, model: str, *, count: int = 3) -> list[str]:
    """Names of models at the provider with that address that resemble a name."""
    if own_server(base_url):
        return []
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    try:
        provider = get_snapshot().find_provider(None, None, base_url)
    except LookupError:
        return []
    return difflib.get_close_matches(model, [known.id for known in provider.models], count)


def _price(rates: Mapping[str, Any], *, free: bool) -> Price | None:
    if rates.get("input_mtok") is None or rates.get("output_mtok") is None:
        return Price(input=Rate(), output=Rate()) if free else None
    return Price(
        input=_rate(rates["input_mtok"]),
        output=_rate(rates["output_mtok"]),
        cached=_optional(rates.get("cache_read_mtok")),
        written=_optional(rates.get("cache_write_mtok")),
        reasoning=_optional(rates.get("output_reasoning_mtok")),
        request=float(rates.get("requests_kcount") or 0) / 1e3,
    )


def _optional(rate: Any) -> Rate | None:
    return None if rate is None else _rate(rate)


def _rate(rate: Any) -> Rate:
    """From USD a million tokens, plain or with steps."""
    if hasattr(rate, "tiers"):
        return Rate(float(rate.base) / 1e6, tuple((tier.start, float(tier.price) / 1e6) for tier in rate.tiers))
    return Rate(float(rate) / 1e6)
