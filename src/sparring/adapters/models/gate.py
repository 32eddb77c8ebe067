"""The queue before one provider: what is let through, and when.

Each model has a lane of its own, so that one that is at its limit does not keep the others waiting. What lanes
share (the provider's limits, or those of several models) is counted once.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from sparring.adapters.models.allowances import Allowance
from sparring.adapters.models.circuit import OUTAGE_LIMIT, Circuit, Closed
from sparring.adapters.models.guesses import IN_A_ROW, Guess
from sparring.adapters.models.limits import Window
from sparring.adapters.models.permits import Amounts, Permit, Places
from sparring.adapters.models.provider import Provider, Rates
from sparring.adapters.models.rate_headers import Quota, Unit, quotas_in_words
from sparring.adapters.models.sizes import Expected
from sparring.adapters.models.tallies import Tally
from sparring.adapters.models.told_limits import Told
from sparring.adapters.shares import Share
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Usage
from sparring.simulation.deadlines import standing_still
from sparring.simulation.ports import Clock

_PAUSE = 1.0
"""Seconds in which nothing is sent after several refusals in a row, where the provider does not say."""

_LEAST = 0.001
"""Seconds between two looks at what may go: clocks are no finer than that."""


class Gate:
    """All lanes to one provider."""

    def __init__(self, provider: Provider, clock: Clock, *, outage_limit: float = OUTAGE_LIMIT) -> None:
        """Begin with nothing in flight.

        Args:
            outage_limit: seconds for which an outage is waited out.
        """
        self.provider = provider
        self.clock = clock
        self.outage_limit = outage_limit
        self.lanes: dict[str, Lane] = {}
        self.places = Places(provider.concurrency)
        self.queued = 0
        """Requests that wait on all lanes."""
        self.requests = Allowance()
        """To all models together: without a limit, or with one that is guessed."""
        self.guess = Guess(self.requests)
        self._allowances = configured(provider.requests_per_minute, provider.tokens_per_minute)
        self._groups: dict[str, tuple[Places, list[tuple[Unit, Allowance]]]] = {}
        self.part = 1.0
        """Of all limits, where other processes have the rest."""
        self.lent_until = math.inf
        """Until when, in unix seconds."""
        self._want: Callable[[], None] = lambda: None
        self._weight = 0.0
        self._timer: asyncio.Task[None] | None = None
        self._due = math.inf

    def share_by(self, want: Callable[[], None]) -> None:
        """Let nothing through from now on without a part of the limits, as `lend` lends it.

        Args:
            want: called where one is needed and there is none.
        """
        self.lent_until = -math.inf
        self._want = want
        self._divide(0.0)

    def weigh(self) -> float:
        """How much there is to ask: what is out and what waits, now and a little before."""
        now = sum(lane.in_flight + len(lane.waiting) for lane in self.lanes.values())
        self._weight = max(float(now), 0.7 * self._weight if self._weight > 0.5 else 0.0)
        return self._weight

    @property
    def fill(self) -> float:
        """How much is left of its part of the limits, from 0 to 1: of the one that is used most."""
        known = [max(0.0, one.level) / one.granted for one in self._all() if one.limit < math.inf]
        return min(1.0, *known) if known else 1.0

    def lend(self, share: Share, *, until: float) -> None:
        """Take a part of the limits, until a moment in unix seconds."""
        now, is_first = self.clock.now(), self.lent_until == -math.inf
        if now > self.lent_until and not share.is_alone:
            # Others have used meanwhile what was left of it.
            self._divide(0.0)
        self.lent_until = until
        gained = max(0.0, share.part - self.part)
        self._divide(share.part)
        if not share.is_alone or is_first:
            for allowance in self._all():
                allowance.gain(gained * share.fill, now)
        self.admit()

    def want(self) -> None:
        """Ask for a part of the limits, which this gate lacks."""
        self._want()

    def _divide(self, part: float) -> None:
        self.part = part
        now = self.clock.now()
        for allowance in self._all():
            allowance.divide(part, now)
        self.places.divide(part)
        for places, _ in self._groups.values():
            places.divide(part)

    def _all(self) -> set[Allowance]:
        lanes = (allowance for lane in self.lanes.values() for _, allowance in lane.allowances)
        groups = (allowance for _, allowances in self._groups.values() for _, allowance in allowances)
        return {self.requests, *(allowance for _, allowance in self._allowances), *groups, *lanes}

    def lane(self, model: str) -> Lane:
        """The lane of a model."""
        lane = self.lanes.get(model)
        if lane is None:
            places, allowances = [self.places], [(Unit.REQUESTS, self.requests), *self._allowances]
            if (group := self._group(model)) is not None:
                places.append(group[0])
                allowances.extend(group[1])
            lane = self.lanes[model] = Lane(self, model, places, allowances)
        return lane

    def admit(self) -> None:
        """Let through what may go now, a request of each lane in turn, and come back when the next one may."""
        if not self.queued:
            return
        soonest = math.inf
        lanes = [lane for lane in self.lanes.values() if lane.waiting]
        while lanes:
            going = []
            for lane in lanes:
                wait = lane.admit_first()
                if wait <= 0.0 and lane.waiting:
                    going.append(lane)
                soonest = min(soonest, wait if wait > 0.0 else math.inf)
            lanes = going
        if soonest < math.inf:
            self._come_back(soonest)

    def holdup(self, now: float) -> str | None:
        """What calls wait for after a 429; None where they do not."""
        until = max((lane.held_until for lane in self.lanes.values()), default=now)
        if until <= now:
            return None
        return f"{self.provider.name} answered 429, waiting {math.ceil(until - now)} s"

    def _group(self, model: str) -> tuple[Places, list[tuple[Unit, Allowance]]] | None:
        rates: Mapping[str, Rates] = self.provider.models
        pattern = next((pattern for pattern in rates if fnmatchcase(model, pattern)), None)
        if pattern is None:
            return None
        if pattern not in self._groups:
            told = rates[pattern]
            group = (
                Places(told.concurrency or math.inf),
                configured(told.requests_per_minute, told.tokens_per_minute),
            )
            group[0].divide(self.part)
            for _, allowance in group[1]:
                allowance.divide(self.part, self.clock.now())
            self._groups[pattern] = group
        return self._groups[pattern]

    def _come_back(self, seconds: float) -> None:
        seconds = max(seconds, _LEAST)
        due = self.clock.now() + seconds
        if self._timer is not None and not self._timer.done():
            if due >= self._due - 1e-3:
                return
            self._timer.cancel()
        self._due = due
        self._timer = asyncio.create_task(self._later(seconds), name=f"limits of {self.provider.name}")

    async def _later(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self._timer = None
        self.admit()


class Lane:
    """The way to one model: its queue, its requests in flight and its allowances."""

    def __init__(
        self, gate: Gate, model: str, places: Sequence[Places], allowances: Sequence[tuple[Unit, Allowance]]
    ) -> None:
        """Take what is shared with other lanes; see `Gate.lane`."""
        self.gate = gate
        self.model = model
        self.window = Window(initial=gate.provider.initial, maximum=gate.provider.concurrency)
        self.circuit = Circuit(gate.outage_limit)
        self.tally = Tally()
        self.in_flight = 0
        self.waiting: deque[tuple[asyncio.Future[Permit], Role, int, Amounts]] = deque()
        self.allowances = list(allowances)
        """All that it keeps to: what it shares with others, and what the provider told of this model."""
        self.refused_in_a_row = 0
        self.told = Told()
        self._sent = 0
        self._held_until = -math.inf
        self.rests_until = -math.inf
        """Until when a call waits after a 429."""
        self._places = places
        self._expected = Expected()

    async def enter(self, role: Role, size: int) -> Permit:
        """Wait until a request may go out. Whoever has entered must `leave`.

        A caller that is cancelled while it waits has not entered.

        Args:
            size: bytes of the request.

        Raises:
            Closed: the provider is down, and is not asked now.
        """
        if self.circuit.outage is not None:
            self.circuit.check(self.gate.clock.now())
        amounts = self._expected.amounts(role, size)
        if not self.waiting and self._has_place():
            now = self.gate.clock.now()
            if self._wait(now, amounts) <= 0.0:
                permit = self._let(role, size, now, amounts)
                self.circuit.sent(permit)
                return permit
        turn: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        self.waiting.append((turn, role, size, amounts))
        self.gate.queued += 1
        self.gate.admit()
        try:
            with standing_still():
                permit = await turn
        except asyncio.CancelledError:
            # A place that was given in the same moment goes on to the next.
            if turn.done() and not turn.cancelled():
                self.unsent(turn.result())
                self.leave(turn.result())
            raise
        if self.circuit.outage is not None:
            self._check_again(permit)
        return permit

    @property
    def held_until(self) -> float:
        """Until when calls wait after a 429, in unix seconds."""
        return max(self._held_until, self.rests_until)

    def leave(self, permit: Permit) -> None:
        """Give the place to whoever waits."""
        for _, allowance, spent in permit.spent:
            allowance.done(spent)
        self.circuit.over(permit)
        self.in_flight -= 1
        for places in self._places:
            places.taken -= 1
        self.gate.admit()

    def admit_first(self) -> float:
        """Let the first in the queue through; 0 where that was done, else seconds until it may go, infinite where
        something else has to happen before."""
        while self.waiting and self.waiting[0][0].done():
            self._next()
        now = self.gate.clock.now()
        if self.waiting and now > self.gate.lent_until:
            self.gate.want()
            return math.inf
        if not self.waiting or not self._has_place():
            return math.inf
        turn, role, size, amounts = self.waiting[0]
        wait = self._wait(now, amounts)
        if wait <= 0.0:
            self._next()
            turn.set_result(self._let(role, size, now, amounts))
        return wait

    def good(self, permit: Permit, headers: Mapping[str, str]) -> None:
        """An answer came."""
        self.refused_in_a_row = 0
        self.window.good(permit.cuts)
        now = self.gate.clock.now()
        for _, allowance, spent in permit.spent:
            allowance.accepted(spent, now)
        self.gate.guess.accepted(now)
        if quotas := self.told.read(headers, now):
            self._learn_limits(quotas, now)
            self._learn_rest(quotas, permit, now)

    def throttled(self, permit: Permit, headers: Mapping[str, str], words: str, retry_after: float | None) -> None:
        """A 429 came, with those headers and words."""
        self.refused_in_a_row += 1
        self.told.doubt()
        guess = self.gate.guess
        now = self.gate.clock.now()
        quotas = [*self.told.read(headers, now), *quotas_in_words(words)]
        self._learn_limits(quotas, now)
        blamed = self._blamed(permit, quotas)
        for unit, allowance, spent in permit.spent:
            if unit in blamed:
                allowance.refused(spent, now, retry_after)
            else:
                allowance.released(spent)
        self._learn_rest(quotas, permit, now)
        if not blamed or guess.active:
            if self.refused_in_a_row > 1 and not guess.was_mistaken(now):
                self.window.throttled(permit.cuts)
            if guess.refused(permit.sent, now, retry_after, self.refused_in_a_row):
                for lane in self.gate.lanes.values():
                    lane.window.restart()
        if self.refused_in_a_row >= IN_A_ROW:
            self._held_until = max(self._held_until, now + (_PAUSE if retry_after is None else retry_after))

    def unsent(self, permit: Permit) -> None:
        """The request never reached the provider."""
        for _, allowance, spent in permit.spent:
            allowance.released(spent)

    def settle(self, permit: Permit, usage: Usage | None) -> None:
        """Count what a request really took."""
        if usage is None:
            return
        self.tally.used(usage)
        self._expected.learn(permit.role, permit.size, usage)
        asked = usage.input - usage.cached
        actual = 1, asked, usage.output, usage.input + usage.output
        for unit, allowance, spent in permit.spent:
            if unit is not Unit.REQUESTS:
                allowance.correct(spent, actual[unit])

    def _learn_limits(self, quotas: Sequence[Quota], now: float) -> None:
        for unit, allowance in self.told.limits(quotas, now):
            allowance.divide(self.gate.part, now)
            self.allowances.append((unit, allowance))

    def _learn_rest(self, quotas: Sequence[Quota], permit: Permit, now: float) -> None:
        others = [lane.told for lane in self.gate.lanes.values() if lane is not self]
        for quota in quotas:
            allowance = self.told.own.get(quota.unit)
            if allowance is None or allowance.limit == math.inf or quota.remaining is None:
                continue
            since = self._sent_since(permit, quota.unit, allowance)
            shared = self.told.shared(quota.unit, quota.remaining - since, others, now)
            if shared is not allowance:
                self.allowances = [(unit, shared if one is allowance else one) for unit, one in self.allowances]
            shared.left(permit.sent, since, now, quota.remaining, quota.reset)

    def _sent_since(self, permit: Permit, unit: Unit, allowance: Allowance) -> float:
        for _, counted, spent in permit.spent:
            if counted is allowance:
                return allowance.total - spent.total
        each = self._expected.amounts(permit.role, permit.size)[unit]
        return (self._sent - permit.number) * each

    def _blamed(self, permit: Permit, quotas: Sequence[Quota]) -> set[Unit]:
        """Which limits a refusal is for."""
        amounts = {unit: spent.amount for unit, _, spent in permit.spent}
        told = {
            quota.unit
            for quota in quotas
            if quota.remaining is not None and quota.remaining < amounts.get(quota.unit, math.inf)
        }
        if told:
            return told
        known = [
            (allowance.level / allowance.granted, unit)
            for unit, allowance in self.allowances
            if allowance.limit < math.inf
        ]
        return {min(known)[1]} if known else set()

    def _next(self) -> None:
        self.waiting.popleft()
        self.gate.queued -= 1

    def _check_again(self, permit: Permit) -> None:
        """Give a place back where the provider went down while it was waited for."""
        try:
            self.circuit.check(self.gate.clock.now())
        except Closed:
            self.unsent(permit)
            self.leave(permit)
            raise
        self.circuit.sent(permit)

    def _has_place(self) -> bool:
        return self.in_flight < self.window.size and all(p.taken < p.most for p in self._places)

    def _wait(self, now: float, amounts: Amounts) -> float:
        wait = max(0.0, self._held_until - now) if now <= self.gate.lent_until else math.inf
        for unit, allowance in self.allowances:
            wait = max(wait, allowance.wait(now, amounts[unit]))
        return wait

    def _let(self, role: Role, size: int, now: float, amounts: Amounts) -> Permit:
        self.in_flight += 1
        for places in self._places:
            places.taken += 1
        spent = [(unit, allowance, allowance.spend(now, amounts[unit])) for unit, allowance in self.allowances]
        self._sent += 1
        return Permit(role, size, now, self.window.cuts, spent, self._sent)


def configured(requests: float | None, tokens: float | None) -> list[tuple[Unit, Allowance]]:
    """The allowances of limits that were set."""
    told = ((Unit.REQUESTS, requests), (Unit.TOKENS, tokens))
    return [(unit, Allowance(limit)) for unit, limit in told if limit is not None]
