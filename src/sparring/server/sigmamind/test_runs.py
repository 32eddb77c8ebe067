"""`/test-runs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate import transcripts
from sparring.dialects.sigmamind.translate.batch_runs import run_record, run_status
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.dialects.spelling import JOB
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message
from sparring.server.errors import answer
from sparring.server.public_address import trial_url
from sparring.server.sigmamind.documented import AgentQuery, JobId, PageQuery, SizeQuery, reading
from sparring.server.sigmamind.records import AtDesk, Desk, missing
from sparring.simulation.store import Page

BatchQuery = Annotated[str, Query(alias="batchId", description="The batch run that the runs belong to.")]
StatusQuery = Annotated[wire.RunStatus | None, Query(description="Only the runs with this status.")]

_FILTERS: dict[str | None, tuple[Lifecycle | None, Outcome | None]] = {
    None: (None, None),
    "queued": (Lifecycle.QUEUED, None),
    "running": (Lifecycle.RUNNING, None),
    "inconclusive": (None, Outcome.INCONCLUSIVE),
    "error": (None, Outcome.ERROR),
    "cancelled": (Lifecycle.CANCELLED, None),
}


async def get_test_run(job_id: JobId, desk: AtDesk, batch: BatchQuery, agent: AgentQuery = None) -> Response:
    """One attempt, with its conversation and the judge's reason."""
    simulation = await desk.batch(batch, agent=agent)
    trial = await desk.find_trial(JOB, job_id)
    if trial is None or trial.simulation != simulation.id:
        raise missing("test run of this batch", job_id)
    messages = await desk.services.store.messages(trial.id)
    lines = transcripts.conversation(messages, simulation.scenario(trial.scenario))
    return answer(wire.TestRun(**_shown(simulation, trial, messages, desk), conversation=lines))


async def list_test_runs(
    desk: AtDesk,
    batch: BatchQuery,
    agent: AgentQuery = None,
    status: StatusQuery = None,
    page: PageQuery = 0,
    size: SizeQuery = 10,
) -> Response:
    """The attempts of a batch run without their conversations, in the order in which they are played."""
    simulation = await desk.batch(batch, agent=agent)
    found, total = await _page(simulation, Page(offset=page * size, size=size), status, desk)
    shown = [_shown(simulation, trial, await _quoted(simulation, trial, desk), desk) for trial in found]
    return answer(wrapped(shown, page=page, size=size, total=total))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    router.get("/test-runs", response_model=wire.TestRunPage, responses=reading())(list_test_runs)
    router.get("/test-runs/{jobId}", response_model=wire.TestRun, responses=reading())(get_test_run)


async def _page(simulation: Simulation, page: Page, status: str | None, desk: Desk) -> tuple[Sequence[Trial], int]:
    store = desk.services.store
    if status == "completed":
        # Two outcomes, which the store does not filter by at once.
        done = [trial for trial in await store.trials(simulation.id) if run_status(trial) == status]
        return done[page.offset : page.offset + page.size], len(done)
    where, outcome = _FILTERS[status]
    return await store.trial_page(simulation.id, page, status=where, outcome=outcome)


async def _quoted(simulation: Simulation, trial: Trial, desk: Desk) -> Sequence[Message] | None:
    """The transcript, where it takes one to say which message of the conversation the judge quotes."""
    scenario = simulation.scenario(trial.scenario)
    if trial.verdict is None or not (simulation.agent.tools or scenario.user_tools or scenario.history):
        return None
    return await desk.services.store.messages(trial.id)


def _shown(
    simulation: Simulation, trial: Trial, messages: Sequence[Message] | None, desk: Desk
) -> wire.TestRunItem:
    scenario = simulation.scenario(trial.scenario)
    return run_record(
        simulation,
        trial,
        desk.show_played(scenario, simulation.agent),
        workspace=desk.caller.workspace_name,
        agent=desk.played_summary(simulation.agent),
        url=trial_url(desk.base, trial),
        places=transcripts.places(messages, scenario) if messages is not None else None,
    )
