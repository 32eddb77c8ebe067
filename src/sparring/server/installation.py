"""What this installation is and what it can reach, for people to look at; no secret is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """One place that serves models."""

    name: str
    address: str
    missing: str | None = None
    """What to set before its models can be asked; None where nothing is missing."""
    down: str | None = None
    """Why it is not asked at present, in a few words; None while it answers."""
    down_since: float | None = None
    """Unix seconds."""
    in_flight: int = 0
    """Requests to it that this process waits for."""
    listed: Mapping[str, str] = field(default_factory=dict)
    """The model of a role where no setting names one, by role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One setting in force."""

    name: str
    """The variable's."""
    value: str
    """`set` for a secret."""
    is_set: bool
    """Whether somebody has said so; otherwise it is the default."""


async def _nobody(name: str) -> str:
    return f"There is no provider {name!r}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Facts, and the ways to those that change."""

    version: str = ""
    database: str = ""
    """Where everything is kept, without a password."""
    providers: Callable[[], Sequence[ProviderState]] = tuple
    """As they are now."""
    reach: Callable[[str], Awaitable[str]] = _nobody
    """Knocks at a provider's door, which costs nothing; a sentence on what it answered."""
    knobs: Sequence[Knob] = ()
