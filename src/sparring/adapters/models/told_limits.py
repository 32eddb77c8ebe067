"""What a provider tells of the limits of one model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sparring.adapters.models.allowances import Allowance
from sparring.adapters.models.rate_headers import Names, Quota, Unit, header_names, read_quotas

_LOOKS = 200
"""Answers, from the first and from a refusal on, that are looked at for whether models share a limit."""

_LOOK_EVERY = 100
"""Answers between two looks at which headers there are."""

_SEEN = 0.005
"""Part of a limit that another model must have used to be seen in what is left."""


class Told:
    """The limits that the provider has told of one model."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.own: dict[Unit, Allowance] = {}
        self._looks: dict[Unit, int] = {}
        self._names: tuple[Names, ...] = ()
        self._until_look = 0

    def read(self, headers: Mapping[str, str], now: float) -> list[Quota]:
        """What the headers of an answer tell."""
        if self._until_look <= 0:
            self._names = header_names(headers)
            self._until_look = _LOOK_EVERY
        self._until_look -= 1
        return read_quotas(headers, self._names, now) if self._names else []

    def limits(self, quotas: Sequence[Quota], now: float) -> list[tuple[Unit, Allowance]]:
        """Take limits as they were told; those that are new."""
        new: list[tuple[Unit, Allowance]] = []
        for quota in quotas:
            if not quota.limit:
                continue
            if quota.unit not in self.own:
                self.own[quota.unit] = Allowance()
                new.append((quota.unit, self.own[quota.unit]))
            self.own[quota.unit].told(quota.limit, quota.span, now)
        return new

    def doubt(self) -> None:
        """Look again whether limits are shared: something was refused."""
        self._looks.clear()

    def shared(self, unit: Unit, left: float, others: Iterable[Told], now: float) -> Allowance:
        """The allowance of a unit: that of another model from now on, where what is left says that it is one.

        Args:
            left: as it was told, without what was sent since.
        """
        allowance = self.own[unit]
        looks = self._looks.get(unit, _LOOKS)
        if looks <= 0:
            return allowance
        self._looks[unit] = looks - 1
        alone = allowance.limit - allowance.spent_lately(now)
        for other in others:
            theirs = other.own.get(unit)
            if theirs is None or theirs is allowance or theirs.limit != allowance.limit:
                continue
            used = theirs.spent_lately(now)
            if used > _SEEN * theirs.limit and abs(left - (alone - used)) < abs(left - alone):
                self.own[unit] = theirs
                return theirs
        return allowance
