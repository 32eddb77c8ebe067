"""`resume`, `retry`, `more`, `pause` and `cancel`: what is done with simulations that are stored."""

from __future__ import annotations

from sparring.bootstrap import playing
from sparring.bootstrap.logs import open_logged_services
from sparring.bootstrap.services import Services
from sparring.cli.interrupts import INTERRUPTED, interrupts
from sparring.cli.playing import agreed, announce, finish, interrupted, play
from sparring.cli.terminal import command, note, say
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Simulation, trial_count, with_more_trials
from sparring.reports.figures import count
from sparring.settings import read_settings


async def resume_simulation(
    text: str | None, *, budget: float | None, database: str | None, concurrency: int | None
) -> int:
    """Go on with an interrupted or paused simulation from its journal."""
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with open_logged_services(settings) as services:
        simulation = await playing.find(services, text, unfinished=text is None)
        if simulation.status is Lifecycle.PAUSED or budget is not None:
            simulation = await services.control.resume(None, simulation.id, max_cost=budget)
        return await _go_on(services, simulation, database)


async def retry_simulation(text: str | None, *, database: str | None, concurrency: int | None) -> int:
    """Play again what errored."""
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with open_logged_services(settings) as services:
        found = await playing.find(services, text)
        errored = sum(trial.outcome is Outcome.ERROR for trial in await services.store.trials(found.id))
        simulation = await services.control.retry(None, found.id)
        note(f"{count(errored, 'trial')} to play again.")
        return await _go_on(services, simulation, database)


async def play_more(
    text: str | None, *, trials: int, yes: bool, database: str | None, concurrency: int | None
) -> int:
    """Play more trials of each scenario, those that there are stay."""
    settings = read_settings(database_url=database, concurrency=concurrency)
    async with open_logged_services(settings) as services:
        found = await playing.find(services, text)
        wider = with_more_trials(found, trials)
        if not agreed(services, [wider], yes=yes, have=trial_count(found.scenarios)):
            return INTERRUPTED
        simulation = await services.control.more(None, found.id, trials)
        return await _go_on(services, simulation, database)


async def pause_simulation(text: str, *, database: str | None) -> int:
    """Let no further trial of a simulation begin."""
    async with open_logged_services(read_settings(database_url=database)) as services:
        found = await playing.find(services, text)
        simulation = await services.control.pause(None, found.id)
        running = (await services.store.progress(simulation.id)).get(Lifecycle.RUNNING, 0)
    ends = f"; {count(running, 'trial')} at play will end first" if running else ""
    say(f"{_name(simulation)} is paused{ends}. Go on with: {command('resume', simulation.id, database=database)}")
    return 0


async def cancel_simulation(text: str, *, database: str | None) -> int:
    """Cancel a simulation."""
    async with open_logged_services(read_settings(database_url=database)) as services:
        simulation = await playing.find(services, text)
        await services.control.cancel(None, simulation.id)
    say(f"{_name(simulation)} is cancelled; running trials end at their next move.")
    return 0


async def _go_on(services: Services, simulation: Simulation, database: str | None) -> int:
    """Play what waits, show how it goes, and report."""
    announce(simulation)
    with interrupts() as stop:
        finished = await play(services, [simulation], stop)
    if not finished:
        return interrupted(services, [simulation], stop, database)
    return await finish(services, [simulation], {}, database)


def _name(simulation: Simulation) -> str:
    return simulation.name or simulation.id
