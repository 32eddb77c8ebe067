"""A provider that is down, as an error."""

from __future__ import annotations

from datetime import UTC, datetime

from sparring.adapters.models.circuit import Closed
from sparring.adapters.models.failures import fault
from sparring.adapters.models.provider import Provider
from sparring.domain.errors import ModelFault, ProviderDown
from sparring.domain.outcomes import Role


def outage_fault(closed: Closed, *, provider: Provider, model: str, role: Role, now: float) -> ModelFault:
    """What a call meets whose provider is down: it is waited for, or has been for too long.

    Args:
        now: unix seconds.
    """
    outage = closed.outage
    met = fault(
        outage.failure, provider=provider, model=model, role=role, tries=closed.tries, elapsed=closed.elapsed
    )
    since = f"{provider.name}: {outage.failure.briefly} since {_moment(outage.since, now)}"
    if outage.is_given_up:
        return ModelFault(
            f"{met} It was waited for in vain ({since}), for longer than SPARRING_OUTAGE_LIMIT allows.",
            provider=provider.name,
            model=model,
            reason=met.reason,
            status=met.status,
            retryable=False,
            role=role,
            hopeless=True,
        )
    return ProviderDown(
        str(met),
        provider=provider.name,
        model=model,
        reason=met.reason,
        status=met.status,
        role=role,
        waiting=f"waiting for {since}",
        until=outage.until,
    )


def _moment(at: float, now: float) -> str:
    """The time of day in UTC; with the day where that was another one."""
    then, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    return then.strftime("%H:%M UTC" if then.date() == today.date() else "%Y-%m-%d %H:%M UTC")
