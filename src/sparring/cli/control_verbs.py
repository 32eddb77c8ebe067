"""The verbs that stop simulations, go on with them and play more of them; what they do is elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from sparring.cli.verb_parts import Budget, Concurrency, Database, SimulationId, Yes, run_work

NamedSimulation = Annotated[str, typer.Argument(help="An id in either spelling or its unique beginning.")]


def resume(
    simulation: SimulationId = None,
    budget: Budget = None,
    concurrency: Concurrency = None,
    database: Database = None,
) -> None:
    """Go on with an interrupted or paused simulation from its last stored message.

    Example: [bold]sparring resume --budget 20[/bold]
    """
    from sparring.cli.control import resume_simulation

    run_work(resume_simulation(simulation, budget=budget, database=database, concurrency=concurrency))


def retry(simulation: SimulationId = None, concurrency: Concurrency = None, database: Database = None) -> None:
    """Play again the trials that ended in an error, and only those.

    Example: [bold]sparring retry 6918f0[/bold]
    """
    from sparring.cli.control import retry_simulation

    run_work(retry_simulation(simulation, database=database, concurrency=concurrency))


def more(
    trials: Annotated[
        int, typer.Option(help="How many trials each scenario is to have in the end.", min=1, max=100)
    ],
    simulation: SimulationId = None,
    yes: Yes = False,
    concurrency: Concurrency = None,
    database: Database = None,
) -> None:
    """Play more trials of a simulation; those that there are stay.

    Example: [bold]sparring more 6918f0 --trials 16[/bold]
    """
    from sparring.cli.control import play_more

    run_work(play_more(simulation, trials=trials, yes=yes, database=database, concurrency=concurrency))


def pause(simulation: NamedSimulation, database: Database = None) -> None:
    """Let no further trial of a simulation begin; those at play go on to their end.

    Example: [bold]sparring pause 6918f0[/bold]
    """
    from sparring.cli.control import pause_simulation

    run_work(pause_simulation(simulation, database=database))


def cancel(simulation: NamedSimulation, database: Database = None) -> None:
    """Cancel a simulation: queued trials at once, running ones at their next move.

    Example: [bold]sparring cancel 6918f0[/bold]
    """
    from sparring.cli.control import cancel_simulation

    run_work(cancel_simulation(simulation, database=database))


def add_control_verbs(app: typer.Typer) -> None:
    """Make them commands."""
    for verb in (resume, retry, more, pause, cancel):
        app.command()(verb)
