"""`/simulation/results/{result_id}/runs` and `/simulation/run`."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from sparring.dialects.eqho.translate.runs import STATUSES
from sparring.dialects.eqho.wire import runs as wire
from sparring.domain.errors import NotFound
from sparring.server.eqho.documented import ResultId, RunId, reading
from sparring.server.eqho.records import AtDesk
from sparring.server.errors import answer

StatusQuery = Annotated[wire.RunStatus | None, Query(description="Only the runs with this status.")]
MessagesQuery = Annotated[wire.YesOrNo, Query(description="Whether the messages come with them.")]


async def list_result_runs(
    result_id: ResultId, desk: AtDesk, status: StatusQuery = None, messages: MessagesQuery = "true"
) -> Response:
    """The runs of a simulation, in the order in which they are played: a bare list."""
    simulation = await desk.simulation(result_id, "path", "result_id")
    shown = []
    for trial in await desk.services.store.trials(simulation.id):
        if status in (None, STATUSES[trial.status]):
            shown.append(await desk.show_run(simulation, trial, messages=messages == "true"))
            # Thousands of transcripts take a while, and others wait for this loop.
            await asyncio.sleep(0)
    return answer(shown)


async def get_run(run_id: RunId, desk: AtDesk) -> Response:
    """One run, with its messages and how it was judged."""
    trial = await desk.trial(run_id, "path", "run_id")
    simulation = await desk.services.store.find_simulation(desk.caller.workspace, trial.simulation)
    if simulation is None:
        raise NotFound("run", run_id)
    return answer(await desk.show_run(simulation, trial))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    listed = list[wire.SimulationRun]
    router.get("/simulation/results/{result_id}/runs", response_model=listed, responses=reading())(
        list_result_runs
    )
    router.get("/simulation/run/{run_id}", response_model=wire.SimulationRun, responses=reading())(get_run)
