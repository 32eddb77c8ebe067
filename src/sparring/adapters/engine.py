"""The engine of one process: claims trials from the store and plays them as tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import cast

from sparring.domain.errors import (
    Conflict,
    Interrupted,
    NotFound,
    ProviderDown,
    SparringError,
    StaleAppend,
    StoreError,
)
from sparring.domain.outcomes import Lifecycle
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation.about import about
from sparring.simulation.runner import Runner
from sparring.simulation.store import Store
from sparring.simulation.waiting import Waiting

POLL = 0.5
"""Seconds after which the store is looked at unasked: another process may have queued or cancelled something."""

CUT_AFTER = 4.0
"""Seconds that a running trial of a cancelled simulation has to reach its next move."""

BUDGET_LOOK = 0.25
"""Least seconds between two looks at what running trials spend of a budget; trials that are over count at once."""

_log = logging.getLogger(__name__)


class InProcessEngine:
    """Plays up to `concurrency` trials at once in this process, which plays alone on its store.

    An error of the store, or a mistake in the program, ends it: `failure` then tells which, and `changes` raises
    it to whoever waits.
    """

    def __init__(
        self,
        runner: Runner,
        store: Store,
        *,
        concurrency: int,
        poll: float = POLL,
        cut_after: float = CUT_AFTER,
        is_down: Callable[[str, str], bool] = lambda provider, model: False,
    ) -> None:
        """Play what waits in the store; nothing begins before `start`.

        Args:
            is_down: tells of a provider and a model whether it is not asked at present.
        """
        self._runner = runner
        self._store = store
        self._concurrency = concurrency
        self._poll = poll
        self._main: asyncio.Task[None] | None = None
        self._stopping = False
        self._wanted: tuple[str | None, ...] = ()
        """The simulations that are played; None stands for every one."""
        self._woken = asyncio.Event()
        self._more = False
        """Whether the last claim left something in the queue."""
        self._cut_after = cut_after
        self._playing: dict[str, set[asyncio.Task[None]]] = {}
        """Trials at play by simulation."""
        self._simulations: dict[str, Simulation] = {}
        """As they were asked for, while trials of them are at play."""
        self._cancelled: set[str] = set()
        self._cut: set[str] = set()
        """Cancelled simulations whose trials are not waited for any longer."""
        self._waiting = Waiting(is_down)
        self._budgets_seen_at = float("-inf")
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self.failure: SparringError | None = None

    async def start(self, *, only: Sequence[str] | None = None) -> None:
        """Queue what a killed process left behind, and begin to claim.

        Args:
            only: the simulations to play; None for all that there are and will be.
        """
        if self._main is not None:
            raise Conflict("The engine was started already.")
        self._wanted = (None,) if only is None else tuple(only)
        await self._put_back()
        self._main = asyncio.create_task(self._run(), name="sparring-engine")

    async def stop(self, *, grace: float = 20.0) -> None:
        """Claim nothing more; running trials get `grace` seconds to store their next message.

        All that is not over then waits in the queue for the next start.
        """
        if self._main is None:
            return
        self._stopping = True
        self._woken.set()
        try:
            await asyncio.wait({self._main}, timeout=grace)
        finally:
            self._main.cancel()
            await asyncio.wait({self._main})
            # A store that has failed may fail again; the next start puts back what is left then.
            with suppress(StoreError):
                await self._put_back()

    async def ended(self) -> None:
        """Wait until it has stopped, or until something ended it, and raise that.

        Raises:
            SparringError: the `failure`.
        """
        if self._main is not None:
            await asyncio.wait({self._main})
        if self.failure is not None:
            raise self.failure

    @property
    def waiting(self) -> Collection[str]:
        """The ids of the simulations that wait for a provider that is down."""
        return self._waiting.ids

    def notice(self) -> None:
        """There may be something new to claim, or something cancelled."""
        self._woken.set()

    async def changes(self, simulation_id: str) -> AsyncIterator[Simulation]:
        """Yields the simulation at once and each time something in it has changed, until it is over.

        Whether this process plays it or another makes no difference but in how soon a change is seen.

        Raises:
            NotFound: there is no such simulation.
            StoreError: the store failed, here or in the engine.
        """
        changed = asyncio.Event()
        watchers = self._watchers.setdefault(simulation_id, set())
        watchers.add(changed)
        try:
            seen: tuple[Simulation, Mapping[Lifecycle, int]] | None = None
            while True:
                changed.clear()
                simulation = await self._store.find_simulation(None, simulation_id)
                if simulation is None:
                    raise NotFound("simulation", simulation_id)
                progress = await self._store.progress(simulation_id)
                if seen is None or _has_changed(seen, simulation, progress):
                    seen = simulation, progress
                    yield simulation
                if simulation.completed_at is not None:
                    return
                if self.failure is not None:
                    raise self.failure
                await until(changed, self._poll)
        finally:
            watchers.discard(changed)
            if not watchers:
                self._watchers.pop(simulation_id, None)

    async def _put_back(self) -> None:
        """Queue what is marked running and is not played: this process plays alone."""
        await self._store.release_running()

    async def _let_go(self, trial: Trial) -> None:
        """A trial was interrupted by the stop of this engine; all of them are put back at its end."""

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as trials:
                while not self._stopping:
                    self._woken.clear()
                    await self._see_cancelled()
                    await self._keep_to_budgets()
                    await self._claim(trials)
                    await until(self._woken, self._poll)
        except* Exception as group:
            self._fail(told(_first(group)))

    async def _claim(self, trials: asyncio.TaskGroup) -> None:
        await self._see_recovered()
        bounded = await self._store.bounded()
        for id in self._waiting.due(self._runner.clock.now()):
            if id in bounded and self._room(id, bounded[id]) <= 0:
                continue
            looking = await self._store.claim(1, simulation=id, bounded=[id])
            self._waiting.look(id, found=bool(looking))
            self._begin(looking, trials)
        self._more = False
        for simulation in self._wanted:
            while await self._claim_some(simulation, bounded, trials):
                pass

    async def _claim_some(
        self, simulation: str | None, bounded: Mapping[str, int], trials: asyncio.TaskGroup
    ) -> bool:
        """Begin the trials whose turn it is, of all simulations or of one: no more than the room of any that is
        bounded, as all of them may be of that; whether more may begin now."""
        waiting = self._waiting.ids
        meant = [id for id in bounded if id not in waiting and simulation in (None, id)]
        rooms = {id: room for id in meant if (room := self._room(id, bounded[id])) > 0}
        free = self._concurrency - sum(map(len, self._playing.values()))
        self._more = self._more or free <= 0 or len(rooms) < len(meant)
        if free <= 0:
            return False
        count = min([free, *rooms.values()])
        claimed = await self._store.claim(count, simulation=simulation, without=waiting, bounded=rooms)
        self._begin(claimed, trials)
        return len(claimed) == count

    def _room(self, simulation_id: str, most: int) -> int:
        """How many more trials of a simulation may be begun of which so many may be at play."""
        return most - len(self._playing.get(simulation_id, ()))

    def _begin(self, claimed: Sequence[Trial], trials: asyncio.TaskGroup) -> None:
        for trial in claimed:
            task = trials.create_task(self._play(trial), name=f"trial {trial.id}")
            self._playing.setdefault(trial.simulation, set()).add(task)
            self._tell(trial.simulation)

    async def _play(self, trial: Trial) -> None:
        try:
            simulation = await self._simulation(trial.simulation)
            await self._play_or_give_up(simulation, trial)
        except StaleAppend as stale:
            _log.warning("Trial %s is left to whoever else plays it: %s", trial.id, stale)
        except Interrupted:
            await self._let_go(trial)
            _log.debug("Trial %s waits for the next start.", trial.id)
        except ProviderDown as down:
            await self._wait(trial.simulation, down)
        else:
            self._waiting.looked(trial.simulation)
        finally:
            self._leave(trial.simulation)

    async def _play_or_give_up(self, simulation: Simulation, trial: Trial) -> None:
        try:
            await self._runner.play(simulation, trial, proceed=lambda: self._may_proceed(simulation.id))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if simulation.id not in self._cut or task is None:
                raise
            task.uncancel()
            await self._runner.give_up(simulation, trial)

    async def _wait(self, simulation_id: str, down: ProviderDown) -> None:
        is_new = self._waiting.add(simulation_id, down)
        if is_new:
            await self._explain(simulation_id, down.waiting)
        await self._hold(simulation_id, down.until)
        if simulation_id not in self._waiting.ids:
            # The provider was back before this was stored, and that may have been stored first.
            if is_new:
                await self._explain(simulation_id, None)
            await self._hold(simulation_id, None)

    async def _see_recovered(self) -> None:
        for id in self._waiting.back():
            await self._explain(id, None)
            await self._hold(id, None)

    async def _hold(self, simulation_id: str, until: float | None) -> None:
        """Let no trial of a simulation be begun before a moment in unix seconds, or any again; here `_claim` sees to
        that by itself."""

    async def _explain(self, simulation_id: str, reason: str | None) -> None:
        with about(simulation=simulation_id):
            _log.warning("The simulation is %s.", reason or "no longer waiting")
        await self._store.explain(simulation_id, reason)
        self._tell(simulation_id)

    def _may_proceed(self, simulation_id: str) -> bool:
        if self._stopping:
            raise Interrupted("This process is stopping; the trial goes on when one is started again.")
        return simulation_id not in self._cancelled

    def _leave(self, simulation_id: str) -> None:
        playing = self._playing[simulation_id]
        playing.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        if not playing:
            del self._playing[simulation_id]
            self._simulations.pop(simulation_id, None)
            self._cancelled.discard(simulation_id)
            self._cut.discard(simulation_id)
        self._tell(simulation_id)
        if self._more:
            self._woken.set()

    async def _simulation(self, id: str) -> Simulation:
        known = self._simulations.get(id)
        if known is None:
            known = await self._store.find_simulation(None, id)
            if known is None:
                raise StoreError(f"The simulation {id} of a claimed trial is not in the database.")
            self._simulations[id] = known
            if known.status_reason is not None and id not in self._waiting.ids:
                # What a process waited for that is gone.
                await self._store.explain(id, None)
        return known

    async def _see_cancelled(self) -> None:
        for id in [id for id in self._playing if id not in self._cancelled]:
            if await self._store.is_cancelled(id):
                self._cancelled.add(id)
                self._tell(id)
                asyncio.get_running_loop().call_later(self._cut_after, self._cut_off, id)

    def _cut_off(self, simulation_id: str) -> None:
        """Wait no longer for the answers that a cancelled simulation's trials wait for."""
        if simulation_id in self._cancelled:
            self._cut.add(simulation_id)
            for task in self._playing.get(simulation_id, ()):
                task.cancel()

    async def _keep_to_budgets(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._budgets_seen_at < BUDGET_LOOK:
            return
        for simulation_id in await self._store.keep_to_budgets():
            self._tell(simulation_id)
        self._budgets_seen_at = asyncio.get_running_loop().time()

    def _tell(self, simulation_id: str) -> None:
        for changed in self._watchers.get(simulation_id, ()):
            changed.set()

    def _fail(self, error: SparringError) -> None:
        self.failure = error
        _log.error("Nothing more is played: %s", error)
        for simulation_id in self._watchers:
            self._tell(simulation_id)


def _has_changed(
    seen: tuple[Simulation, Mapping[Lifecycle, int]], simulation: Simulation, progress: Mapping[Lifecycle, int]
) -> bool:
    before, progressed = seen
    facts = ("status", "status_reason", "max_cost", "completed_at")
    return progress != progressed or any(getattr(before, fact) != getattr(simulation, fact) for fact in facts)


async def until(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but no longer than that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def told(error: BaseException) -> SparringError:
    """The error as this program tells it."""
    if isinstance(error, SparringError):
        return error
    found = SparringError(f"Internal error: {type(error).__name__}: {error}")
    found.__cause__ = error
    return found
